#include "runner/cli/run_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "runner/cli/messages.h"
#include "runner/cli/terminal.h"
#include "runner/core/printable.h"
#include "runner/engine/reducer_table.h"

namespace sweepd {
namespace {

std::string counts_line(const Sweep& sweep, const MergeCounts& counts) {
  return fmt::format("{}: {} of {} points, {} ok, {} failed", printable_line(sweep.name),
                     with_commas(counts.records()), with_commas(sweep.size()), with_commas(counts.ok),
                     with_commas(counts.failed));
}

void show_reduced(const ReducedRows& reduced) {
  if (reduced.total > 0) put("{}", reduced_table(reduced));
}

/// A table of `scaling`: its parameters, a row for each number of workers, and the fit.
void show_scaling(const std::string& json) {
  const auto table = nlohmann::ordered_json::parse(json);
  for (const auto& [name, value] : table.items())
    if (name == "mode" || (value.is_primitive() && name != "p" && name != "limit" && name != "peak_workers"))
      put("{} {}  ", printable_line(name),
          printable_line(value.is_string() ? value.get<std::string>() : value.dump()));
  put("\n{:>7}  {:>10}  {:>7}  {:>10}\n", "workers", "seconds", "speedup", "efficiency");
  for (const auto& row : table.at("rows"))
    put("{:>7}  {:>10.4f}  {:>7.3f}  {:>10.3f}\n", row.at("workers").get<uint64_t>(),
        row.at("seconds").get<double>(), row.at("speedup").get<double>(), row.at("efficiency").get<double>());
  if (table.at("p").is_number())
    put("Amdahl's law: parallel share p = {:.4f}, speedup at most {}\n", table.at("p").get<double>(),
        table.at("limit").is_number() ? fmt::format("{:.1f}", table.at("limit").get<double>()) : "unlimited");
}

void show_failures(const std::string& directory, const MergeCounts& counts) {
  if (counts.failed > 0) put("failures: sweepd results --status failed {}\n", printable_line(directory));
}

}  // namespace

void report_run(const Sweep& sweep, const std::string& directory, const RunTotals& totals,
                const MergeOutcome& outcome) {
  put("{}", counts_line(sweep, outcome.counts));
  if (totals.points > 0)
    put("; {} in {} ({})", points_text(totals.points), readable_time(totals.elapsed_s),
        readable_rate(static_cast<double>(totals.points) / std::max(totals.elapsed_s, 1e-6)));
  put("\n");
  show_reduced(outcome.reduced);
  for (const std::string& table : outcome.scaling) show_scaling(table);
  show_failures(directory, outcome.counts);
  put("results: {}/results.json\n", printable_line(directory));
  if (totals.ending == Ending::too_many_failures) tell("sweepd: stopped, since too many points failed\n");
}

void report_left(const Sweep& sweep, const RunTotals& totals) {
  put("{}: {} in {}, {} failed; ", printable_line(sweep.name), points_text(totals.points),
      readable_time(totals.elapsed_s), with_commas(totals.failed));
  if (totals.others.empty())
    put("stopped, other runs share the sweep and go on\n");
  else
    put("the rest is run and merged by {}\n", printable_line(totals.others));
}

void report_carry_on(const std::string& command) {
  tell("sweepd: stopped before the end, nothing finished is lost; carry on with: {}\n",
       printable_line(command));
}

void report_finished_before(const Sweep& sweep, const std::string& directory, const MergeCounts& counts,
                            const ReducedRows& reduced) {
  put("{}; finished before, nothing to run (--fresh starts anew)\n", counts_line(sweep, counts));
  show_reduced(reduced);
  show_failures(directory, counts);
  put("results: {}/results.json\n", printable_line(directory));
}

}  // namespace sweepd
