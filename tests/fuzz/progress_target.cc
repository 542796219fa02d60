// A progress.json: what is taken for one can be shown, and is what a run could have written.
#include <cmath>

#include "runner/core/space.h"
#include "runner/engine/progress.h"
#include "tests/fuzz/target.h"

namespace sweepd {
namespace {

void check_progress(std::string_view text) {
  const auto progress = parse_progress(text);
  if (!progress) return;
  expect(progress->failed <= progress->done && progress->done <= progress->total,
         "counts are parts of each other");
  expect(progress->total <= max_points, "there are no more points than a sweep can have");
  expect(std::isfinite(progress->rate) && progress->rate >= 0, "a rate is a number");
  expect(!progress->eta_s || (std::isfinite(*progress->eta_s) && *progress->eta_s >= 0),
         "so is what is left");
  const auto again = parse_progress(progress_json(*progress));
  expect(again && again->done == progress->done && again->rate == progress->rate &&
             again->eta_s == progress->eta_s,
         "what is written is read back");
}

}  // namespace
}  // namespace sweepd

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  sweepd::check_progress(sweepd::text_of(bytes, size));
  return 0;
}
