#include "runner/core/core_plan_text.h"

#include <cstddef>
#include <vector>

#include "runner/core/core_units.h"

namespace sweepd {

namespace {

std::string counted(size_t number, const std::string& noun) {
  return std::to_string(number) + ' ' + noun + (number == 1 ? "" : "s");
}

/// `core 3` or `cores 0-3,8`.
std::string named(const std::string& noun, const CpuSet& numbers) {
  return noun + (numbers.count() == 1 ? " " : "s ") + numbers.text();
}

uint64_t package_and_node(const CoreUnit& unit) { return uint64_t{unit.package} << 32 | unit.node; }
uint64_t thread_count(const CoreUnit& unit) { return unit.cpus.count(); }

struct Places {
  CpuSet cores, nodes, packages;
};

Places places_of(const CoreUnits& units) {
  Places places;
  for (const CoreUnit& unit : units) {
    places.cores.insert(unit.core);
    places.nodes.insert(unit.node);
    places.packages.insert(unit.package);
  }
  return places;
}

/// Cores with equally many hardware threads: the first two and the last show the pattern.
std::string core_line(const CoreUnits& cores) {
  const size_t threads = cores.front().cpus.count();
  std::string line = "  " + named("core", places_of(cores).cores) + ": ";
  if (threads == 1) return line + named("cpu", cpus_of(cores)) + '\n';
  line += counted(threads, "hardware thread") + (cores.size() == 1 ? ":" : " each:");
  constexpr size_t shown_in_full = 8;
  const bool all = cores.size() <= shown_in_full;
  for (size_t i = 0; i < cores.size(); ++i) {
    if (all || i < 2 || i + 1 == cores.size()) line += ' ' + cores[i].cpus.text();
    if (!all && i == 2) line += " ...";
  }
  return line + '\n';
}

std::string node_lines(const CoreUnits& cores) {
  const CoreUnit& any = cores.front();
  std::string text = "package " + std::to_string(any.package) + ", NUMA node " + std::to_string(any.node) +
                     ": " + counted(cores.size(), "core") + ", " + named("cpu", cpus_of(cores)) + '\n';
  for (const CoreUnits& alike : split_by(thread_count, cores)) text += core_line(alike);
  return text;
}

std::string worker_line(const CpuTopology& topology, size_t number, const CpuSet& cpus) {
  const Places places = places_of(hardware_threads(topology, cpus));
  return "worker " + std::to_string(number) + ": " + named("cpu", cpus) + " (" + named("core", places.cores) +
         ", " + named("NUMA node", places.nodes) + ", " + named("package", places.packages) + ")\n";
}

}  // namespace

std::string describe_workers(const CpuTopology& topology, const CorePlan& plan) {
  if (!plan.workers.front().bound)
    return counted(plan.workers.size(), "worker") +
           ", not bound: " + named("cpu", plan.workers.front().cpus) + '\n';
  std::string text;
  for (size_t i = 0; i < plan.workers.size(); ++i) text += worker_line(topology, i, plan.workers[i].cpus);
  return text;
}

std::string describe(const CpuTopology& topology, const CpuSet& allowed, const CorePlan& plan) {
  CpuSet everything;
  for (const Processor& processor : topology.processors) everything.insert(processor.number);
  const CoreUnits usable = physical_cores(topology, allowed);
  std::string text = std::to_string(usable.size()) + " of " +
                     counted(physical_cores(topology, everything).size(), "core") + " may be used (" +
                     named("cpu", everything & allowed) + ")\n";
  for (const CoreUnits& part : split_by(package_and_node, usable)) text += node_lines(part);
  return text + describe_workers(topology, plan);
}

}  // namespace sweepd
