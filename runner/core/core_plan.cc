#include "runner/core/core_plan.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include "runner/core/core_units.h"

namespace sweepd {

namespace {

std::string counted(uint64_t number, const std::string& noun) {
  return std::to_string(number) + ' ' + noun + (number == 1 ? "" : "s");
}

/// What can be dealt out and how to speak of it.
struct Supply {
  CoreUnits units;
  std::string noun;                ///< of one unit: "core"
  std::vector<CoreUnits> domains;  ///< for numa and package
  std::string domain;              ///< "NUMA node", "package" or empty
};

/// `2 cores: 0-1`; the numbers are the operating system's.
std::string describe(const Supply& supply) {
  const CpuSet cpus = cpus_of(supply.units);
  std::string text = counted(supply.units.size(), supply.noun);
  if (!supply.domain.empty()) text += " in " + counted(supply.domains.size(), supply.domain);
  text += cpus.count() == supply.units.size() ? ": " : ": hardware threads ";
  return text + cpus.text();
}

std::string advice(const WorkerOptions& options, const Supply& supply, size_t fit) {
  if (options.pin.unit == PinUnit::none) return "lower cores, or give a worker count";
  const std::string other =
      !supply.domain.empty() && supply.units.size() >= options.cores && options.cores > 1 ? "pin: core"
                                                                                          : "pin: none";
  return (fit == 0 ? "lower cores" : "use -j" + std::to_string(fit)) + ", or " + other;
}

/// `5 workers of 1 core asked for, but this process may use only 2 cores: 0-1; use -j2, or pin: none`.
tl::unexpected<Error> not_enough(const WorkerOptions& options, const Supply& supply, size_t fit) {
  std::string text = options.count ? counted(*options.count, "worker") : "workers";
  text += " of " + counted(options.cores, supply.noun);
  if (!supply.domain.empty() && options.cores > 1) text += " of one " + supply.domain;
  text += " asked for, but ";
  text += options.pin.unit == PinUnit::list ? "the pin list has only " : "this process may use only ";
  return failure(text + describe(supply) + "; " + advice(options, supply, fit));
}

WorkerShare worker_of(const CoreUnits& units) {
  WorkerShare worker{.cpus = cpus_of(units), .cores = static_cast<uint32_t>(units.size())};
  for (const CoreUnit& unit : units) worker.nodes.push_back(unit.node);
  std::sort(worker.nodes.begin(), worker.nodes.end());
  worker.nodes.erase(std::unique(worker.nodes.begin(), worker.nodes.end()), worker.nodes.end());
  return worker;
}

/// The first `options.count` of the groups there can be; without a count all of them.
Result<std::vector<WorkerShare>> workers_of(const WorkerOptions& options, const Supply& supply,
                                            const std::vector<CoreUnits>& groups) {
  const size_t count = options.count.value_or(static_cast<uint32_t>(groups.size()));
  if (count == 0 || count > groups.size()) return not_enough(options, supply, groups.size());
  std::vector<WorkerShare> workers;
  std::transform(groups.begin(), groups.begin() + static_cast<std::ptrdiff_t>(count),
                 std::back_inserter(workers), worker_of);
  return workers;
}

Result<std::vector<WorkerShare>> deal_domains(const WorkerOptions& options, const Supply& supply) {
  if (options.cores > 1) return workers_of(options, supply, groups_within(supply.domains, options.cores));
  const auto count = options.count.value_or(static_cast<uint32_t>(supply.domains.size()));
  if (count > supply.units.size()) return not_enough(options, supply, supply.units.size());
  return workers_of(options, supply, share_out(supply.domains, count));
}

/// All workers may run everywhere; only their number has to be found.
Result<std::vector<WorkerShare>> unbound_workers(const WorkerOptions& options, const Supply& supply) {
  const size_t fit = supply.units.size() / options.cores;
  if (!options.count && fit == 0) return not_enough(options, supply, fit);
  return std::vector<WorkerShare>(
      options.count.value_or(static_cast<uint32_t>(fit)),
      WorkerShare{.cpus = cpus_of(supply.units), .cores = options.cores, .bound = false});
}

Result<void> check_listed(uint32_t number, const CpuSet& seen, const CpuSet& present, const CpuSet& allowed) {
  const std::string who = "processor " + std::to_string(number) + " of the pin list ";
  if (seen.contains(number)) return failure(who + "is listed twice; list each once");
  if (!present.contains(number))
    return failure(who + "does not exist on this machine; it has " + present.text());
  if (!allowed.contains(number))
    return failure(who + "may not be used by this process; it may use " + (present & allowed).text());
  return {};
}

/// The listed hardware threads in the list's order.
Result<CoreUnits> listed_units(const std::string& list, const CpuTopology& topology, const CpuSet& allowed) {
  const auto ranges = parse_cpu_ranges(list);
  if (!ranges) return failure("pin: " + ranges.error().message);
  CpuSet present;
  for (const Processor& processor : topology.processors) present.insert(processor.number);
  CpuSet seen;
  std::vector<CoreUnit> units;
  for (const CpuRange& range : *ranges)
    for (uint64_t wide = range.first; wide <= range.last; wide += range.stride) {
      const auto number = static_cast<uint32_t>(wide);
      if (const auto good = check_listed(number, seen, present, allowed); !good)
        return tl::unexpected(good.error());
      seen.insert(number);
      const CoreUnits unit = hardware_threads(topology, {number});
      units.insert(units.end(), unit.begin(), unit.end());
    }
  return units;
}

Result<Supply> supply_for(const Pin& pin, const CpuTopology& topology, const CpuSet& allowed) {
  switch (pin.unit) {
    case PinUnit::hwthread:
      return Supply{hardware_threads(topology, allowed), "hardware thread", {}, {}};
    case PinUnit::list:
      return listed_units(pin.list, topology, allowed).map([](CoreUnits units) {
        return Supply{std::move(units), "hardware thread", {}, {}};
      });
    default:
      break;
  }
  Supply supply{physical_cores(topology, allowed), "core", {}, {}};
  if (pin.unit == PinUnit::numa) {
    supply.domains = split_by(node_of, supply.units);
    supply.domain = "NUMA node";
  } else if (pin.unit == PinUnit::package) {
    supply.domains = split_by(package_of, supply.units);
    supply.domain = "package";
  }
  return supply;
}

Result<std::vector<WorkerShare>> deal(const WorkerOptions& options, const Supply& supply) {
  switch (options.pin.unit) {
    case PinUnit::none:
      return unbound_workers(options, supply);
    case PinUnit::numa:
    case PinUnit::package:
      return deal_domains(options, supply);
    case PinUnit::list:
      return workers_of(options, supply, groups_in_order(supply.units, options.cores));
    case PinUnit::core:
    case PinUnit::hwthread:
      break;
  }
  return workers_of(options, supply, groups_close_together(supply.units, options.cores));
}

Result<void> check_request(const CpuTopology& topology, const CpuSet& allowed, const WorkerOptions& options) {
  if (options.count == 0u) return failure("0 workers asked for; ask for at least 1");
  if (options.count > max_workers)
    return failure(counted(*options.count, "worker") + " asked for; the most is " +
                   std::to_string(max_workers));
  if (options.cores == 0) return failure("workers of 0 cores asked for; ask for at least 1");
  if (hardware_threads(topology, allowed).empty())
    return failure("none of the machine's processors may be used by this process (affinity mask: " +
                   (allowed.empty() ? "empty" : allowed.text()) + "); start it with another mask or cpuset");
  return {};
}

}  // namespace

Result<CorePlan> plan_cores(const CpuTopology& topology, const CpuSet& allowed,
                            const WorkerOptions& options) {
  if (const auto good = check_request(topology, allowed, options); !good) return tl::unexpected(good.error());
  const Result<Supply> supply = supply_for(options.pin, topology, allowed);
  if (!supply) return tl::unexpected(supply.error());
  auto workers = deal(options, *supply);
  if (!workers) return tl::unexpected(workers.error());
  CorePlan plan{*std::move(workers), {}};
  for (CoreUnit& core : physical_cores(topology, cpus_of(supply->units)))
    plan.cores.push_back(std::move(core.cpus));
  return plan;
}

}  // namespace sweepd
