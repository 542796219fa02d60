// The names of files in a sweep directory's chunks/ folder.
//
//   000000000000-000000000100.ndjson   the committed records of [0, 100), in order of index, one a line
//   000000000000-000000000100.part     being written; complete lines count, from the first index on
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runner/core/chunk.h"

namespace sweepd {

/// Twelve digits and more: names sort as numbers do up to 10^12 points.
std::string chunk_file_name(const Chunk& chunk);
std::string part_file_name(const Chunk& chunk);

/// The range in a name that one of the functions above made; none for any other name.
std::optional<Chunk> parse_chunk_file_name(std::string_view name);
std::optional<Chunk> parse_part_file_name(std::string_view name);

}  // namespace sweepd
