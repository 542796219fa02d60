// What a command printed: every byte sequence is either refused, leaving nothing behind, or becomes one line
// of JSON that says the same.
#include <nlohmann/json.hpp>
#include <string>

#include "runner/core/command_json.h"
#include "runner/core/command_result.h"
#include "tests/fuzz/target.h"

namespace sweepd {
namespace {

using Json = nlohmann::json;

/// nlohmann_json steps over a byte order mark and takes NUL for the end: neither is JSON.
bool is_json(std::string_view text) {
  return text.find('\0') == std::string_view::npos && !text.starts_with("\xEF\xBB\xBF") && Json::accept(text);
}

bool is_utf8(std::string_view text) {
  try {
    return !Json(text).dump().empty();
  } catch (const Json::exception&) {
    return false;
  }
}

void check_json(std::string_view output) {
  const std::string before = "before ";
  std::string out = before;
  const Result<bool> result = append_json_result(output, out);
  const bool whole = is_json(output);
  if (!result) {
    expect(out == before, "what is refused leaves nothing behind");
    const std::string& message = result.error().message;
    const bool is_ours =
        message.find("nesting") != std::string::npos || message.find("twice") != std::string::npos;
    expect(!whole || is_ours, "JSON is refused for its depth and for names that stand twice alone");
    expect(is_utf8(message) && message.find('\n') == std::string::npos, "an error is one line of UTF-8");
    return;
  }
  const std::string_view json = std::string_view(out).substr(before.size());
  expect(is_json(json), "what is appended is JSON");
  expect(json.find('\n') == std::string_view::npos, "what is appended is one line");
  if (whole) expect(Json::parse(json) == Json::parse(output), "the value is the one that was printed");
  std::string again;
  const auto repeated = append_compact_json(json, again);
  expect(repeated && !*repeated && again == json, "compact JSON stays as it is");
}

void check_text(std::string_view output) {
  std::string out;
  append_text_result(output, out);
  expect(is_json(out) && Json::parse(out).is_string(), "a text result is a JSON string");
}

}  // namespace
}  // namespace sweepd

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const std::string_view output = sweepd::text_of(bytes, size);
  sweepd::check_json(output);
  sweepd::check_text(output);
  return 0;
}
