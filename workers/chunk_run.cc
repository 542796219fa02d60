#include "workers/chunk_run.h"

#include <poll.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "runner/core/json.h"
#include "runner/core/record.h"
#include "runner/core/task_traits.h"
#include "runner/platform/clock.h"

namespace sweepd {
namespace {

// Records reach the file one by one where points take longer than this, or where they start processes, so
// that a crash costs no finished point; ...
constexpr int64_t flush_each_above_ns = 1'000'000;
// ... else in batches of at most this age and about this size.
constexpr int64_t flush_after_ns = 200'000'000;
constexpr size_t flush_bytes = size_t{256} * 1024;

// The agent that got the same signal as this process says so well within this time.
constexpr Duration until_told_to_stop = std::chrono::seconds(1);

class ChunkRun : public Pulse {
 public:
  ChunkRun(const ChunkContext& context, const Assignment& assignment, uint64_t lease, ChunkWriter writer)
      : context_(context),
        assignment_(assignment),
        lease_(lease),
        writer_(std::move(writer)),
        identity_(context.sweep.task_identity, context.sweep.seed),
        flushes_each_(assignment.careful || !traits_of(context.sweep.task).batches_records) {}

  Result<ChunkEnd> run() {
    clock_.start();
    const int64_t began_ns = clock_.now_ns();
    last_flush_ns_ = began_ns;
    run_facts_.host = context_.host;
    run_facts_.worker = context_.worker.number;
    run_facts_.cpus = context_.cpus;
    run_facts_.sweep = context_.mark;
    run_facts_.code = context_.code;
    uint64_t index = assignment_.chunk.first;
    while (index < assignment_.chunk.last && !is_over() && !budget_used(began_ns)) {
      if (!run_point(index)) break;
      index = std::min(context_.kept.next_missing(index + 1), assignment_.chunk.last);
      if (auto flushed = flush_if_due(); !flushed) return tl::unexpected(flushed.error());
    }
    context_.cell.in_hand.store(no_point, std::memory_order_relaxed);
    if (!beat_flush_) return tl::unexpected(beat_flush_.error());
    if (auto committed = writer_.commit(index); !committed) return tl::unexpected(committed.error());
    report_.until = index;
    report_.elapsed = Duration(clock_.now_ns() - began_ns);
    report_.cpu = Duration(clock_.cpu_ns());
    report_.max_rss_mib = clock_.max_rss_mib();
    if (winding_down()) broken_.reset();  // it would have waited longer
    return ChunkEnd{report_, std::move(broken_)};
  }

  void beat() override {
    const int64_t now_ns = monotonic_ns();
    if (now_ns - last_flush_ns_ < flush_after_ns || !beat_flush_) return;
    last_flush_ns_ = now_ns;
    beat_flush_ = writer_.flush(record_start_);
    if (beat_flush_) record_body_ -= std::exchange(record_start_, 0);
  }

  bool is_stopping() const override { return winding_down(); }

 private:
  bool winding_down() const { return context_.agent.winding_down.load(std::memory_order_relaxed); }

  /// Whether no further point of the chunk may begin.
  bool is_over() const {
    return winding_down() || context_.agent.ended_leases.load(std::memory_order_relaxed) >= lease_;
  }

  bool budget_used(int64_t began_ns) const {
    const int64_t budget = assignment_.budget.count();
    return budget != 0 && clock_.now_ns() - began_ns >= budget;
  }

  /// False where the point has no record yet: the sweep was stopped in an attempt or between two, or
  /// something is short (broken_).
  bool run_point(uint64_t index) {
    const Retries& retries = context_.sweep.retries;
    const uint32_t first_attempt = index == assignment_.chunk.first ? assignment_.attempt : 1;
    if (first_attempt > 1 && !pause(retries.backoff)) return false;
    prepare(index);
    for (run_facts_.attempt = first_attempt;; ++run_facts_.attempt) {
      std::optional<Failure> failure = attempt(index);
      if (broken_) return forget_record();
      if (interrupted_) {
        // Where it was not the whole sweep, the point is tried again as if nothing had been.
        if (!pause(until_told_to_stop)) return forget_record();
        --run_facts_.attempt;
        continue;
      }
      if (!failure) break;
      const bool again = retries.on[static_cast<size_t>(failure->kind)] && run_facts_.attempt <= retries.max;
      if (!again) {
        append_error(writer_.buffer(), *failure);
        ++report_.failed;
        break;
      }
      ++report_.retries;
      if (!pause(retries.backoff)) return forget_record();
    }
    append_run(writer_.buffer(), record_start_, run_facts_);
    report_.times.add(Duration(static_cast<int64_t>(run_facts_.elapsed_s * 1e9)));
    publish();
    return true;
  }

