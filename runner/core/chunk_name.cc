#include "runner/core/chunk_name.h"

#include <charconv>

#include "runner/core/space.h"

namespace sweepd {
namespace {

constexpr std::string_view committed_suffix = ".ndjson";
constexpr std::string_view part_suffix = ".part";
constexpr size_t digits = 12;

std::string padded(uint64_t number) {
  const std::string text = std::to_string(number);
  return std::string(text.size() < digits ? digits - text.size() : 0, '0') + text;
}

std::string name_of(const Chunk& chunk, std::string_view suffix) {
  return padded(chunk.first) + '-' + padded(chunk.last) + std::string(suffix);
}

std::optional<Chunk> parse(std::string_view name, std::string_view suffix) {
  if (!name.ends_with(suffix)) return std::nullopt;
  const std::string_view range = name.substr(0, name.size() - suffix.size());
  Chunk chunk;
  const char* end = range.data() + range.size();
  const auto [dash, error] = std::from_chars(range.data(), end, chunk.first);
  if (error != std::errc{} || dash == end || *dash != '-') return std::nullopt;
  const auto last = std::from_chars(dash + 1, end, chunk.last);
  if (last.ec != std::errc{} || last.ptr != end || chunk.empty() || chunk.last > max_points)
    return std::nullopt;
  return name_of(chunk, suffix) == name ? std::optional(chunk) : std::nullopt;
}

}  // namespace

std::string chunk_file_name(const Chunk& chunk) { return name_of(chunk, committed_suffix); }
std::string part_file_name(const Chunk& chunk) { return name_of(chunk, part_suffix); }
std::optional<Chunk> parse_chunk_file_name(std::string_view name) { return parse(name, committed_suffix); }
std::optional<Chunk> parse_part_file_name(std::string_view name) { return parse(name, part_suffix); }

}  // namespace sweepd
