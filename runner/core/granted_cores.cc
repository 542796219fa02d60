#include "runner/core/granted_cores.h"

#include <algorithm>

#include "runner/core/core_units.h"

namespace sweepd {
namespace {

uint32_t most_threads_per_core(const CpuTopology& topology) {
  CpuSet everything;
  for (const Processor& processor : topology.processors) everything.insert(processor.number);
  size_t most = 1;
  for (const CoreUnit& core : physical_cores(topology, everything)) most = std::max(most, core.cpus.count());
  return static_cast<uint32_t>(most);
}

uint32_t count_cores(const CpuTopology& topology, const CpuSet& cpus) {
  return static_cast<uint32_t>(physical_cores(topology, cpus).size());
}

uint32_t rounded_up(uint32_t number, uint32_t divisor) { return (number + divisor - 1) / divisor; }

CpuSet first_of(const CoreUnits& threads, uint32_t number) {
  return cpus_of({threads.begin(), threads.begin() + number});
}

bool counts_threads(const Pin& pin) { return pin.unit == PinUnit::hwthread || pin.unit == PinUnit::list; }

/// Of a pin list that does not hold plan_cores() will complain.
uint64_t listed(const std::string& list) {
  const auto ranges = parse_cpu_ranges(list);
  uint64_t sum = 0;
  if (ranges)
    for (const CpuRange& range : *ranges) sum += (range.last - range.first) / range.stride + 1;
  return sum;
}

uint64_t asked_for(const WorkerOptions& options) {
  if (!options.count && options.pin.unit == PinUnit::list) return listed(options.pin.list);
  return uint64_t{options.count.value_or(1)} * options.cores;
}

}  // namespace

uint32_t GrantedCores::granted() const {
  return number ? std::max(cores, rounded_up(*number, cpus_per_core)) : cores;
}

GrantedCores granted_cores(const CpuTopology& topology, const CpuSet& mask, std::optional<uint32_t> number) {
  if (number == 0U) number.reset();
  GrantedCores granted{mask, mask, true, count_cores(topology, mask), number, 1};
  if (!number || granted.cores == 0) return granted;
  const CoreUnits threads = hardware_threads(topology, mask);
  granted.held = threads.size() <= *number || granted.cores == *number;
  if (!granted.held) {
    granted.cpus = first_of(threads, *number);
    granted.cores = count_cores(topology, granted.cpus);
  }
  granted.cpus_per_core = std::clamp(rounded_up(*number, granted.cores), 1U, most_threads_per_core(topology));
  return granted;
}

std::optional<Excess> excess(const GrantedCores& granted, const WorkerOptions& options) {
  if (!granted.number || (options.pin.unit == PinUnit::none && granted.held)) return std::nullopt;
  Excess found{asked_for(options), granted.granted(), counts_threads(options.pin)};
  if (found.threads)
    found.granted = std::max<uint64_t>(*granted.number, granted.held ? granted.cpus.count() : 0);
  return found.asked > found.granted ? std::optional(found) : std::nullopt;
}

Result<CorePlan> plan_granted_cores(const CpuTopology& topology, const GrantedCores& granted,
                                    WorkerOptions options) {
  const bool bind = granted.held || options.pin_is_chosen;
  if (!bind) options.pin = {PinUnit::none, {}};
  const bool everywhere = options.pin.unit == PinUnit::list;
  auto plan = plan_cores(topology, everywhere ? granted.mask : granted.cpus, options);
  if (!plan || granted.held || plan->workers.front().bound) return plan;
  for (WorkerShare& worker : plan->workers) worker.cpus = granted.mask;
  for (CpuSet& core : plan->cores) core = granted.mask;
  return plan;
}

}  // namespace sweepd
