// Lines of chunk files. The first line of an input tells what the rest of it is:
//   write   a result and, on the next line, parameters: they are written as a record and read back
//   seal    a line that is given a valid checksum
//   other   a line as it stands
#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "runner/core/command_json.h"
#include "runner/core/record.h"
#include "runner/core/utf8.h"
#include "runner/engine/record_reader.h"
#include "runner/engine/record_scan.h"
#include "tests/fuzz/sealed_line.h"
#include "tests/fuzz/target.h"

namespace sweepd {
namespace {

using Json = nlohmann::json;

/// A text with `behind` in the bytes that may be read behind it, whose values must not matter.
class PaddedText {
 public:
  PaddedText(std::string_view text, char behind) : text_(text), size_(text.size()) {
    text_.append(LineReader::padding, behind);
  }
  std::string_view view() const { return std::string_view(text_).substr(0, size_); }

 private:
  std::string text_;
  size_t size_;
};

bool are_equal(const Members& some, const Members& others) {
  return std::ranges::equal(some, others, [](const Member& one, const Member& other) {
    return one.name == other.name && one.raw == other.raw;
  });
}

/// Of JSON text: its members are what nlohmann_json finds in it.
void check_against_json(const Json& value, const Members& members) {
  for (const Member& member : members) expect(Json::accept(member.raw), "a member's text is JSON");
  if (!value.is_object()) {
    expect(members.size() == 1 && Json::parse(members[0].raw) == value, "the only member is the value");
    return;
  }
  expect(members.size() >= value.size(), "no member is lost");
  if (members.size() > value.size()) return;  // a name is there twice
  for (const Member& member : members) {
    const auto found = value.find(std::string(member.name));
    expect(found != value.end() && *found == Json::parse(member.raw), "a member is the one of that name");
  }
}

void check_members(std::string_view raw) {
  const PaddedText quotes(raw, '"'), zeros(raw, '\0');
  RecordReader one, other;
  Members members, same;
  const bool good = one.read_result(quotes.view(), members);
  expect(good == other.read_result(zeros.view(), same), "what stands behind a text does not matter");
  if (good) expect(are_equal(members, same), "what stands behind a text is in no member");
  // White space in front is not expected in a record.
  const bool is_value = raw.find('\0') == std::string_view::npos && raw.find_first_of(" \t\r\n") != 0;
  if (!is_value || !Json::accept(raw)) return;
  expect(good, "JSON is read");
  check_against_json(Json::parse(raw), members);
}

void check_line(std::string_view line) {
  const std::optional<ScannedRecord> record = scan_record(line, RunPart::present);
  if (!record) return;
  expect(is_intact(line), "a record of a chunk file has its checksum");
  expect(record->text == line && line.starts_with(record->core), "a record is its line");
  expect(!scan_record(line, record->index + 1, RunPart::present), "a record is that of its index alone");
  check_members(record->params);
  check_members(record->value);
  const std::string merged = std::string(record->core) + '}';
  if (merged.find('\0') != std::string::npos) return;
  const std::optional<ScannedRecord> same = scan_record(merged, record->index, RunPart::absent);
  expect(same.has_value(), "a record without its run is a record");
  expect(same->id == record->id && same->params == record->params && same->value == record->value &&
             same->ok == record->ok,
         "a record without its run is the same");
}

bool is_flat_object(std::string_view json) {
  const Json value = Json::parse(json);
  return value.is_object() &&
         std::ranges::all_of(value, [](const Json& member) { return member.is_primitive(); });
}

/// `text` as JSON that may stand in a record; empty where it is none.
std::string compact(std::string_view text) {
  std::string json;
  return append_compact_json(text, json) ? json : std::string();
}

void check_read_back(std::string_view line, std::string_view params, std::string_view value, bool ok) {
  expect(line.ends_with('\n') && line.find('\n') == line.size() - 1, "a record is one line");
  const std::string_view text = line.substr(0, line.size() - 1);
  const std::optional<ScannedRecord> record = scan_record(text, 123, RunPart::present);
  expect(record.has_value(), "a record that was written is read");
  expect(record->ok == ok && record->params == params && record->value == value,
         "a record is read as written");
  check_line(text);
}

void check_writing(std::string_view rest) {
  const std::string_view printed = take_up_to('\n', rest);
  const std::string params = compact(rest);
  if (params.empty() || !is_flat_object(params)) return;
  std::string head;
  append_record_head(head, 123, "0123456789abcdef0123", params);
  const RunFacts run{.host = "node1", .cpus = "4-5"};
  if (const std::string result = compact(printed); !result.empty()) {
    std::string line = (head + std::string(ok_and_result)).append(result);
    append_run(line, 0, run);
    check_read_back(line, params, result, true);
  }
  Failure failure{.kind = ErrorKind::exit, .exit_code = 3};
  append_valid_utf8(printed, failure.message);
  std::string error;
  append_error(error, failure);
  std::string line = head + error;
  append_run(line, 0, run);
  check_read_back(line, params, error.substr(error.find('{')), false);
}

}  // namespace
}  // namespace sweepd

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using namespace sweepd;
  std::string_view rest = text_of(bytes, size);
  const std::string_view kind = take_up_to('\n', rest);
  if (kind == "write") {
    check_writing(rest);
  } else if (kind == "seal") {
    check_line(sealed(rest));
  } else {
    check_line(rest);
    check_members(rest);
  }
  return 0;
}
