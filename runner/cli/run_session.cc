#include "runner/cli/run_session.h"

#include <algorithm>

#include "runner/cli/request_sweep.h"
#include "runner/core/record.h"
#include "runner/engine/run_identity.h"
#include "runner/platform/clock.h"
#include "runner/platform/process_identity.h"

namespace sweepd {
namespace {

std::string timestamp() {
  std::string text;
  append_timestamp(text, nanoseconds(CLOCK_REALTIME) / 1000);
  return text;
}

}  // namespace

Session new_session(StartMethod method, const std::vector<RankCrew>& crews) {
  Session session{.started = timestamp(),
                  .host = host_name(),
                  .token = random_token(),
                  .start_method = std::string(name_of(method))};
  session.slurm_job = slurm_job_id();
  for (const RankCrew& crew : crews) {
    if (std::ranges::find(session.hosts, crew.host) == session.hosts.end())
      session.hosts.push_back(crew.host);
    for (const CpuSet& cpus : crew.cpus) session.cpus.push_back(cpus.text());
  }
  session.workers = static_cast<uint32_t>(session.cpus.size());
  return session;
}

void close_session(Session& session, const RunTotals& totals) {
  session.ended = timestamp();
  session.points += totals.points;
  session.failed += totals.failed;
  session.retries += totals.retries;
  session.worker_deaths += totals.worker_deaths;
  session.elapsed_s += totals.elapsed_s;
  session.cpu_s += totals.cpu_s;
  session.busy_s += totals.busy_s;
  session.max_rss_mib = std::max(session.max_rss_mib, totals.max_rss_mib);
}

}  // namespace sweepd
