// What it costs to start a command for every point: CommandRunner beside the barest loops of this machine, on
// one core and on two at once, and from a parent with much memory. Prints JSON. Every loop takes its turn
// with a batch of points, many times over; from the median time of a batch come rates in points per second
// and core.
//
//   spawn_bench [points per batch, default 20] [batches, default 50]
#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "runner/platform/unique_fd.h"
#include "workers/tasks/command/command_runner.h"

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

// Apart from any loop: what a vfork()ing function keeps in variables may be lost.
[[gnu::noinline]] pid_t vfork_program() {
  const pid_t pid = vfork();  // NOLINT: the thing to be measured
  if (pid == 0) {
    execve(program, program_argv, environ);
    _exit(127);
  }
  return pid;
}

void loop_vfork(int points) {
  for (int i = 0; i < points; ++i) await(vfork_program());
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
  const sweepd::Program started{.start = sweepd::ArgumentVector{{*sweepd::Template::parse(program)}},
                                .result = kind};
  sweepd::CommandRunner runner(sweep, started, {.share = {.cpus = {0}}});
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
constexpr size_t runner_place = 2;

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

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

struct Effort {
  int points;  ///< of a batch
  int batches;
};

using Rates = std::array<double, std::size(loops)>;

// Points per second of every loop, in this process.
Rates rates_here(Effort effort) {
  std::array<std::vector<double>, std::size(loops)> seconds;
  for (int batch = 0; batch < effort.batches; ++batch) {
    for (size_t i = 0; i < std::size(loops); ++i) {
      const auto begin = std::chrono::steady_clock::now();
      loops[i].run(effort.points);
      seconds[i].push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    }
  }
  Rates rates;
  for (size_t i = 0; i < std::size(loops); ++i) rates[i] = effort.points / median(seconds[i]);
  return rates;
}

// The mean of processes that work at the same time, one on each of `cpus`.
Rates rates_on(const std::vector<int>& cpus, Effort effort) {
  int ends[2];
  require(pipe2(ends, O_CLOEXEC) == 0, "pipe2");
  const UniqueFd read_end(ends[0]);
  const UniqueFd write_end(ends[1]);
  std::vector<pid_t> processes;
  for (const int cpu : cpus) {
    processes.push_back(fork());
    require(processes.back() >= 0, "fork");
    if (processes.back() > 0) continue;
    pin(cpu);
    const Rates rates = rates_here(effort);
    _exit(write(write_end.get(), &rates, sizeof rates) == sizeof rates ? 0 : 1);
  }
  Rates mean{};
  for (const pid_t process : processes) {
    await(process);
    Rates rates;
    require(read(read_end.get(), &rates, sizeof rates) == sizeof rates, "read");
    for (size_t i = 0; i < rates.size(); ++i) mean[i] += rates[i] / static_cast<double>(cpus.size());
  }
  return mean;
}

void print(const char* title, const Rates& rates) {
  std::printf(" \"%s\": {", title);
  for (size_t i = 0; i < rates.size(); ++i) std::printf("\"%s\": %.0f, ", loops[i].name, rates[i]);
  std::printf("\"runner_to_posix_spawn\": %.3f},\n", rates[runner_place] / rates[0]);
  std::fflush(stdout);
}

// The points per second of fork() for comparison: the one whose cost grows with the memory of the parent.
void print_fork(const char* title, int points) {
  const auto begin = std::chrono::steady_clock::now();
  loop_fork(points);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  std::printf(" \"%s\": %.0f", title, points / seconds.count());
}

void print_with_memory(int cpu, Effort effort) {
  constexpr size_t bytes = size_t{2} << 30;
  pin(cpu);
  print_fork("fork", effort.points);
  std::printf(",\n");
  void* memory =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  require(memory != MAP_FAILED, "mmap");
  print("one_core_from_2_gib_resident", rates_here(effort));
  print_fork("fork_from_2_gib_resident", effort.points);
}

int number(int argc, char** argv, int place, int otherwise) {
  return argc > place ? std::atoi(argv[place]) : otherwise;
}

}  // namespace

int main(int argc, char** argv) {
  const Effort effort{number(argc, argv, 1, 20), number(argc, argv, 2, 50)};
  std::vector<int> cpus = allowed_cpus();
  cpus.resize(std::min<size_t>(cpus.size(), 2));
  std::printf("{\"program\": \"%s\", \"points_per_batch\": %d, \"batches\": %d,\n", program, effort.points,
              effort.batches);
  print("one_core", rates_on({cpus.front()}, effort));
  if (cpus.size() > 1) print("two_cores", rates_on(cpus, effort));
  print_with_memory(cpus.front(), effort);
  std::printf("}\n");
}
