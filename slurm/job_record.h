// What `scontrol show job` prints about a job, taken apart. Text in, values out; asks nobody.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runner/core/error.h"

namespace sweepd {

/// One task of a job array: `--array=0-9` makes ten of them.
struct ArrayTask {
  uint32_t job = 0;
  uint32_t task = 0;
  friend bool operator==(const ArrayTask&, const ArrayTask&) = default;
};

/// The name that means this job and no other to Slurm's commands: `12`, or `12_3` for a task of an array,
/// whose number alone may stand for the whole array.
std::string job_name(uint32_t job, const std::optional<ArrayTask>& array);

/// A job as the controller sees it. Texts are empty where Slurm prints `(null)` or nothing.
struct JobRecord {
  uint32_t job = 0;
  std::optional<ArrayTask> array;
  std::string name;
  std::string state;                  ///< such as RUNNING
  std::optional<int64_t> start_time;  ///< seconds since 1970; none: not started
  std::optional<int64_t> end_time;    ///< seconds since 1970; none: no limit, or not started
  std::optional<int64_t> time_limit_s;
  bool may_requeue = false;
  uint32_t restarts = 0;
  bool is_batch = false;
  std::string
      command;  ///< the script's path and its arguments, parted by blanks; empty for --wrap and salloc
  std::string work_folder;
  std::string comment;
  std::string partition;
  std::string account;
  std::string quality_of_service;
  std::string reservation;
  std::string features;
  std::optional<uint32_t> nodes;
  std::optional<uint32_t> tasks;
  std::optional<uint32_t> cpus_per_task;
  std::string memory_per_cpu;   ///< as sbatch takes it, such as 100M
  std::string memory_per_node;  ///< as sbatch takes it
  std::string time_limit;       ///< as sbatch takes it
};

/// All jobs in the text: an array's number gives one for each task. Times are taken as UTC. A text without
/// any job, or with a malformed number or time in what is read, is an error.
Result<std::vector<JobRecord>> parse_job_records(std::string_view text);

/// The record of exactly this job.
std::optional<JobRecord> find_job(const std::vector<JobRecord>& records, uint32_t job);

/// The script's path in `command`, and what follows it: the longest beginning, up to a blank or the end, that
/// `is_file` knows. None where there is no such.
std::optional<std::pair<std::string, std::string>> split_command(
    std::string_view command, const std::function<bool(const std::string&)>& is_file);

/// Options of sbatch that ask again for what this job asked for, wherever it was asked for; of an array, for
/// this one task. Not: GPUs and other generic resources, output files, --exclusive.
std::vector<std::string> same_request(const JobRecord& record);

}  // namespace sweepd
