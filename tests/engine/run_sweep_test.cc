#include "runner/engine/run_sweep.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <deque>
#include <fstream>
#include <map>

#include "runner/core/chunk_name.h"
#include "runner/core/point_facts.h"
#include "runner/core/record.h"
#include "runner/core/spaces.h"
#include "runner/platform/clock.h"
#include "tests/engine/entered.h"

using namespace sweepd;
using test::Place;

namespace {

Sweep numbers(uint64_t count) {
  Sweep sweep;
  sweep.name = "numbers";
  sweep.task = PiTask{};
  sweep.task_text = R"({"kernel":"pi"})";
  sweep.space = *make_range("i", Value::of(int64_t{0}), Value::of(static_cast<int64_t>(count)),
                            Value::of(int64_t{1}), {});
  return sweep;
}

std::string record(const Sweep& sweep, uint64_t index) {
  const PointFacts facts = point_facts(sweep, index);
  std::string line;
  append_record_head(line, index, text_of(facts.id), facts.params_json);
  line += ok_and_result;
  line += "{}";
  append_run(line, 0, RunFacts{});
  return line;
}

/// Workers without processes: each poll carries out one assignment, writing real chunk files; a script says
/// which point kills its worker how often.
class FakePool : public WorkerPool {
 public:
  FakePool(const Sweep& sweep, const SweepDirectory& directory, uint32_t workers)
      : sweep_(sweep), directory_(directory), workers_(workers) {
    for (WorkerId worker; worker.number < workers; ++worker.number) say(WorkerEvent::Kind::ready, worker);
  }

  std::map<uint64_t, int> kills;  ///< by index: how often it will
  uint64_t assignments = 0;
  Duration point_time = std::chrono::milliseconds(1);  ///< as reported; nothing waits

  uint32_t size() const override { return workers_; }
  void assign(const Assignment& assignment, uint64_t lease) override {
    ++assignments;
    work_.push_back({assignment, lease});
  }
  void end_chunks(uint64_t) override {}
  void wind_down() override { winding_down_ = true; }
  void kill(WorkerId) override {}
  void suspend() override {}
  void resume() override {}
  WorkerProgress progress(WorkerId) const override { return {}; }

  std::vector<WorkerEvent> poll(Duration) override {
    if (!work_.empty()) carry_out();
    return std::exchange(news_, {});
  }

 private:
  void say(WorkerEvent::Kind kind, WorkerId worker) {
    news_.push_back({.kind = kind, .worker = worker, .report = {}});
  }

  void carry_out() {
    const auto [assignment, lease] = work_.front();
    work_.pop_front();
    const std::string part = directory_.staging().path() + "/" + part_file_name(assignment.chunk);
    std::ofstream out(part);
    uint64_t index = assignment.chunk.first;
    PointTimes times;
    for (; index < assignment.chunk.last && !winding_down_; ++index) {
      if (kills[index] > 0) {
        --kills[index];
        out << record(sweep_, index).substr(0, 20);  // torn
        out.close();
        news_.push_back({.kind = WorkerEvent::Kind::died,
                         .worker = assignment.worker,
                         .report = {},
                         .message = "killed by signal 9 (SIGKILL)",
                         .in_hand = index});
        say(WorkerEvent::Kind::ready, assignment.worker);
        return;
      }
      out << record(sweep_, index);
      times.add(point_time);
    }
    out.close();
    if (index == assignment.chunk.first)
      unlink(part.c_str());
    else
      rename(part.c_str(),
             (directory_.chunks() + "/" + chunk_file_name({assignment.chunk.first, index})).c_str());
    news_.push_back({.kind = WorkerEvent::Kind::finished,
                     .worker = assignment.worker,
                     .report = {.lease = lease, .until = index, .elapsed = point_time, .times = times}});
  }

