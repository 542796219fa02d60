#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "runner/cli/exit_status.h"
#include "runner/cli/messages.h"
#include "runner/cli/open_results.h"
#include "runner/cli/requests.h"
#include "runner/cli/terminal.h"
#include "runner/platform/trusted_file.h"

namespace sweepd {
namespace {

using Json = nlohmann::ordered_json;

/// From progress.json while a run writes it, else from the chunk files.
Json progress_of(const SweepDirectory& directory, const Manifest& manifest) {
  if (manifest.complete)
    return {{"state", "finished"},
            {"done", manifest.points},
            {"failed", manifest.failed},
            {"total", manifest.points}};
  if (const auto text = read_file(directory.file("progress.json"))) {
    Json json = Json::parse(*text, nullptr, false);
    if (json.is_object()) {
      json["state"] = "running";
      return json;
    }
  }
  const auto chunks = open_chunks(directory, manifest);
  const uint64_t done = chunks ? chunks->points() : 0;
  return {{"state", "unfinished"}, {"done", done}, {"total", manifest.points}};
}

void show(const Json& json, const std::string& path) {
  const auto number = [&](const char* key) { return json.value(key, 0.0); };
  const double total = std::max(number("total"), 1.0);
  fmt::print("{}: {}\n", json.value("name", ""), json.value("state", ""));
  fmt::print("points    {} of {} ({:.0f} %)", with_commas(static_cast<uint64_t>(number("done"))),
             with_commas(static_cast<uint64_t>(number("total"))), 100 * number("done") / total);
  if (number("failed") > 0) fmt::print(", {} failed", with_commas(static_cast<uint64_t>(number("failed"))));
  fmt::print("\n");
  if (json.contains("rate")) fmt::print("rate      {}\n", readable_rate(number("rate")));
  if (json.contains("eta") && json["eta"].is_number())
    fmt::print("time left {}\n", readable_time(number("eta")));
  fmt::print("started   {} on {}\n", json.value("started", ""), json.value("host", ""));
  fmt::print("folder    {}\n", path);
}

}  // namespace

int status_command(const StatusRequest& request) {
  const SweepDirectory directory(request.directory);
  const auto manifest = open_manifest(directory);
  if (!manifest) {
    report_error(manifest.error());
    return wrong_request;
  }
  Json json = progress_of(directory, *manifest);
  json["name"] = manifest->name;
  if (!manifest->sessions.empty()) {
    json["started"] = manifest->sessions.back().started;
    json["host"] = manifest->sessions.back().host;
    json["workers"] = manifest->sessions.back().workers;
  }
  if (request.json)
    fmt::print("{}\n", json.dump());
  else
    show(json, directory.path());
  return every_point_ok;
}

}  // namespace sweepd
