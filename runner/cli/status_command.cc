#include <fmt/format.h>

#include <algorithm>

#include "runner/cli/earlier_code.h"
#include "runner/cli/exit_status.h"
#include "runner/cli/messages.h"
#include "runner/cli/open_results.h"
#include "runner/cli/requests.h"
#include "runner/cli/terminal.h"
#include "runner/core/printable.h"
#include "runner/engine/progress.h"
#include "runner/engine/small_json.h"
#include "runner/platform/trusted_file.h"

namespace sweepd {
namespace {

using Json = nlohmann::ordered_json;

Json nullptr_or(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

/// From progress.json while a run writes it, else from the chunk files.
Result<Json> progress_of(const SweepDirectory& directory, const Manifest& manifest) {
  if (manifest.complete) {
    const uint64_t done = intact_records(directory, manifest);
    return Json{{"state", done == manifest.points ? "finished" : "damaged"},
                {"done", done},
                {"failed", manifest.failed},
                {"total", manifest.points}};
  }
  if (const auto text = read_file(directory.file("progress.json"), most_progress_bytes))
    if (const auto progress = parse_progress(*text))
      return Json{
          {"done", progress->done}, {"failed", progress->failed},         {"total", progress->total},
          {"rate", progress->rate}, {"eta", nullptr_or(progress->eta_s)}, {"elapsed", progress->elapsed_s},
          {"state", "running"}};
  const auto chunks = open_chunks(directory, manifest);
  if (!chunks) return tl::unexpected(chunks.error());
  return Json{{"state", "unfinished"},
              {"done", std::min(chunks->points(), manifest.points)},
              {"total", manifest.points}};
}

void show(const Json& json, const std::string& path, const EarlierCode& earlier) {
  const auto number = [&](const char* key) { return json.value(key, 0.0); };
  const auto text = [&](const char* key) { return printable_line(json.value(key, "")); };
  const double total = std::max(number("total"), 1.0);
  put("{}: {}\n", text("name"), text("state"));
  put("points    {} of {} ({:.0f} %)", with_commas(static_cast<uint64_t>(number("done"))),
      with_commas(static_cast<uint64_t>(number("total"))), 100 * number("done") / total);
  if (number("failed") > 0) put(", {} failed", with_commas(static_cast<uint64_t>(number("failed"))));
  put("\n");
  if (json.contains("rate")) put("rate      {}\n", readable_rate(number("rate")));
  if (json.contains("eta") && json["eta"].is_number()) put("time left {}\n", readable_time(number("eta")));
  if (text("state") == "damaged")
    put("missing   {} records that were there; 'sweepd run' runs their points again\n",
        with_commas(static_cast<uint64_t>(number("total") - number("done"))));
  if (earlier.points > 0) put("code      {}\n", earlier_code_text(earlier));
  put("started   {} on {}\n", text("started"), text("host"));
  put("folder    {}\n", printable_line(path));
}

}  // namespace

int status_command(const StatusRequest& request) {
  const SweepDirectory directory(request.directory);
  const auto manifest = open_manifest(directory);
  if (!manifest) {
    report_error(manifest.error());
    return wrong_request;
  }
  const auto progress = progress_of(directory, *manifest);
  if (!progress) {
    report_error(progress.error());
    return system_failure;
  }
  Json json = *progress;
  json["name"] = manifest->name;
  if (!manifest->sessions.empty()) {
    json["started"] = manifest->sessions.back().started;
    json["host"] = manifest->sessions.back().host;
    json["workers"] = manifest->sessions.back().workers;
  }
  const EarlierCode earlier = earlier_code_in(directory, *manifest, sweep_folder(directory, *manifest));
  json["earlier_code"] = {{"points", earlier.points}, {"files", earlier.files}};
  if (request.json)
    put("{}\n", printable(small_json_text(json)));
  else
    show(json, directory.path(), earlier);
  return every_point_ok;
}

}  // namespace sweepd
