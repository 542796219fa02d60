// Several coordinators' cores that share one sweep by claimed blocks, all from a seed: runs come, die, are
// stopped, and are believed dead while they are not. SWEEPD_SIMULATION_SEEDS in the environment says how many
// seeds are tried.
#include <doctest/doctest.h>

#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <string>

#include "runner/core/blocks.h"
#include "runner/core/decide.h"
#include "runner/core/sweep_state.h"

using namespace sweepd;

namespace {

constexpr int nobody = -1;

struct Work {
  Chunk chunk;
  uint64_t lease;
  uint64_t at;
};

struct Member {
  Member(int number, uint64_t points, const KeptPoints& kept) : id(number), state(points, {}, kept) {
    REQUIRE(state.apply(Shared{{}}));
  }
  int id;
  SweepState state;
  std::map<WorkerId, Work> busy;
  bool is_zombie = false;  // others took from it, so its writing ends it
};

class Crowd {
 public:
  explicit Crowd(uint64_t seed) : random_(seed) {
    points_ = pick(1, 300);
    blocks_ = {points_, pick(1, std::max<uint64_t>(1, points_ / 3))};
    holders_.assign(blocks_.count(), nobody);
    records_.assign(points_, 0);
    death_rate_ = chance(0.5) ? 0.0 : 0.005;
    mistake_rate_ = chance(0.5) ? 0.0 : 0.02;
    for (uint64_t index = 0; index < points_ && chance(0.5); ++index)
      if (chance(0.3)) keep(index);
  }

