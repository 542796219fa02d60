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

Json json_of(const CodeFile& file) {
  Json json = {{"name", file.name}, {"path", file.path}};
  if (const auto escaped = escaped_path(file.path)) json["path_escaped"] = *escaped;
  json.update(
      {{"bytes", file.bytes}, {"inode", file.inode}, {"changed_ns", file.changed_ns}, {"hash", file.hash}});
  return json;
}

Json json_of(const std::vector<Code>& codes) {
  Json json = Json::array();
  for (const Code& code : codes) {
    Json files = Json::array();
    for (const CodeFile& file : code.files) files.push_back(json_of(file));
    json.push_back({{"code", json.size() + 1}, {"points", code.points}, {"files", std::move(files)}});
  }
  return json;
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
         manifest.points <= max_points && manifest.code <= manifest.codes.size() && manifest.ok <= most &&
         manifest.failed <= most - manifest.ok;
}

void read_path(JsonFields& fields, const std::string& key, std::string& path) {
  fields.read(key.c_str(), path);
  std::string escaped;
  fields.read((key + "_escaped").c_str(), escaped);
  if (!escaped.empty()) path = unescaped_path(escaped);
  if (path.find('\0') != std::string::npos) fields.refuse();
}

bool read_code_file(const Json& json, CodeFile& file) {
  JsonFields fields(json);
  for (const char* key : {"name", "path", "bytes", "changed_ns", "hash"}) fields.want(key);
  fields.read("name", file.name);
  read_path(fields, "path", file.path);
  fields.read("bytes", file.bytes);
  fields.read("inode", file.inode);
  fields.read("changed_ns", file.changed_ns);
  fields.read("hash", file.hash);
  return fields.are_fine();
}

/// What is not there is as in a new Manifest: earlier versions knew no codes.
bool read_codes(const Json& manifest, std::vector<Code>& codes) {
  if (!manifest.contains("codes")) return true;
  if (!manifest.at("codes").is_array()) return false;
  for (const Json& each : manifest.at("codes")) {
    Code& code = codes.emplace_back();
    JsonFields fields(each);
    fields.read("points", code.points);
    if (!fields.are_fine() || !fields.has("files") || !each.at("files").is_array()) return false;
    for (const Json& file : each.at("files"))
      if (!read_code_file(file, code.files.emplace_back())) return false;
  }
  return true;
}

/// Every field but the sessions and codes.
void read_fields(JsonFields& fields, Manifest& manifest) {
  for (const char* key : {"sweepd", "name", "file", "task", "fingerprint", "points", "seed", "parameters",
                          "complete", "ok", "failed", "sessions"})
    fields.want(key);
  fields.read("sweepd", manifest.version);
  fields.read("name", manifest.name);
  read_path(fields, "file", manifest.file);
  manifest.identity = 1;  // of versions that had no number for it
  fields.read("identity", manifest.identity);
  fields.read("fingerprint", manifest.fingerprint);
  fields.read("chunks_id", manifest.chunks_id);
  fields.read("points", manifest.points);
  fields.read("seed", manifest.seed);
  fields.read("parameters", manifest.parameters);
  fields.read("code", manifest.code);
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
               {"code", manifest.code},
               {"codes", json_of(manifest.codes)},
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
  if (!fields.are_fine() || !read_codes(*json, manifest.codes)) return std::nullopt;
  if (!are_plausible(manifest)) return std::nullopt;
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
