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
  CHECK(start.settings == std::vector<std::string>{"SRUN_CPUS_PER_TASK=2"});
}

TEST_CASE("rank start: nodes of different sizes get no number that would be wrong for some") {
  const RankStart start = rank_start(uneven_nodes, {}, 1, false);
  CHECK(has(start, "--ntasks=3"));
  CHECK_FALSE(has_any(start, "--cpus-per-task"));
  CHECK(has(start, "--cpu-bind=none"));
  CHECK(start.settings.empty());
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

TEST_CASE("rank start: mpirun is told how many ranks and how many a node") {
  const RankStart start = rank_start(three_nodes, {.launcher = Launcher::mpirun}, 1, false);
  CHECK(start.words == std::vector<std::string>{"mpirun", "-np", "3", "-ppn", "1"});
}