  const Sweep& sweep_;
  const SweepDirectory& directory_;
  uint32_t workers_;
  std::deque<std::pair<Assignment, uint64_t>> work_;
  std::vector<WorkerEvent> news_;
  bool winding_down_ = false;
};

/// One worker, whose chunk never ends.
struct EndlessPool : WorkerPool {
  uint32_t size() const override { return 1; }
  void assign(const Assignment&, uint64_t) override {}
  void wind_down() override {}
  void end_chunks(uint64_t) override {}
  void kill(WorkerId) override {}
  void suspend() override {}
  void resume() override {}
  WorkerProgress progress(WorkerId) const override { return {}; }
  std::vector<WorkerEvent> poll(Duration) override {
    if (std::exchange(is_told, true)) return {};
    return {{.kind = WorkerEvent::Kind::ready, .worker = {}, .report = {}}};
  }
  bool is_told = false;
};

struct Quiet : Outside {
  int stop_requests() const override { return requests; }
  bool pause_requested() const override { return false; }
  void pause() override {}
  bool hold_directory() override { return holds; }
  bool time_is_nearly_over() const override { return nearly_over; }
  std::optional<int64_t> end_by_ns() const override { return end_by; }
  bool is_end_certain() override {
    if (new_end_by) end_by = std::exchange(new_end_by, std::nullopt);
    return ++asked_for_end > 1 || certain_at_once;
  }
  int requests = 0;
  bool holds = true;
  bool nearly_over = false;
  std::optional<int64_t> end_by;
  std::optional<int64_t> new_end_by;  ///< told when it is asked for
  bool certain_at_once = false;
  int asked_for_end = 0;
};

/// Another run that takes what is not in hand once it is let in, and gives it back block by block.
struct Shares : Sharing {
  explicit Shares(uint64_t count) : points(count) {}
  bool is_shared() const override { return opened; }
  bool is_asked() override { return asked; }
  Result<std::vector<Chunk>> open(const std::vector<Chunk>& in_hand) override {
    if (fails) return failure("no");
    opened = true;
    for (uint64_t first = 0; first < points; first += size)
      for (const Chunk& chunk : in_hand)
        if (chunk.first < first + size && chunk.last > first && (own.empty() || own.back().first != first))
          own.push_back({first, std::min(first + size, points)});
    return own;
  }
  std::vector<Chunk> own_ranges() const override { return own; }
  Result<Claiming> claim(uint64_t) override {
    if (claims_fail) return tl::unexpected(Error{.message = "disk full", .where = {}, .is_shortage = true});
    if (unknown > 0) return --unknown, Claiming{};
    if (given >= to_give.size()) return Claiming{.rest = rest, .others = "process 1 on n1 (5)"};
    own.push_back(to_give[given]);
    return Claiming{.claimed = {{to_give[given++], {}}}};
  }
  uint64_t fair_share(uint64_t waiting) override { return waiting; }
  void give_back(const std::vector<Chunk>& spare, const std::vector<Chunk>& needed) override {
    const auto touches = [](const Chunk& range, const std::vector<Chunk>& chunks) {
      return std::any_of(chunks.begin(), chunks.end(), [&](const Chunk& chunk) {
        return chunk.first < range.last && chunk.last > range.first;
      });
    };
    std::erase_if(own, [&](const Chunk& range) { return touches(range, spare) && !touches(range, needed); });
  }
  void end_soon() override { ends_soon = true; }
  uint64_t done_elsewhere() override { return 0; }

  uint64_t points;
  uint64_t size = 10;
  bool asked = true, opened = false, fails = false, claims_fail = false, ends_soon = false;
  std::vector<Chunk> own, to_give;
  size_t given = 0;
  int unknown = 0;
  Claiming::Rest rest = Claiming::Rest::others;
};

struct Sociable : Quiet {
  explicit Sociable(Shares& with) : shares(with) {}
  Sharing* sharing() override { return &shares; }
  Shares& shares;
};

struct Silent : ProgressWatcher {
  void on_progress(const Progress&) override {}
  void on_notice(const std::string& text) override { notices.push_back(text); }
  std::vector<std::string> notices;
};

RunOptions leaving_soon() {
  RunOptions options;
  options.stay_before_leaving = std::chrono::milliseconds(20);
  return options;
}

/// How often each point has a record in the folder's committed chunk files.
std::vector<int> records(const ChunkStore& store, const std::string& folder, uint64_t points) {
  std::vector<int> count(points, 0);
  const auto files = store.recover();
  REQUIRE(files);
  for (const ChunkFile& file : files->files) {
    RecordScan scan(folder);
    REQUIRE(scan.open(file));
    while (const ScannedRecord* found = scan.next()) ++count[found->index];
    CHECK(scan.finish());
  }
  return count;
}

}  // namespace

