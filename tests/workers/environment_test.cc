#include "workers/tasks/command/environment.h"

#include <doctest/doctest.h>

#include <fstream>
#include <map>
#include <string>

using namespace sweepd;

namespace {

std::map<std::string, std::string> as_map(char* const* table) {
  std::map<std::string, std::string> variables;
  for (; *table != nullptr; ++table) {
    const std::string variable = *table;
    const size_t mark = variable.find('=');
    const bool is_new = variables.emplace(variable.substr(0, mark), variable.substr(mark + 1)).second;
    CHECK(is_new);
  }
  return variables;
}

const WorkerContext worker{.worker = WorkerId{3}, .share = {.cpus = {4, 5}, .cores = 2}};

PointContext context_of(const Point& point, std::string_view params) {
  return {12, "0123456789abcdef0123", 18446744073709551615U, point, params};
}

std::map<std::string, std::string> variables_of(Environment& environment, const PointContext& context) {
  environment.begin(context);
  return as_map(environment.table());
}

}  // namespace

TEST_CASE("environment: the user's variables, the worker's and the point's are there") {
  const char* user[] = {"HOME=/home/ada", "EMPTY=", "ODD=a=b", "no equals sign", nullptr};
  Environment environment(user, worker, {});
  const Point point{{"x", Value::of(1.5)}};
  const std::map<std::string, std::string> expected = {{"HOME", "/home/ada"},
                                                       {"EMPTY", ""},
                                                       {"ODD", "a=b"},
                                                       {"OMP_NUM_THREADS", "2"},
                                                       {"OPENBLAS_NUM_THREADS", "2"},
                                                       {"MKL_NUM_THREADS", "2"},
                                                       {"NUMEXPR_NUM_THREADS", "2"},
                                                       {"HYDRA_RMK", "user"},
                                                       {"OMPI_MCA_ras", "^slurm"},
                                                       {"OMPI_MCA_rtc", "^hwloc"},
                                                       {"OMPI_MCA_hwloc_base_binding_policy", "none"},
                                                       {"PRTE_MCA_ras", "^slurm"},
                                                       {"PRTE_MCA_rtc", "^hwloc"},
                                                       {"PRTE_MCA_hwloc_default_binding_policy", "none"},
                                                       {"SWEEPD_WORKER", "3"},
                                                       {"SWEEPD_CPUS", "4-5"},
                                                       {"SWEEPD_CORES", "2"},
                                                       {"SWEEPD_ATTEMPT", "1"},
                                                       {"SWEEPD_INDEX", "12"},
                                                       {"SWEEPD_ID", "0123456789abcdef0123"},
                                                       {"SWEEPD_SEED", "402966971"},
                                                       {"SWEEPD_SEED64", "9223372036854775807"},
                                                       {"SWEEPD_PARAMS", "{\"x\":1.5}"}};
  CHECK(variables_of(environment, context_of(point, "{\"x\":1.5}")) == expected);
}

TEST_CASE("environment: a thread count of the user's stays, sweepd variables from outside do not") {
  const char* user[] = {"OMP_NUM_THREADS=7", "SWEEPD_INDEX=99", "SWEEPD_OLD=1", nullptr};
  Environment environment(user, worker, {});
  const auto variables = variables_of(environment, context_of({}, "{}"));
  CHECK(variables.at("OMP_NUM_THREADS") == "7");
  CHECK(variables.at("MKL_NUM_THREADS") == "2");
  CHECK(variables.at("SWEEPD_INDEX") == "12");
  CHECK_FALSE(variables.contains("SWEEPD_OLD"));
}

TEST_CASE("environment: parameters are variables where asked for, and leave no trace for the next point") {
  const char* user[] = {"x=outside", "y=outside", "OTHER=1", nullptr};
  Environment environment(user, worker, {"x", "y"});
  const Point both{{"x", Value::of(std::string_view("a b\n$(touch x)"))}, {"y", Value::of(true)}};
  const auto first = variables_of(environment, context_of(both, "{}"));
  CHECK(first.at("x") == "a b\n$(touch x)");
  CHECK(first.at("y") == "true");
  const Point one{{"y", Value::of(int64_t{2})}};
  const auto second = variables_of(environment, context_of(one, "{}"));
  CHECK_FALSE(second.contains("x"));
  CHECK(second.at("y") == "2");
  CHECK(second.at("OTHER") == "1");
}

TEST_CASE("environment: a parameter may have the name of a thread count") {
  const char* user[] = {nullptr};
  Environment environment(user, worker, {"OMP_NUM_THREADS"});
  const Point point{{"OMP_NUM_THREADS", Value::of(int64_t{4})}};
  CHECK(variables_of(environment, context_of(point, "{}")).at("OMP_NUM_THREADS") == "4");
}

TEST_CASE("environment: a variable's value can be asked for") {
  const char* user[] = {"PATHS=no", "PATH=/bin", nullptr};
  const Environment environment(user, worker, {});
  CHECK(environment.value("PATH", "none") == "/bin");
  CHECK(environment.value("PAT", "none") == "none");
}

