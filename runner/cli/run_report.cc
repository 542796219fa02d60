#include "runner/cli/run_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

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
  if (reduced.total > 0) fmt::print("{}", reduced_table(reduced));
}

/// A table of `scaling`: its parameters, a row for each number of workers, and the fit.
void show_scaling(const std::string& json) {
  const auto table = nlohmann::ordered_json::parse(json);
  for (const auto& [name, value] : table.items())
    if (name == "mode" || (value.is_primitive() && name != "p" && name != "limit" && name != "peak_workers"))
      fmt::print("{} {}  ", printable_line(name),
                 printable_line(value.is_string() ? value.get<std::string>() : value.dump()));
  fmt::print("\n{:>7}  {:>10}  {:>7}  {:>10}\n", "workers", "seconds", "speedup", "efficiency");
  for (const auto& row : table.at("rows"))
    fmt::print("{:>7}  {:>10.4f}  {:>7.3f}  {:>10.3f}\n", row.at("workers").get<uint64_t>(),
               row.at("seconds").get<double>(), row.at("speedup").get<double>(),
               row.at("efficiency").get<double>());
  if (table.at("p").is_number())
    fmt::print(
        "Amdahl's law: parallel share p = {:.4f}, speedup at most {}\n", table.at("p").get<double>(),
        table.at("limit").is_number() ? fmt::format("{:.1f}", table.at("limit").get<double>()) : "unlimited");
}

void show_failures(const std::string& directory, const MergeCounts& counts) {
  if (counts.failed > 0)
    fmt::print("failures: sweepd results --status failed {}\n", printable_line(directory));
}

}  // namespace

void report_run(const Sweep& sweep, const std::string& directory, const RunTotals& totals,
                const MergeOutcome& outcome) {
  fmt::print("{}", counts_line(sweep, outcome.counts));
  if (totals.points > 0)
    fmt::print("; {} points in {} ({})", with_commas(totals.points), readable_time(totals.elapsed_s),
               readable_rate(static_cast<double>(totals.points) / std::max(totals.elapsed_s, 1e-6)));
  fmt::print("\n");
  show_reduced(outcome.reduced);
  for (const std::string& table : outcome.scaling) show_scaling(table);
  show_failures(directory, outcome.counts);
  fmt::print("results: {}/results.json\n", printable_line(directory));
  if (totals.ending == Ending::too_many_failures)
    fmt::print(stderr, "sweepd: stopped, since too many points failed\n");
}

void report_left(const Sweep& sweep, const RunTotals& totals) {
  fmt::print("{}: {} points in {}, {} failed; ", printable_line(sweep.name), with_commas(totals.points),
             readable_time(totals.elapsed_s), with_commas(totals.failed));
  if (totals.others.empty())
    fmt::print("stopped, other runs share the sweep and go on\n");
  else
    fmt::print("the rest is run and merged by {}\n", printable_line(totals.others));
}

void report_carry_on(const std::string& command) {
  fmt::print(stderr, "sweepd: stopped before the end, nothing finished is lost; carry on with: {}\n",
             printable_line(command));
}

void report_finished_before(const Sweep& sweep, const std::string& directory, const MergeCounts& counts,
                            const ReducedRows& reduced) {
  fmt::print("{}; finished before, nothing to run (--fresh starts anew)\n", counts_line(sweep, counts));
  show_reduced(reduced);
  show_failures(directory, counts);
  fmt::print("results: {}/results.json\n", printable_line(directory));
}

}  // namespace sweepd
