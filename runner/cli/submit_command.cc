#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "configs/sweep_file.h"
#include "configs/text_file.h"
#include "runner/cli/exit_status.h"
#include "runner/cli/messages.h"
#include "runner/cli/request_sweep.h"
#include "runner/cli/requests.h"
#include "runner/platform/program.h"
#include "slurm/batch_script.h"
#include "slurm/command_environment.h"
#include "slurm/controller.h"

namespace sweepd {
namespace {

bool is_in_path(const std::string& program) {
  const char* path = std::getenv("PATH");
  return path != nullptr && find_program(program, path, "/").has_value();
}

/// Shows everything that is wrong with the file, as a sweep and as a batch script. False where it would not
/// run.
bool check_file(const std::string& file) {
  auto text = read_text_file(file, sweep_file_limit);
  if (!text) {
    report_error(text.error());
    return false;
  }
  std::vector<Error> errors = script_errors(*text, file);
  for (const Error& warning : script_warnings(*text, file)) report_warning(warning.text());
  if (is_found_by_env(*text) && !is_in_path("sweepd"))
    report_warning(
        "the file's first line looks for sweepd in PATH, where it is not; see that it is in the job's");
  const auto sweep = parse_sweep(std::move(*text), file);
  if (!sweep) errors.insert(errors.end(), sweep.error().begin(), sweep.error().end());
  report_errors(errors);
  // The nodes may have programs that this machine has not.
  if (sweep)
    if (const auto task = check_task(*sweep); !task) report_warning(task.error().text());
  return errors.empty();
}

/// With --wait it is the job's own, and what that means is the same.
int status_of(const Submission& submission) {
  return submission.exit_status <= system_failure ? submission.exit_status : system_failure;
}

}  // namespace

int submit_command(const SubmitRequest& request) {
  if (!check_file(request.file)) return wrong_request;
  Controller controller(current_environment());
  // An absolute path is neither taken for an option nor looked for in PATH.
  const auto submission =
      controller.submit(std::filesystem::absolute(request.file).string(), request.options);
  if (!submission) {
    report_error(submission.error());
    return system_failure;
  }
  if (!submission->messages.empty()) fmt::print(stderr, "{}\n", submission->messages);
  if (submission->refusal && submission->messages.empty()) report_error(*submission->refusal);
  if (submission->refusal) return wrong_request;
  if (submission->job.empty()) return status_of(*submission);
  fmt::print("{}{}{}\n", submission->job, submission->cluster.empty() ? "" : ";", submission->cluster);
  return status_of(*submission);
}

}  // namespace sweepd
