// The coordinator's core against simulated workers, for tests/bench/run: how busy decide() keeps them, and
// what it costs. Usage: decide_bench WORKERS POINTS POINT-SECONDS [LATENCY-SECONDS]. Prints one JSON object.
//
// A worker's points take exponentially distributed times around the mean (deterministic seed). News of the
// end of a chunk reaches the coordinator, and the next chunk the worker, after the latency each.
#include <time.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <queue>
#include <random>
#include <vector>

#include "runner/core/decide.h"
#include "runner/core/sweep_state.h"

namespace sweepd {
namespace {

struct ChunkEnd {
  double at;
  WorkerId worker;
  uint64_t lease;
  uint64_t until;
  double busy;
  friend bool operator>(const ChunkEnd& a, const ChunkEnd& b) { return a.at > b.at; }
};

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

class Simulation {
 public:
  Simulation(uint32_t workers, uint64_t points, double point_s, double latency_s)
      : state_(points, {}),
        dealing_{.workers = workers},
        point_s_(point_s),
        latency_s_(latency_s),
        busy_(workers, 0.0) {}

  void run() {
    std::vector<WorkerId> idle(busy_.size());
    for (WorkerId worker; worker.number < idle.size(); ++worker.number) idle[worker.number] = worker;
    while (true) {
      deal(idle);
      if (running_.empty()) break;
      idle = advance();
    }
  }

  void print() const {
    const double least = *std::min_element(busy_.begin(), busy_.end());
    double sum = 0;
    for (const double busy : busy_) sum += busy;
    const auto workers = static_cast<double>(busy_.size());
    std::printf(
        "{\"workers\":%zu,\"points\":%llu,\"seconds\":%.3f,\"least_busy\":%.5f,\"mean_busy\":%.5f,"
        "\"chunks\":%llu,\"core_share\":%.6f,\"us_per_chunk\":%.2f}\n",
        busy_.size(), static_cast<unsigned long long>(state_.points()), now_, least / now_,
        sum / workers / now_, static_cast<unsigned long long>(lease_), decision_s_ / now_,
        1e6 * decision_s_ / static_cast<double>(lease_));
  }

 private:
  void deal(const std::vector<WorkerId>& idle) {
    const double began = processor_seconds();
    const auto pace = measured_points_ > 0
                          ? std::optional(measured_s_ / static_cast<double>(measured_points_))
                          : std::nullopt;
    const Decision decision = decide(state_, idle, dealing_, pace);
    for (const Assignment& assignment : decision.assignments)
      state_.apply(Assigned{assignment.worker, ++lease_, assignment.chunk});
    decision_s_ += processor_seconds() - began;
    uint64_t lease = lease_ - decision.assignments.size();
    for (const Assignment& assignment : decision.assignments) start(assignment, ++lease);
  }

  /// As a worker does: in order, until the budget is used.
  void start(const Assignment& assignment, uint64_t lease) {
    const double budget = std::chrono::duration<double>(assignment.budget).count();
    double busy = 0;
    uint64_t index = assignment.chunk.first;
    while (index < assignment.chunk.last && (index == assignment.chunk.first || busy < budget)) {
      busy += point_s_ * time_of_point_(random_);
      ++index;
    }
    running_.push({now_ + busy + 2 * latency_s_, assignment.worker, lease, index, busy});
  }

  /// To the next end of a chunk, and all others within the next millisecond: the loop takes news in batches.
  std::vector<WorkerId> advance() {
    std::vector<WorkerId> idle;
    now_ = running_.top().at;
    while (!running_.empty() && running_.top().at <= now_ + 1e-3) {
      const ChunkEnd end = running_.top();
      running_.pop();
      busy_[end.worker.number] += end.busy;
      measured_s_ += end.busy;
      const double began = processor_seconds();
      const uint64_t first = state_.running(end.worker)->chunk.first;
      state_.apply(Finished{end.worker, end.lease, end.until, 0});
      decision_s_ += processor_seconds() - began;
      measured_points_ += end.until - first;
      idle.push_back(end.worker);
    }
    return idle;
  }

  SweepState state_;
  Dealing dealing_;
  double point_s_;
  double latency_s_;
  std::vector<double> busy_;  // by worker
  std::priority_queue<ChunkEnd, std::vector<ChunkEnd>, std::greater<>> running_;
  std::mt19937_64 random_{1};
  std::exponential_distribution<double> time_of_point_{1.0};
  double now_ = 0;
  double measured_s_ = 0;
  uint64_t measured_points_ = 0;
  uint64_t lease_ = 0;
  double decision_s_ = 0;
};

}  // namespace
}  // namespace sweepd

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  sweepd::Simulation simulation(static_cast<uint32_t>(std::atoi(argv[1])),
                                static_cast<uint64_t>(std::atof(argv[2])), std::atof(argv[3]),
                                argc > 4 ? std::atof(argv[4]) : 0.001);
  simulation.run();
  simulation.print();
}
