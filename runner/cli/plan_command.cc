#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "runner/cli/command_line_text.h"
#include "runner/cli/exit_status.h"
#include "runner/cli/job_grant.h"
#include "runner/cli/messages.h"
#include "runner/cli/request_sweep.h"
#include "runner/cli/requests.h"
#include "runner/cli/terminal.h"
#include "runner/core/core_plan_text.h"
#include "runner/core/decide.h"
#include "runner/core/point_facts.h"
#include "runner/core/printable.h"
#include "runner/core/task_traits.h"
#include "workers/tasks/command/command_line.h"

namespace sweepd {
namespace {

constexpr uint64_t shown_points = 3;

std::string chunk_line(const Sweep& sweep, uint32_t workers) {
  const Dealing dealing{sweep.chunks.schedule, sweep.chunks.size, workers};
  const uint64_t size = std::min(sweep.size(), chunk_size(dealing, sweep.size(), sweep.size(), std::nullopt));
  const bool fixed = sweep.chunks.size || sweep.chunks.schedule == Schedule::static_;
  if (fixed && sweep.chunks.schedule != Schedule::guided)
    return fmt::format("{} of {} points", with_commas((sweep.size() + size - 1) / size), with_commas(size));
  if (sweep.chunks.size)
    return fmt::format("shrinking from {} to {} points", with_commas(size), *sweep.chunks.size);
  return fmt::format("by measured time, about {} ms each",
                     std::chrono::duration_cast<std::chrono::milliseconds>(chunk_target).count());
}

void show_points(const Sweep& sweep, const WorkerContext& worker) {
  const Program* const program = traits_of(sweep.task).program;
  std::optional<CommandLine> line;
  if (program != nullptr) line.emplace(sweep, *program, worker);
  for (uint64_t index = 0; index < std::min(shown_points, sweep.size()); ++index) {
    const PointFacts facts = point_facts(sweep, index);
    put("  {:<12} {}\n", index, printable(facts.params_json));
    if (line && line->fill(context_of(facts)))
      put("  {:<12} {}\n", "", printable(command_line_text(line->arguments())));
  }
  if (sweep.size() > shown_points) put("  … {} more\n", with_commas(sweep.size() - shown_points));
}

std::string expected_files(const Sweep& sweep) {
  return std::string("results.json, ") + (sweep.output.csv ? "results.csv, " : "") +
         "summary.json, manifest.json, sweep.yaml, chunks/";
}

}  // namespace

int plan_command(const RunRequest& request) {
  const auto job = prepare_job(prepare_sweep(request));
  if (!job) return wrong_request;
  const auto& [sweep, crew] = *job;
  const auto workers = static_cast<uint32_t>(crew.posts.size());
  put("sweep        {}\n", printable_line(sweep.name));
  put("task         {}\n", printable_line(sweep.task_text));
  put("points       {}\n", with_commas(sweep.size()));
  put("chunks       {}\n", chunk_line(sweep, workers));
  put("workers      {} ({})\n", workers, name_of(crew.method));
  put("{}", describe_workers(crew.topology, crew.plan));
  if (crew.grant && crew.cores.number)
    put("granted      {} (job {})\n", granted_text(crew.cores, *crew.grant), crew.grant->job);
  const WorkerContext& first = crew.posts.front().context;
  const auto memory = memory_limit_text(sweep.limits, first.share, crew.grant);
  if (memory && traits_of(sweep.task).program != nullptr) put("memory       at most {}\n", *memory);
  put("first points\n");
  show_points(sweep, first);
  put("results in   {}\n", printable_line(sweep_directory_path(sweep, request)));
  put("files        {}\n", expected_files(sweep));
  return every_point_ok;
}

}  // namespace sweepd