TEST_CASE("run: every point is recorded once and the run is complete") {
  const Place folder;
  const Sweep sweep = numbers(100);
  const ChunkStore store = folder.store();
  SweepState state(100, {});
  FakePool pool(sweep, folder.directory(), 3);
  Silent watcher;
  Quiet outside;
  const RunTotals totals = run_sweep(sweep, state, pool, store, outside, watcher, {});
  CHECK(totals.ending == Ending::complete);
  CHECK(totals.points == 100);
  CHECK(records(store, folder.path(), 100) == std::vector<int>(100, 1));
}

TEST_CASE("run: a worker that dies once costs nothing but its torn record") {
  const Place folder;
  const Sweep sweep = numbers(50);
  const ChunkStore store = folder.store();
  SweepState state(50, {});
  FakePool pool(sweep, folder.directory(), 2);
  pool.kills[7] = 1;
  Silent watcher;
  Quiet outside;
  const RunTotals totals = run_sweep(sweep, state, pool, store, outside, watcher, {});
  CHECK(totals.ending == Ending::complete);
  CHECK(totals.failed == 0);
  CHECK(totals.worker_deaths == 1);
  CHECK(watcher.notices.size() == 1);
  CHECK(records(store, folder.path(), 50) == std::vector<int>(50, 1));
}

TEST_CASE("run: a point that kills its worker twice is recorded as lost and its neighbours are not harmed") {
  const Place folder;
  const Sweep sweep = numbers(50);
  const ChunkStore store = folder.store();
  SweepState state(50, {});
  FakePool pool(sweep, folder.directory(), 2);
  pool.kills[7] = 1000;
  Silent watcher;
  Quiet outside;
  const RunTotals totals = run_sweep(sweep, state, pool, store, outside, watcher, {});
  CHECK(totals.ending == Ending::complete);
  CHECK(totals.failed == 1);
  CHECK(totals.worker_deaths == 2);
  CHECK(records(store, folder.path(), 50) == std::vector<int>(50, 1));
  RecordScan scan(folder.path());
  REQUIRE(scan.open({{7, 8}, false}));
  const ScannedRecord* failed = scan.next();
  REQUIRE(failed != nullptr);
  CHECK_FALSE(failed->ok);
  CHECK(failed->value.find(R"("kind":"lost")") != std::string_view::npos);
}

TEST_CASE("run: asked to stop, it ends with what is done, and the next run does the rest") {
  const Place folder;
  const Sweep sweep = numbers(100);
  const ChunkStore store = folder.store();
  SweepState state(100, {{0, 10}});
  FakePool pool(sweep, folder.directory(), 1);
  Silent watcher;
  Quiet outside;
  outside.requests = 1;
  const RunTotals totals = run_sweep(sweep, state, pool, store, outside, watcher, {});
  CHECK(totals.ending == Ending::stopped);
  CHECK(totals.points < 90);

  std::vector<Chunk> done = {{0, 10}};
  const auto files = store.recover();
  REQUIRE(files);
  for (const ChunkFile& file : files->files) done.push_back(file.range);
  SweepState rest(100, done);
  FakePool second(sweep, folder.directory(), 2);
  outside.requests = 0;
  CHECK(run_sweep(sweep, rest, second, store, outside, watcher, {}).ending == Ending::complete);
  std::vector<int> expected(100, 1);
  std::fill(expected.begin(), expected.begin() + 10, 0);  // done elsewhere
  CHECK(records(store, folder.path(), 100) == expected);
}

