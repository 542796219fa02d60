#include "runner/engine/record_reader.h"

#include <simdjson.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "runner/engine/line_reader.h"

namespace sweepd {
namespace {

using simdjson::ondemand::json_type;

static_assert(LineReader::padding >= simdjson::SIMDJSON_PADDING);

// The text of the value that is due, which is stepped over.
simdjson::error_code take_raw(simdjson::ondemand::value value, std::string_view& raw) {
  json_type type{};
  if (const auto error = value.type().get(type)) return error;
  if (type == json_type::object) {
    simdjson::ondemand::object object;
    if (const auto error = value.get_object().get(object)) return error;
    return object.raw_json().get(raw);
  }
  if (type == json_type::array) {
    simdjson::ondemand::array array;
    if (const auto error = value.get_array().get(array)) return error;
    return array.raw_json().get(raw);
  }
  raw = value.raw_json_token();
  const size_t last = raw.find_last_not_of(" \t\r\n");
  raw = raw.substr(0, last + 1);
  return simdjson::SUCCESS;
}

simdjson::error_code take_members(simdjson::ondemand::object object, Members& members) {
  for (auto entry : object) {
    simdjson::ondemand::field field;
    if (const auto error = std::move(entry).get(field)) return error;
    Member member;
    if (const auto error = field.unescaped_key().get(member.name)) return error;
    if (const auto error = take_raw(field.value(), member.raw)) return error;
    members.push_back(member);
  }
  return simdjson::SUCCESS;
}

bool has_twin(const Members& members) {
  for (size_t i = 1; i < members.size(); ++i)
    for (size_t j = 0; j < i; ++j)
      if (members[i].name == members[j].name) return true;
  return false;
}

/// Leaves of members of one name the last, at the place of the first.
void drop_twins(Members& members) {
  constexpr size_t few = 16;  // are compared faster than hashed
  if (members.size() <= few && !has_twin(members)) return;
  std::unordered_map<std::string_view, size_t> places;
  size_t kept = 0;
  for (const Member& member : members) {
    const auto [place, is_new] = places.try_emplace(member.name, kept);
    members[place->second] = member;
    if (is_new) ++kept;
  }
  members.resize(kept);
}

}  // namespace

struct RecordReader::Parser {
  simdjson::ondemand::parser parser;

  simdjson::error_code read(std::string_view raw, Members& members) {
    simdjson::ondemand::document document;
    simdjson::ondemand::object object;
    const simdjson::padded_string_view padded(raw.data(), raw.size(), raw.size() + LineReader::padding);
    if (const auto error = parser.iterate(padded).get(document)) return error;
    if (const auto error = document.get_object().get(object)) return error;
    if (const auto error = take_members(object, members)) return error;
    const bool at_end = document.current_location().error() == simdjson::OUT_OF_BOUNDS;
    return at_end ? simdjson::SUCCESS : simdjson::TAPE_ERROR;
  }
};

RecordReader::RecordReader() : parser_(std::make_unique<Parser>()) {}
RecordReader::~RecordReader() = default;
RecordReader::RecordReader(RecordReader&&) noexcept = default;
RecordReader& RecordReader::operator=(RecordReader&&) noexcept = default;

bool RecordReader::read(std::string_view raw, Members& members) {
  members.clear();
  if (parser_->read(raw, members) != simdjson::SUCCESS) return false;
  drop_twins(members);
  return true;
}

bool RecordReader::read_result(std::string_view raw, Members& members) {
  if (raw.starts_with('{')) return read(raw, members);
  members.assign(1, Member{"result", raw});
  return !raw.empty();
}

const Member* find(const Members& members, std::string_view name, size_t& hint) {
  if (hint < members.size() && members[hint].name == name) return &members[hint];
  for (size_t i = 0; i < members.size(); ++i) {
    if (members[i].name != name) continue;
    hint = i;
    return &members[i];
  }
  return nullptr;
}

const Member* find(const Members& members, std::string_view name) {
  size_t hint = 0;
  return find(members, name, hint);
}

}  // namespace sweepd
