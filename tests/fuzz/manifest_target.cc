// A manifest.json: what is taken for one can be written, and read back as the same; names that become a part
// of paths are of digits only.
#include <string>

#include "runner/core/utf8.h"
#include "runner/engine/manifest_json.h"
#include "tests/fuzz/target.h"

namespace sweepd {
namespace {

void check_manifest(std::string_view text) {
  const auto manifest = parse_manifest(text);
  if (!manifest) return;
  expect(manifest->fingerprint.find_first_not_of("0123456789abcdef") == std::string::npos,
         "a fingerprint is hexadecimal digits");
  expect(manifest->file.find('\0') == std::string::npos, "a path has no NUL");
  const std::string written = manifest_text(*manifest);
  expect(valid_utf8(written) == written, "what is written is UTF-8");
  const auto again = parse_manifest(written);
  expect(again.has_value(), "what is written can be read");
  expect(again->file == manifest->file, "a path keeps its bytes");
  expect(again->sessions.size() == manifest->sessions.size(), "every session is written");
  expect(manifest_text(*again) == written, "what is read is what was written");
}

}  // namespace
}  // namespace sweepd

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  sweepd::check_manifest(sweepd::text_of(bytes, size));
  return 0;
}
