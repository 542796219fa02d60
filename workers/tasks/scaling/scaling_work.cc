#include "workers/tasks/scaling/scaling_work.h"

#include <string>

#include "runner/core/enum_names.h"
#include "runner/core/json.h"
#include "workers/tasks/pi/pi.h"
#include "workers/tasks/pi/pi_kernel.h"
#include "workers/tasks/pi/pi_stream.h"

namespace sweepd {
namespace {

Result<ScalingMode> mode_of(const Point& point) {
  const Value* value = find(point, "mode");
  if (value == nullptr) return ScalingMode::strong;
  if (value->type() == ValueType::string)
    if (const auto mode = enum_of<ScalingMode>(value->string())) return *mode;
  std::string text;
  append_json(text, *value);
  return failure("'mode' must be strong or weak and is " + text + "; correct the point's parameters");
}

}  // namespace

Result<ScalingWork> scaling_work(const Point& point, uint64_t seed) {
  const Result<uint64_t> workers = count_parameter(point, "workers", 1, max_gang_members);
  if (!workers) return tl::unexpected(workers.error());
  const Result<ScalingMode> mode = mode_of(point);
  if (!mode) return tl::unexpected(mode.error());
  // All darts of a round are counted in one sum.
  const Result<uint64_t> darts =
      count_parameter(point, "darts", 1, *mode == ScalingMode::weak ? max_darts / *workers : max_darts);
  if (!darts) return tl::unexpected(darts.error());
  const Result<uint64_t> repeats = find(point, "repeats") == nullptr
                                       ? Result<uint64_t>(3)
                                       : count_parameter(point, "repeats", 1, max_gang_rounds);
  if (!repeats) return tl::unexpected(repeats.error());
  return ScalingWork{.seed = seed,
                     .darts = *darts,
                     .workers = static_cast<uint32_t>(*workers),
                     .repeats = static_cast<uint32_t>(*repeats),
                     .mode = *mode};
}

uint64_t hits_of_member(const ScalingWork& work, uint32_t member) {
  if (work.mode == ScalingMode::weak) return pi_hits(member_seed(work.seed, member), work.darts);
  const uint64_t blocks = pi_blocks(work.darts);
  return pi_hits(work.seed, work.darts, blocks * member / work.workers, blocks * (member + 1) / work.workers);
}

uint64_t member_seed(uint64_t seed, uint32_t member) {
  return member == 0 ? seed : pi_stream::mix64(seed + pi_stream::golden * member);
}

}  // namespace sweepd
