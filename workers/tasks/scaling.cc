#include "workers/tasks/scaling.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "runner/core/amdahl.h"
#include "runner/core/json.h"
#include "runner/platform/topology.h"
#include "workers/tasks/pi.h"
#include "workers/tasks/pi_kernel.h"
#include "workers/tasks/pi_stream.h"
#include "workers/tasks/scaling_gang.h"

namespace sweepd {
namespace {

constexpr uint32_t max_members = 4096;
constexpr uint32_t max_repeats = 1000;

struct Request {
  uint32_t workers;
  uint64_t darts;
  ScalingMode mode;
  uint32_t repeats;
};

Result<ScalingMode> mode_of(const Point& point) {
  const Value* value = find(point, "mode");
  if (value == nullptr) return ScalingMode::strong;
  if (*value == Value::of(std::string_view("strong"))) return ScalingMode::strong;
  if (*value == Value::of(std::string_view("weak"))) return ScalingMode::weak;
  std::string text;
  append_json(text, *value);
  return failure("'mode' must be strong or weak and is " + text + "; correct the point's parameters");
}

Result<Request> request_of(const Point& point) {
  const Result<uint64_t> workers = count_parameter(point, "workers", 1, max_members);
  if (!workers) return tl::unexpected(workers.error());
  const Result<ScalingMode> mode = mode_of(point);
  if (!mode) return tl::unexpected(mode.error());
  // All darts of a round are counted in one sum.
  const Result<uint64_t> darts =
      count_parameter(point, "darts", 1, *mode == ScalingMode::weak ? max_darts / *workers : max_darts);
  if (!darts) return tl::unexpected(darts.error());
  const Result<uint64_t> repeats = find(point, "repeats") == nullptr
                                       ? Result<uint64_t>(3)
                                       : count_parameter(point, "repeats", 1, max_repeats);
  if (!repeats) return tl::unexpected(repeats.error());
  return Request{static_cast<uint32_t>(*workers), *darts, *mode, static_cast<uint32_t>(*repeats)};
}

Result<std::vector<CpuSet>> cpus_of(const WorkerContext& context) {
  std::vector<CpuSet> sets;
  for (const std::string& list : context.gang_cpus) {
    Result<CpuSet> set = CpuSet::parse(list);
    if (!set) return tl::unexpected(set.error());
    sets.push_back(std::move(*set));
  }
  return sets;
}

uint64_t share_of(const Request& request, uint64_t seed, uint32_t member) {
  if (request.mode == ScalingMode::weak) return pi_hits(member_seed(seed, member), request.darts);
  const uint64_t blocks = pi_blocks(request.darts);
  return pi_hits(seed, request.darts, blocks * member / request.workers,
                 blocks * (member + 1) / request.workers);
}

Result<GangReport> measure(const Request& request, const WorkerContext& context, uint64_t seed) {
  Result<std::vector<CpuSet>> cpus = cpus_of(context);
  if (!cpus) return tl::unexpected(cpus.error());
  const size_t cores = cpus->empty() ? allowed_processors().count() : cpus->size();
  return run_gang({.members = request.workers,
                   .rounds = request.repeats,
                   .cpus = std::move(*cpus),
                   .shares_cores = request.workers > cores,
                   .share = [&](uint32_t member) { return share_of(request, seed, member); }});
}

void append_result(std::string& out, const Request& request, const std::vector<GangRound>& rounds) {
  std::vector<double> seconds;
  seconds.reserve(rounds.size());
  for (const GangRound& round : rounds) seconds.push_back(round.seconds);
  std::ranges::sort(seconds);
  const size_t half = seconds.size() / 2;
  const uint64_t darts = request.mode == ScalingMode::weak ? request.darts * request.workers : request.darts;
  out += "{\"seconds\":";
  append_json(out, seconds.size() % 2 == 1 ? seconds[half] : (seconds[half - 1] + seconds[half]) / 2);
  out += ",\"seconds_min\":";
  append_json(out, seconds.front());
  out += ",\"seconds_max\":";
  append_json(out, seconds.back());
  out += ",\"pi\":";
  append_json(out, pi_estimate(rounds.front().sum, darts));
  out += '}';
}

Outcome failed(ErrorKind kind, const Error& error) {
  Outcome outcome;
  outcome.failure = Failure{kind, error.message, {}, {}};
  return outcome;
}

}  // namespace

uint64_t member_seed(uint64_t seed, uint32_t member) {
  return member == 0 ? seed : pi_stream::mix64(seed + pi_stream::golden * member);
}

ScalingRunner::ScalingRunner(WorkerContext context) : context_(std::move(context)) {}

Outcome ScalingRunner::run(const PointContext& context, std::string& result) {
  const Result<Request> request = request_of(context.point);
  if (!request) return failed(ErrorKind::result, request.error());
  const Result<GangReport> report = measure(*request, context_, context.seed);
  if (!report && report.error().is_shortage) {
    Outcome outcome;
    outcome.broken = report.error();
    return outcome;
  }
  if (!report) return failed(ErrorKind::lost, report.error());
  append_result(result, *request, report->rounds);
  Outcome outcome;
  outcome.cpu_s = report->cpu_s;
  outcome.max_rss_mib = report->max_rss_mib;
  return outcome;
}

}  // namespace sweepd
