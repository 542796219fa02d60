// What it costs to start a command for every point: CommandRunner beside the barest loops of this machine, on
// one core and on two at once, and from a parent with much memory. Prints JSON; rates are points per second
// and core, medians of repeated, alternating measurements.
//
//   spawn_bench [points per measurement, default 1000] [repeats, default 5]
#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "runner/platform/unique_fd.h"
#include "workers/tasks/command.h"

namespace {

using sweepd::UniqueFd;

constexpr const char* program = "/bin/true";
char* const program_argv[] = {const_cast<char*>(program), nullptr};

void require(bool fine, const char* what) {
  if (fine) return;
  std::perror(what);
  std::exit(1);
}

void await(pid_t pid) {
  int status = 0;
  require(waitpid(pid, &status, 0) == pid && status == 0, program);
}

void loop_posix_spawn(int points) {
  for (int i = 0; i < points; ++i) {
    pid_t pid = 0;
    require(posix_spawn(&pid, program, nullptr, nullptr, program_argv, environ) == 0, "posix_spawn");
    await(pid);
  }
}

void loop_vfork(int points) {
  for (int i = 0; i < points; ++i) {
    const pid_t pid = vfork();  // NOLINT: the thing to be measured
    if (pid == 0) {
      execve(program, program_argv, environ);
      _exit(127);
    }
    await(pid);
  }
}

void loop_fork(int points) {
  for (int i = 0; i < points; ++i) {
    const pid_t pid = fork();
    if (pid == 0) {
      execve(program, program_argv, environ);
      _exit(127);
    }
    await(pid);
  }
}

void loop_command(int points, sweepd::ResultKind kind) {
  sweepd::Sweep sweep;
  sweep.directory = "/";
  sweepd::CommandTask task;
  task.argv.push_back(*sweepd::Template::parse(program));
  task.result = kind;
  sweep.task = task;
  sweepd::CommandRunner runner(sweep, {.worker = 0, .cores = 1, .cpus = "0", .gang_cpus = {}});
  const sweepd::Point point{{"x", sweepd::Value::of(int64_t{1})}};
  std::string result;
  for (int i = 0; i < points; ++i) {
    result.clear();
    const auto outcome =
        runner.run({static_cast<uint64_t>(i), "0123456789abcdef0123", 7, point, R"({"x":1})"}, result);
    require(!outcome.failure, outcome.failure ? outcome.failure->message.c_str() : "");
  }
}

void loop_runner(int points) { loop_command(points, sweepd::ResultKind::none); }
void loop_runner_text(int points) { loop_command(points, sweepd::ResultKind::text); }

struct Loop {
  const char* name;
  void (*run)(int points);
};

constexpr Loop loops[] = {{"posix_spawn", loop_posix_spawn},
                          {"vfork", loop_vfork},
                          {"command_runner", loop_runner},
                          {"command_runner_text", loop_runner_text}};

std::vector<int> allowed_cpus() {
  cpu_set_t allowed;
  require(sched_getaffinity(0, sizeof allowed, &allowed) == 0, "sched_getaffinity");
  std::vector<int> cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &allowed)) cpus.push_back(cpu);
  return cpus;
}

void pin(int cpu) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(cpu, &one);
  require(sched_setaffinity(0, sizeof one, &one) == 0, "sched_setaffinity");
}

// Points per second and core, `processes` pinned processes working at the same time.
double rate(const Loop& loop, int points, const std::vector<int>& cpus, size_t processes) {
  int gate[2];
  require(pipe2(gate, O_CLOEXEC) == 0, "pipe2");
  UniqueFd wait_at(gate[0]);
  UniqueFd opener(gate[1]);
  std::vector<pid_t> children;
  for (size_t i = 0; i < processes; ++i) {
    const pid_t pid = fork();
    require(pid >= 0, "fork");
    if (pid == 0) {
      opener.reset();
      pin(cpus[i]);
      loop.run(20);
      char byte = 0;
      require(read(wait_at.get(), &byte, 1) == 0, "read");
      loop.run(points);
      _exit(0);
    }
    children.push_back(pid);
  }
  usleep(100'000);  // all are warm and wait
  const auto begin = std::chrono::steady_clock::now();
  opener.reset();
  for (const pid_t child : children) await(child);
  return points / std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

void print_rates(const char* title, int points, int repeats, const std::vector<int>& cpus, size_t processes) {
  std::vector<std::vector<double>> rates(std::size(loops));
  for (int repeat = 0; repeat < repeats; ++repeat)
    for (size_t i = 0; i < std::size(loops); ++i) rates[i].push_back(rate(loops[i], points, cpus, processes));
  std::printf(" \"%s\": {", title);
  for (size_t i = 0; i < std::size(loops); ++i)
    std::printf("\"%s\": %.0f, ", loops[i].name, median(rates[i]));
  std::printf("\"runner_to_posix_spawn\": %.3f},\n", median(rates[2]) / median(rates[0]));
  std::fflush(stdout);
}

// Run in this process, so that the memory is the parent's own.
double microseconds_each(const Loop& loop, int points) {
  loop.run(5);
  const auto begin = std::chrono::steady_clock::now();
  loop.run(points);
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count() / points;
}

void print_memory(int points, int cpu) {
  pin(cpu);
  const Loop fork_loop{"fork", loop_fork};
  std::printf(" \"microseconds_each\": {");
  for (const size_t mebibytes : {size_t{0}, size_t{2048}}) {
    if (mebibytes > 0) {
      const size_t bytes = mebibytes << 20;
      void* memory =
          mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
      require(memory != MAP_FAILED, "mmap");
      std::printf(",");
    }
    std::printf("\n  \"resident_%zu_mib\": {", mebibytes);
    for (const Loop& loop : loops) std::printf("\"%s\": %.0f, ", loop.name, microseconds_each(loop, points));
    std::printf("\"fork\": %.0f}", microseconds_each(fork_loop, std::min(points, 30)));
  }
  std::printf("}\n");
}

int number(int argc, char** argv, int place, int otherwise) {
  return argc > place ? std::atoi(argv[place]) : otherwise;
}

}  // namespace

int main(int argc, char** argv) {
  const int points = number(argc, argv, 1, 1000);
  const int repeats = number(argc, argv, 2, 5);
  const std::vector<int> cpus = allowed_cpus();
  std::printf("{\"program\": \"%s\", \"points\": %d, \"repeats\": %d,\n", program, points, repeats);
  print_rates("one_core", points, repeats, cpus, 1);
  if (cpus.size() > 1) print_rates("two_cores", points, repeats, cpus, 2);
  print_memory(points / 4, cpus.front());
  std::printf("}\n");
}
