// The JSON that a command printed, checked and written compactly, so that it can stand in a record.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace sweepd {

/// Deeper nesting is refused: readers of the results have limits of their own.
inline constexpr size_t max_json_depth = 128;

/// Why a text is not one JSON value.
struct JsonFault {
  std::string message;      ///< what is wrong and at which byte (from 0)
  size_t at = 0;            ///< that byte
  bool is_cut_off = false;  ///< the text ended where it had to go on
};

/// Appends the one JSON value (RFC 8259) that `text` is, without the white space between its parts. Numbers
/// and strings keep their own text, and members their order. So that every reader can read it, and reads the
/// same:
///   - what JSON has no number for (NaN, Infinity, -Infinity as Python prints them, nan, inf, -inf as C does,
///   and
///     numbers beyond the range of a double) becomes the string "NaN", "Infinity" or "-Infinity";
///   - an escaped half of a surrogate pair becomes \ufffd;
///   - an object in which a name stands twice, however it is spelled, is refused.
/// Returns whether there was such a number. Fails on anything else that is not JSON, on invalid UTF-8 and on
/// too much depth; `out` then holds a part of it.
///
/// Hand-made since the libraries at hand lose the text of numbers or refuse them (simdjson and nlohmann_json:
/// integers beyond 64 bit; both: NaN); the tests hold it to nlohmann_json.
tl::expected<bool, JsonFault> append_compact_json(std::string_view text, std::string& out);

}  // namespace sweepd