  bool forget_record() {
    writer_.buffer().resize(record_start_);
    return false;
  }

  void prepare(uint64_t index) {
    point_.clear();
    context_.sweep.space->append(index, point_);
    params_json_.clear();
    append_json(params_json_, point_);
    id_ = identity_.id(point_, params_json_, context_.sweep.space->rank(index).before);
    record_start_ = writer_.buffer().size();
    append_record_head(writer_.buffer(), index, text_of(id_), params_json_);
    record_body_ = writer_.buffer().size();
  }

  /// Appends the result of one attempt, or returns why there is none.
  std::optional<Failure> attempt(uint64_t index) {
    context_.cell.began_ns.store(clock_.now_ns(), std::memory_order_relaxed);
    context_.cell.in_hand.store(index, std::memory_order_relaxed);
    std::string& out = writer_.buffer();
    out += ok_and_result;
    const PointContext point{index,        text_of(id_), identity_.seed(id_), point_,
                             params_json_, this,         run_facts_.attempt};
    Outcome outcome = context_.runner.run(point, out);
    clock_.end(outcome, run_facts_);
    broken_ = std::move(outcome.broken);
    interrupted_ = outcome.interrupted;
    if (outcome.failure || outcome.interrupted)
      out.resize(record_body_);
    else if (outcome.non_finite)
      ++report_.non_finite;
    return std::move(outcome.failure);
  }

  void publish() {
    context_.cell.done.store(++done_, std::memory_order_relaxed);
    context_.cell.failed.store(report_.failed, std::memory_order_relaxed);
  }

  /// Waits before the next attempt; false where the sweep is being stopped meanwhile.
  bool pause(Duration backoff) {
    constexpr int64_t slice_ns = 50'000'000;
    for (int64_t left = backoff.count(); left > 0 && !winding_down(); left -= slice_ns) {
      const timespec slice{0, static_cast<long>(std::min(left, slice_ns))};
      nanosleep(&slice, nullptr);
      beat();
    }
    clock_.skip();
    return !winding_down();
  }

  Result<void> flush_if_due() {
    if (!beat_flush_) return beat_flush_;
    const bool due = flushes_each_ || run_facts_.elapsed_s * 1e9 > flush_each_above_ns ||
                     writer_.buffer().size() >= flush_bytes ||
                     clock_.now_ns() - last_flush_ns_ >= flush_after_ns;
    if (!due) return {};
    last_flush_ns_ = clock_.now_ns();
    return writer_.flush();
  }

  const ChunkContext& context_;
  const Assignment& assignment_;
  const uint64_t lease_;
  ChunkWriter writer_;
  Identity identity_;
  PointClock clock_;
  RunFacts run_facts_;
  ChunkReport report_;
  std::optional<Error> broken_;
  bool interrupted_ = false;  // the last attempt
  Point point_;
  std::string params_json_;
  PointId id_{};
  size_t record_start_ = 0;  // in the writer's buffer: of the record in hand
  size_t record_body_ = 0;   // ... and of what follows its head
  const bool flushes_each_;
  uint64_t done_ = 0;
  int64_t last_flush_ns_ = 0;
  Result<void> beat_flush_;  // the outcome of the last flush while a point ran
};

}  // namespace

Result<ChunkEnd> run_chunk(const ChunkContext& context, const Assignment& assignment, uint64_t lease) {
  context.cell.done.store(0, std::memory_order_relaxed);
  context.cell.failed.store(0, std::memory_order_relaxed);
  context.cell.lease.store(lease, std::memory_order_release);
  auto writer = ChunkWriter::create(context.folders, assignment.chunk);
  if (!writer) return tl::unexpected(writer.error());
  return ChunkRun(context, assignment, lease, std::move(*writer)).run();
}

}  // namespace sweepd
