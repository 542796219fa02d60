#include "runner/platform/captured_program.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>

#include <string>

#include "runner/platform/clock.h"

using namespace sweepd;

namespace {

ProgramCall shell(const std::string& text) {
  ProgramCall call;
  call.path = "/bin/sh";
  call.arguments = {"-c", text};
  call.environment = {"GREETING=hello"};
  call.limit_s = 60;
  return call;
}

CapturedEnd run(const ProgramCall& call) {
  Result<CapturedProgram> program = CapturedProgram::start(call);
  REQUIRE(program);
  Result<CapturedEnd> end = program->wait();
  REQUIRE(end);
  return std::move(*end);
}

}  // namespace

TEST_CASE("captured: both streams and the exit status come back") {
  const CapturedEnd end = run(shell("echo \"$GREETING\"; echo oops >&2; exit 3"));
  CHECK(end.out == "hello\n");
  CHECK(end.err == "oops\n");
  CHECK(end.end.exit_code() == 3);
  CHECK_FALSE(end.timed_out);
}

TEST_CASE("captured: a program that prints more than is kept is read to its end") {
  ProgramCall call = shell("head -c 300000 /dev/zero | tr '\\0' x; exit 5");
  call.most_bytes = 1000;
  const CapturedEnd end = run(call);
  CHECK(end.out == std::string(1000, 'x'));
  CHECK(end.end.exit_code() == 5);
}

TEST_CASE("captured: a program that takes too long is killed, and what it printed is kept") {
  ProgramCall call = shell("echo first; exec sleep 1000");
  call.limit_s = 0.3;
  const CapturedEnd end = run(call);
  CHECK(end.timed_out);
  CHECK(end.end.by_signal());
  CHECK(waitpid(-1, nullptr, WNOHANG) == -1);  // nothing is left behind
}

TEST_CASE("captured: a program that prints without end is killed when its time is up") {
  ProgramCall call = shell("exec yes");
  call.limit_s = 0.3;
  const CapturedEnd end = run(call);
  CHECK(end.timed_out);
  CHECK(end.out.size() <= call.most_bytes);
}

TEST_CASE("captured: a daemon that keeps the streams open is not waited for") {
  const CapturedEnd end = run(shell("sleep 1000 & echo $!"));
  CHECK_FALSE(end.timed_out);
  const pid_t daemon = std::stoi(end.out);
  CHECK(kill(daemon, SIGKILL) == 0);
}

TEST_CASE("captured: a look does not wait, and standard input is empty") {
  Result<CapturedProgram> program = CapturedProgram::start(shell("exec sleep 1000"));
  REQUIRE(program);
  CHECK_FALSE(program->poll());
  CHECK(run(shell("cat; echo done")).out == "done\n");
}

TEST_CASE("captured: what cannot be started is an error") {
  ProgramCall call = shell("");
  call.path = "/no/such/program";
  CHECK_FALSE(CapturedProgram::start(call));
}
