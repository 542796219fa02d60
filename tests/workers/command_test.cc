#include "workers/tasks/command/command_runner.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "runner/core/json.h"
#include "runner/core/spaces.h"

using namespace sweepd;
using namespace std::chrono_literals;

namespace {

// A command task in a folder of its own, and one point at a time to run it for.
class Bench {
 public:
  Bench() { REQUIRE(mkdtemp(folder_.data()) != nullptr); }
  ~Bench() { std::filesystem::remove_all(folder_); }

  Bench& argv(const std::vector<std::string>& words) {
    ArgumentVector arguments;
    for (const std::string& word : words) arguments.push_back({*Template::parse(word)});
    program_.start = std::move(arguments);
    return *this;
  }
  Bench& shell(const std::string& text) {
    program_.start = ShellText{text};
    return *this;
  }
  Bench& result(ResultKind kind) {
    program_.result = kind;
    return *this;
  }
  Bench& timeout(Duration timeout, Duration grace) {
    sweep_.limits.timeout = timeout;
    sweep_.limits.grace = grace;
    return *this;
  }

  Bench& memory(uint64_t bytes) {
    sweep_.limits.memory_bytes = bytes;
    return *this;
  }

  const std::string& folder() const { return folder_; }
  /// The path of a program of the folder's own, which does nothing.
  std::string copied_program(const std::string& name) const {
    const std::string path = folder_ + "/" + name;
    std::filesystem::copy_file("/bin/true", path);
    return path;
  }
  std::string file(const std::string& name, const std::string& text, mode_t mode = 0755) const {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path) << text;
    chmod(path.c_str(), mode);
    return path;
  }
  const Program& program() const { return program_; }

  /// The outcome for a point whose only parameter is `x`; output() is the result then.
  Outcome run(std::string_view x = "1", Pulse* pulse = nullptr) {
    const Point point{{"x", Value::of(x)}};
    sweep_.directory = folder_;
    sweep_.task = CommandTask{program_};
    sweep_.space = make_list("x", {Value::of(int64_t{1})}, {SourcePosition{}}).value();
    CommandRunner runner(sweep_, program_, {.worker = WorkerId{5}, .share = {.cpus = {2, 3}, .cores = 2}});
    std::string params;
    append_json(params, point);
    output_.clear();
    return runner.run({7, "00112233445566778899", 18446744073709551615U, point, params, pulse}, output_);
  }
  const std::string& output() const { return output_; }
  /// The result of `text` commands.
  std::string text() const { return nlohmann::json::parse(output_).get<std::string>(); }

 private:
  std::string folder_ =
      (std::filesystem::canonical(std::filesystem::temp_directory_path()) / "sweepd-test-XXXXXX").string();
  Program program_;
  Sweep sweep_;
  std::string output_;
};

std::string message_of(const Outcome& outcome) {
  return outcome.failure ? outcome.failure->message : "no failure";
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// Whether there is no such process any more, not even a dead one.
bool is_gone(pid_t pid) { return kill(pid, 0) != 0 && errno == ESRCH; }

// Starts a daemon: a grandchild in a session of its own that ignores SIGTERM, but for leaving the file
// `asked`. Goes on when the file `pid` has its number.
constexpr const char* daemon_text =
    "setsid sh -c '(trap \"touch asked\" TERM; exec >/dev/null 2>&1; sh -c \"echo \\$PPID\" > pid.new;"
    " mv pid.new pid; while :; do sleep 0.05; done) &' & until [ -e pid ]; do sleep 0.01; done; ";

/// Answers whether the sweep is being stopped; counts the questions from 1.
struct CountingPulse : Pulse {
  std::function<bool(int)> on_question;
  mutable int questions = 0;
  void beat() override {}
  bool is_stopping() const override { return on_question(++questions); }
};

// Waits until no process has the FIFO open for writing any more; false after a minute.
bool is_abandoned(int fifo) {
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  while (std::chrono::steady_clock::now() < deadline) {
    char byte = 0;
    if (read(fifo, &byte, 1) == 0) return true;
    pollfd polled{fifo, POLLIN, 0};
    poll(&polled, 1, 50);
  }
  return false;
}

const char* const awkward_values[] = {"plain",
                                      "two words",
                                      "'single' \"double\" `backtick`",
                                      "$(touch x) ; touch x & | > x",
                                      "line\nbreak\ttab",
                                      "\u00E9\u20AC\U0001F600",
                                      "{x} {{ }} %s \\n",
                                      "*",
                                      "-n",
                                      "~/x"};

}  // namespace

