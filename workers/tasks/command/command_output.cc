#include "workers/tasks/command/command_output.h"

#include "runner/core/command_result.h"
#include "runner/core/utf8.h"

namespace sweepd {
namespace {

Capture stdout_capture(ResultKind kind) {
  if (kind == ResultKind::json) return Capture(max_json_output, 0);
  return Capture(capture_half, capture_half);
}

}  // namespace

CommandOutput::CommandOutput(ResultKind kind)
    : kind_(kind), out_(stdout_capture(kind)), err_(capture_half, capture_half) {}

void CommandOutput::clear() {
  out_.clear();
  err_.clear();
}

void CommandOutput::take_result(std::string& result, Outcome& outcome) const {
  switch (kind_) {
    case ResultKind::none:
      result += "null";
      break;
    case ResultKind::text:
      append_text_result(out_.text(), result);
      break;
    case ResultKind::json:
      take_json(result, outcome);
      break;
  }
}

void CommandOutput::take_json(std::string& result, Outcome& outcome) const {
  const auto fail = [&](std::string message) {
    outcome.failure = Failure{ErrorKind::result, std::move(message), std::nullopt, stderr_text()};
  };
  if (out_.is_cut())
    return fail("printed " + std::to_string(out_.total()) + " bytes on standard output, more than the " +
                std::to_string(max_json_output) +
                " (16 MiB) that are read as JSON; write large results to files of their own");
  const Result<bool> taken = append_json_result(out_.head(), result);
  if (!taken) return fail(taken.error().message);
  outcome.non_finite = *taken;
}

std::string CommandOutput::stderr_text() const {
  std::string valid;
  append_valid_utf8(err_.text(), valid);
  return valid;
}

}  // namespace sweepd
