#include <fmt/format.h>

#include <algorithm>

#include "runner/cli/exit_status.h"
#include "runner/cli/messages.h"
#include "runner/cli/request_sweep.h"
#include "runner/cli/requests.h"
#include "runner/cli/terminal.h"
#include "runner/core/core_plan_text.h"
#include "runner/core/decide.h"
#include "runner/core/identity.h"
#include "runner/core/json.h"

namespace sweepd {
namespace {

constexpr uint64_t shown_points = 3;

std::string chunk_line(const Sweep& sweep, uint32_t workers) {
  const Dealing dealing{sweep.chunks.schedule, sweep.chunks.size, workers};
  const uint64_t size = std::min(sweep.size(), chunk_size(dealing, sweep.size(), sweep.size(), std::nullopt));
  const bool fixed = sweep.chunks.size || sweep.chunks.schedule == Schedule::static_;
  if (fixed && sweep.chunks.schedule != Schedule::guided)
    return fmt::format("{} of {} points", with_commas((sweep.size() + size - 1) / size), with_commas(size));
  if (sweep.chunks.size) return fmt::format("shrinking from {} to {} points", with_commas(size), *sweep.chunks.size);
  return fmt::format("by measured time, about {} ms each",
                     std::chrono::duration_cast<std::chrono::milliseconds>(chunk_target).count());
}

/// An argument as a person could type it.
std::string quoted(const std::string& text) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%";
  if (!text.empty() && text.find_first_not_of(plain) == std::string::npos) return text;
  std::string json;
  append_json(json, text);
  return json;
}

std::string command_line(const Sweep& sweep, const CommandTask& task, uint64_t index, const Point& point,
                         const std::string& params) {
  if (task.argv.empty()) return "/bin/sh -c " + quoted(task.shell);
  Identity identity(sweep.task_text, sweep.seed);
  const PointId id = identity.id(point, params, sweep.space->rank(index).before);
  const std::string seed = std::to_string(identity.seed(id));
  const Point builtins = {{"index", Value::of(static_cast<int64_t>(index))},
                          {"id", Value::of(text_of(id))},
                          {"seed", Value::of(std::string_view(seed))},
                          {"cores", Value::of(int64_t{sweep.workers.cores})}};
  std::string line;
  for (const Template& argument : task.argv) {
    std::string text;
    argument.append(point, builtins, text);
    line += (line.empty() ? "" : " ") + quoted(text);
  }
  return line;
}

void show_points(const Sweep& sweep) {
  const auto* command = std::get_if<CommandTask>(&sweep.task);
  for (uint64_t index = 0; index < std::min(shown_points, sweep.size()); ++index) {
    const Point point = sweep.space->at(index);
    std::string params;
    append_json(params, point);
    fmt::print("  {:<12} {}\n", index, params);
    if (command != nullptr) fmt::print("  {:<12} {}\n", "", command_line(sweep, *command, index, point, params));
  }
  if (sweep.size() > shown_points) fmt::print("  … {} more\n", with_commas(sweep.size() - shown_points));
}

std::string expected_files(const Sweep& sweep) {
  return std::string("results.json, ") + (sweep.output.csv ? "results.csv, " : "") +
         "summary.json, manifest.json, sweep.yaml, chunks/";
}

}  // namespace

int plan_command(const RunRequest& request) {
  const auto sweep = requested_sweep(request);
  if (!sweep) {
    report_errors(sweep.error());
    return wrong_request;
  }
  Result<void> checked = check_task(*sweep);
  const auto crew = plan_crew(*sweep);
  if (checked && !crew) checked = tl::unexpected(crew.error());
  if (!checked) {
    report_error(checked.error());
    return wrong_request;
  }
  const auto workers = static_cast<uint32_t>(crew->posts.size());
  fmt::print("sweep        {}\n", sweep->name);
  fmt::print("task         {}\n", sweep->task_text);
  fmt::print("points       {}\n", with_commas(sweep->size()));
  fmt::print("chunks       {}\n", chunk_line(*sweep, workers));
  fmt::print("workers      {} ({})\n", workers, name_of(crew->method));
  fmt::print("{}", describe_workers(crew->topology, crew->plan));
  fmt::print("first points\n");
  show_points(*sweep);
  fmt::print("results in   {}\n", sweep_directory_path(*sweep, request));
  fmt::print("files        {}\n", expected_files(*sweep));
  return every_point_ok;
}

}  // namespace sweepd
