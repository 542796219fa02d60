#include "runner/engine/manifest_json.h"

#include "runner/core/escaped_path.h"
#include "runner/core/space.h"
#include "runner/engine/small_json.h"

namespace sweepd {
namespace {

using Json = nlohmann::ordered_json;

// Fields in the order that manifest.json shows; for reading and for writing.
template <typename Usage, typename Visit>
void visit_usage(Usage& usage, const Visit& visit) {
  visit("job", usage.job);
  visit("nodes", usage.nodes);
  visit("cores", usage.cores);
  visit("busy_core_s", usage.busy_core_s);
  visit("idle_tail_core_s", usage.idle_tail_core_s);
  visit("elapsed_s", usage.elapsed_s);
  visit("time_limit_s", usage.time_limit_s);
  visit("memory_peak_mib", usage.memory_peak_mib);
  visit("memory_granted_mib", usage.memory_granted_mib);
  visit("used", usage.used);
  visit("ask", usage.ask);
}

template <typename AnySession, typename Visit>
void visit_session(AnySession& session, const Visit& visit) {
  visit("started", session.started);
  visit("ended", session.ended);
  visit("host", session.host);
  visit("hosts", session.hosts);
  visit("slurm_job", session.slurm_job);
  visit("token", session.token);
  visit("start_method", session.start_method);
  visit("workers", session.workers);
  visit("cpus", session.cpus);
  visit("points", session.points);
  visit("failed", session.failed);
  visit("retries", session.retries);
  visit("worker_deaths", session.worker_deaths);
  visit("elapsed_s", session.elapsed_s);
  visit("cpu_s", session.cpu_s);
  visit("busy_s", session.busy_s);
  visit("max_rss_mib", session.max_rss_mib);
  visit("memory_limit_mib", session.memory_limit_mib);
}

Json json_of(const Session& session) {
  Json json;
  const auto put_into = [](Json& object) {
    return [&object](const char* key, const auto& value) { object[key] = value; };
  };
  visit_session(session, put_into(json));
  json["job"] = nullptr;
  if (session.job) visit_usage(*session.job, put_into(json["job"]));
  return json;
}

/// What is not there is as in a new Session: earlier versions wrote fewer.
std::optional<Session> session_of(const Json& json) {
  JsonFields fields(json);
  Session session;
  visit_session(session, [&fields](const char* key, auto& into) { fields.read(key, into); });
  if (!fields.has("job") || json.at("job").is_null())
    return fields.are_fine() ? std::optional(session) : std::nullopt;
  JsonFields of_job(json.at("job"));
  visit_usage(session.job.emplace(), [&of_job](const char* key, auto& into) { of_job.read(key, into); });
  return fields.are_fine() && of_job.are_fine() ? std::optional(session) : std::nullopt;
}

/// It becomes a part of file names.
bool is_fingerprint(std::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// The counts of the last merge may be those of another shape of the sweep, unless it is complete.
bool are_plausible(const Manifest& manifest) {
  const uint64_t most = manifest.complete ? manifest.points : max_points;
  return is_fingerprint(manifest.fingerprint) &&
         (manifest.chunks_id.empty() || is_fingerprint(manifest.chunks_id)) &&
         manifest.points <= max_points && manifest.ok <= most && manifest.failed <= most - manifest.ok;
}

void read_file_path(JsonFields& fields, std::string& path) {
  fields.read("file", path);
  std::string escaped;
  fields.read("file_escaped", escaped);
  if (!escaped.empty()) path = unescaped_path(escaped);
  if (path.find('\0') != std::string::npos) fields.refuse();
}

/// Every field but the sessions.
void read_fields(JsonFields& fields, Manifest& manifest) {
  for (const char* key : {"sweepd", "name", "file", "task", "fingerprint", "points", "seed", "parameters",
                          "complete", "ok", "failed", "sessions"})
    fields.want(key);
  fields.read("sweepd", manifest.version);
  fields.read("name", manifest.name);
  read_file_path(fields, manifest.file);
  manifest.identity = 1;  // of versions that had no number for it
  fields.read("identity", manifest.identity);
  fields.read("fingerprint", manifest.fingerprint);
  fields.read("chunks_id", manifest.chunks_id);
  fields.read("points", manifest.points);
  fields.read("seed", manifest.seed);
  fields.read("parameters", manifest.parameters);
  fields.read("complete", manifest.complete);
  fields.read("ok", manifest.ok);
  fields.read("failed", manifest.failed);
  fields.read("merged_files", manifest.merged_files);
}

}  // namespace

std::string manifest_text(const Manifest& manifest) {
  Json sessions = Json::array();
  for (const Session& session : manifest.sessions) sessions.push_back(json_of(session));
  Json json = {{"sweepd", manifest.version}, {"name", manifest.name}, {"file", manifest.file}};
  if (const auto escaped = escaped_path(manifest.file)) json["file_escaped"] = *escaped;
  json.update({{"task", Json::parse(manifest.task_text)},
               {"points", manifest.points},
               {"seed", manifest.seed},
               {"identity", manifest.identity},
               {"fingerprint", manifest.fingerprint},
               {"chunks_id", manifest.chunks_id},
               {"parameters", manifest.parameters},
               {"complete", manifest.complete},
               {"ok", manifest.ok},
               {"failed", manifest.failed},
               {"merged_files", manifest.merged_files},
               {"sessions", std::move(sessions)}});
  return small_json_text(json, 2) + "\n";
}

std::optional<Manifest> parse_manifest(std::string_view text) {
  const auto json = parse_small_json(text);
  if (!json) return std::nullopt;
  JsonFields fields(*json);
  Manifest manifest;
  read_fields(fields, manifest);
  if (!fields.are_fine() || !are_plausible(manifest)) return std::nullopt;
  if (!json->at("task").is_object() || !json->at("sessions").is_array()) return std::nullopt;
  manifest.task_text = json->at("task").dump();
  for (const Json& each : json->at("sessions")) {
    auto session = session_of(each);
    if (!session) return std::nullopt;
    manifest.sessions.push_back(std::move(*session));
  }
  return manifest;
}

}  // namespace sweepd
