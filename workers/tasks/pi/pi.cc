#include "workers/tasks/pi/pi.h"

#include <algorithm>
#include <cmath>

#include "runner/core/json.h"
#include "workers/tasks/pi/pi_kernel.h"

namespace sweepd {
namespace {

std::string range_text(std::string_view name, uint64_t least, uint64_t most) {
  return "'" + std::string(name) + "' must be a whole number from " + std::to_string(least) + " to " +
         std::to_string(most);
}

/// pi_hits() in slabs, with a beat after each.
uint64_t hits_with_beats(uint64_t seed, uint64_t darts, Pulse* pulse) {
  constexpr uint64_t slab = 512;  // blocks: 5 to 40 ms of work, half a second without vector instructions
  const uint64_t blocks = pi_blocks(darts);
  if (pulse == nullptr || blocks <= slab) return pi_hits(seed, darts);
  uint64_t hits = 0;
  for (uint64_t first = 0; first < blocks; first += slab) {
    hits += pi_hits(seed, darts, first, std::min(blocks, first + slab));
    pulse->beat();
  }
  return hits;
}

}  // namespace

double pi_estimate(uint64_t hits, uint64_t darts) {
  return 4 * static_cast<double>(hits) / static_cast<double>(darts);
}

double pi_standard_error(uint64_t hits, uint64_t darts) {
  const double p = static_cast<double>(hits) / static_cast<double>(darts);
  return 4 * std::sqrt(p * (1 - p) / static_cast<double>(darts));
}

Result<uint64_t> count_parameter(const Point& point, std::string_view name, uint64_t least, uint64_t most) {
  const Value* value = find(point, name);
  if (value == nullptr)
    return failure("there is no parameter '" + std::string(name) + "'; add it to the parameters");
  if (value->type() == ValueType::integer && value->integer() >= 0) {
    const auto count = static_cast<uint64_t>(value->integer());
    if (count >= least && count <= most) return count;
  } else if (value->type() == ValueType::real && value->real() == std::trunc(value->real()) &&
             value->real() >= static_cast<double>(least) && value->real() <= static_cast<double>(most)) {
    return static_cast<uint64_t>(value->real());
  }
  std::string text;
  append_json(text, *value);
  return failure(range_text(name, least, most) + " and is " + text + "; correct the point's parameters");
}

Outcome PiRunner::run(const PointContext& context, std::string& result) {
  const Result<uint64_t> darts = count_parameter(context.point, "darts", 1, max_darts);
  if (!darts) {
    Outcome outcome;
    outcome.failure = Failure{ErrorKind::result, darts.error().message, {}, {}};
    return outcome;
  }
  const uint64_t hits = hits_with_beats(context.seed, *darts, context.pulse);
  result += "{\"pi\":";
  append_json(result, pi_estimate(hits, *darts));
  result += ",\"hits\":";
  append_json(result, hits);
  result += ",\"darts\":";
  append_json(result, *darts);
  result += ",\"standard_error\":";
  append_json(result, pi_standard_error(hits, *darts));
  result += '}';
  return {};
}

}  // namespace sweepd
