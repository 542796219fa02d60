// The coordinator's core against simulated workers, all from a seed: random speeds, deaths, timeouts, stops
// and restarts. There is no clock but a counter, so a million events take a second. SWEEPD_SIMULATION_SEEDS
// in the environment says how many seeds are tried.
#include <doctest/doctest.h>

#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <string>

#include "runner/core/decide.h"
#include "runner/core/sweep_state.h"

using namespace sweepd;

namespace {

/// What the disk holds: how often each point was recorded. It outlives the coordinator.
struct Disk {
  std::vector<uint32_t> records;
  std::vector<Chunk> committed;

  void commit(const Chunk& chunk, const KeptPoints& kept) {
    if (chunk.empty()) return;
    for (uint64_t i = chunk.first; i < chunk.last; i = kept.next_missing(i + 1)) ++records[i];
    committed.push_back(chunk);
  }
};

struct BusyWorker {
  Assignment assignment;
  uint64_t lease;
  uint64_t at;
  double ends;  // when the point in hand is done

  /// Attempts at the point in hand that ended with a worker before.
  uint32_t attempts_before() const { return at == assignment.chunk.first ? assignment.attempt - 1 : 0; }
};

class Simulation {
 public:
  explicit Simulation(uint64_t seed) : random_(seed) {
    points_ = pick(1, 400);
    workers_ = static_cast<uint32_t>(pick(1, 9));
    dealing_ = {static_cast<Schedule>(pick(0, 3)), std::nullopt, workers_};
    if (chance(0.5)) dealing_.size = pick(1, 50);
    death_rate_ = chance(0.5) ? 0.0 : 0.02;
    stop_rate_ = chance(0.5) ? 0.0 : 0.01;
    mean_point_s_ = std::pow(10.0, -static_cast<double>(pick(0, 6)));
    if (chance(0.3)) killer_ = pick(0, points_ - 1);
    if (chance(0.3)) slow_ = pick(0, points_ - 1);
    disk_.records.assign(points_, 0);
    if (chance(0.5)) keep_some(1.0 / static_cast<double>(pick(1, 5)));
  }

  /// Runs, with restarts, to the end. Returns how many starts it took; gives up after far too many events.
  uint64_t run() {
    uint64_t starts = 0;
    do ++starts;
    while (!run_once() && events_ < limit);
    CHECK(events_ < limit);
    return starts;
  }

  const Disk& disk() const { return disk_; }

 private:
  static constexpr uint64_t limit = 2'000'000;
  static constexpr uint32_t most_attempts = 3;

  /// As if an earlier shape of the sweep had run these.
  void keep_some(double share) {
    for (uint64_t index = 0; index < points_; ++index) {
      if (!chance(share)) continue;
      kept_.add(index);
      ++disk_.records[index];
    }
  }

  uint64_t pick(uint64_t low, uint64_t high) {
    return std::uniform_int_distribution<uint64_t>(low, high)(random_);
  }
  bool chance(double p) { return std::bernoulli_distribution(p)(random_); }

  /// True when every point is done; false when the coordinator was stopped or killed on the way.
  bool run_once() {
    SweepState state(points_, disk_.committed, kept_);
    std::set<WorkerId> idle;
    std::map<WorkerId, BusyWorker> busy;
    for (WorkerId worker; worker.number < workers_; ++worker.number) idle.insert(worker);
    while (!state.all_done()) {
      if (++events_ >= limit) return false;
      if (chance(stop_rate_)) {
        for (auto& [worker, work] : busy) commit({work.assignment.chunk.first, saved_by(work)});
        return false;
      }
      deal(state, idle, busy);
      if (!busy.empty()) advance(state, idle, busy);
    }
    return true;
  }

