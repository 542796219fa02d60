#include "runner/engine/progress.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

using namespace sweepd;

namespace {

/// One worker whose cell says what the test wants.
class OneWorker : public WorkerPool {
 public:
  WorkerProgress cell;

  uint32_t size() const override { return 1; }
  void assign(const Assignment&, uint64_t) override {}
  void wind_down() override {}
  void end_chunks(uint64_t) override {}
  void kill(WorkerId) override {}
  void suspend() override {}
  void resume() override {}
  std::vector<WorkerEvent> poll(Duration) override { return {}; }
  WorkerProgress progress(WorkerId) const override { return cell; }
};

}  // namespace

TEST_CASE("progress: points of the chunk in hand count, those of the chunk before not twice") {
  SweepState state(100, {});
  OneWorker pool;
  ProgressCounter counter;
  REQUIRE(state.apply(Assigned{WorkerId{0}, 1, {0, 50}}));
  pool.cell = {.lease = 1, .done = 20, .failed = 2};
  Progress progress = counter.count(state, pool, 1.0);
  CHECK(progress.done == 20);
  CHECK(progress.failed == 2);

  REQUIRE(state.apply(Finished{WorkerId{0}, 1, 50, 5}));
  REQUIRE(state.apply(Assigned{WorkerId{0}, 2, {50, 100}}));
  pool.cell = {.lease = 1, .done = 50, .failed = 5};  // it has not taken the next chunk up yet
  progress = counter.count(state, pool, 2.0);
  CHECK(progress.done == 50);
  CHECK(progress.failed == 5);
}

TEST_CASE("progress: the rate stays believable when a count falls") {
  RateMeter meter;
  meter.update(1000, 1.0);
  CHECK(meter.update(2000, 2.0) == doctest::Approx(1000));
  const double after = meter.update(1500, 3.0);
  CHECK(after >= 0);
  CHECK(after <= 1000);
}

TEST_CASE("progress: the file says all in one object, and no ETA before there is a rate") {
  const auto json = nlohmann::json::parse(progress_json({.total = 10, .done = 0}));
  CHECK(json["total"] == 10);
  CHECK(json["eta"].is_null());
  CHECK(nlohmann::json::parse(progress_json({.total = 10, .done = 4, .eta_s = 2.5}))["eta"] == 2.5);
}
