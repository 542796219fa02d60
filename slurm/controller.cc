#include "slurm/controller.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "runner/core/printable.h"
#include "runner/platform/program.h"
#include "slurm/command_environment.h"

namespace sweepd {
namespace {

constexpr size_t longest_comment = 200;
constexpr size_t longest_message = 2000;
// sbatch itself tries again for minutes where the controller is busy, and to kill it early may leave a job
// behind that nobody knows of.
constexpr double submit_limit_s = 300;
constexpr double resubmit_limit_s = 30;
constexpr double no_limit_s = 1e9;

std::string trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  return printable(text.substr(0, longest_message));
}

std::string seconds(double limit_s) { return std::to_string(static_cast<long>(limit_s)) + " s"; }

tl::unexpected<Error> call_failure(const std::string& what, const CapturedEnd& end) {
  if (end.timed_out) return failure(what + " gave no answer in time; Slurm's controller may be busy or down");
  const std::string said = trimmed(end.err.empty() ? end.out : end.err);
  const std::string how = end.end.by_signal() ? "signal " + std::to_string(end.end.signal())
                                              : "exit status " + std::to_string(end.end.exit_code());
  return failure(what + " failed (" + how + ")" + (said.empty() ? "" : ": " + said));
}

Result<std::string> judge(const std::string& what, const Result<CapturedEnd>& end) {
  if (!end) return tl::unexpected(end.error());
  if (end->timed_out || end->end.by_signal() || end->end.exit_code() != 0) return call_failure(what, *end);
  return end->out;
}

std::string search_path(const std::vector<std::string>& environment) {
  constexpr std::string_view name = "PATH=";
  for (const std::string& variable : environment)
    if (variable.starts_with(name)) return variable.substr(name.size());
  return "/usr/local/bin:/usr/bin:/bin";
}

bool is_control(char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }

bool waits_for_job(const std::vector<std::string>& options) {
  return std::any_of(options.begin(), options.end(),
                     [](const std::string& option) { return option == "--wait" || option == "-W"; });
}

// `12` or `12;cluster`, as sbatch prints with --parsable. Anything else is no job.
void read_job(std::string_view line, Submission& submission) {
  line = line.substr(0, line.find('\n'));
  const std::string_view job = line.substr(0, line.find(';'));
  const bool is_number =
      !job.empty() && std::all_of(job.begin(), job.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!is_number) return;
  submission.job = job;
  if (job.size() < line.size()) submission.cluster = printable(line.substr(job.size() + 1));
}

}  // namespace

Result<JobRecord> read_job_record(const std::string& text, uint32_t job) {
  const Result<std::vector<JobRecord>> records = parse_job_records(text);
  if (!records) return tl::unexpected(records.error());
  if (std::optional<JobRecord> record = find_job(*records, job)) return std::move(*record);
  return failure("scontrol does not know job " + std::to_string(job));
}

std::vector<std::string> sbatch_arguments(const std::vector<std::string>& words,
                                          const std::vector<std::string>& options) {
  std::vector<std::string> arguments = {"--parsable"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  arguments.insert(arguments.end(), words.begin(), words.end());
  return arguments;
}

std::optional<Result<std::string>> PendingCall::poll() {
  const std::optional<Result<CapturedEnd>> end = program_.poll();
  if (!end) return std::nullopt;
  return judge(what_, *end);
}

Result<std::string> PendingCall::wait() { return judge(what_, program_.wait()); }

Controller::Controller(std::vector<std::string> environment, double limit_s)
    : environment_(std::move(environment)), limit_s_(limit_s) {}

Result<CapturedProgram> Controller::start(Program& program, std::vector<std::string> arguments,
                                          std::vector<std::string> environment, double limit_s) {
  if (!program.path) program.path = find_program(program.name, search_path(environment_), "/");
  if (!*program.path) return tl::unexpected(program.path->error());
  return CapturedProgram::start({.path = **program.path,
                                 .arguments = std::move(arguments),
                                 .environment = std::move(environment),
                                 .limit_s = limit_s});
}

Result<PendingCall> Controller::start_scontrol(std::vector<std::string> arguments) {
  const std::string what = "scontrol " + arguments.front();
  Result<CapturedProgram> program =
      start(scontrol_, std::move(arguments), reading_environment(environment_), limit_s_);
  if (!program) return tl::unexpected(program.error());
  return PendingCall(what, std::move(*program));
}

Result<std::string> Controller::ask(std::vector<std::string> arguments) {
  Result<PendingCall> call = start_scontrol(std::move(arguments));
  if (!call) return tl::unexpected(call.error());
  return call->wait();
}

Result<JobRecord> Controller::show(const std::string& name, uint32_t job) {
  const Result<std::string> text = ask({"show", "job", name});
  if (!text) return tl::unexpected(text.error());
  return read_job_record(*text, job);
}

Result<JobRecord> Controller::show_job(uint32_t job, const std::optional<ArrayTask>& array) {
  if (array)
    if (Result<JobRecord> record = show(job_name(job, array), job)) return record;
  return show(std::to_string(job), job);
}

Result<PendingCall> Controller::start_show(const JobRecord& job) {
  return start_scontrol({"show", "job", job_name(job.job, job.array)});
}

Result<void> Controller::requeue(const JobRecord& job) {
  return ask({"requeue", job_name(job.job, job.array)}).map([](const std::string&) {});
}

Result<PendingCall> Controller::start_comment(const JobRecord& job, std::string text) {
  text.resize(std::min(text.size(), longest_comment));
  std::replace_if(text.begin(), text.end(), is_control, ' ');
  return start_scontrol({"update", "JobId=" + job_name(job.job, job.array), "Comment=" + text});
}

Result<Submission> Controller::run_sbatch(std::vector<std::string> arguments, double limit_s) {
  Result<CapturedProgram> program =
      start(sbatch_, std::move(arguments), submitting_environment(environment_), limit_s);
  if (!program) return tl::unexpected(program.error());
  const Result<CapturedEnd> end = program->wait();
  if (!end) return tl::unexpected(end.error());
  Submission submission;
  read_job(end->out, submission);
  if (submission.job.empty() && end->timed_out)
    return failure("sbatch gave no answer within " + seconds(limit_s) +
                   "; Slurm's controller may be busy, look with squeue whether the job is there");
  if (submission.job.empty())
    if (const Result<std::string> judged = judge("sbatch", end); !judged) submission.refusal = judged.error();
  submission.messages = trimmed(end->err);
  submission.exit_status = end->end.by_signal() ? 1 : end->end.exit_code();
  return submission;
}

Result<Submission> Controller::submit(const std::vector<std::string>& words,
                                      const std::vector<std::string>& options) {
  return run_sbatch(sbatch_arguments(words, options), waits_for_job(options) ? no_limit_s : submit_limit_s);
}

Result<Submission> Controller::resubmit(const std::vector<std::string>& words, const JobRecord& after,
                                        const std::vector<std::string>& options) {
  std::vector<std::string> all = options;
  all.push_back("--dependency=afterany:" + job_name(after.job, after.array));
  Result<Submission> submission = run_sbatch(sbatch_arguments(words, all), resubmit_limit_s);
  if (submission && submission->refusal) return tl::unexpected(*submission->refusal);
  return submission;
}

}  // namespace sweepd
