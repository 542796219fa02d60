#include "workers/tasks/command/command_output.h"

#include "runner/core/command_result.h"
#include "runner/core/utf8.h"

namespace sweepd {
namespace {

Capture stdout_capture(ResultKind kind) {
  if (kind == ResultKind::json) return Capture(max_json_output, stdout_end);
  if (kind == ResultKind::text) return Capture(capture_half, capture_half);
  return Capture(0, stdout_end);
}

/// The last lines of `text`, or a part of the last, of at most `most` bytes.
std::string_view end_of(std::string_view text, size_t most) {
  if (text.size() <= most) return text;
  text.remove_prefix(text.size() - most);
  const size_t line = text.find('\n') + 1;  // npos + 1 is 0
  return text.substr(line < text.size() ? line : 0);
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
    outcome.failure = Failure{ErrorKind::result, std::move(message), std::nullopt, {}};
    explain(*outcome.failure);
  };
  if (out_.total() > max_json_output)
    return fail("printed " + std::to_string(out_.total()) + " bytes on standard output, more than the " +
                std::to_string(max_json_output) +
                " (16 MiB) that are read as JSON; write large results to files of their own");
  const Result<bool> taken = append_json_result(out_.head(), result);
  if (!taken) return fail(taken.error().message);
  outcome.non_finite = *taken;
}

void CommandOutput::explain(Failure& failure) const {
  append_valid_utf8(err_.text(), failure.stderr_text);
  append_valid_utf8(end_of(out_.text(), stdout_end), failure.stdout_text);
}

}  // namespace sweepd
