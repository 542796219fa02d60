#include "slurm/job_record.h"

#include <algorithm>
#include <charconv>

#include "slurm/job_fields.h"
#include "slurm/times.h"

namespace sweepd {
namespace {

std::optional<uint32_t> whole(std::string_view text) {
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

tl::unexpected<Error> malformed(std::string_view name, std::string_view value) {
  return failure("scontrol printed " + std::string(name) + "='" + std::string(value.substr(0, 60)) +
                 "', which is malformed");
}

// A job array that has not started yet prints a range of tasks here, and none of them is this job.
std::optional<ArrayTask> array_task(const JobFields& fields) {
  const std::optional<uint32_t> job = whole(fields["ArrayJobId"]);
  const std::optional<uint32_t> task = whole(fields["ArrayTaskId"]);
  if (!job || !task) return std::nullopt;
  return ArrayTask{*job, *task};
}

// "0" means all of a node's memory, and there is nothing to ask for.
std::string memory(const JobFields& fields, std::string_view name) {
  const std::string_view value = fields[name];
  return value == "0" ? std::string() : std::string(value);
}

// What Slurm prints where people chose it.
void copy_texts(const JobFields& fields, JobRecord& record) {
  record.name = fields["JobName"];
  record.state = fields["JobState"];
  record.command = fields["Command"];
  record.work_folder = fields["WorkDir"];
  record.comment = fields["Comment"];
  record.partition = fields["Partition"];
  record.account = fields["Account"];
  record.quality_of_service = fields["QOS"];
  record.reservation = fields["Reservation"];
  record.features = fields["Features"];
  record.time_limit = fields["TimeLimit"];
  record.memory_per_cpu = memory(fields, "MinMemoryCPU");
  record.memory_per_node = memory(fields, "MinMemoryNode");
}

Result<JobRecord> to_record(const JobFields& fields) {
  JobRecord record;
  const std::optional<uint32_t> job = whole(fields["JobId"]);
  if (!job) return malformed("JobId", fields["JobId"]);
  record.job = *job;
  record.array = array_task(fields);
  copy_texts(fields, record);
  const auto start_time = parse_slurm_time(fields["StartTime"]);
  if (!start_time) return malformed("StartTime", fields["StartTime"]);
  record.start_time = *start_time;
  const auto end_time = parse_slurm_time(fields["EndTime"]);
  if (!end_time) return malformed("EndTime", fields["EndTime"]);
  record.end_time = *end_time;
  const auto limit = parse_slurm_duration(fields["TimeLimit"]);
  if (!limit) return malformed("TimeLimit", fields["TimeLimit"]);
  record.time_limit_s = *limit;
  record.may_requeue = fields["Requeue"] == "1";
  record.restarts = whole(fields["Restarts"]).value_or(0);
  record.is_batch = fields["BatchFlag"] != "0" && !fields["BatchFlag"].empty();
  record.nodes = whole(fields["NumNodes"]);
  record.tasks = whole(fields["NumTasks"]);
  record.cpus_per_task = whole(fields["CPUs/Task"]);
  return record;
}

void add_option(std::vector<std::string>& options, std::string_view name, std::string_view value) {
  if (!value.empty()) options.push_back("--" + std::string(name) + "=" + std::string(value));
}

std::string text_of(const std::optional<uint32_t>& number) { return number ? std::to_string(*number) : ""; }

}  // namespace

std::string job_name(uint32_t job, const std::optional<ArrayTask>& array) {
  return array ? std::to_string(array->job) + '_' + std::to_string(array->task) : std::to_string(job);
}

Result<std::vector<JobRecord>> parse_job_records(std::string_view text) {
  std::vector<JobRecord> records;
  for (const JobFields& fields : parse_job_fields(text)) {
    Result<JobRecord> record = to_record(fields);
    if (!record) return tl::unexpected(record.error());
    records.push_back(std::move(*record));
  }
  if (records.empty()) return failure("scontrol printed no job");
  return records;
}

std::optional<JobRecord> find_job(const std::vector<JobRecord>& records, uint32_t job) {
  const auto found = std::find_if(records.begin(), records.end(),
                                  [job](const JobRecord& record) { return record.job == job; });
  return found == records.end() ? std::nullopt : std::optional(*found);
}

std::optional<std::pair<std::string, std::string>> split_command(
    std::string_view command, const std::function<bool(const std::string&)>& is_file) {
  for (size_t end = command.size(); end != std::string_view::npos && end > 0;) {
    std::string path(command.substr(0, end));
    if (is_file(path)) {
      const std::string_view rest = command.substr(std::min(end + 1, command.size()));
      return std::pair(std::move(path), std::string(rest));
    }
    end = command.rfind(' ', end - 1);
  }
  return std::nullopt;
}

std::vector<std::string> same_request(const JobRecord& record) {
  std::vector<std::string> options;
  add_option(options, "job-name", record.name);
  add_option(options, "partition", record.partition);
  add_option(options, "account", record.account);
  add_option(options, "qos", record.quality_of_service);
  add_option(options, "reservation", record.reservation);
  add_option(options, "constraint", record.features);
  add_option(options, "nodes", text_of(record.nodes));
  add_option(options, "ntasks", text_of(record.tasks));
  if (record.cpus_per_task.value_or(1) > 1)
    add_option(options, "cpus-per-task", text_of(record.cpus_per_task));
  add_option(options, "mem-per-cpu", record.memory_per_cpu);
  add_option(options, "mem", record.memory_per_node);
  if (record.time_limit_s || record.time_limit == "UNLIMITED") add_option(options, "time", record.time_limit);
  // Else a script that asks for an array would start all of it again.
  if (record.array) add_option(options, "array", std::to_string(record.array->task));
  return options;
}

}  // namespace sweepd