TEST_CASE("command: every value is passed on unchanged as an argument") {
  Bench bench;
  bench.argv({"printf", "%s", "[{x}]"}).result(ResultKind::text);
  for (const char* value : awkward_values) {
    CAPTURE(value);
    const Outcome outcome = bench.run(value);
    REQUIRE_FALSE(outcome.failure);
    CHECK(bench.text() == "[" + std::string(value) + "]");
  }
  CHECK_FALSE(std::filesystem::exists(bench.folder() + "/x"));
}

TEST_CASE("command: every value is passed on unchanged as a shell's variable") {
  Bench bench;
  bench.shell("printf '[%s]' \"$x\"").result(ResultKind::text);
  for (const char* value : awkward_values) {
    CAPTURE(value);
    const Outcome outcome = bench.run(value);
    REQUIRE_FALSE(outcome.failure);
    CHECK(bench.text() == "[" + std::string(value) + "]");
  }
  CHECK_FALSE(std::filesystem::exists(bench.folder() + "/x"));
}

TEST_CASE("command: an argument vector may name what sweepd knows, and braces") {
  Bench bench;
  bench.argv({"printf", "%s|", "{index}", "{id}", "{seed}", "{seed64}", "{cores}", "{{x}}"})
      .result(ResultKind::text);
  REQUIRE_FALSE(bench.run().failure);
  CHECK(bench.text() == "7|00112233445566778899|402966971|9223372036854775807|2|{x}|");
}

TEST_CASE("command: it works in the sweep's folder with nothing on its standard input") {
  Bench bench;
  bench.shell("pwd -P; cat; echo $SWEEPD_INDEX $SWEEPD_WORKER $SWEEPD_CPUS $SWEEPD_PARAMS")
      .result(ResultKind::text);
  REQUIRE_FALSE(bench.run().failure);
  CHECK(bench.text() == bench.folder() + "\n7 5 2-3 {\"x\":\"1\"}");
}

TEST_CASE("command: shell text that begins with a dash is no option of the shell") {
  Bench bench;
  bench.shell("-x 2>/dev/null || echo fine").result(ResultKind::text);
  REQUIRE_FALSE(bench.run().failure);
  CHECK(bench.text() == "fine");
}

TEST_CASE("command: a runner serves point after point") {
  Bench bench;
  Sweep sweep;
  const Program& program = bench.argv({"printf", "%s", "{x}"}).result(ResultKind::text).program();
  sweep.directory = bench.folder();
  CommandRunner runner(sweep, program, {});
  std::string results;
  for (const std::string value : {"long enough not to be kept in the string itself", "b", "", "cc"}) {
    const Point point{{"x", Value::of(std::string_view(value))}};
    REQUIRE_FALSE(runner.run({0, "id", 1, point, "{}"}, results).failure);
  }
  CHECK(results == "\"long enough not to be kept in the string itself\"\"b\"\"\"\"cc\"");
}

TEST_CASE("command: an exit code is a failure with the code and what was written to standard error") {
  Bench bench;
  const Outcome outcome = bench.shell("echo result; printf 'no \\377 luck' >&2; exit 3").run();
  REQUIRE(outcome.failure);
  CHECK(outcome.failure->kind == ErrorKind::exit);
  CHECK(outcome.failure->exit_code == 3);
  CHECK(outcome.failure->message == "exited with status 3");
  CHECK(outcome.failure->stderr_text == "no \uFFFD luck");
}

TEST_CASE("command: an end by a signal is a failure that names it") {
  Bench bench;
  const Outcome outcome = bench.shell("kill -9 $$").run();
  REQUIRE(outcome.failure);
  CHECK(outcome.failure->kind == ErrorKind::signal);
  CHECK(contains(message_of(outcome), "killed by signal 9 (SIGKILL), which sweepd did not send"));
  CHECK_FALSE(outcome.failure->exit_code);
  Bench other;
  CHECK(message_of(other.shell("kill -SEGV $$").run()) == "killed by signal 11 (SIGSEGV)");
}

TEST_CASE("command: without a result the record has null and tells what was used") {
  Bench bench;
  const Outcome outcome = bench.argv({"true"}).run();
  CHECK_FALSE(outcome.failure);
  CHECK(bench.output() == "null");
  CHECK(outcome.cpu_s.value() >= 0);
  CHECK(outcome.max_rss_mib.value() > 0);
}

