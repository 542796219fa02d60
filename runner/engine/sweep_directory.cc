#include "runner/engine/sweep_directory.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>

#include "runner/platform/atomic_file.h"
#include "runner/platform/system_error.h"
#include "runner/platform/trusted_file.h"

// What is not there is null.
template <typename T>
struct nlohmann::adl_serializer<std::optional<T>> {
  static void to_json(nlohmann::json& json, const std::optional<T>& value) {
    if (value)
      json = *value;
    else
      json = nullptr;
  }
  static void from_json(const nlohmann::json& json, std::optional<T>& value) {
    value = json.is_null() ? std::nullopt : std::optional(json.get<T>());
  }
};

namespace sweepd {

// Found by nlohmann_json through the types' namespace; in the order that manifest.json shows.
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(JobUsage, job, nodes, cores, busy_core_s, idle_tail_core_s,
                                                elapsed_s, time_limit_s, memory_peak_mib, memory_granted_mib,
                                                used, ask)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Session, started, ended, host, hosts, slurm_job, token,
                                                start_method, workers, cpus, points, failed, retries,
                                                worker_deaths, elapsed_s, cpu_s, busy_s, max_rss_mib,
                                                memory_limit_mib, job)

namespace {

using Json = nlohmann::ordered_json;

bool is_folder(const std::string& path) {
  struct stat status {};
  return lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

Manifest manifest_of(const nlohmann::json& json) {
  return {.version = json.at("sweepd"),
          .name = json.at("name"),
          .file = json.at("file"),
          .task_text = json.at("task").dump(),
          .fingerprint = json.at("fingerprint"),
          .points = json.at("points"),
          .seed = json.at("seed"),
          .parameters = json.at("parameters"),
          .complete = json.at("complete"),
          .ok = json.at("ok"),
          .failed = json.at("failed"),
          .sessions = json.at("sessions")};
}

Json json_of(const Manifest& manifest) {
  Json sessions = Json::array();
  for (const Session& session : manifest.sessions)
    sessions.push_back(Json::parse(nlohmann::json(session).dump()));
  return {{"sweepd", manifest.version},
          {"name", manifest.name},
          {"file", manifest.file},
          {"task", Json::parse(manifest.task_text)},
          {"points", manifest.points},
          {"seed", manifest.seed},
          {"fingerprint", manifest.fingerprint},
          {"parameters", manifest.parameters},
          {"complete", manifest.complete},
          {"ok", manifest.ok},
          {"failed", manifest.failed},
          {"sessions", sessions}};
}

/// What may stand in a sweep directory that has no manifest yet, because its making was cut short.
bool is_beginning(std::string_view name) {
  return name == "." || name == ".." || name == "chunks" || name == "sweep.yaml" || name == "lock" ||
         is_temporary_file_name(name);
}

Result<void> check_is_ours(const std::string& path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir(path.c_str()), closedir);
  if (!folder) return refused("read", path);
  while (const dirent* entry = readdir(folder.get()))
    if (!is_beginning(entry->d_name))
      return failure(path + " holds " + entry->d_name +
                     " and is no sweep directory; choose another with --output");
  return {};
}

}  // namespace

SweepDirectory::SweepDirectory(std::string path, std::optional<mode_t> mode)
    : path_(std::move(path)), mode_(mode) {}

bool SweepDirectory::exists() const { return access(path_.c_str(), F_OK) == 0; }

Result<void> SweepDirectory::make_folder(const std::string& path) const {
  if (mkdir(path.c_str(), 0700) != 0) return refused("make", path);
  if (mode_ && chmod(path.c_str(), *mode_) != 0) return refused("set the mode of", path);
  return {};
}

Result<void> SweepDirectory::create(const Sweep& sweep) const {
  if (auto made = make_folder(path_); !made) {
    if (!exists()) return made;
    if (!is_folder(path_)) return failure(path_ + " is not a folder; choose another with --output");
    const auto ours = check_is_ours(path_);
    // Looked for last: another run may be making the directory.
    const bool has_manifest = access(file("manifest.json").c_str(), F_OK) == 0;
    if (!has_manifest && !ours) return ours;
  }
  if (auto made = make_folder(chunks()); !made && !is_folder(chunks())) {
    if (errno != EEXIST) return made;
    return failure(chunks() + " is not a folder; set the sweep directory aside with --fresh");
  }
  if (access(chunks().c_str(), W_OK | X_OK) != 0) return refused("write to", chunks());
  return write_file(file("sweep.yaml"), sweep.text, Durability::contents);
}

Result<std::optional<std::string>> SweepDirectory::set_aside() const {
  if (!exists()) return std::nullopt;
  std::string aside;
  for (int number = 1; aside.empty() || access(aside.c_str(), F_OK) == 0; ++number)
    aside = path_ + ".before-" + std::to_string(number);
  if (rename(path_.c_str(), aside.c_str()) != 0) return refused("set aside", path_);
  return aside;
}

Result<std::optional<Manifest>> SweepDirectory::read_manifest() const {
  const std::string path = file("manifest.json");
  if (access(path.c_str(), F_OK) != 0) return std::nullopt;
  const auto text = read_file(path);
  if (!text) return tl::unexpected(text.error());
  try {
    return manifest_of(nlohmann::json::parse(*text));
  } catch (const nlohmann::json::exception&) {
    return failure(path + " is damaged; set the sweep directory aside with --fresh");
  }
}

Result<void> SweepDirectory::write_manifest(const Manifest& manifest) const {
  return write_file(file("manifest.json"), json_of(manifest).dump(2) + "\n");
}

}  // namespace sweepd
