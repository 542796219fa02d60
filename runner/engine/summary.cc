#include "runner/engine/summary.h"

#include <algorithm>
#include <set>

#include "runner/engine/small_json.h"

namespace sweepd {
namespace {

using Json = nlohmann::ordered_json;

Json known(double value) { return value > 0 ? Json(value) : Json(nullptr); }

Json json_of(const JobUsage& job) {
  const double core_s = job.elapsed_s * job.cores;
  return {{"id", job.job},
          {"nodes", job.nodes},
          {"cores", job.cores},
          {"busy_share", core_s > 0 ? std::min(1.0, job.busy_core_s / core_s) : 0.0},
          {"busy_core_s", job.busy_core_s},
          {"idle_tail_core_s", job.idle_tail_core_s},
          {"elapsed_s", job.elapsed_s},
          {"time_limit_s", known(job.time_limit_s)},
          {"memory_peak_mib", known(job.memory_peak_mib)},
          {"memory_granted_mib", known(job.memory_granted_mib)},
          {"used", job.used},
          {"ask", job.ask}};
}

}  // namespace

std::string summary_json(const Manifest& manifest) {
  double elapsed = 0, cpu = 0, busy = 0, granted = 0, rss = 0;
  uint64_t retries = 0, deaths = 0, run = 0;
  std::set<std::string> hosts, jobs;
  for (const Session& session : manifest.sessions) {
    elapsed += session.elapsed_s;
    cpu += session.cpu_s;
    busy += session.busy_s;
    granted += session.elapsed_s * session.workers;
    rss = std::max(rss, session.max_rss_mib);
    retries += session.retries;
    deaths += session.worker_deaths;
    run += session.points;
    hosts.insert(session.host);
    hosts.insert(session.hosts.begin(), session.hosts.end());
    if (!session.slurm_job.empty()) jobs.insert(session.slurm_job);
  }
  Json json = {
      {"points", manifest.points},
      {"ok", manifest.ok},
      {"failed", manifest.failed},
      {"complete", manifest.complete},
      {"attempts", run + retries},
      {"worker_deaths", deaths},
      {"sessions", manifest.sessions.size()},
      {"hosts", hosts},
      {"slurm_jobs", jobs},
      {"workers", manifest.sessions.empty() ? 0 : manifest.sessions.back().workers},
      {"cpus", manifest.sessions.empty() ? std::vector<std::string>{} : manifest.sessions.back().cpus},
      {"elapsed_s", elapsed},
      {"busy_s", busy},
      {"cpu_s", cpu},
      // Of the workers' time in all sessions: the share in which points ran, and in which they
      // used a processor.
      {"efficiency", granted > 0 ? std::min(1.0, busy / granted) : 0.0},
      {"cpu_efficiency", granted > 0 ? cpu / granted : 0.0},
      {"max_rss_mib", rss},
      {"memory_limit_mib", known(manifest.sessions.empty() ? 0 : manifest.sessions.back().memory_limit_mib)}};
  // Of the last session in a job.
  const auto last = std::find_if(manifest.sessions.rbegin(), manifest.sessions.rend(),
                                 [](const Session& session) { return session.job.has_value(); });
  if (last != manifest.sessions.rend()) json["job"] = json_of(*last->job);
  return small_json_text(json, 2) + "\n";
}

}  // namespace sweepd