TEST_CASE("command: a JSON result is taken over compactly, from the last line too") {
  Bench bench;
  bench.shell("echo working; echo '{ \"a\" : NaN, \"b\": 1.50 }'").result(ResultKind::json);
  REQUIRE_FALSE(bench.run().failure);
  CHECK(bench.output() == R"({"a":"NaN","b":1.50})");
}

TEST_CASE("command: output that is no JSON is a failure that shows it") {
  Bench bench;
  const Outcome outcome = bench.shell("echo oops; echo details >&2").result(ResultKind::json).run();
  REQUIRE(outcome.failure);
  CHECK(outcome.failure->kind == ErrorKind::result);
  CHECK(contains(message_of(outcome), "\"oops\""));
  CHECK(outcome.failure->stderr_text == "details\n");
}

TEST_CASE("command: a JSON result of megabytes is not cut, one beyond the limit is a failure that names it") {
  Bench large;
  large.shell("printf '\"'; head -c 10000000 /dev/zero | tr '\\0' a; printf '\"'").result(ResultKind::json);
  REQUIRE_FALSE(large.run().failure);
  CHECK(large.output() == '"' + std::string(10'000'000, 'a') + '"');
  Bench too_large;
  const Outcome outcome =
      too_large.shell("head -c 17000000 /dev/zero | tr '\\0' 1").result(ResultKind::json).run();
  REQUIRE(outcome.failure);
  CHECK(outcome.failure->kind == ErrorKind::result);
  CHECK(contains(message_of(outcome), "16 MiB"));
}

TEST_CASE("command: of 100 MB of output the beginning and the end are kept, in bounded memory") {
  rusage before{};
  getrusage(RUSAGE_SELF, &before);
  Bench bench;
  bench.shell("printf begin; head -c 100000000 /dev/zero | tr '\\0' a; printf end").result(ResultKind::text);
  REQUIRE_FALSE(bench.run().failure);
  const std::string text = bench.text();
  CHECK(text.starts_with("begin"));
  CHECK(text.ends_with("end"));
  CHECK(contains(text, "\n[... 99934472 bytes cut ...]\n"));
  CHECK(text.size() == 2 * capture_half + 30);
  rusage after{};
  getrusage(RUSAGE_SELF, &after);
  CHECK(after.ru_maxrss - before.ru_maxrss < 32 * 1024);
}

TEST_CASE("command: much output on both streams at once does not block") {
  Bench bench;
  bench.shell("head -c 1000000 /dev/zero >&2 & head -c 1000000 /dev/zero; wait; exit 1")
      .result(ResultKind::text);
  const Outcome outcome = bench.run();
  REQUIRE(outcome.failure);
  CHECK(contains(outcome.failure->stderr_text, "bytes cut"));
}

TEST_CASE("command: a process left behind that holds the output does not hold the point, and is ended") {
  Bench bench;
  bench.shell("sleep 1000 & echo $!").result(ResultKind::text);
  REQUIRE_FALSE(bench.run().failure);
  CHECK(is_gone(std::stoi(bench.text())));
}

TEST_CASE("command: a process left behind that writes for ever does not hold the point, and is ended") {
  Bench bench;
  bench.shell("yes & echo $! >&2; exit 1").result(ResultKind::text);
  const Outcome outcome = bench.run();
  REQUIRE(outcome.failure);
  CHECK(is_gone(std::stoi(outcome.failure->stderr_text)));
}

TEST_CASE("command: a daemon that it leaves behind is over with it") {
  Bench bench;
  bench.shell(std::string(daemon_text) + "cat pid").result(ResultKind::text);
  REQUIRE_FALSE(bench.run().failure);
  CHECK(is_gone(std::stoi(bench.text())));
}

TEST_CASE("command: after the limit, a daemon that it started is asked to end, then killed") {
  Bench bench;
  bench.shell(std::string(daemon_text) + "cat pid >&2; trap '' TERM; until [ -e asked ]; do sleep 0.01; done")
      .timeout(1s, 1h);
  const Outcome outcome = bench.run();
  REQUIRE(outcome.failure);
  CHECK(outcome.failure->kind == ErrorKind::timeout);
  CHECK(is_gone(std::stoi(outcome.failure->stderr_text)));
}

TEST_CASE("command: over its limit of memory all its processes are killed, and what they used is told") {
  Bench bench;
  bench.shell("exec python3 -c 'x = bytearray(64 << 20); import time; time.sleep(1000)'").memory(40 << 20);
  const Outcome outcome = bench.run();
  REQUIRE(outcome.failure);
  CHECK(outcome.failure->kind == ErrorKind::memory);
  CHECK(contains(message_of(outcome), "used more than the 40 MiB of limits.memory"));
  CHECK(outcome.max_rss_mib.value() > 40);
}

