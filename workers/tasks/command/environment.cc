#include "workers/tasks/command/environment.h"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "runner/core/json.h"
#include "runner/core/program_seeds.h"
#include "runner/platform/memory_file.h"
#include "workers/tasks/command/launcher_settings.h"

namespace sweepd {
namespace {

// Whole families of variables that only launchers set: MPICH's Hydra and other PMI servers, Open MPI's mpirun
// and prterun, srun.
constexpr std::array<std::string_view, 22> internal_prefixes = {
    "PMI_",           "PMI2_",          "PMIX_",
    "HYDI_",          "MPI_LOCAL",      "ORTE_",
    "PRTE_",          "OMPI_COMM_",     "OMPI_UNIVERSE_",
    "OMPI_APP_CTX_",  "OMPI_FIRST_",    "OMPI_NUM_APP_",
    "OMPI_FILE_LOC",  "OMPI_ARGV",      "OMPI_COMMAND",
    "OMPI_MCA_orte_", "OMPI_MCA_ess",   "OMPI_MCA_pmix",
    "SLURM_STEP_",    "SLURM_CPU_BIND", "SLURM_SRUN_COMM_",
    "SLURM_PMI"};

// Names from srun that say which process of a step this is.
constexpr std::array<std::string_view, 7> internal_names = {
    "SLURM_PROCID",   "SLURM_LOCALID",           "SLURM_NODEID", "SLURM_STEPID", "SLURM_GTIDS",
    "SLURM_TASK_PID", "SLURM_LAUNCH_NODE_IPADDR"};

// Within a family of the above, the settings of a user.
bool is_setting(std::string_view name) {
  const auto begins = [name](std::string_view prefix) { return name.starts_with(prefix); };
  return begins("PMIX_MCA_") || begins("PRTE_MCA_") || begins("PRTE_ALLOW_");
}

constexpr std::array<std::string_view, 4> thread_counts = {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS",
                                                           "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"};

std::string_view name_of_variable(std::string_view variable) {
  return variable.substr(0, variable.find('='));
}

}  // namespace

bool is_launcher_internal(std::string_view name) {
  if (is_setting(name)) return false;
  return std::ranges::find(internal_names, name) != internal_names.end() ||
         std::ranges::any_of(internal_prefixes,
                             [name](std::string_view prefix) { return name.starts_with(prefix); });
}

Environment::Environment(const char* const* user, const WorkerContext& worker,
                         std::vector<std::string> parameters)
    : parameters_(std::move(parameters)) {
  for (; *user != nullptr; ++user) {
    const std::string_view variable = *user;
    const bool is_well_formed = variable.find('=') != std::string_view::npos;
    if (is_well_formed && is_taken_over(name_of_variable(variable))) fixed_.emplace_back(variable);
  }
  keep_launchers_in_place(worker);
  for (const std::string_view name : thread_counts) set_unless_set(name, std::to_string(worker.share.cores));
  set_unless_set("SWEEPD_WORKER", std::to_string(worker.worker.number));
  set_unless_set("SWEEPD_CPUS", worker.share.cpus.text());
  set_unless_set("SWEEPD_CORES", std::to_string(worker.share.cores));
  for (std::string& variable : fixed_) table_.push_back(variable.data());
}

/// Of MPI programs and srun; what the user has set wins.
void Environment::keep_launchers_in_place(const WorkerContext& worker) {
  const VariableValue user = [this](std::string_view name) { return value(name, ""); };
  const std::vector<std::string> settings = mpi_settings(user);
  const JobPart part = job_part(user, worker.share.cpus);
  for (const std::string& setting : settings) set_unless_set(setting);
  for (const std::string_view name : part.left_out) leave_out(name);
  for (const std::string& setting : part.values) {
    leave_out(name_of_variable(setting));
    set_unless_set(setting);
  }
  for (const std::string& setting : part.unless_set) set_unless_set(setting);
  if (!part.needs_host_file) return;
  hosts_ = memory_file("sweepd-hosts", host_file_text(part.node));  // opened by its number in this process
  if (hosts_)
    set_unless_set("SLURM_HOSTFILE",
                   "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(hosts_.get()));
}

void Environment::leave_out(std::string_view name) {
  std::erase_if(fixed_, [name](const std::string& variable) { return name_of_variable(variable) == name; });
}

void Environment::set_unless_set(std::string_view setting) {
  const std::string_view name = name_of_variable(setting);
  set_unless_set(name, setting.substr(name.size() + 1));
}

bool Environment::is_taken_over(std::string_view name) const {
  return !name.starts_with("SWEEPD_") && !is_launcher_internal(name) &&
         std::ranges::find(parameters_, name) == parameters_.end();
}

void Environment::set_unless_set(std::string_view name, std::string_view value) {
  const auto is_it = [name](const std::string& variable) { return name_of_variable(variable) == name; };
  if (std::ranges::any_of(fixed_, is_it) || std::ranges::find(parameters_, name) != parameters_.end()) return;
  fixed_.push_back(std::string(name).append("=").append(value));
}

std::string_view Environment::value(std::string_view name, std::string_view otherwise) const {
  for (const std::string& variable : fixed_)
    if (name_of_variable(variable) == name) return std::string_view(variable).substr(name.size() + 1);
  return otherwise;
}

// The strings stay in place from point to point, so that their memory is used again.
std::string& Environment::next_variable(std::string_view name) {
  if (changing_used_ == changing_.size()) changing_.emplace_back();
  std::string& variable = changing_[changing_used_++];
  variable.assign(name).push_back('=');
  return variable;
}

void Environment::begin(const PointContext& context, std::span<const std::string_view> unless) {
  changing_used_ = 0;
  append_json(next_variable("SWEEPD_INDEX"), context.index);
  next_variable("SWEEPD_ID").append(context.id);
  append_json(next_variable("SWEEPD_SEED"), program_seed(context.seed));
  append_json(next_variable("SWEEPD_SEED64"), program_seed64(context.seed));
  append_json(next_variable("SWEEPD_ATTEMPT"), uint64_t{context.attempt});
  next_variable("SWEEPD_PARAMS").append(context.params_json);
  if (parameters_.empty()) return;
  for (const Parameter& parameter : context.point)
    if (std::ranges::find(unless, parameter.name) == unless.end())
      append_text(next_variable(parameter.name), parameter.value);
}

char* const* Environment::table() {
  table_.resize(fixed_.size());
  for (size_t i = 0; i < changing_used_; ++i) table_.push_back(changing_[i].data());
  table_.push_back(nullptr);
  return table_.data();
}

}  // namespace sweepd