  void deal(SweepState& state, std::set<WorkerId>& idle, std::map<WorkerId, BusyWorker>& busy) {
    const std::optional<double> pace = measured_ ? std::optional(mean_point_s_) : std::nullopt;
    const Decision decision = decide(state, {idle.begin(), idle.end()}, dealing_, pace);
    for (const Assignment& assignment : decision.assignments) {
      REQUIRE(state.apply(Assigned{assignment.worker, ++lease_, assignment.chunk}));
      REQUIRE(idle.erase(assignment.worker) == 1);
      busy[assignment.worker] = {assignment, lease_, assignment.chunk.first, now_ + point_time()};
    }
    for (const uint64_t index : decision.condemned) {
      commit({index, index + 1});
      REQUIRE(state.apply(Condemned{index}));
    }
    REQUIRE((!busy.empty() || !decision.condemned.empty()));  // there is always something to do
  }

  double point_time() { return mean_point_s_ * std::exponential_distribution<double>(1.0)(random_); }

  /// A dying worker's file holds a random part of what it did.
  uint64_t saved_by(const BusyWorker& work) {
    if (work.assignment.careful) return work.at;
    return kept_.next_missing(pick(work.assignment.chunk.first, work.at));
  }

  void commit(const Chunk& chunk) { disk_.commit(chunk, kept_); }

  /// The worker is ended since its point took too long: the point is tried again, or given up.
  void time_out(SweepState& state, const WorkerId worker, const BusyWorker& work) {
    commit({work.assignment.chunk.first, work.at});
    REQUIRE(state.apply(Lost{worker, work.lease, work.at, 0, work.at, true}));
    REQUIRE(state.waiting().at(work.at).attempts == work.attempts_before() + 1);
    if (state.waiting().at(work.at).attempts < most_attempts) return;
    commit({work.at, work.at + 1});
    REQUIRE(state.apply(Condemned{work.at}));
  }

  void advance(SweepState& state, std::set<WorkerId>& idle, std::map<WorkerId, BusyWorker>& busy) {
    auto next = busy.begin();
    for (auto it = busy.begin(); it != busy.end(); ++it)
      if (it->second.ends < next->second.ends) next = it;
    auto& [worker, work] = *next;
    now_ = work.ends;
    const Chunk chunk = work.assignment.chunk;
    if (work.at == slow_) {
      time_out(state, worker, work);
      idle.insert(worker);
      busy.erase(next);
      return;
    }
    if (work.at == killer_ || chance(death_rate_)) {
      const uint64_t until = saved_by(work);
      commit({chunk.first, until});
      REQUIRE(state.apply(Lost{worker, work.lease, until, 0, work.at}));
      CHECK_FALSE(state.apply(Finished{worker, work.lease, chunk.last, 0}));  // late news of a dead attempt
      idle.insert(worker);
      busy.erase(next);
      return;
    }
    work.at = kept_.next_missing(work.at + 1);
    work.ends = now_ + point_time();
    const bool over_budget = work.assignment.budget != Duration{} && chance(0.1);
    if (work.at < chunk.last && !over_budget) return;
    const uint64_t until = std::min(work.at, chunk.last);
    commit({chunk.first, until});
    REQUIRE(state.apply(Finished{worker, work.lease, until, 0}));
    measured_ = true;
    idle.insert(worker);
    busy.erase(next);
  }

  std::mt19937_64 random_;
  uint64_t points_;
  uint32_t workers_;
  Dealing dealing_;
  double death_rate_;
  double stop_rate_;
  double mean_point_s_;
  uint64_t killer_ = ~uint64_t{0};
  uint64_t slow_ = ~uint64_t{0};
  KeptPoints kept_;
  Disk disk_;
  double now_ = 0;
  uint64_t lease_ = 0;
  uint64_t events_ = 0;
  bool measured_ = false;
};

}  // namespace

TEST_CASE("simulation: whatever happens, every point is recorded exactly once and the sweep ends") {
  const char* const wanted = std::getenv("SWEEPD_SIMULATION_SEEDS");
  const uint64_t seeds = wanted == nullptr ? 10'000 : std::stoull(wanted);
  uint64_t restarted = 0;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    CAPTURE(seed);
    Simulation simulation(seed);
    if (simulation.run() > 1) ++restarted;
    for (const uint32_t count : simulation.disk().records) REQUIRE(count == 1);
  }
  CHECK(restarted > seeds / 20);  // else the simulation would prove little
  MESSAGE(seeds << " seeds, " << restarted << " of them with restarts");
}
