#include "runner/cli/run_report.h"

#include <fmt/format.h>

#include "runner/cli/terminal.h"
#include "runner/engine/reducer_table.h"

namespace sweepd {
namespace {

std::string counts_line(const Sweep& sweep, const MergeCounts& counts) {
  return fmt::format("{}: {} of {} points, {} ok, {} failed", sweep.name, with_commas(counts.records()),
                     with_commas(sweep.size()), with_commas(counts.ok), with_commas(counts.failed));
}

void show_reduced(const ReducedRows& reduced) {
  if (reduced.total > 0) fmt::print("{}", reduced_table(reduced));
}

void show_failures(const std::string& directory, const MergeCounts& counts) {
  if (counts.failed > 0) fmt::print("failures: sweepd results --status failed {}\n", directory);
}

}  // namespace

void report_run(const Sweep& sweep, const std::string& directory, const RunTotals& totals,
                const MergeOutcome& outcome, const std::string& carry_on_line) {
  fmt::print("{}", counts_line(sweep, outcome.counts));
  if (totals.points > 0)
    fmt::print("; {} points in {} ({})", with_commas(totals.points), readable_time(totals.elapsed_s),
               readable_rate(static_cast<double>(totals.points) / std::max(totals.elapsed_s, 1e-6)));
  fmt::print("\n");
  show_reduced(outcome.reduced);
  show_failures(directory, outcome.counts);
  fmt::print("results: {}/results.json\n", directory);
  if (outcome.complete) return;
  if (totals.ending == Ending::too_many_failures)
    fmt::print(stderr, "sweepd: stopped, since too many points failed\n");
  fmt::print(stderr, "sweepd: stopped before the end, nothing finished is lost; carry on with: {}\n",
             carry_on_line);
}

void report_finished_before(const Sweep& sweep, const std::string& directory, const MergeCounts& counts,
                            const ReducedRows& reduced) {
  fmt::print("{}; finished before, nothing to run (--fresh starts anew)\n", counts_line(sweep, counts));
  show_reduced(reduced);
  show_failures(directory, counts);
  fmt::print("results: {}/results.json\n", directory);
}

}  // namespace sweepd
