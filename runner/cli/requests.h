// What each command was asked to do, as its command line says; values are not checked further
// than their form.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runner/core/sweep.h"
#include "runner/engine/results.h"

namespace sweepd {

enum class ProgressStyle { automatic, bar, plain, none };
constexpr std::string_view name_of(ProgressStyle style) {
  switch (style) {
    case ProgressStyle::automatic:
      return "auto";
    case ProgressStyle::bar:
      return "bar";
    case ProgressStyle::plain:
      return "plain";
    case ProgressStyle::none:
      return "none";
  }
  return {};
}

struct RunRequest {
  std::vector<std::string> command_line;  ///< all arguments, as they were given
  std::string file;
  std::string commands;  ///< a list of commands in the place of the file's text; -: from standard input
  std::string copy;  ///< where the file's text is read instead: a batch system's copy of what was submitted
  // These win over the file.
  std::optional<uint32_t> workers;
  std::optional<StartMethod> start;
  std::optional<Pin> pin;
  std::optional<uint64_t> chunk_size;
  std::optional<Schedule> schedule;
  std::string output;

  std::optional<mode_t> mode;  ///< of the folders made
  bool fresh = false;
  bool retry_failed = false;
  bool rerun_changed = false;
  bool join = false;  ///< may share the sweep with a run that is at work; always so in a Slurm job
  ProgressStyle progress = ProgressStyle::automatic;
  bool quiet = false;
  bool verbose = false;
  std::string log_file;
  Duration grace = std::chrono::seconds(30);
  Duration heartbeat = std::chrono::seconds(15);
};

struct StatusRequest {
  std::string directory;
  bool json = false;
};

struct ResultsRequest {
  std::string directory;
  std::optional<ResultsFormat> format;  ///< none: table on a terminal, else ndjson
  std::string status;                   ///< ok, failed; empty: both
  std::vector<std::string> where;       ///< name=value
};

struct PointRequest {
  std::string file;
  uint64_t index = 0;
};

struct SubmitRequest {
  std::string file;
  std::vector<std::string> options;    ///< sbatch's
  std::vector<std::string> arguments;  ///< of the run, as they stand
  bool dry_run = false;
};

struct CpusRequest {
  WorkerOptions workers;
};

// Each returns the exit status.
int run_command(const RunRequest& request);
int plan_command(const RunRequest& request);
int check_command(const std::vector<std::string>& files);
int status_command(const StatusRequest& request);
int results_command(const ResultsRequest& request);
int merge_command(const std::string& directory);
int verify_command(const std::string& directory);
int point_command(const PointRequest& request);
int cpus_command(const CpusRequest& request);
int submit_command(const SubmitRequest& request);
int version_command();
int worker_command();

}  // namespace sweepd
