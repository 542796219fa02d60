#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "runner/cli/command_line_text.h"
#include "runner/cli/exit_status.h"
#include "runner/cli/messages.h"
#include "runner/cli/request_sweep.h"
#include "runner/cli/requests.h"
#include "runner/cli/terminal.h"
#include "runner/core/json.h"
#include "runner/core/point_facts.h"
#include "runner/core/printable.h"
#include "runner/core/program_seeds.h"
#include "runner/core/task_traits.h"
#include "runner/platform/inherited_signals.h"
#include "workers/start/local_pool.h"
#include "workers/tasks/command/command_line.h"
#include "workers/tasks/make_runner.h"

namespace sweepd {
namespace {

int run_kernel(const Sweep& sweep, const PointFacts& facts, const WorkerContext& worker) {
  std::string result;
  const Outcome outcome = make_runner(sweep, worker)->run(context_of(facts), result);
  if (outcome.failure) {
    report_error(Error{outcome.failure->message, {}});
    return some_points_failed;
  }
  put("{}\n", result);
  return every_point_ok;
}

/// Runs the program with this process's terminal and waits for it; returns its wait status.
Result<int> run_in_foreground(const std::string& program, char* const* argv, char* const* variables,
                              const std::string& directory) {
  const pid_t pid = fork();
  if (pid < 0) return failure(fmt::format("cannot fork: {}", std::strerror(errno)));
  if (pid == 0) {
    restore_inherited_signals();
    if (chdir(directory.c_str()) == 0) execve(program.c_str(), argv, variables);
    _exit(127);
  }
  // An interrupt from the terminal reaches the command, and it is for the command to answer.
  signal(SIGINT, SIG_IGN);
  signal(SIGQUIT, SIG_IGN);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

int run_program(const Sweep& sweep, const Program& program, const PointFacts& facts,
                const WorkerContext& worker) {
  CommandLine line(sweep, program, worker);
  if (const auto filled = line.fill(context_of(facts)); !filled) {
    report_error(filled.error());
    return wrong_request;
  }
  tell("sweepd: running {}\n", printable_line(command_line_text(line.arguments())));
  const Result<std::string>& path = line.find_program();
  if (!path) {
    report_error(path.error());
    return wrong_request;
  }
  const auto status = run_in_foreground(*path, line.argv(), line.environment(), sweep.directory);
  if (!status) {
    report_error(status.error());
    return system_failure;
  }
  if (*status == 0) return every_point_ok;
  tell("sweepd: the command {}\n", describe_wait_status(*status));
  return some_points_failed;
}

}  // namespace

int point_command(const PointRequest& request) {
  const auto job = prepare_job(prepare_sweep({.file = request.file}));
  if (!job) return wrong_request;
  const auto& [sweep, crew] = *job;
  if (request.index >= sweep.size()) {
    report_error(Error{fmt::format("there is no point {}; {} has the points 0 to {}", request.index,
                                   request.file, sweep.size() - 1),
                       {}});
    return wrong_request;
  }
  const PointFacts facts = point_facts(sweep, request.index);
  tell("sweepd: point {} of {}, id {}, seed {}, seed64 {}\nsweepd: {}\n", request.index,
       printable_line(sweep.name), text_of(facts.id), program_seed(facts.seed), program_seed64(facts.seed),
       printable_line(facts.params_json));
  // As a worker would be: what is slow there is slow here.
  const Post& post = crew.posts.front();
  if (const auto bound = bind_to(post.context.share); !bound) report_warning(bound.error().text());
  const Program* const program = traits_of(sweep.task).program;
  return program != nullptr ? run_program(sweep, *program, facts, post.context)
                            : run_kernel(sweep, facts, post.context);
}

}  // namespace sweepd
