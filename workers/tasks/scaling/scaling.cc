#include "workers/tasks/scaling/scaling.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "runner/core/json.h"
#include "runner/platform/topology.h"
#include "workers/tasks/pi/pi.h"
#include "workers/tasks/scaling/ranked_gang.h"
#include "workers/tasks/scaling/scaling_gang.h"
#include "workers/tasks/scaling/scaling_work.h"

namespace sweepd {
namespace {

Result<GangReport> measure(const ScalingWork& work, const WorkerContext& context) {
  const std::vector<CpuSet>& cpus = context.share.gang_cores;
  const size_t cores = cpus.empty() ? allowed_processors().count() : cpus.size();
  if (work.workers > cores && !context.cores_elsewhere.empty()) return lead_gang(work, context);
  return run_gang({.members = work.workers,
                   .rounds = work.repeats,
                   .cpus = cpus,
                   .shares_cores = work.workers > cores,
                   .share = [&](uint32_t member) { return hits_of_member(work, member); }});
}

void append_result(std::string& out, const ScalingWork& work, const std::vector<GangRound>& rounds) {
  std::vector<double> seconds;
  seconds.reserve(rounds.size());
  for (const GangRound& round : rounds) seconds.push_back(round.seconds);
  std::ranges::sort(seconds);
  const size_t half = seconds.size() / 2;
  const uint64_t darts = work.mode == ScalingMode::weak ? work.darts * work.workers : work.darts;
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

ScalingRunner::ScalingRunner(WorkerContext context) : context_(std::move(context)) {}

Outcome ScalingRunner::run(const PointContext& context, std::string& result) {
  const Result<ScalingWork> work = scaling_work(context.point, context.seed);
  if (!work) return failed(ErrorKind::result, work.error());
  const Result<GangReport> report = measure(*work, context_);
  if (!report && report.error().is_shortage) {
    Outcome outcome;
    outcome.broken = report.error();
    return outcome;
  }
  if (!report) return failed(ErrorKind::lost, report.error());
  append_result(result, *work, report->rounds);
  Outcome outcome;
  outcome.cpu_s = report->cpu_s;
  outcome.max_rss_mib = report->max_rss_mib;
  return outcome;
}

}  // namespace sweepd