TEST_CASE("run: nothing is dealt when everything is done already") {
  const Place folder;
  const Sweep sweep = numbers(3);
  SweepState state(3, {{0, 3}});
  FakePool pool(sweep, folder.directory(), 1);
  Silent watcher;
  Quiet outside;
  const RunTotals totals = run_sweep(sweep, state, pool, folder.store(), outside, watcher, {});
  CHECK(totals.ending == Ending::complete);
  CHECK(pool.assignments == 0);
}

TEST_CASE("run: where no further point would end in time, it stops and can be carried on") {
  const Place folder;
  const Sweep sweep = numbers(100);
  const ChunkStore store = folder.store();
  Silent watcher;
  Quiet outside;
  SUBCASE("by the times of points so far") {
    Sweep many = numbers(1'000'000);  // far more than are done until somebody looks at the clock
    many.chunks.size = 1;
    SweepState state(many.size(), {});
    FakePool pool(many, folder.directory(), 1);
    pool.point_time = std::chrono::minutes(1);
    outside.end_by = monotonic_ns() + Duration(std::chrono::seconds(60)).count();
    const RunTotals totals = run_sweep(many, state, pool, store, outside, watcher, {});
    CHECK(totals.ending == Ending::deadline);
    CHECK(totals.points < many.size());
  }
  SUBCASE("by limits.timeout, while no point's time is known") {
    Sweep limited = sweep;
    limited.limits.timeout = std::chrono::hours(1);
    SweepState state(100, {});
    FakePool pool(limited, folder.directory(), 1);
    outside.end_by = monotonic_ns() + Duration(std::chrono::minutes(30)).count();
    outside.certain_at_once = true;
    CHECK(run_sweep(limited, state, pool, store, outside, watcher, {}).ending == Ending::deadline);
    CHECK(pool.assignments <= 1);
  }
  SUBCASE("with time enough it runs to the end") {
    SweepState state(100, {});
    FakePool pool(sweep, folder.directory(), 1);
    outside.end_by = monotonic_ns() + Duration(std::chrono::hours(1)).count();
    CHECK(run_sweep(sweep, state, pool, store, outside, watcher, {}).ending == Ending::complete);
  }
}

TEST_CASE("run: an end that has moved when it comes near is not heeded any more") {
  const Place folder;
  const Sweep sweep = numbers(100);
  SweepState state(100, {});
  FakePool pool(sweep, folder.directory(), 1);
  pool.point_time = std::chrono::minutes(1);
  Silent watcher;
  Quiet outside;
  outside.end_by = monotonic_ns() + Duration(std::chrono::seconds(50)).count();
  outside.new_end_by = monotonic_ns() + Duration(std::chrono::hours(10)).count();
  CHECK(run_sweep(sweep, state, pool, folder.store(), outside, watcher, {}).ending == Ending::complete);
  CHECK(outside.asked_for_end == 1);
}

TEST_CASE("run: a run whose directory was taken over stops without another word to the disk") {
  const Place folder;
  const Sweep sweep = numbers(1000);
  const ChunkStore store = folder.store();
  SweepState state(1000, {});
  FakePool pool(sweep, folder.directory(), 1);
  Silent watcher;
  Quiet outside;
  outside.holds = false;
  CHECK(run_sweep(sweep, state, pool, store, outside, watcher, {}).ending == Ending::taken_over);
}

TEST_CASE("run: told that the time is nearly over, it ends as before a deadline and not as if interrupted") {
  const Place folder;
  const Sweep sweep = numbers(1000);
  const ChunkStore store = folder.store();
  SweepState state(1000, {});
  FakePool pool(sweep, folder.directory(), 1);
  Silent watcher;
  Quiet outside;
  outside.nearly_over = true;
  const RunTotals totals = run_sweep(sweep, state, pool, store, outside, watcher, {});
  CHECK(totals.ending == Ending::deadline);
  CHECK(totals.points < 1000);
  CHECK(watcher.notices.size() == 1);
}

