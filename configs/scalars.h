// Single values of a document as the types options have. Each read_… complains, with the option's name, about
// what the value must be, and then returns nothing.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "configs/complaints.h"
#include "configs/document.h"
#include "runner/core/enum_names.h"
#include "runner/core/sweep.h"
#include "runner/core/value.h"

namespace sweepd {

/// The scalar by its tag, or by the core schema where it is plain. A string's bytes are the node's. Fails,
/// without a position, on what is no scalar and on a value that its tag does not allow.
Result<Value> scalar_value(const Node& node);

/// A parameter's value: a scalar with its spelling, or a list or mapping, whose text `json` then holds.
/// Complains at its place about what JSON cannot hold.
std::optional<Written> read_value(const Node& node, std::string_view parameter, std::string& json,
                                  Complaints& complaints);

/// The value where it is a whole number from 0 to 2^64-1; 1e6 and 2.0 are whole.
std::optional<uint64_t> whole_number(const Node& node);

struct Bounds {
  uint64_t least = 0;
  uint64_t most = std::numeric_limits<uint64_t>::max();
};

/// Any scalar that is not null, as it is written.
std::optional<std::string> read_text(const Node& node, std::string_view option, Complaints& complaints);
std::optional<uint64_t> read_whole(const Node& node, std::string_view option, Bounds bounds,
                                   Complaints& complaints);
std::optional<double> read_real(const Node& node, std::string_view option, Complaints& complaints);
std::optional<bool> read_flag(const Node& node, std::string_view option, Complaints& complaints);
std::optional<uint64_t> read_size(const Node& node, std::string_view option, Complaints& complaints);
std::optional<Duration> read_duration(const Node& node, std::string_view option, Complaints& complaints);
/// The place of the value among `names`.
std::optional<size_t> read_choice(const Node& node, std::string_view option,
                                  std::span<const std::string_view> names, Complaints& complaints);
/// The enumerator of that name.
template <typename Enum>
std::optional<Enum> read_enum(const Node& node, std::string_view option, Complaints& complaints) {
  const std::optional<size_t> place = read_choice(node, option, enum_names<Enum>, complaints);
  return place ? std::optional(static_cast<Enum>(*place)) : std::nullopt;
}
/// The items of a list that has at least one; a single value stands for a list of one.
std::vector<const Node*> read_items(const Node& node, std::string_view option, Complaints& complaints);

}  // namespace sweepd
