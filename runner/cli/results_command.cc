#include "runner/engine/results.h"

#include <cstdio>

#include "configs/typed_value.h"
#include "runner/cli/earlier_code.h"
#include "runner/cli/exit_status.h"
#include "runner/cli/messages.h"
#include "runner/cli/open_results.h"
#include "runner/cli/requests.h"
#include "runner/cli/terminal.h"
#include "runner/core/printable.h"
#include "runner/engine/results_filter.h"

namespace sweepd {
namespace {

Result<ResultsFilter> filter_of(const ResultsRequest& request, const std::vector<Column>& parameters) {
  std::vector<Condition> conditions;
  for (const std::string& text : request.where) {
    auto condition = parse_condition(text);
    if (!condition) return tl::unexpected(condition.error());
    condition->json = json_of_typed(condition->value);
    conditions.push_back(std::move(*condition));
  }
  const std::optional<bool> ok =
      request.status.empty() ? std::nullopt : std::optional(request.status == "ok");
  return ResultsFilter::create(ok, std::move(conditions), parameters);
}

}  // namespace

int results_command(const ResultsRequest& request) {
  const SweepDirectory directory(request.directory);
  const auto manifest = open_manifest(directory);
  if (!manifest) {
    report_error(manifest.error());
    return wrong_request;
  }
  std::vector<Column> parameters;
  for (const std::string& name : manifest->parameters) parameters.push_back({name, true});
  auto filter = filter_of(request, parameters);
  if (!filter) {
    report_error(filter.error());
    return wrong_request;
  }
  const auto chunks = open_chunks(directory, *manifest);
  if (!chunks) {
    report_error(chunks.error());
    return system_failure;
  }
  const ResultsFormat usual = is_terminal(stdout) ? ResultsFormat::table : ResultsFormat::ndjson;
  auto printed = print_results(request.format.value_or(usual), *filter, *chunks, parameters, stdout);
  if (printed && manifest->complete && chunks->points() < manifest->points)
    printed = failure(std::to_string(manifest->points - chunks->points()) + " of the " +
                          std::to_string(manifest->points) + " records are missing; give 'sweepd run " +
                          manifest->file + "' again, which runs their points",
                      {directory.chunks(), 0, 0});
  report_earlier_code(earlier_code_in(directory, *manifest, sweep_folder(directory, *manifest)),
                      "'sweepd run " + printable_line(manifest->file) + " --rerun-changed' runs them again");
  if (printed) return every_point_ok;
  report_error(printed.error());
  report_unnoticed(directory, *manifest);
  return system_failure;
}

}  // namespace sweepd