TEST_CASE("command: one within its limit of memory is not affected by it, and its peak is told") {
  Bench bench;
  bench.shell("exec python3 -c 'x = bytearray(64 << 20)'").memory(1 << 30);
  const Outcome outcome = bench.run();
  REQUIRE_FALSE(outcome.failure);
  CHECK(outcome.max_rss_mib.value() > 64);
}

TEST_CASE("command: a program that is just being written is tried again until it can be run") {
  Bench bench;
  const std::string path = bench.copied_program("tool");
  CountingPulse pulse;
  UniqueFd writer(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  REQUIRE(writer);
  pulse.on_question = [&writer](int times) {
    if (times == 2) writer.reset();
    return false;
  };
  bench.argv({"./tool"});
  const Outcome outcome = bench.run("1", &pulse);
  CHECK_FALSE(outcome.failure);
  CHECK_FALSE(outcome.broken);
}

TEST_CASE(
    "command: one that cannot be started for a shortage is no failure, and waits no longer than the sweep") {
  Bench bench;
  const std::string path = bench.copied_program("tool");
  const UniqueFd writer(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  CountingPulse pulse;
  pulse.on_question = [](int) { return true; };
  bench.argv({"./tool"});
  const Outcome outcome = bench.run("1", &pulse);
  CHECK_FALSE(outcome.failure);
  REQUIRE(outcome.broken);
  CHECK(outcome.broken->is_shortage);
  CHECK(contains(outcome.broken->message, "Text file busy"));
}

TEST_CASE("command: one that ignores the request to end is killed with all it started") {
  Bench bench;
  const std::string path = bench.folder() + "/fifo";
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  const UniqueFd fifo(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  bench.shell("trap '' TERM; sleep 1000 3>fifo & echo stubborn >&2; wait; sleep 1000").timeout(300ms, 100ms);
  const Outcome outcome = bench.run();
  REQUIRE(outcome.failure);
  CHECK(outcome.failure->kind == ErrorKind::timeout);
  CHECK(contains(message_of(outcome), "0.3 s (limits.timeout)"));
  CHECK(is_abandoned(fifo.get()));
}

TEST_CASE("command: after the limit, what ignores the request and holds no output does not outlive it") {
  Bench bench;
  const std::string path = bench.folder() + "/fifo";
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  const UniqueFd fifo(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  bench.shell("(trap '' TERM; exec sleep 1000) 3>fifo >/dev/null 2>&1 & wait").timeout(300ms, 1h);
  CHECK(bench.run().failure->kind == ErrorKind::timeout);
  CHECK(is_abandoned(fifo.get()));
}

TEST_CASE("command: one that ends when asked to is not given the whole grace") {
  Bench bench;
  bench.shell("exec sleep 1000").timeout(50ms, 1h);
  const Outcome outcome = bench.run();
  REQUIRE(outcome.failure);
  CHECK(outcome.failure->kind == ErrorKind::timeout);
}

TEST_CASE("command: after the limit, what the command started may still end in order") {
  Bench bench;
  // The shell itself dies of SIGTERM at once; the process it started says good-bye.
  bench.shell("(trap 'sleep 0.3; echo good-bye >&2; exit' TERM; while :; do sleep 0.01; done) & wait")
      .timeout(1s, 1h);
  const Outcome outcome = bench.run();
  REQUIRE(outcome.failure);
  CHECK(outcome.failure->kind == ErrorKind::timeout);
  CHECK(contains(outcome.failure->stderr_text, "good-bye"));
}

TEST_CASE("command: one that ends in time is not affected by its limit") {
  Bench bench;
  CHECK_FALSE(bench.argv({"true"}).timeout(1h, 1h).run().failure);
}

TEST_CASE("command: a missing program is found before any point, with its place and where was looked") {
  const Program program{.start = ArgumentVector{{*Template::parse("no-such-program")}},
                        .where = {"sweep.yaml", 3, 12}};
  const Result<void> checked = check_program(program, "/");
  REQUIRE_FALSE(checked);
  CHECK(checked.error().where.line == 3);
  CHECK(contains(checked.error().message, "no program 'no-such-program'"));
  CHECK(contains(checked.error().message, "/bin"));
}

TEST_CASE("command: a program's path is meant from the sweep's folder, when checked and when run") {
  Bench bench;
  bench.file("tool", "#!/bin/sh\necho from the folder\n");
  bench.argv({"./tool"}).result(ResultKind::text);
  CHECK(check_program(bench.program(), bench.folder()));
  CHECK_FALSE(check_program(bench.program(), "/"));
  REQUIRE_FALSE(bench.run().failure);
  CHECK(bench.text() == "from the folder");
}

TEST_CASE("command: a program named by the point is looked for when it is run") {
  Bench bench;
  bench.argv({"{x}"});
  CHECK(check_program(bench.program(), bench.folder()));
  CHECK_FALSE(bench.run("true").failure);
  const Outcome outcome = bench.run("no-such-program");
  REQUIRE(outcome.failure);
  CHECK(outcome.failure->kind == ErrorKind::exit);
  CHECK_FALSE(outcome.failure->exit_code);
  CHECK(contains(message_of(outcome), "no-such-program"));
}

TEST_CASE("command: a file that is no program is a failure that says so") {
  Bench bench;
  bench.file("noise", "\x01\x02 not a program");
  const Outcome outcome = bench.argv({"./noise"}).run();
  CHECK(contains(message_of(outcome), "Exec format error"));
}

TEST_CASE("command: a NUL byte in a value is refused rather than cut off") {
  Bench bench;
  const Outcome outcome = bench.argv({"true", "{x}"}).run(std::string_view("a\0b", 3));
  CHECK(contains(message_of(outcome), "parameter 'x' holds a NUL byte"));
}

TEST_CASE("command: only its three standard descriptors are open") {
  Bench bench;
  bench.shell(
      "for i in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do [ -e /proc/self/fd/$i ] && echo $i; done; true");
  bench.result(ResultKind::text);
  const UniqueFd left_open(dup(0));
  REQUIRE_FALSE(bench.run().failure);
  CHECK(bench.text() == "0\n1\n2");
}

TEST_CASE("command: one that dies of SIGTERM by itself has failed") {
  Bench bench;
  const Outcome outcome = bench.shell("kill -TERM $$").run();
  CHECK_FALSE(outcome.interrupted);
  CHECK(message_of(outcome) == "killed by signal 15 (SIGTERM)");
}

TEST_CASE("command: one that a signal ends which comes to this process, too, was interrupted") {
  for (const std::string text : {
           "kill -TERM $PPID; kill -TERM $$",
           "kill -USR1 $PPID; sh -c 'kill -USR1 $$'; exit $?",        // a shell tells that it was so
           "trap 'exit 1' TERM; kill -TERM $PPID; kill -TERM $$; :",  // it ends in its own way
           "kill -TERM $PPID; kill -KILL $$",
       }) {
    Bench bench;
    const Outcome outcome = bench.shell(text).run();
    CHECK_MESSAGE(outcome.interrupted, text);
  }
}

TEST_CASE("command: it is interrupted also where the signal comes to it before it comes to this process") {
  timer_t timer{};
  sigevent event{};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGTERM;
  REQUIRE(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
  Bench bench;
  bench.shell("kill -TERM $$");
  const HeldSignals held;  // from here on to the end, whenever the time is up
  const itimerspec soon{{0, 0}, {0, 40'000'000}};
  timer_settime(timer, 0, &soon, nullptr);
  CHECK(bench.run().interrupted);
  timer_delete(timer);
}

TEST_CASE("command: its own failure is one also after this process was signalled long before") {
  Bench bench;
  bench.shell("kill -TERM $PPID; sleep 0.2").run();
  CHECK_FALSE(Bench().shell("kill -TERM $$").run().interrupted);
}

TEST_CASE("command: one that dies of SIGTERM while the sweep is being stopped was interrupted") {
  struct Stopping : CountingPulse {
    bool is_stopping() const override { return true; }
  } pulse;
  Bench bench;
  CHECK(bench.shell("kill -TERM $$").run("1", &pulse).interrupted);
  CHECK_FALSE(Bench().shell("exit 1").run("1", &pulse).interrupted);
}

TEST_CASE("command: a success after SIGTERM counts, but not in a job, whose commands have it, too") {
  const std::string text = "kill -TERM $PPID";
  unsetenv("SLURM_JOB_ID");
  CHECK_FALSE(Bench().shell(text).run().interrupted);
  setenv("SLURM_JOB_ID", "12", 1);
  CHECK(Bench().shell(text).run().interrupted);
  CHECK_FALSE(Bench().shell("kill -USR1 $PPID").run().interrupted);
  unsetenv("SLURM_JOB_ID");
}
