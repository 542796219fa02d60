// Slurm's short form for lists of node names, such as `n[01-03,7],gpu[1-2]-ib,login1`. Knows no variables and
// no nodes: text in, names out, and back.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runner/core/error.h"

namespace sweepd {

inline constexpr size_t max_nodes = 100'000;

/// The names in the order written; of several brackets in one name the last runs fastest, and leading zeros
/// are kept. Fails on anything else than such a list, with the place counted in characters from 1, and on
/// more than max_nodes names. The form is described at HOSTLIST in scontrol(1).
Result<std::vector<std::string>> parse_node_list(std::string_view text);

/// The short form of `names` in their order: parse_node_list() gives the same names again. Numbers are
/// gathered where they stand last in a name.
std::string node_list_text(std::span<const std::string> names);

}  // namespace sweepd
