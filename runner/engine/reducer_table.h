// The rows of `reduced` as a short table for the terminal.
#pragma once

#include <cstddef>
#include <string>

#include "runner/engine/merged_file.h"

namespace sweepd {

/// At most `max_rows` rows under a header of the parameters, `count` and every statistic ("pi mean"); then,
/// where there are more, how many and where they are. Empty for no rows.
std::string reduced_table(const ReducedRows& reduced, size_t max_rows = 20);

}  // namespace sweepd
