// Lists and mappings as values of parameters: their canonical JSON text, which is that of Python's
// json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")). Numbers are written as
// append_json() writes them, however they were spelled.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "configs/complaints.h"
#include "configs/document.h"
#include "runner/core/error.h"
#include "runner/core/value.h"

namespace sweepd {

/// Deeper nesting is refused: readers of the results have limits of their own.
inline constexpr size_t max_value_depth = 64;

/// False, with a complaint at its place, about what JSON cannot hold (NaN, infinities) and too much depth.
bool append_nested(const Node& node, std::string_view parameter, std::string& out, Complaints& complaints);

/// One scalar inside of a list or mapping; fails, without a position, on NaN and infinities.
Result<void> append_inner(const Value& value, std::string& out);

/// Texts of values by name.
void append_members(const std::map<std::string, std::string>& members, std::string& out);

}  // namespace sweepd
