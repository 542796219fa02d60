// Sweep files: any text is refused with errors that can be shown, or means the same sweep every time it is
// read, whose points have all that their description promises.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "configs/sweep_file.h"
#include "runner/core/identity.h"
#include "runner/core/json.h"
#include "tests/fuzz/target.h"

namespace sweepd {
namespace {

using Json = nlohmann::json;

// Points files are found from here.
const char* const path = SWEEPD_SOURCE_DIR "/tests/configs/corpus/good/fuzzed.yaml";

bool is_in(char c, std::string_view characters) { return characters.find(c) != std::string_view::npos; }

/// A number of six digits or more, or with a positive exponent.
bool has_large_number(std::string_view text) {
  size_t digits = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    digits = is_in(text[i], "0123456789abcdefABCDEF") ? digits + 1 : 0;
    const bool mantissa = i > 0 && is_in(text[i - 1], "0123456789.");
    const bool grows = i + 1 < text.size() && is_in(text[i + 1], "+0123456789");
    if (digits > 5 || (mantissa && grows && is_in(text[i], "eE"))) return true;
  }
  return false;
}

/// Up to 2^28 points of these forms are compared with each other when the file is read, which takes minutes.
bool may_compare_many(std::string_view text) {
  const auto has = [text](std::string_view word) { return text.find(word) != std::string_view::npos; };
  return (has("sample") || has("zip") || has("concat")) && has_large_number(text);
}

/// A pattern that finds files of this machine says nothing of the reader, and may take minutes.
bool may_leave_the_folder(std::string_view text) {
  return text.find("glob") != std::string_view::npos && text.find_first_of("/\\") != std::string_view::npos;
}

bool is_showable(std::string_view text) {
  try {
    return !Json(text).dump().empty() && std::ranges::none_of(text, [](char c) {
      return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    });
  } catch (const Json::exception&) {
    return false;  // not UTF-8
  }
}

void check_errors(const Errors& errors, std::string_view text) {
  expect(!errors.empty(), "a text that is refused has an error");
  const auto lines = static_cast<uint32_t>(std::ranges::count(text, '\n')) + 2;
  for (const Error& error : errors) {
    expect(!error.message.empty() && is_showable(error.message), "an error is a line of text");
    expect(error.where.line > 0 || error.where.column == 0, "a column is that of a line");
    expect(error.where.line <= lines || error.where.file != path, "an error's place is in the text");
  }
}

void check_point(const Sweep& sweep, uint64_t index, std::set<std::string>& ids) {
  const Point point = sweep.space->at(index);
  std::string params;
  append_json(params, point);
  expect(Json::accept(params), "a point is JSON");
  expect(Json::parse(params).size() == point.size(), "a point has no name twice");
  const Rank rank = sweep.space->rank(index);
  expect(rank.before < rank.total && rank.total <= sweep.size(), "a point is one of its equals");
  Identity identity(sweep.task_identity, sweep.seed);
  const PointId id = identity.id(point, params, rank.before);
  expect(ids.emplace(text_of(id)).second, "no two points have the same id");
  constexpr uint64_t few = 1000;
  if (sweep.size() <= few)
    expect(sweep.space->count(point) == rank.total, "all equals of a point are counted");
  for (const Column& column : sweep.space->columns())
    expect(!column.everywhere || find(point, column.name) != nullptr,
           "a point has the columns of all points");
}

void check_sweep(const Sweep& sweep, const Sweep& again, std::string_view text) {
  expect(sweep.text == text, "a sweep keeps its text");
  expect(sweep.fingerprint() == again.fingerprint(), "a text has one fingerprint");
  expect(sweep.size() > 0 && sweep.size() <= max_points, "a sweep has points");
  expect(Json::accept(sweep.task_text), "a task's text is JSON");
  std::set<std::string> ids;
  constexpr uint64_t some = 20;
  const uint64_t begin = std::min(sweep.size(), some);
  for (uint64_t index = 0; index < begin; ++index) check_point(sweep, index, ids);
  for (uint64_t index = std::max(begin, sweep.size() - begin); index < sweep.size(); ++index)
    check_point(sweep, index, ids);
  if (const auto* command = std::get_if<CommandTask>(&sweep.task)) {
    const auto* arguments = std::get_if<ArgumentVector>(&command->program.start);
    std::string filled;
    if (arguments != nullptr)
      for (const Argument& argument : *arguments) argument.text.append(sweep.space->at(0), {}, filled);
  }
}

}  // namespace
}  // namespace sweepd

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using namespace sweepd;
  const std::string text(text_of(bytes, size));
  if (may_compare_many(text) || may_leave_the_folder(text)) return 0;
  const auto sweep = parse_sweep(text, path);
  const auto again = parse_sweep(text, path);
  expect(sweep.has_value() == again.has_value(), "a text is good or it is not");
  if (sweep)
    check_sweep(*sweep, *again, text);
  else
    check_errors(sweep.error(), text);
  return 0;
}
