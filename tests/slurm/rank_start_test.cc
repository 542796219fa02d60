#include "slurm/rank_start.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace sweepd;

namespace {

Allocation granted(std::vector<GrantedNode> nodes) {
  Allocation allocation;
  allocation.job = 7;
  allocation.nodes = std::move(nodes);
  allocation.place = Place::batch;
  return allocation;
}

const Allocation three_nodes = granted({{"n1", 2}, {"n2", 2}, {"n3", 2}});
const Allocation uneven_nodes = granted({{"n1", 72}, {"n2", 72}, {"n3", 36}});

bool has(const RankStart& start, const std::string& word) {
  return std::ranges::find(start.words, word) != start.words.end();
}

bool has_any(const RankStart& start, const std::string& beginning) {
  return std::ranges::any_of(start.words,
                             [&](const std::string& word) { return word.starts_with(beginning); });
}

}  // namespace

TEST_CASE("rank start: a job of several nodes starts ranks, a job of one works by itself") {
  CHECK(wants_ranks(three_nodes, {}));
  CHECK_FALSE(wants_ranks(granted({{"n1", 64}}), {}));
}

TEST_CASE("rank start: a rank a core, or a launcher, can be asked for on one node") {
  CHECK(wants_ranks(granted({{"n1", 4}}), {.ranks = Ranks::per_core}));
  CHECK(wants_ranks(granted({{"n1", 4}}), {.launcher = Launcher::mpirun}));
}

TEST_CASE("rank start: a step of a job starts no further ranks") {
  Allocation step = three_nodes;
  step.place = Place::step;
  CHECK_FALSE(wants_ranks(step, {}));
}

TEST_CASE("rank start: srun starts one rank a node with all cpus that were granted there") {
  const RankStart start = rank_start(three_nodes, {}, 1, false);
  CHECK(start.words.front() == "srun");
  for (const char* word : {"--mpi=pmi2", "--nodes=3", "--ntasks=3", "--ntasks-per-node=1",
                           "--cpus-per-task=2", "--kill-on-bad-exit=0"})
    CHECK_MESSAGE(has(start, word), word);
  CHECK(start.settings == std::vector<std::string>{"SRUN_CPUS_PER_TASK=2", "SLURM_EXPORT_ENV"});
}

TEST_CASE("rank start: nodes of different sizes get no number that would be wrong for some") {
  const RankStart start = rank_start(uneven_nodes, {}, 1, false);
  CHECK(has(start, "--ntasks=3"));
  CHECK_FALSE(has_any(start, "--cpus-per-task"));
  CHECK(has(start, "--cpu-bind=none"));
  CHECK(start.settings == std::vector<std::string>{"SLURM_EXPORT_ENV"});
}

TEST_CASE("rank start: a rank for every worker's cores") {
  const RankStart start = rank_start(three_nodes, {.ranks = Ranks::per_core}, 1, false);
  CHECK(has(start, "--ntasks=6"));
  CHECK(has(start, "--ntasks-per-node=2"));
  CHECK(has(start, "--cpus-per-task=1"));
  CHECK(has(rank_start(uneven_nodes, {.ranks = Ranks::per_core}, 4, false), "--ntasks=45"));
}

TEST_CASE("rank start: who has chosen srun's way to start MPI keeps it") {
  CHECK_FALSE(has_any(rank_start(three_nodes, {}, 1, true), "--mpi"));
}

TEST_CASE("rank start: mpirun is told how many ranks and how many a node, in its own options") {
  const SlurmOptions options{.launcher = Launcher::mpirun};
  const RankStart start = rank_start(three_nodes, options, 1, false);
  CHECK(start.words == std::vector<std::string>{"mpirun", "-np", "3", "-ppn", "1"});
  const RankStart open_mpi = rank_start(three_nodes, options, 1, false, Mpirun::open_mpi);
  CHECK(open_mpi.words ==
        std::vector<std::string>{"mpirun", "-np", "3", "--bind-to", "none", "--map-by", "ppr:1:node"});
  // Its helpers, which srun starts, are to have all cores of their node.
  for (const RankStart& one : {start, open_mpi})
    CHECK(std::ranges::find(one.settings, "SRUN_CPUS_PER_TASK=2") != one.settings.end());
  CHECK_FALSE(has_any(rank_start(uneven_nodes, {.launcher = Launcher::mpirun, .ranks = Ranks::per_core}, 4,
                                 false, Mpirun::open_mpi),
                      "--map-by"));
}

TEST_CASE("rank start: whose mpirun it is shows in its version") {
  CHECK(mpirun_of("mpirun (Open MPI) 4.1.4\n\nReport bugs to http://www.open-mpi.org/community/help/\n") ==
        Mpirun::open_mpi);
  CHECK(mpirun_of("mpirun (Open MPI) 5.0.3\n") == Mpirun::open_mpi);
  CHECK(mpirun_of("prterun (PRRTE) 3.0.2\n") == Mpirun::open_mpi);
  CHECK(mpirun_of("HYDRA build details:\n    Version:                                 4.0.2\n") ==
        Mpirun::hydra);
  CHECK(mpirun_of("Intel(R) MPI Library for Linux* OS, Version 2021.9\n") == Mpirun::hydra);
  CHECK(mpirun_of("") == Mpirun::hydra);
}

TEST_CASE("rank start: a shell of salloc starts what it computes on the nodes, on one node without MPI") {
  Allocation shell = granted({{"n1", 4}});
  shell.place = Place::shell;
  CHECK(wants_ranks(shell, {}));
  const RankStart start = rank_start(shell, {}, 1, false);
  CHECK(start.ranks == 1);
  for (const char* word : {"srun", "--nodes=1", "--ntasks=1", "--cpus-per-task=4", "--mpi=none"})
    CHECK_MESSAGE(has(start, word), word);
}
