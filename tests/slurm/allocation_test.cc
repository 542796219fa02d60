#include "slurm/allocation.h"

#include <doctest/doctest.h>

#include <map>
#include <string>

using namespace sweepd;

namespace {

using Environment = std::map<std::string, std::string>;

Result<std::optional<Allocation>> read(const Environment& environment,
                                       const std::optional<StepName>& enclosing = std::nullopt) {
  return read_allocation(
      [&environment](const char* name) {
        const auto found = environment.find(name);
        return found == environment.end() ? nullptr : found->second.c_str();
      },
      enclosing);
}

Allocation allocation(const Environment& environment,
                      const std::optional<StepName>& enclosing = std::nullopt) {
  const Result<std::optional<Allocation>> result = read(environment, enclosing);
  REQUIRE(result);
  REQUIRE(*result);
  return **result;
}

std::string why_not(const Environment& environment) {
  const Result<std::optional<Allocation>> result = read(environment);
  REQUIRE_FALSE(result);
  return result.error().message;
}

// As Slurm 22.05 sets them for `sbatch -N2 -n5 --mem-per-cpu=100`.
Environment batch() {
  return {{"SLURM_JOB_ID", "1"},        {"SLURM_JOB_NODELIST", "f[1-2]"},
          {"SLURM_NODELIST", "f[1-2]"}, {"SLURM_JOB_CPUS_PER_NODE", "2,3"},
          {"SLURM_NTASKS", "5"},        {"SLURM_TASKS_PER_NODE", "2,3"},
          {"SLURM_MEM_PER_CPU", "100"}, {"SLURM_PROCID", "0"},
          {"SLURM_LOCALID", "0"},       {"SLURM_SUBMIT_DIR", "/home/a"},
          {"SLURMD_NODENAME", "f1"}};
}

// A task of `srun` in that job.
Environment task() {
  Environment environment = batch();
  environment.insert({{"SLURM_STEP_ID", "1"},
                      {"SLURM_STEP_NUM_TASKS", "5"},
                      {"SLURM_STEP_NODELIST", "f[1-2]"},
                      {"SLURM_STEP_TASKS_PER_NODE", "2,3"}});
  environment["SLURM_PROCID"] = "3";
  environment["SLURM_LOCALID"] = "1";
  environment["SLURMD_NODENAME"] = "f2";
  return environment;
}

Environment with(Environment environment, const std::string& name, const std::string& value) {
  environment[name] = value;
  return environment;
}

Environment without(Environment environment, const std::string& name) {
  environment.erase(name);
  return environment;
}

}  // namespace

TEST_CASE("allocation: there is none outside of a job") {
  CHECK(read({}).value() == std::nullopt);
  CHECK(read({{"SLURM_CONF", "/etc/slurm.conf"}, {"SLURM_NTASKS", "x"}}).value() == std::nullopt);
  CHECK(read(with(batch(), "SLURM_JOB_ID", "")).value() == std::nullopt);
  // Set by hand, to name a job to commands: nothing was granted to this process.
  CHECK(read({{"SLURM_JOB_ID", "5"}}).value() == std::nullopt);
}

TEST_CASE("allocation: a batch script's, with uneven nodes") {
  const Allocation granted = allocation(batch());
  CHECK(granted.job == 1);
  CHECK_FALSE(granted.array);
  CHECK(granted.nodes == std::vector<GrantedNode>{{"f1", 2}, {"f2", 3}});
  CHECK(granted.cpus() == 5);
  CHECK(granted.tasks == 5U);
  CHECK(granted.tasks_per_node == std::vector<uint32_t>{2, 3});
  CHECK_FALSE(granted.cpus_per_task);
  CHECK(granted.memory_per_cpu_mib == 100U);
  CHECK_FALSE(granted.memory_per_node_mib);
  CHECK(granted.restarts == 0);
  CHECK(granted.submit_folder == "/home/a");
  CHECK(granted.node == "f1");
  CHECK(granted.place == Place::batch);
  CHECK_FALSE(granted.step);
  CHECK_FALSE(granted.end_time);
}

TEST_CASE("allocation: what is only sometimes there") {
  Environment environment = batch();
  environment.insert({{"SLURM_ARRAY_JOB_ID", "2"},
                      {"SLURM_ARRAY_TASK_ID", "4"},
                      {"SLURM_CPUS_PER_TASK", "8"},
                      {"SLURM_MEM_PER_NODE", "4000"},
                      {"SLURM_RESTART_COUNT", "3"},
                      {"SLURM_JOB_END_TIME", "1795362974"}});
  environment.erase("SLURM_MEM_PER_CPU");
  const Allocation granted = allocation(environment);
  CHECK(granted.array == ArrayTask{2, 4});
  CHECK(granted.cpus_per_task == 8U);
  CHECK(granted.memory_per_node_mib == 4000U);
  CHECK_FALSE(granted.memory_per_cpu_mib);
  CHECK(granted.restarts == 3);
  CHECK(granted.end_time == 1795362974);
}

TEST_CASE("allocation: --mem=0 asks for all there is, which is no limit of ours") {
  CHECK_FALSE(allocation(with(batch(), "SLURM_MEM_PER_NODE", "0")).memory_per_node_mib);
}

