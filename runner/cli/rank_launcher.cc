#include "runner/cli/rank_launcher.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>

#include "runner/cli/messages.h"
#include "runner/platform/captured_program.h"
#include "runner/platform/child_process.h"
#include "runner/platform/inherited_signals.h"
#include "runner/platform/program.h"
#include "runner/platform/stop_signals.h"
#include "runner/platform/system_error.h"
#include "slurm/command_environment.h"
#include "workers/start/ranks/module.h"
#include "workers/start/ranks/rank_link.h"

namespace sweepd {
namespace {

bool is_local(const Sweep& sweep) {
  const StartMethod start = sweep.workers.start;
  return start != StartMethod::automatic && start != StartMethod::mpi;
}

void warn_of_idle_nodes(const Allocation& allocation) {
  if (allocation.nodes.size() < 2) return;
  report_warning(
      "only " + allocation.nodes.front().name + " of the " + std::to_string(allocation.nodes.size()) +
      " nodes of this job is used, since the start method is fork or spawn; leave it out to use all");
}

void set(const std::string& setting) {
  const size_t equals = setting.find('=');
  if (equals == std::string::npos)
    unsetenv(setting.c_str());
  else
    setenv(setting.substr(0, equals).c_str(), setting.substr(equals + 1).c_str(), 1);
}

Result<std::string> find_in_path(const std::string& program) {
  const char* const path = std::getenv("PATH");
  return find_program(program, path == nullptr ? "/usr/local/bin:/usr/bin:/bin" : path, "/");
}

Result<Mpirun> find_mpirun() {
  const auto path = find_in_path("mpirun");
  if (!path) return tl::unexpected(path.error());
  auto program = CapturedProgram::start(
      {.path = *path, .arguments = {"--version"}, .environment = current_environment()});
  if (!program) return tl::unexpected(program.error());
  const auto end = program->wait();
  if (!end) return tl::unexpected(end.error());
  return mpirun_of(end->out + end->err);
}

std::vector<char*> table_of(std::vector<std::string>& words) {
  std::vector<char*> table;
  for (std::string& word : words) table.push_back(word.data());
  table.push_back(nullptr);
  return table;
}

/// What is told to this process and not, as a terminal or Slurm does, to the launcher as well: it has a
/// process group of its own.
class Forwarding {
 public:
  void pass_on(const Child& child) {
    for (size_t i = 0; i < numbers.size(); ++i)
      for (; passed_[i] < signals_.count(numbers[i]); ++passed_[i]) kill(child.pid(), numbers[i]);
    if (signals_.pause_requested()) signals_.pause();
  }
  bool terminated() const { return signals_.count(SIGTERM) + signals_.count(SIGINT) > 0; }

 private:
  static constexpr std::array<int, 5> numbers = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};
  StopSignals signals_;
  std::array<int, numbers.size()> passed_{};
};

Result<LaunchEnd> await(Child& child, Forwarding& forwarding) {
  const sigset_t let_in = inherited_signals().mask();
  pollfd ended{child.pidfd(), POLLIN, 0};
  while (ppoll(&ended, 1, nullptr, &let_in) <= 0) forwarding.pass_on(child);
  const auto end = child.reap();
  if (!end) return tl::unexpected(end.error());
  return LaunchEnd{end->by_signal() ? 128 + end->signal() : end->exit_code(), forwarding.terminated()};
}

}  // namespace

bool launches_ranks(const Allocation& allocation, const Sweep& sweep) {
  if (!wants_ranks(allocation, sweep.slurm)) return false;
  if (!is_local(sweep)) return true;
  warn_of_idle_nodes(allocation);
  return allocation.place == Place::shell;
}

Result<RankStart> plan_launch(const Allocation& allocation, const Sweep& sweep, const RunRequest& request) {
  Allocation reached = allocation;
  SlurmOptions options = sweep.slurm;
  if (is_local(sweep)) {
    reached.nodes.resize(1);
    options.launcher = Launcher::srun;
    options.ranks = Ranks::per_node;
  }
  Result<Mpirun> mpirun = Mpirun::hydra;
  if (options.launcher == Launcher::mpirun) mpirun = find_mpirun();
  if (!mpirun) return tl::unexpected(mpirun.error());
  RankStart start =
      rank_start(reached, options, sweep.workers.cores, std::getenv("SLURM_MPI_TYPE") != nullptr, *mpirun);
  if (start.ranks > 1 && !has_mpi_module())
    return failure("this job has " + std::to_string(reached.nodes.size()) +
                   " nodes, which needs MPI, and this sweepd was built or installed without it (" +
                   mpi_module_path() + "); ask for one node (#SBATCH --nodes=1), or build sweepd with MPICH");
  std::error_code error;
  start.words.push_back(std::filesystem::read_symlink("/proc/self/exe", error));
  start.words.insert(start.words.end(), request.command_line.begin(), request.command_line.end());
  start.settings.push_back(std::string(batch_script_variable) + "=1");
  return start;
}

Result<LaunchEnd> launch(const RankStart& start) {
  for (const std::string& setting : start.settings) set(setting);
  const auto path = find_in_path(start.words.front());
  if (!path) return tl::unexpected(path.error());
  std::vector<std::string> words = start.words;
  std::vector<std::string> environment = current_environment();
  const UniqueFd nothing(open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!nothing) return refused("open", "/dev/null");
  Forwarding forwarding;
  auto child = start_child({.path = path->c_str(),
                            .argv = table_of(words).data(),
                            .envp = table_of(environment).data(),
                            .in_fd = nothing.get(),
                            .out_fd = STDOUT_FILENO,
                            .err_fd = STDERR_FILENO});
  if (!child) return tl::unexpected(child.error());
  return await(*child, forwarding);
}

}  // namespace sweepd
