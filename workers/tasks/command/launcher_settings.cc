#include "workers/tasks/command/launcher_settings.h"

#include <algorithm>
#include <array>

namespace sweepd {
namespace {

struct Setting {
  std::string_view variable;  // NAME=value
  std::string_view unless;    // another name by which the user has decided the same
};

// RMK, ras: where nodes come from. rtc: what does Open MPI's binding, also where an option such as `--bind-to
// core` asks for it; without it ranks keep the worker's cores. Hydra binds only where it is asked to, and
// knows no such thing.
constexpr std::array<Setting, 7> mpi = {{{"HYDRA_RMK=user", ""},
                                         {"OMPI_MCA_ras=^slurm", ""},
                                         {"OMPI_MCA_hwloc_base_binding_policy=none", ""},
                                         {"OMPI_MCA_rtc=^hwloc", "OMPI_MCA_hwloc_base_binding_policy"},
                                         {"PRTE_MCA_ras=^slurm", ""},
                                         {"PRTE_MCA_hwloc_default_binding_policy=none", ""},
                                         {"PRTE_MCA_rtc=^hwloc", "PRTE_MCA_hwloc_default_binding_policy"}}};

// How the tasks of the whole job lie, and what would make srun choose cores anew (-c, --exact).
constexpr std::array<std::string_view, 7> of_whole_job = {"SLURM_NTASKS_PER_NODE",  "SLURM_NTASKS_PER_SOCKET",
                                                          "SLURM_NTASKS_PER_CORE",  "SLURM_DISTRIBUTION",
                                                          "SLURM_THREADS_PER_CORE", "SLURM_HINT",
                                                          "SRUN_CPUS_PER_TASK"};

// A step of more tasks is not one for a worker.
constexpr int most_tasks = 1024;

std::string_view name_of(std::string_view variable) { return variable.substr(0, variable.find('=')); }

bool is_set(const VariableValue& user, std::string_view name) { return !name.empty() && !user(name).empty(); }

/// As srun's --cpu-bind takes it: bit n is processor n.
std::string hexadecimal(const CpuSet& cpus) {
  std::string digits;
  uint32_t last = 0;
  for (const uint32_t cpu : cpus) last = cpu;
  for (uint32_t digit = last / 4 + 1; digit-- > 0;) {
    unsigned value = 0;
    for (unsigned bit = 0; bit < 4; ++bit) value |= cpus.contains(4 * digit + bit) ? 1U << bit : 0U;
    digits += "0123456789abcdef"[value];
  }
  return "0x" + digits;
}

}  // namespace

std::vector<std::string> mpi_settings(const VariableValue& user) {
  std::vector<std::string> settings;
  for (const Setting& setting : mpi)
    if (!is_set(user, name_of(setting.variable)) && !is_set(user, setting.unless))
      settings.emplace_back(setting.variable);
  return settings;
}

JobPart job_part(const VariableValue& user, const CpuSet& cpus) {
  JobPart part;
  part.node = user("SLURMD_NODENAME");
  if (user("SLURM_JOB_ID").empty() || part.node.empty()) return {};
  const std::string count = std::to_string(std::max(cpus.count(), size_t{1}));
  for (const char* name :
       {"SLURM_NTASKS", "SLURM_NPROCS", "SLURM_JOB_NUM_NODES", "SLURM_NNODES", "SLURM_TASKS_PER_NODE"})
    part.values.push_back(std::string(name) + "=1");
  for (const char* name : {"SLURM_JOB_NODELIST", "SLURM_NODELIST"})
    part.values.push_back(std::string(name) + '=' + part.node);
  for (const char* name : {"SLURM_JOB_CPUS_PER_NODE", "SLURM_CPUS_ON_NODE"})
    part.values.push_back(std::string(name) + '=' + count);
  if (is_set(user, "SLURM_CPUS_PER_TASK")) part.values.push_back("SLURM_CPUS_PER_TASK=" + count);
  if (!cpus.empty()) part.values.push_back("SLURM_CPU_BIND=quiet,mask_cpu:" + hexadecimal(cpus));
  part.left_out.assign(of_whole_job.begin(), of_whole_job.end());
  part.unless_set.emplace_back("SLURM_OVERLAP=1");
  const std::string_view nodes = user("SLURM_JOB_NUM_NODES");
  part.needs_host_file = !nodes.empty() && nodes != "1" && !is_set(user, "SLURM_HOSTFILE");
  return part;
}

std::string host_file_text(std::string_view node) {
  std::string text;
  for (int task = 0; task < most_tasks; ++task) text.append(node).push_back('\n');
  return text;
}

}  // namespace sweepd
