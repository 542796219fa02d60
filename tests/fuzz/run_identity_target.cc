// The text of a lock's or a member's file: what is taken for a run can be named and written, and read back as
// the same.
#include <string>

#include "runner/core/utf8.h"
#include "runner/engine/run_identity.h"
#include "tests/fuzz/target.h"

namespace sweepd {
namespace {

void check_identity(std::string_view text) {
  const auto run = RunIdentity::parse(text);
  if (!run) return;
  const std::string written = run->text();
  expect(valid_utf8(written) == written, "what is written is UTF-8");
  expect(written.find('\n') == written.size() - 1, "it is one line");
  const auto again = RunIdentity::parse(written);
  expect(again && again->text() == written, "what is written is read back");
  expect(again->name() == run->name(), "it is named the same");
  expect(names_of({*run, *again}).size() < 4 * text.size() + 1000,
         "a name is not longer than what it is from");
  expect(is_token(run->token), "a token, which becomes a part of file names, is hexadecimal digits");
  expect(run->pid > 0, "a process has a number");
  (void)run->process();
}

}  // namespace
}  // namespace sweepd

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  sweepd::check_identity(sweepd::text_of(bytes, size));
  return 0;
}
