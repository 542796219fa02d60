#include "slurm/command_environment.h"

#include <unistd.h>

#include <algorithm>
#include <string_view>

namespace sweepd {
namespace {

std::string_view name_of(std::string_view variable) { return variable.substr(0, variable.find('=')); }

bool is_of_this_job(std::string_view name) {
  // How to reach and to be known by the controller: the user's or the site's setting.
  constexpr std::string_view kept[] = {"SLURM_CONF", "SLURM_JWT", "SLURM_CLUSTERS"};
  if (std::find(std::begin(kept), std::end(kept), name) != std::end(kept)) return false;
  constexpr std::string_view prefixes[] = {"SLURM_", "SLURMD_", "PMI_",  "PMIX_",    "HYDRA_",
                                           "HYDI_",  "OMPI_",   "PRTE_", "MPI_LOCAL"};
  return std::any_of(std::begin(prefixes), std::end(prefixes),
                     [name](std::string_view prefix) { return name.starts_with(prefix); });
}

}  // namespace

std::vector<std::string> reading_environment(const std::vector<std::string>& environment) {
  std::vector<std::string> result;
  std::copy_if(environment.begin(), environment.end(), std::back_inserter(result),
               [](const std::string& variable) {
                 return name_of(variable) != "TZ" && name_of(variable) != "SLURM_TIME_FORMAT";
               });
  result.insert(result.end(), {"TZ=UTC0", "SLURM_TIME_FORMAT=standard"});
  return result;
}

std::vector<std::string> submitting_environment(const std::vector<std::string>& environment) {
  std::vector<std::string> result;
  std::copy_if(environment.begin(), environment.end(), std::back_inserter(result),
               [](const std::string& variable) { return !is_of_this_job(name_of(variable)); });
  return result;
}

std::vector<std::string> current_environment() {
  std::vector<std::string> result;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable)
    result.emplace_back(*variable);
  return result;
}

}  // namespace sweepd