TEST_CASE("allocation: a task of srun knows its step, which may have fewer nodes than the job") {
  const Allocation granted = allocation(task());
  CHECK(granted.place == Place::step);
  CHECK(granted.node == "f2");
  CHECK(granted.nodes.size() == 2);
  CHECK_FALSE(granted.tasks);  // the variables tell the step's
  REQUIRE(granted.step);
  CHECK(granted.step->id == 1);
  CHECK(granted.step->tasks == 5);
  CHECK(granted.step->rank == 3);
  CHECK(granted.step->local_rank == 1);
  CHECK(granted.step->nodes == std::vector<std::string>{"f1", "f2"});
  CHECK(granted.step->tasks_per_node == std::vector<uint32_t>{2, 3});

  Environment smaller = task();
  smaller["SLURM_STEP_NODELIST"] = "f2";
  smaller["SLURM_STEP_TASKS_PER_NODE"] = "1";
  smaller["SLURM_TASKS_PER_NODE"] = "1";
  smaller["SLURM_NTASKS"] = "1";
  const Allocation few = allocation(smaller);
  CHECK(few.step->nodes == std::vector<std::string>{"f2"});
  CHECK(few.nodes == std::vector<GrantedNode>{{"f1", 2}, {"f2", 3}});
}

TEST_CASE("allocation: salloc's shell has a job but is on none of its nodes") {
  const Allocation granted = allocation(without(batch(), "SLURMD_NODENAME"));
  CHECK(granted.place == Place::shell);
  CHECK(granted.node.empty());
  CHECK(granted.cpus() == 5);
  // salloc called on a node of another job
  CHECK(allocation(with(batch(), "SLURMD_NODENAME", "g7")).place == Place::shell);
}

TEST_CASE("allocation: an interactive step is where a batch script would be") {
  const Allocation granted = allocation(with(batch(), "SLURM_STEP_ID", "4294967290"));
  CHECK(granted.place == Place::batch);
  CHECK_FALSE(granted.step);
}

TEST_CASE("allocation: step variables that were inherited from another job are not believed") {
  CHECK(allocation(task(), StepName{1, std::nullopt}).place == Place::batch);
  CHECK(allocation(task(), StepName{1, 0}).place == Place::batch);
  CHECK(allocation(task(), StepName{1, 1}).place == Place::step);
}

TEST_CASE("allocation: in another job's step the granted nodes are elsewhere") {
  const Allocation granted = allocation(batch(), StepName{99, std::nullopt});
  CHECK(granted.place == Place::shell);
  CHECK(granted.node.empty());
}

TEST_CASE("allocation: counts that are not given are not known") {
  const Allocation granted =
      allocation(without(without(batch(), "SLURM_JOB_CPUS_PER_NODE"), "SLURM_TASKS_PER_NODE"));
  CHECK(granted.nodes == std::vector<GrantedNode>{{"f1", 0}, {"f2", 0}});
  CHECK(granted.tasks_per_node.empty());
  CHECK(allocation(with(batch(), "SLURM_TASKS_PER_NODE", "7")).tasks_per_node.empty());
}

TEST_CASE("allocation: a malformed value is an error that names the variable, the value and the place") {
  CHECK(why_not(with(batch(), "SLURM_JOB_NODELIST", "n[1-"))
            .starts_with("SLURM_JOB_NODELIST='n[1-' is malformed: a number is expected at its end; "));
  CHECK(why_not(with(batch(), "SLURM_JOB_CPUS_PER_NODE", "2,"))
            .starts_with("SLURM_JOB_CPUS_PER_NODE='2,' is malformed: a number is expected at its end; "));
  CHECK(why_not(with(batch(), "SLURM_JOB_CPUS_PER_NODE", "2(x3)"))
            .starts_with("SLURM_JOB_CPUS_PER_NODE='2(x3)' is malformed: it is for 3 nodes, and "
                         "SLURM_JOB_NODELIST names 2; "));
  CHECK(why_not(with(batch(), "SLURM_JOB_ID", "12a"))
            .starts_with("SLURM_JOB_ID='12a' is malformed: a whole number is expected; "));
  CHECK(why_not(with(task(), "SLURM_STEP_NODELIST", "f[")).starts_with("SLURM_STEP_NODELIST='f['"));
  for (const char* name :
       {"SLURM_NTASKS", "SLURM_TASKS_PER_NODE", "SLURM_CPUS_PER_TASK", "SLURM_CPUS_ON_NODE",
        "SLURM_MEM_PER_CPU", "SLURM_MEM_PER_NODE", "SLURM_RESTART_COUNT", "SLURM_JOB_END_TIME",
        "SLURM_ARRAY_JOB_ID", "SLURM_ARRAY_TASK_ID", "SLURM_STEP_ID"})
    CHECK_MESSAGE(why_not(with(batch(), name, "-x")).starts_with(std::string(name) + "='-x' is malformed"),
                  name);
  for (const char* name :
       {"SLURM_PROCID", "SLURM_LOCALID", "SLURM_STEP_NUM_TASKS", "SLURM_STEP_TASKS_PER_NODE"})
    CHECK_MESSAGE(why_not(with(task(), name, "1 ")).starts_with(std::string(name) + "='1 ' is malformed"),
                  name);
}

TEST_CASE("allocation: what is shown of a malformed value is short and no command to a terminal") {
  const std::string message =
      why_not(with(batch(), "SLURM_JOB_NODELIST", "\x1b[2J" + std::string(5000, 'n')));
  CHECK(message.find('\x1b') == std::string::npos);
  CHECK(message.size() < 500);
}

TEST_CASE("allocation: ranks that have another node's variables know theirs by the host's name") {
  Allocation allocation;
  allocation.nodes = {{"n1", 2}, {"n2", 4}};
  allocation.node = "n1";
  allocation.place = Place::step;
  name_node(allocation, "n2.cluster.example");
  CHECK(allocation.node == "n2");
  name_node(allocation, "some-other-name");
  CHECK(allocation.node == "n2");
  allocation.place = Place::shell;
  allocation.node.clear();
  name_node(allocation, "n1");
  CHECK(allocation.node.empty());
}
