#include <fmt/format.h>

#include "runner/cli/exit_status.h"
#include "runner/cli/messages.h"
#include "runner/cli/request_sweep.h"
#include "runner/cli/requests.h"
#include "runner/cli/terminal.h"
#include "runner/core/printable.h"

namespace sweepd {
namespace {

bool check_file(const std::string& file) {
  const auto sweep = load_requested_file(file);
  if (!sweep) {
    report_errors(sweep.error());
    return false;
  }
  if (const auto errors = input_errors(*sweep); !errors.empty()) {
    report_errors(errors);
    return false;
  }
  // The file may be checked on another machine than the one it is to run on.
  if (const auto task = check_task(*sweep); !task) report_warning(task.error().text());
  put("{}: valid, {}\n", printable_line(file), points_text(sweep->size()));
  return true;
}

}  // namespace

int check_command(const std::vector<std::string>& files) {
  bool all_valid = true;
  for (const std::string& file : files) all_valid &= check_file(file);
  return all_valid ? every_point_ok : wrong_request;
}

}  // namespace sweepd
