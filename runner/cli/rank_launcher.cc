#include "runner/cli/rank_launcher.h"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "runner/cli/messages.h"
#include "runner/platform/system_error.h"
#include "slurm/rank_start.h"
#include "workers/start/ranks/module.h"

namespace sweepd {
namespace {

void set(const std::string& setting) {
  const size_t equals = setting.find('=');
  if (equals == std::string::npos)
    unsetenv(setting.c_str());
  else
    setenv(setting.substr(0, equals).c_str(), setting.substr(equals + 1).c_str(), 1);
}

[[nodiscard]] Error become(const std::vector<std::string>& words) {
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  execvp(argv[0], argv.data());
  return system_error("start", words[0], errno);
}

}  // namespace

bool launches_ranks(const Allocation& allocation, const Sweep& sweep) {
  if (!wants_ranks(allocation, sweep.slurm)) return false;
  const StartMethod start = sweep.workers.start;
  if (start == StartMethod::automatic || start == StartMethod::mpi) return true;
  report_warning(
      "only " + allocation.node + " of the " + std::to_string(allocation.nodes.size()) +
      " nodes of this job is used, since the start method is fork or spawn; leave it out to use all");
  return false;
}

Error launch_ranks(const Allocation& allocation, const Sweep& sweep, const RunRequest& request) {
  const std::string nodes = std::to_string(allocation.nodes.size());
  if (!has_mpi_module())
    return {.message = "this job has " + nodes +
                       " nodes, which needs MPI, and this sweepd was built or installed without it (" +
                       mpi_module_path() +
                       "); ask for one node (#SBATCH --nodes=1), or build sweepd with MPICH",
            .where = {}};
  std::error_code error;
  const std::string program = std::filesystem::read_symlink("/proc/self/exe", error);
  RankStart start =
      rank_start(allocation, sweep.slurm, sweep.workers.cores, std::getenv("SLURM_MPI_TYPE") != nullptr);
  for (const std::string& setting : start.settings) set(setting);
  start.words.push_back(program);
  start.words.insert(start.words.end(), request.command_line.begin(), request.command_line.end());
  return become(start.words);
}

}  // namespace sweepd
