#include "runner/cli/request_sweep.h"

#include <cstdlib>
#include <filesystem>

#include "configs/sweep_file.h"
#include "runner/cli/messages.h"
#include "runner/platform/atomic_file.h"
#include "runner/platform/topology.h"
#include "workers/tasks/command.h"

namespace sweepd {
namespace {

/// A gang larger than the cores there are is an error unless the task says otherwise.
Result<void> check_gangs(const Sweep& sweep, const ScalingTask& task, const CorePlan& plan) {
  std::optional<Error> error;
  sweep.space->visit("workers", [&](const Value& value, const SourcePosition& where) {
    if (task.oversubscribe || value.number() <= static_cast<double>(plan.cores.size())) return true;
    error = Error{std::to_string(static_cast<uint64_t>(value.number())) +
                      " workers asked for, but this process may use " + std::to_string(plan.cores.size()) +
                      " cores; ask for fewer, or set oversubscribe: true beside the kernel",
                  where};
    return false;
  });
  if (error) return tl::unexpected(*error);
  return {};
}

/// The scaling kernel's one worker starts gangs on all cores; nothing else runs meanwhile.
std::vector<Post> gang_post(const Crew& crew) {
  Post post{.bind = false};
  post.context.cpus = crew.allowed.text();
  post.context.cores = static_cast<uint32_t>(crew.plan.cores.size());
  for (const CpuSet& core : crew.plan.cores) post.context.gang_cpus.push_back(core.text());
  return {post};
}

std::vector<Post> posts_of(const CorePlan& plan) {
  std::vector<Post> posts;
  for (const WorkerCores& cores : plan.workers) {
    Post post{.bind = plan.bound, .numa_nodes = cores.nodes};
    post.context.worker = static_cast<uint32_t>(posts.size());
    post.context.cores = cores.cores;
    post.context.cpus = cores.cpus.text();
    posts.push_back(std::move(post));
  }
  return posts;
}

/// A launcher's ranks would be as many coordinators in one sweep directory.
Result<void> check_started_once() {
  for (const char* name : {"PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "SLURM_STEP_NUM_TASKS"}) {
    const char* ranks = std::getenv(name);
    if (ranks != nullptr && std::atoi(ranks) > 1)
      return failure(
          "started " + std::string(ranks) + " times at once (" + name + "=" + ranks +
          "), and this version of sweepd does not run as several ranks yet; start it once, without "
          "mpirun or srun: it starts a worker on every core by itself");
  }
  return {};
}

/// Fails on more workers (or a larger gang) than there are cores.
Result<Crew> plan_crew(const Sweep& sweep) {
  if (sweep.workers.start == StartMethod::mpi)
    return failure("this version of sweepd does not have the start method mpi yet; use fork or spawn");
  if (auto once = check_started_once(); !once) return tl::unexpected(once.error());
  auto topology = read_topology();
  if (!topology) return tl::unexpected(topology.error());
  Crew crew{.topology = std::move(*topology), .allowed = allowed_processors(), .plan = {}, .posts = {}};
  if (sweep.workers.start == StartMethod::spawn) crew.method = StartMethod::spawn;
  auto plan = plan_cores(crew.topology, crew.allowed, sweep.workers);
  if (!plan) return tl::unexpected(plan.error());
  crew.plan = std::move(*plan);
  const auto* scaling = std::get_if<ScalingTask>(&sweep.task);
  crew.posts = scaling != nullptr ? gang_post(crew) : posts_of(crew.plan);
  if (scaling == nullptr) return crew;
  if (auto checked = check_gangs(sweep, *scaling, crew.plan); !checked)
    return tl::unexpected(checked.error());
  return crew;
}

tl::expected<Sweep, std::vector<Error>> load_text(const RunRequest& request) {
  if (request.copy.empty()) return load_sweep(request.file);
  auto text = read_file(request.copy);
  if (!text) return tl::unexpected(std::vector{text.error()});
  return parse_sweep(std::move(*text), request.file);
}

/// Loads the file and lets the command line win over it.
tl::expected<Sweep, std::vector<Error>> requested_sweep(const RunRequest& request) {
  auto sweep = load_text(request);
  if (!sweep) return sweep;
  if (request.workers) sweep->workers.count = request.workers;
  if (request.start) sweep->workers.start = *request.start;
  if (request.pin) sweep->workers.pin = *request.pin;
  if (request.chunk_size) sweep->chunks.size = request.chunk_size;
  if (request.schedule) sweep->chunks.schedule = *request.schedule;
  return sweep;
}

}  // namespace

std::string sweep_directory_path(const Sweep& sweep, const RunRequest& request) {
  namespace fs = std::filesystem;
  const fs::path given = request.output.empty() ? fs::path(sweep.output.dir) : fs::absolute(request.output);
  fs::path path = fs::path(sweep.directory) / (given.empty() ? fs::path(sweep.name + ".sweep") : given);
  path = path.lexically_normal();
  return path.has_filename() ? path.string() : path.parent_path().string();
}

Result<void> check_task(const Sweep& sweep) {
  const auto* command = std::get_if<CommandTask>(&sweep.task);
  return command == nullptr ? Result<void>{} : check_command(*command, sweep.directory);
}

std::optional<Job> prepare_job(const RunRequest& request) {
  auto sweep = requested_sweep(request);
  if (!sweep) {
    report_errors(sweep.error());
    return std::nullopt;
  }
  const Result<void> checked = check_task(*sweep);
  auto crew = plan_crew(*sweep);
  if (!checked || !crew) {
    report_error(checked ? crew.error() : checked.error());
    return std::nullopt;
  }
  return Job{std::move(*sweep), std::move(*crew)};
}

const char* name_of(StartMethod method) {
  switch (method) {
    case StartMethod::spawn:
      return "spawn";
    case StartMethod::mpi:
      return "mpi";
    case StartMethod::automatic:
    case StartMethod::fork:
      break;
  }
  return "fork";
}

}  // namespace sweepd
