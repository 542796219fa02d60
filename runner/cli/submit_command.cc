#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iterator>

#include "configs/sweep_file.h"
#include "configs/text_file.h"
#include "runner/cli/command_line_text.h"
#include "runner/cli/exit_status.h"
#include "runner/cli/messages.h"
#include "runner/cli/request_sweep.h"
#include "runner/cli/requests.h"
#include "runner/core/printable.h"
#include "runner/platform/program.h"
#include "slurm/batch_script.h"
#include "slurm/command_environment.h"
#include "slurm/controller.h"
#include "slurm/submit_options.h"

namespace sweepd {
namespace {

namespace fs = std::filesystem;

bool is_in_path(const std::string& program) {
  const char* path = std::getenv("PATH");
  return path != nullptr && find_program(program, path, "/").has_value();
}

bool is_no_folder(const fs::path& path) {
  std::error_code error;
  const fs::file_type type = fs::status(path, error).type();
  return type == fs::file_type::not_found || (!error && type != fs::file_type::directory);
}

/// Where the job would not get to the file's first line, or say nothing of how it ended.
std::vector<Error> folder_errors(const SubmitOptions& options) {
  std::vector<Error> errors;
  std::error_code error;
  const fs::path base = fs::current_path(error) / options.folder;
  if (!options.folder.empty() && is_no_folder(base))
    errors.push_back({"--chdir=" + printable(options.folder) +
                          ": there is no such folder, and the job would run in /tmp; make it: mkdir -p " +
                          printable(base.string()),
                      {}});
  for (const auto& [name, file] :
       {std::pair{"--output=", &options.output}, std::pair{"--error=", &options.error}}) {
    const std::string folder = folder_of_output(*file);
    if (folder.empty() || !is_no_folder(base / folder)) continue;
    errors.push_back({name + printable(*file) + ": there is no folder " +
                          printable((base / folder).string()) +
                          ", and Slurm makes none: the job would end without a word; make it: mkdir -p " +
                          printable((base / folder).string()),
                      {}});
  }
  return errors;
}

void warn_of_path(std::string_view text, const SubmitOptions& options) {
  if (!is_found_by_env(text)) return;
  if (!exports_path(options.exported))
    report_warning(
        "with --export=" + printable(options.exported) +
        " the job has not the PATH of this shell, by which the file's first line finds sweepd; add it: "
        "--export=PATH");
  else if (!is_in_path("sweepd"))
    report_warning(
        "the file's first line looks for sweepd in PATH, where it is not; see that it is in the job's");
}

/// Shows everything that is wrong with the file, as a sweep and as a batch script, and with how it is
/// submitted. False where it would not run.
bool check_request(const SubmitRequest& request) {
  const std::string& file = request.file;
  auto text = read_text_file(file, sweep_file_limit);
  if (!text) {
    report_error(text.error());
    return false;
  }
  std::vector<Error> errors = script_errors(*text, file);
  for (const Error& warning : script_warnings(*text, file)) report_warning(warning.text());
  const SubmitOptions options = submit_options(*text, request.options, [](const char* name) {
    const char* const value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  });
  warn_of_path(*text, options);
  auto sweep = parse_sweep(std::move(*text), file);
  if (!sweep) errors.insert(errors.end(), sweep.error().begin(), sweep.error().end());
  if (sweep) std::ranges::copy(input_errors(*sweep), std::back_inserter(errors));
  std::ranges::copy(folder_errors(options), std::back_inserter(errors));
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
  if (!check_request(request)) return wrong_request;
  // An absolute path is neither taken for an option nor looked for in PATH.
  std::vector<std::string> words = {fs::absolute(request.file).string()};
  words.insert(words.end(), request.arguments.begin(), request.arguments.end());
  if (request.dry_run) {
    std::vector<std::string> line = sbatch_arguments(words, request.options);
    line.insert(line.begin(), "sbatch");
    put("{}\n", command_line_text(line));
    return every_point_ok;
  }
  Controller controller(current_environment());
  const auto submission = controller.submit(words, request.options);
  if (!submission) {
    report_error(submission.error());
    return system_failure;
  }
  if (!submission->messages.empty()) tell("{}\n", submission->messages);
  if (submission->refusal && submission->messages.empty()) report_error(*submission->refusal);
  if (submission->refusal) return wrong_request;
  if (submission->job.empty()) return status_of(*submission);
  put("{}{}{}\n", submission->job, submission->cluster.empty() ? "" : ";", submission->cluster);
  return status_of(*submission);
}

}  // namespace sweepd
