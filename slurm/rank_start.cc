#include "slurm/rank_start.h"

#include <algorithm>

namespace sweepd {
namespace {

std::string option(const std::string& name, uint64_t value) { return name + "=" + std::to_string(value); }

bool all_alike(const std::vector<GrantedNode>& nodes) {
  return nodes.front().cpus != 0 &&
         std::ranges::all_of(nodes, [&](const GrantedNode& node) { return node.cpus == nodes.front().cpus; });
}

/// How many ranks there are on each node; 0: not as many on each.
struct Shape {
  uint64_t ranks;
  uint64_t per_node;
  uint64_t cpus;          // of each; 0: not known
  uint64_t cpus_of_node;  // 0: not the same on each
};

Shape shape_of(const Allocation& allocation, Ranks ranks, uint32_t cores) {
  const auto& nodes = allocation.nodes;
  const bool alike = all_alike(nodes);
  const uint64_t cpus = alike ? nodes.front().cpus : 0;
  if (ranks == Ranks::per_node || allocation.cpus() == 0) return {nodes.size(), 1, cpus, cpus};
  uint64_t count = 0;
  for (const GrantedNode& node : nodes) count += std::max(1U, node.cpus / cores);
  return {count, alike ? std::max<uint64_t>(1, cpus / cores) : 0, cores, cpus};
}

RankStart by_mpirun(const Shape& shape, Mpirun mpirun) {
  RankStart start{shape.ranks, {"mpirun", "-np", std::to_string(shape.ranks)}, {}};
  const std::string per_node = std::to_string(shape.per_node);
  if (mpirun == Mpirun::open_mpi) {
    // Ranks share their node's cores out by themselves.
    start.words.insert(start.words.end(), {"--bind-to", "none"});
    if (shape.per_node != 0) start.words.insert(start.words.end(), {"--map-by", "ppr:" + per_node + ":node"});
  } else {
    // It warns that one proxy a node is another number.
    start.settings.emplace_back("SLURM_NTASKS_PER_NODE");
    if (shape.per_node != 0) start.words.insert(start.words.end(), {"-ppn", per_node});
  }
  if (shape.cpus_of_node != 0) start.settings.push_back(option("SRUN_CPUS_PER_TASK", shape.cpus_of_node));
  return start;
}

RankStart by_srun(const Allocation& allocation, const Shape& shape, bool mpi_is_chosen) {
  RankStart start{shape.ranks,
                  {"srun", option("--nodes", allocation.nodes.size()), option("--ntasks", shape.ranks),
                   "--kill-on-bad-exit=0", "--no-kill"},
                  {}};
  if (!mpi_is_chosen) start.words.emplace_back(shape.ranks == 1 ? "--mpi=none" : "--mpi=pmi2");
  if (shape.per_node != 0) start.words.push_back(option("--ntasks-per-node", shape.per_node));
  if (shape.cpus != 0) {
    start.words.push_back(option("--cpus-per-task", shape.cpus));
    start.settings.push_back(option("SRUN_CPUS_PER_TASK", shape.cpus));
  } else {
    start.words.emplace_back("--cpu-bind=none");
  }
  return start;
}

}  // namespace

bool wants_ranks(const Allocation& allocation, const SlurmOptions& options) {
  if (allocation.place == Place::shell) return true;
  return allocation.place == Place::batch &&
         (allocation.nodes.size() > 1 || options.ranks == Ranks::per_core ||
          options.launcher != Launcher::automatic);
}

Mpirun mpirun_of(std::string_view version) {
  for (const std::string_view name : {"Open MPI", "OpenRTE", "PRRTE", "prte"})
    if (version.find(name) != std::string_view::npos) return Mpirun::open_mpi;
  return Mpirun::hydra;
}

RankStart rank_start(const Allocation& allocation, const SlurmOptions& options, uint32_t cores,
                     bool mpi_is_chosen, Mpirun mpirun) {
  const Shape shape = shape_of(allocation, options.ranks, cores);
  RankStart start = options.launcher == Launcher::mpirun ? by_mpirun(shape, mpirun)
                                                         : by_srun(allocation, shape, mpi_is_chosen);
  // `sbatch --export=NONE` is about the script's environment, which is theirs.
  start.settings.emplace_back("SLURM_EXPORT_ENV");
  return start;
}

}  // namespace sweepd