TEST_CASE("environment: what tells a process its rank is withheld, what describes job and settings is not") {
  for (const char* name : {"PMI_RANK", "PMI_FD", "PMIX_NAMESPACE", "HYDI_CONTROL_FD", "MPI_LOCALRANKID",
                           "OMPI_COMM_WORLD_RANK", "OMPI_MCA_ess", "OMPI_MCA_orte_hnp_uri", "SLURM_PROCID",
                           "SLURM_LOCALID", "SLURM_NODEID", "SLURM_STEP_ID", "SLURM_STEPID", "SLURM_GTIDS",
                           "SLURM_CPU_BIND_LIST", "OMPI_UNIVERSE_SIZE", "PRTE_LAUNCHED"}) {
    CAPTURE(name);
    CHECK(is_launcher_internal(name));
  }
  for (const char* name : {"HOME", "SLURM_JOB_ID", "SLURM_NTASKS", "SLURM_CPUS_PER_TASK", "OMPI_MCA_btl",
                           "MPICH_ASYNC_PROGRESS", "MPIR_CVAR_CH4_NETMOD", "HYDRA_IFACE", "PMI",
                           "OMPI_ALLOW_RUN_AS_ROOT", "OMPI_CC", "PRTE_ALLOW_RUN_AS_ROOT", "PMIX_MCA_gds"}) {
    CAPTURE(name);
    CHECK_FALSE(is_launcher_internal(name));
  }
}

TEST_CASE("environment: in a job of several nodes a command sees its worker's part, and srun stays there") {
  const char* user[] = {"SLURM_JOB_ID=7",
                        "SLURMD_NODENAME=n2",
                        "SLURM_JOB_NUM_NODES=2",
                        "SLURM_NNODES=2",
                        "SLURM_JOB_NODELIST=n[1-2]",
                        "SLURM_NODELIST=n[1-2]",
                        "SLURM_NTASKS=2",
                        "SLURM_NPROCS=2",
                        "SLURM_NTASKS_PER_NODE=1",
                        "SLURM_CPUS_PER_TASK=8",
                        "SLURM_CPUS_ON_NODE=8",
                        "SLURM_JOB_CPUS_PER_NODE=8(x2)",
                        "SLURM_TASKS_PER_NODE=1(x2)",
                        "SLURM_CPU_BIND=quiet,mask_cpu:0xff",
                        "SRUN_CPUS_PER_TASK=8",
                        "SLURM_DISTRIBUTION=block",
                        "SLURM_SUBMIT_DIR=/home/ada",
                        nullptr};
  Environment environment(user, worker, {});
  const auto variables = variables_of(environment, context_of({}, "{}"));
  for (const auto& [name, value] :
       std::map<std::string, std::string>{{"SLURM_JOB_ID", "7"},
                                          {"SLURM_SUBMIT_DIR", "/home/ada"},
                                          {"SLURM_JOB_NUM_NODES", "1"},
                                          {"SLURM_NNODES", "1"},
                                          {"SLURM_JOB_NODELIST", "n2"},
                                          {"SLURM_NODELIST", "n2"},
                                          {"SLURM_NTASKS", "1"},
                                          {"SLURM_NPROCS", "1"},
                                          {"SLURM_TASKS_PER_NODE", "1"},
                                          {"SLURM_CPUS_ON_NODE", "2"},
                                          {"SLURM_CPUS_PER_TASK", "2"},
                                          {"SLURM_JOB_CPUS_PER_NODE", "2"},
                                          {"SLURM_OVERLAP", "1"},
                                          {"SLURM_CPU_BIND", "quiet,mask_cpu:0x30"}}) {
    CAPTURE(name);
    REQUIRE(variables.contains(name));
    CHECK(variables.at(name) == value);
  }
  for (const char* name : {"SLURM_NTASKS_PER_NODE", "SLURM_DISTRIBUTION", "SRUN_CPUS_PER_TASK"}) {
    CAPTURE(name);
    CHECK_FALSE(variables.contains(name));
  }
  std::ifstream hosts(variables.at("SLURM_HOSTFILE"));
  std::string first, second;
  CHECK((std::getline(hosts, first) && std::getline(hosts, second)));
  CHECK((first == "n2" && second == "n2"));
}

TEST_CASE("environment: a job of one node, and a shell of salloc, need no file of hosts") {
  const char* one[] = {"SLURM_JOB_ID=7", "SLURMD_NODENAME=n2", "SLURM_JOB_NUM_NODES=1", nullptr};
  Environment batch(one, worker, {});
  CHECK_FALSE(variables_of(batch, context_of({}, "{}")).contains("SLURM_HOSTFILE"));
  CHECK(batch.value("SLURM_OVERLAP", "") == "1");
  const char* shell[] = {"SLURM_JOB_ID=7", "SLURM_JOB_NUM_NODES=2", nullptr};
  CHECK(Environment(shell, worker, {}).value("SLURM_OVERLAP", "none") == "none");
}

TEST_CASE("environment: what the user has decided about launchers wins") {
  const char* user[] = {"SLURM_JOB_ID=7",        "SLURMD_NODENAME=n2",
                        "SLURM_JOB_NUM_NODES=2", "SLURM_HOSTFILE=/home/ada/hosts",
                        "SLURM_OVERLAP=0",       "HYDRA_RMK=slurm",
                        "OMPI_MCA_ras=slurm",    "OMPI_MCA_hwloc_base_binding_policy=core",
                        "PRTE_MCA_rtc=hwloc",    nullptr};
  const Environment environment(user, worker, {});
  CHECK(environment.value("SLURM_HOSTFILE", "") == "/home/ada/hosts");
  CHECK(environment.value("SLURM_OVERLAP", "") == "0");
  CHECK(environment.value("HYDRA_RMK", "") == "slurm");
  CHECK(environment.value("OMPI_MCA_ras", "") == "slurm");
  CHECK(environment.value("OMPI_MCA_hwloc_base_binding_policy", "") == "core");
  CHECK(environment.value("OMPI_MCA_rtc", "none") == "none");
  CHECK(environment.value("PRTE_MCA_rtc", "") == "hwloc");
}