  void run() {
    for (uint64_t steps = 0; !is_done(); ++steps) {
      REQUIRE(steps < 200'000);
      if (members_.empty() || (members_.size() < 6 && chance(0.01)))
        members_.emplace_back(++last_id_, points_, kept_);
      const size_t chosen = pick(0, members_.size() - 1);
      step(members_[chosen]);
      if (members_[chosen].is_zombie || chance(death_rate_)) die(chosen);
    }
  }

  bool made_mistakes() const { return mistakes_ > 0; }
  const std::vector<uint32_t>& records() const { return records_; }

 private:
  uint64_t pick(uint64_t low, uint64_t high) {
    return std::uniform_int_distribution<uint64_t>(low, high)(random_);
  }
  bool chance(double p) { return std::bernoulli_distribution(p)(random_); }
  bool is_done() const { return std::find(records_.begin(), records_.end(), 0) == records_.end(); }

  void keep(uint64_t index) {
    kept_.add(index);
    records_[index] = 1;
  }

  void commit(const Chunk& chunk) {
    for (uint64_t i = chunk.first; i < chunk.last; i = kept_.next_missing(i + 1)) ++records_[i];
  }

  std::vector<Chunk> done_in(const Chunk& range) const {
    std::vector<Chunk> done;
    for (uint64_t i = range.first; i < range.last; ++i)
      if (records_[i] > 0) done.push_back({i, i + 1});
    return done;
  }

  bool is_whole(uint64_t block) const {
    return done_in(blocks_.range(block)).size() == blocks_.range(block).size();
  }

  /// The worker's file holds a random part of what it did.
  void salvage(const Work& work) {
    commit({work.chunk.first, std::min(kept_.next_missing(pick(work.chunk.first, work.at)), work.at)});
  }

  void die(size_t chosen) {
    for (const auto& [worker, work] : members_[chosen].busy)
      if (!stolen_.contains(work.lease)) salvage(work);
    for (int& holder : holders_)
      if (holder == members_[chosen].id) holder = nobody;
    members_.erase(members_.begin() + static_cast<std::ptrdiff_t>(chosen));
  }

  void claim(Member& member) {
    const uint64_t wanted = pick(1, 20);
    for (uint64_t block = 0; block < blocks_.count() && member.state.waiting_points() < wanted; ++block) {
      if (holders_[block] == member.id || is_whole(block)) continue;
      if (holders_[block] != nobody && !chance(mistake_rate_)) continue;
      if (holders_[block] != nobody) take_from(holders_[block], block);
      holders_[block] = member.id;
      const Chunk range = blocks_.range(block);
      REQUIRE(member.state.apply(Claimed{range, done_in(range)}));
    }
  }

  /// Believes that a run is dead: what it has half written is copied, so that it cannot commit it any more.
  void take_from(int id, uint64_t block) {
    ++mistakes_;
    Member& other = *std::find_if(members_.begin(), members_.end(), [id](Member& m) { return m.id == id; });
    std::vector<Chunk> rest;
    for (uint64_t each = 0; each < blocks_.count(); ++each)
      if (holders_[each] == id && each != block) rest.push_back(blocks_.range(each));
    for (const auto& [worker, work] : other.busy) {
      if (blocks_.at(work.chunk.first) != block || stolen_.contains(work.lease)) continue;
      salvage(work);
      stolen_.insert(work.lease);
    }
    REQUIRE(other.state.apply(Shared{rest}));
  }

  void step(Member& member) {
    if (member.state.waiting_points() < 3) claim(member);
    std::vector<WorkerId> idle;
    for (WorkerId worker; worker.number < 3; ++worker.number)
      if (!member.busy.contains(worker)) idle.push_back(worker);
    Dealing dealing{.workers = 3};
    if (chance(0.5)) dealing.size = pick(1, 20);
    for (const Assignment& assignment : decide(member.state, idle, dealing, 0.01).assignments) {
      REQUIRE(blocks_.at(assignment.chunk.first) == blocks_.at(assignment.chunk.last - 1));
      REQUIRE(member.state.apply(Assigned{assignment.worker, ++lease_, assignment.chunk}));
      member.busy[assignment.worker] = {assignment.chunk, lease_, assignment.chunk.first};
    }
    if (!member.busy.empty()) advance(member);
  }

  void advance(Member& member) {
    const auto chosen =
        std::next(member.busy.begin(), static_cast<std::ptrdiff_t>(pick(0, member.busy.size() - 1)));
    auto& [worker, work] = *chosen;
    work.at = std::min(kept_.next_missing(work.at + 1), work.chunk.last);
    if (work.at < work.chunk.last && !chance(0.1)) return;
    if (stolen_.contains(work.lease)) {
      member.is_zombie = true;
      return;
    }
    commit({work.chunk.first, work.at});
    REQUIRE(member.state.apply(Finished{worker, work.lease, work.at, 0}));
    member.busy.erase(chosen);
  }

  std::mt19937_64 random_;
  uint64_t points_;
  Blocks blocks_;
  double death_rate_;
  double mistake_rate_;
  KeptPoints kept_;
  std::vector<uint32_t> records_;  // by point: how often it was recorded
  std::vector<int> holders_;       // by block: the member, as the highest claim says
  std::vector<Member> members_;
  std::set<uint64_t> stolen_;  // leases whose files were salvaged under their worker
  int last_id_ = 0;
  uint64_t lease_ = 0;
  uint64_t mistakes_ = 0;
};

}  // namespace

TEST_CASE("sharing: however runs come and go, every point is recorded exactly once and the sweep ends") {
  const char* const wanted = std::getenv("SWEEPD_SIMULATION_SEEDS");
  const uint64_t seeds = wanted == nullptr ? 3'000 : std::stoull(wanted);
  uint64_t mistaken = 0;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    CAPTURE(seed);
    Crowd crowd(seed);
    crowd.run();
    // Files are salvaged before what is in them is looked at, so even who takes from the living repeats only
    // what was in hand.
    for (const uint32_t count : crowd.records()) REQUIRE(count == 1);
    mistaken += crowd.made_mistakes() ? 1 : 0;
  }
  CHECK(mistaken > seeds / 20);  // else it would prove little
}
