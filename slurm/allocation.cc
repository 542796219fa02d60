#include "slurm/allocation.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string_view>

#include "runner/core/printable.h"
#include "runner/platform/process_identity.h"
#include "slurm/counts.h"
#include "slurm/node_list.h"

namespace sweepd {
namespace {

// Numbers from here on stand for steps without a number: batch, interactive, extern (slurm.h).
constexpr uint32_t first_special_step = 0xfffffff0;

class Environment {
 public:
  explicit Environment(const Variables& variable) : variable_(variable) {}

  /// Empty where not set.
  std::string_view text(const char* name) const {
    const char* const value = variable_(name);
    const std::string_view view = value == nullptr ? "" : value;
    return view == "(null)" ? "" : view;
  }

  template <typename Number>
  Result<void> read(const char* name, std::optional<Number>& into) const {
    const std::string_view value = text(name);
    if (value.empty()) return {};
    Number number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size())
      return malformed(name, "a whole number is expected");
    into = number;
    return {};
  }

  template <typename Number>
  Result<void> read(const char* name, Number& into) const {
    std::optional<Number> number;
    if (const Result<void> done = read(name, number); !done) return done;
    into = number.value_or(into);
    return {};
  }

  Result<void> read(const char* name, std::vector<uint32_t>& into) const {
    return read_list(name, into, parse_counts);
  }
  Result<void> read(const char* name, std::vector<std::string>& into) const {
    return read_list(name, into, parse_node_list);
  }

  tl::unexpected<Error> malformed(const char* name, const std::string& why) const {
    return failure(std::string(name) + "='" + printable(text(name).substr(0, 200)) +
                   "' is malformed: " + why +
                   "; Slurm sets it, see what changes it, or unset SLURM_JOB_ID to run outside of Slurm");
  }

 private:
  template <typename List, typename Parse>
  Result<void> read_list(const char* name, List& into, Parse parse) const {
    const std::string_view value = text(name);
    if (value.empty()) return {};
    auto list = parse(value);
    if (!list) return malformed(name, list.error().message);
    into = std::move(*list);
    return {};
  }

