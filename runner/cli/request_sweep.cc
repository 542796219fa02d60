#include "runner/cli/request_sweep.h"

#include <filesystem>

#include "configs/input_files.h"
#include "configs/sweep_file.h"
#include "configs/text_file.h"
#include "runner/cli/gang_size.h"
#include "runner/cli/job_grant.h"
#include "runner/cli/listed_commands.h"
#include "runner/cli/messages.h"
#include "runner/core/task_traits.h"
#include "runner/engine/code_files.h"
#include "runner/platform/topology.h"
#include "runner/platform/trusted_file.h"
#include "workers/tasks/command/command_files.h"
#include "workers/tasks/command/command_line.h"

namespace sweepd {
namespace {

/// The scaling kernel's one worker starts gangs on all cores; nothing else runs meanwhile. On another rank
/// than the first it has a part of them.
std::vector<Post> gang_post(const Crew& crew) {
  const WorkerShare share{.cpus = crew.allowed,
                          .cores = static_cast<uint32_t>(crew.plan.cores.size()),
                          .bound = false,
                          .gang_cores = crew.plan.cores};
  return {{.context = {.share = share}}};
}

std::vector<Post> posts_of(const CorePlan& plan) {
  std::vector<Post> posts;
  for (const WorkerShare& share : plan.workers) {
    const WorkerId worker{static_cast<uint32_t>(posts.size())};
    posts.push_back({.context = {.worker = worker, .share = share}, .slot = worker});
  }
  return posts;
}

tl::expected<Sweep, std::vector<Error>> load_text(const RunRequest& request) {
  if (!request.commands.empty()) {
    auto list = text_of_list(request.commands);
    if (!list) return tl::unexpected(std::vector{list.error()});
    return parse_sweep(std::move(*list), request.file);
  }
  if (request.copy.empty()) return load_requested_file(request.file);
  auto text = read_text_file(request.copy, sweep_file_limit);
  if (!text) return tl::unexpected(std::vector{text.error()});
  return parse_sweep(std::move(*text), request.file);
}

/// Loads the file and lets the command line win over it.
tl::expected<Sweep, std::vector<Error>> requested_sweep(const RunRequest& request) {
  auto sweep = load_text(request);
  if (sweep) override_by(request, *sweep);
  return sweep;
}

Result<StartMethod> method_of(StartMethod asked, bool launched) {
  if (!launched && asked == StartMethod::mpi)
    return failure(
        "start: mpi needs a launcher that starts the ranks, such as 'mpirun -np 8 sweepd run FILE' or 'srun "
        "--mpi=pmi2 sweepd run FILE'; or use fork or spawn");
  if (launched && asked != StartMethod::automatic && asked != StartMethod::mpi)
    return failure(std::string("started as several ranks, but the start method is ").append(name_of(asked)) +
                   "; leave the start method out, or start sweepd once, without mpirun or srun");
  if (launched) return StartMethod::mpi;
  return asked == StartMethod::automatic ? StartMethod::fork : asked;
}

/// What the sweep asks of one rank: of a number of workers its part. Gangs may use all cores of each rank.
WorkerOptions options_of_rank(const Sweep& sweep, const Launch& launch) {
  WorkerOptions part = sweep.workers;
  if (part.count) part.count = workers_of_rank(*part.count, launch.rank, launch.ranks);
  if (traits_of(sweep.task).leads_gangs && part.count == 0U) part.count.reset();
  return part;
}

Result<Crew> plan_own_crew(const Sweep& sweep, LaunchedRanks* ranks) {
  auto topology = read_topology();
  if (!topology) return tl::unexpected(topology.error());
  CpuSet cpus = allowed_processors();
  if (ranks == nullptr) return plan_crew(sweep, std::move(*topology), cpus, std::nullopt);
  const auto own = ranks->own_cpus(*topology, cpus);
  if (!own) return tl::unexpected(own.error());
  return plan_crew(sweep, std::move(*topology), *own, Launch{0, ranks->count()}, ranks->count_here());
}

/// `options` are those of one rank.
Result<CorePlan> plan_within_grant(Crew& crew, const WorkerOptions& all, const WorkerOptions& options,
                                   uint32_t ranks_here) {
  const auto grant = find_job_grant(ranks_here);
  if (!grant) return tl::unexpected(grant.error());
  crew.grant = *grant;
  crew.cores = granted_cores(crew.topology, crew.allowed, crew.grant ? crew.grant->cpus : std::nullopt);
  if (crew.grant)
    if (const auto checked = check_count(all, options, crew.cores, *crew.grant); !checked)
      return tl::unexpected(checked.error());
  return plan_granted_cores(crew.topology, crew.cores, options);
}

}  // namespace

tl::expected<Sweep, std::vector<Error>> load_requested_file(const std::string& file) {
  auto sweep = load_sweep(file);
  const std::string ending = std::filesystem::path(file).extension().string();
  if (!sweep && (ending.empty() || ending == ".txt" || ending == ".sh") && is_there(file).value_or(false))
    sweep.error().front().message += "; a list of commands is run by sweepd run --commands " + file;
  return sweep;
}

void override_by(const RunRequest& request, Sweep& sweep) {
  if (request.workers) {
    sweep.workers.count = request.workers;
    sweep.workers.count_where = {};
  }
  if (request.start) sweep.workers.start = *request.start;
  if (request.pin) {
    sweep.workers.pin = *request.pin;
    sweep.workers.pin_is_chosen = true;
  }
  if (request.chunk_size) sweep.chunks.size = request.chunk_size;
  if (request.schedule) sweep.chunks.schedule = *request.schedule;
}

Result<Crew> plan_crew(const Sweep& sweep, CpuTopology topology, const CpuSet& cpus,
                       std::optional<Launch> launch, uint32_t ranks_here) {
  const auto method = method_of(sweep.workers.start, launch.has_value());
  if (!method) return tl::unexpected(method.error());
  Crew crew{.topology = std::move(topology), .allowed = cpus, .method = *method};
  const WorkerOptions options = launch ? options_of_rank(sweep, *launch) : sweep.workers;
  if (options.count == 0U) return crew;  // fewer workers than ranks
  auto plan = plan_within_grant(crew, sweep.workers, options, ranks_here);
  if (!plan) return tl::unexpected(plan.error());
  crew.plan = std::move(*plan);
  crew.posts = traits_of(sweep.task).leads_gangs ? gang_post(crew) : posts_of(crew.plan);
  if (launch) return crew;  // whether gangs fit is known once all ranks have their cores
  if (auto checked = check_gangs(sweep, crew.plan.cores.size(), "this process"); !checked)
    return tl::unexpected(checked.error());
  return crew;
}

std::string sweep_directory_path(const Sweep& sweep, const RunRequest& request) {
  namespace fs = std::filesystem;
  const fs::path given = request.output.empty() ? fs::path(sweep.output.dir) : fs::absolute(request.output);
  fs::path path = fs::path(sweep.directory) / (given.empty() ? fs::path(sweep.name + ".sweep") : given);
  path = path.lexically_normal();
  return path.has_filename() ? path.string() : path.parent_path().string();
}

Result<void> check_task(const Sweep& sweep) {
  const Program* const program = traits_of(sweep.task).program;
  return program == nullptr ? Result<void>{} : check_program(*program, sweep.directory);
}

std::vector<Error> input_errors(const Sweep& sweep) {
  const Program* const program = traits_of(sweep.task).program;
  if (program == nullptr) return {};
  return find_inputs(program->inputs, sweep.directory).errors;
}

std::vector<CodeFile> code_of(const Sweep& sweep, const std::vector<Code>& known) {
  const Program* const program = traits_of(sweep.task).program;
  if (program == nullptr) return {};
  std::vector<CodeFile> files = files_named_by(*program, sweep.directory);
  const std::vector<CodeFile> inputs = find_inputs(program->inputs, sweep.directory).files;
  files.insert(files.end(), inputs.begin(), inputs.end());
  hash_files(files, sweep.directory, known);
  return files;
}

std::optional<Sweep> prepare_sweep(const RunRequest& request) {
  auto sweep = requested_sweep(request);
  if (!sweep) {
    report_errors(sweep.error());
    return std::nullopt;
  }
  std::vector<Error> errors = input_errors(*sweep);
  if (const auto checked = check_task(*sweep); !checked) errors.insert(errors.begin(), checked.error());
  report_errors(errors);
  if (!errors.empty()) return std::nullopt;
  return std::move(*sweep);
}

/// Memory is watched of programs only.
void heed_grant(const Sweep& sweep, Crew& crew, bool quiet) {
  if (!crew.grant || crew.posts.empty()) return;
  std::optional<std::string> memory;
  if (traits_of(sweep.task).program != nullptr) {
    memory = memory_warning(sweep.limits, crew.posts.size(), *crew.grant);
    for (Post& post : crew.posts)
      post.context.share.memory_bytes = memory_share(crew.posts.size(), *crew.grant);
  }
  for (const auto& warning : {not_held_warning(sweep.workers, crew.cores, *crew.grant), memory})
    if (warning && !quiet) report_warning(*warning);
}

std::optional<Job> prepare_job(std::optional<Sweep> sweep, LaunchedRanks* ranks, bool quiet) {
  if (!sweep) return std::nullopt;
  auto crew = plan_own_crew(*sweep, ranks);
  if (!crew) {
    report_error(crew.error());
    return std::nullopt;
  }
  heed_grant(*sweep, *crew, quiet);
  return Job{std::move(*sweep), std::move(*crew)};
}

std::vector<CpuSet> cpus_of(const std::vector<Post>& posts) {
  std::vector<CpuSet> cpus;
  for (const Post& post : posts) cpus.push_back(post.context.share.cpus);
  return cpus;
}

}  // namespace sweepd