TEST_CASE(
    "run: points that do not end are not waited for when the time is nearly over and its end not known") {
  const Place folder;
  const Sweep sweep = numbers(1000);
  const ChunkStore store = folder.store();
  SweepState state(1000, {});
  EndlessPool pool;
  Silent watcher;
  Quiet outside;
  outside.nearly_over = true;
  RunOptions options;
  options.grace_before_unknown_end = std::chrono::milliseconds(1);
  const RunTotals totals = run_sweep(sweep, state, pool, store, outside, watcher, options);
  CHECK(totals.ending == Ending::deadline);
  CHECK(state.running_points() > 0);
}

TEST_CASE("run: one that takes part runs what it claims, and leaves the rest to those that have it") {
  const Place folder;
  const Sweep sweep = numbers(100);
  const ChunkStore store = folder.store();
  SweepState state(100, {});
  FakePool pool(sweep, folder.directory(), 2);
  Silent watcher;
  Shares shares(100);
  shares.opened = true;
  shares.to_give = {{20, 30}, {30, 40}, {70, 80}};
  Sociable outside(shares);
  SUBCASE("others have it") {}
  SUBCASE("nothing is left") { shares.rest = Claiming::Rest::nothing; }
  SUBCASE("it is not known at once") { shares.unknown = 3; }
  const RunTotals totals = run_sweep(sweep, state, pool, store, outside, watcher, leaving_soon());
  const bool to_others = shares.rest == Claiming::Rest::others;
  CHECK(totals.ending == (to_others ? Ending::left_to_others : Ending::complete));
  CHECK(totals.others.empty() != to_others);
  CHECK(totals.points == 30);
  std::vector<int> expected(100, 0);
  for (const Chunk& range : shares.to_give)
    std::fill(expected.begin() + range.first, expected.begin() + range.last, 1);
  CHECK(records(store, folder.path(), 100) == expected);
}

TEST_CASE("run: asked to share, it goes on with the blocks of what is in hand alone") {
  const Place folder;
  Sweep sweep = numbers(100'000);
  sweep.chunks.size = 4;
  const ChunkStore store = folder.store();
  SweepState state(sweep.size(), {});
  FakePool pool(sweep, folder.directory(), 2);
  Silent watcher;
  Shares shares(sweep.size());
  Sociable outside(shares);
  SUBCASE("and the rest is others'") {
    const RunTotals totals = run_sweep(sweep, state, pool, store, outside, watcher, leaving_soon());
    CHECK(totals.ending == Ending::left_to_others);
    CHECK(totals.points < 100);
    CHECK(state.is_idle());
    for (const Chunk& range : shares.own) CHECK(state.owns(range.first));
  }
  SUBCASE("but where claims cannot be made it goes on alone and says so") {
    shares.fails = true;
    outside.requests = 0;
    sweep.chunks.size = 5000;
    const RunTotals totals = run_sweep(sweep, state, pool, store, outside, watcher, leaving_soon());
    CHECK(totals.ending == Ending::complete);
    REQUIRE(!watcher.notices.empty());
    CHECK(watcher.notices[0] == "another run cannot take part: no");
  }
}

TEST_CASE("run: where nothing can be claimed for want of room, it stops and can be carried on") {
  const Place folder;
  const Sweep sweep = numbers(100);
  SweepState state(100, {});
  FakePool pool(sweep, folder.directory(), 2);
  Silent watcher;
  Shares shares(100);
  shares.opened = true;
  shares.claims_fail = true;
  Sociable outside(shares);
  const RunTotals totals = run_sweep(sweep, state, pool, folder.store(), outside, watcher, leaving_soon());
  CHECK(totals.ending == Ending::broken);
  REQUIRE(totals.error);
  CHECK(totals.error->is_shortage);
  CHECK(shares.ends_soon);
}