  const Variables& variable_;
};

Result<void> read_array(const Environment& environment, Allocation& allocation) {
  std::optional<uint32_t> job;
  std::optional<uint32_t> task;
  return environment.read("SLURM_ARRAY_JOB_ID", job)
      .and_then([&] { return environment.read("SLURM_ARRAY_TASK_ID", task); })
      .map([&] {
        if (job && task) allocation.array = ArrayTask{*job, *task};
      });
}

Result<void> read_nodes(const Environment& environment, Allocation& allocation) {
  const char* const list =
      environment.text("SLURM_JOB_NODELIST").empty() ? "SLURM_NODELIST" : "SLURM_JOB_NODELIST";
  std::vector<std::string> names;
  std::vector<uint32_t> cpus;
  const Result<void> done = environment.read(list, names).and_then([&] {
    return environment.read("SLURM_JOB_CPUS_PER_NODE", cpus);
  });
  if (!done) return done;
  if (!cpus.empty() && cpus.size() != names.size())
    return environment.malformed("SLURM_JOB_CPUS_PER_NODE", "it is for " + std::to_string(cpus.size()) +
                                                                " nodes, and " + list + " names " +
                                                                std::to_string(names.size()));
  cpus.resize(names.size());
  for (size_t node = 0; node < names.size(); ++node)
    allocation.nodes.push_back({std::move(names[node]), cpus[node]});
  return {};
}

Result<void> read_limits(const Environment& environment, Allocation& allocation) {
  const Result<void> done =
      environment.read("SLURM_CPUS_PER_TASK", allocation.cpus_per_task)
          .and_then([&] { return environment.read("SLURM_CPUS_ON_NODE", allocation.cpus_on_node); })
          .and_then([&] { return environment.read("SLURM_MEM_PER_CPU", allocation.memory_per_cpu_mib); })
          .and_then([&] { return environment.read("SLURM_MEM_PER_NODE", allocation.memory_per_node_mib); })
          .and_then([&] { return environment.read("SLURM_RESTART_COUNT", allocation.restarts); })
          .and_then([&] { return environment.read("SLURM_HET_SIZE", allocation.components); })
          .and_then([&] { return environment.read("SLURM_JOB_END_TIME", allocation.end_time); });
  // 0 asks for all that a node has.
  if (allocation.memory_per_cpu_mib == 0U) allocation.memory_per_cpu_mib.reset();
  if (allocation.memory_per_node_mib == 0U) allocation.memory_per_node_mib.reset();
  return done;
}

// Within a step these variables tell the step's tasks, not the job's.
Result<void> read_tasks(const Environment& environment, Allocation& allocation) {
  const Result<void> done = environment.read("SLURM_NTASKS", allocation.tasks).and_then([&] {
    return environment.read("SLURM_TASKS_PER_NODE", allocation.tasks_per_node);
  });
  if (allocation.tasks_per_node.size() != allocation.nodes.size()) allocation.tasks_per_node.clear();
  return done;
}

Result<void> read_step(const Environment& environment, Step& step) {
  const Result<void> done =
      environment.read("SLURM_STEP_NUM_TASKS", step.tasks)
          .and_then([&] { return environment.read("SLURM_PROCID", step.rank); })
          .and_then([&] { return environment.read("SLURM_LOCALID", step.local_rank); })
          .and_then([&] { return environment.read("SLURM_STEP_NODELIST", step.nodes); })
          .and_then([&] { return environment.read("SLURM_STEP_TASKS_PER_NODE", step.tasks_per_node); });
  if (step.tasks_per_node.size() != step.nodes.size()) step.tasks_per_node.clear();
  return done;
}

// SLURMD_NODENAME is set by the daemon that starts tasks; salloc's shell may have inherited an outer job's.
void find_node(const Environment& environment, Allocation& allocation) {
  const std::string_view node = environment.text("SLURMD_NODENAME");
  const bool granted = std::any_of(allocation.nodes.begin(), allocation.nodes.end(),
                                   [node](const GrantedNode& one) { return one.name == node; });
  if (granted) allocation.node = node;
}

// A job that was submitted from within another's step has inherited that one's step variables: they are
// believed unless the process above proves otherwise.
Result<Place> find_place(const Environment& environment, const std::optional<StepName>& enclosing,
                         Allocation& allocation) {
  if (enclosing && enclosing->job != allocation.job) allocation.node.clear();
  if (allocation.node.empty()) return Place::shell;
  std::optional<uint32_t> id;
  if (const Result<void> done = environment.read("SLURM_STEP_ID", id); !done)
    return tl::unexpected(done.error());
  if (!id || *id >= first_special_step || (enclosing && enclosing->step != id)) return Place::batch;
  allocation.step.emplace().id = *id;
  return Place::step;
}

Result<void> read_all(const Environment& environment, const std::optional<StepName>& enclosing,
                      Allocation& allocation) {
  const Result<void> done = read_array(environment, allocation)
                                .and_then([&] { return read_nodes(environment, allocation); })
                                .and_then([&] { return read_limits(environment, allocation); });
  if (!done) return done;
  find_node(environment, allocation);
  const Result<Place> place = find_place(environment, enclosing, allocation);
  if (!place) return tl::unexpected(place.error());
  allocation.place = *place;
  allocation.submit_folder = environment.text("SLURM_SUBMIT_DIR");
  return allocation.step ? read_step(environment, *allocation.step) : read_tasks(environment, allocation);
}

}  // namespace

uint64_t Allocation::cpus() const {
  uint64_t sum = 0;
  for (const GrantedNode& one : nodes) sum += one.cpus;
  return sum;
}

Result<std::optional<Allocation>> read_allocation(const Variables& variable,
                                                  const std::optional<StepName>& enclosing) {
  const Environment environment(variable);
  if (environment.text("SLURM_JOB_ID").empty()) return std::nullopt;
  if (environment.text("SLURM_JOB_NODELIST").empty() && environment.text("SLURM_NODELIST").empty())
    return std::nullopt;
  Allocation allocation;
  const Result<void> done = environment.read("SLURM_JOB_ID", allocation.job).and_then([&] {
    return read_all(environment, enclosing, allocation);
  });
  if (!done) return tl::unexpected(done.error());
  return allocation;
}

void name_node(Allocation& allocation, std::string_view host) {
  host = host.substr(0, host.find('.'));
  const auto is_host = [host](const GrantedNode& node) { return node.name == host; };
  if (allocation.place != Place::shell && std::ranges::any_of(allocation.nodes, is_host))
    allocation.node = host;
}

Result<std::optional<Allocation>> find_allocation() {
  if (std::getenv("SLURM_JOB_ID") == nullptr) return std::nullopt;
  auto allocation = read_allocation(std::getenv, enclosing_step());
  if (allocation && *allocation) {
    name_node(**allocation, host_name());
    if (!(*allocation)->node.empty()) setenv("SLURMD_NODENAME", (*allocation)->node.c_str(), 1);
  }
  return allocation;
}

}  // namespace sweepd
