// The pi task: estimates pi from darts thrown at the unit square.
#pragma once

#include <cstdint>
#include <string>

#include "workers/tasks/task.h"

namespace sweepd {

/// 4 * hits / darts.
double pi_estimate(uint64_t hits, uint64_t darts);

/// Of the estimate, from the binomial distribution of the hits: 4 * sqrt(p * (1 - p) / darts), p =
/// hits / darts.
double pi_standard_error(uint64_t hits, uint64_t darts);

/// The parameter `name` as a count from `least` to `most`: an integer, or a float that is whole (1e6). Fails
/// on anything else, and where there is no such parameter.
Result<uint64_t> count_parameter(const Point& point, std::string_view name, uint64_t least, uint64_t most);

/// Throws the parameter `darts` of darts (1 to 2^53) from the stream of the point's seed. Appends
/// {"pi":3.14,"hits":785,"darts":1000,"standard_error":0.05}.
class PiRunner : public TaskRunner {
 public:
  Outcome run(const PointContext& context, std::string& result) override;
};

}  // namespace sweepd
