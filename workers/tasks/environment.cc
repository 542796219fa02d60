#include "workers/tasks/environment.h"

#include <algorithm>
#include <array>

#include "runner/core/json.h"

namespace sweepd {
namespace {

// Whole families of variables that only launchers set: MPICH's Hydra and other PMI servers, Open MPI's mpirun
// and prterun, srun.
constexpr std::array<std::string_view, 12> internal_prefixes = {
    "PMI_",  "PMI2_", "PMIX_",       "HYDI_",          "MPI_LOCAL",        "OMPI_",
    "ORTE_", "PRTE_", "SLURM_STEP_", "SLURM_CPU_BIND", "SLURM_SRUN_COMM_", "SLURM_PMI"};

// Names from srun that say which process of a step this is.
constexpr std::array<std::string_view, 7> internal_names = {
    "SLURM_PROCID",   "SLURM_LOCALID",           "SLURM_NODEID", "SLURM_STEPID", "SLURM_GTIDS",
    "SLURM_TASK_PID", "SLURM_LAUNCH_NODE_IPADDR"};

// Within a family of the above, the settings of a user.
bool is_setting(std::string_view name) {
  const auto begins = [name](std::string_view prefix) { return name.starts_with(prefix); };
  if (begins("OMPI_MCA_orte_") || begins("OMPI_MCA_ess") || begins("OMPI_MCA_pmix")) return false;
  return begins("OMPI_MCA_") || begins("PRTE_MCA_");
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
  for (const std::string_view name : thread_counts) set_unless_set(name, std::to_string(worker.cores));
  set_unless_set("SWEEPD_WORKER", std::to_string(worker.worker));
  set_unless_set("SWEEPD_CPUS", worker.cpus);
  for (std::string& variable : fixed_) table_.push_back(variable.data());
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

char* const* Environment::of(const PointContext& context) {
  changing_used_ = 0;
  append_json(next_variable("SWEEPD_INDEX"), context.index);
  next_variable("SWEEPD_ID").append(context.id);
  append_json(next_variable("SWEEPD_SEED"), context.seed);
  next_variable("SWEEPD_PARAMS").append(context.params_json);
  if (!parameters_.empty())
    for (const Parameter& parameter : context.point)
      append_text(next_variable(parameter.name), parameter.value);
  table_.resize(fixed_.size());
  for (size_t i = 0; i < changing_used_; ++i) table_.push_back(changing_[i].data());
  table_.push_back(nullptr);
  return table_.data();
}

}  // namespace sweepd
