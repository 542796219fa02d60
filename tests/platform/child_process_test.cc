#include "runner/platform/child_process.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "runner/platform/group_guard.h"
#include "runner/platform/inherited_signals.h"
#include "runner/platform/program.h"
#include "runner/platform/unique_fd.h"
#include "tests/temporary_folder.h"

using namespace sweepd;

namespace {

std::string write_file(const TemporaryFolder& folder, const std::string& name, const std::string& text,
                       mode_t mode) {
  const std::string file = folder / name;
  std::ofstream(file) << text;
  chmod(file.c_str(), mode);
  return file;
}

struct Pipe {
  Pipe() {
    int ends[2];
    REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
    read_end.reset(ends[0]);
    write_end.reset(ends[1]);
  }
  UniqueFd read_end;
  UniqueFd write_end;
};

std::string read_all(int fd) {
  std::string all;
  char bytes[4096];
  for (ssize_t count = 0; (count = read(fd, bytes, sizeof bytes)) > 0;)
    all.append(bytes, static_cast<size_t>(count));
  return all;
}

// The program and its arguments, with standard output to `out`.
Result<Child> start(std::vector<std::string> words, int out, int directory = -1) {
  const UniqueFd null(open("/dev/null", O_RDWR | O_CLOEXEC));
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::string variable = "GREETING=hello";
  char* envp[] = {variable.data(), nullptr};
  return start_child({argv[0], argv.data(), envp, null.get(), out, null.get(), directory});
}

struct Ended {
  std::string output;
  ChildEnd end;
};

Ended run_shell(const std::string& text, int directory = -1) {
  Pipe pipe;
  Result<Child> child = start({"/bin/sh", "-c", text}, pipe.write_end.get(), directory);
  REQUIRE(child);
  pipe.write_end.reset();
  std::string output = read_all(pipe.read_end.get());
  const Result<ChildEnd> end = child->reap();
  REQUIRE(end);
  return {std::move(output), *end};
}

}  // namespace

TEST_CASE("child: output, arguments, environment and exit code come through") {
  const Ended ended = run_shell("printf '%s' \"$GREETING\"; exit 7");
  CHECK(ended.output == "hello");
  CHECK_FALSE(ended.end.by_signal());
  CHECK(ended.end.exit_code() == 7);
  CHECK(ended.end.max_rss_mib > 0);
}

TEST_CASE("child: an end by a signal is told from an exit") {
  const Ended ended = run_shell("kill -9 $$");
  CHECK(ended.end.by_signal());
  CHECK(ended.end.signal() == SIGKILL);
}

TEST_CASE("child: it leads a process group of its own") {
  Pipe pipe;
  Result<Child> child = start({"/bin/sleep", "1000"}, pipe.write_end.get());
  REQUIRE(child);
  CHECK(getpgid(child->pid()) == child->pid());
  child->signal_group(SIGKILL);
  CHECK(child->reap()->signal() == SIGKILL);
}

TEST_CASE("child: dropping one that runs kills and reaps it") {
  Pipe pipe;
  pid_t pid = 0;
  {
    const Result<Child> child = start({"/bin/sleep", "1000"}, pipe.write_end.get());
    REQUIRE(child);
    pid = child->pid();
  }
  CHECK(waitpid(pid, nullptr, 0) == -1);
  CHECK(errno == ECHILD);
}

TEST_CASE("child: the pidfd is readable once it has ended, and not before") {
  Pipe in;
  const UniqueFd null(open("/dev/null", O_RDWR | O_CLOEXEC));
  char program[] = "/bin/cat";
  char* argv[] = {program, nullptr};
  char* envp[] = {nullptr};
  Result<Child> child = start_child({program, argv, envp, in.read_end.get(), null.get(), null.get()});
  REQUIRE(child);
  pollfd polled{child->pidfd(), POLLIN, 0};
  CHECK(poll(&polled, 1, 0) == 0);
  in.write_end.reset();
  CHECK(poll(&polled, 1, 60'000) == 1);
  CHECK(child->reap()->exit_code() == 0);
}

TEST_CASE("child: only descriptors 0, 1 and 2 are open, whatever the parent left open") {
  const UniqueFd left_open(dup(0));  // not close-on-exec
  const Ended ended = run_shell(
      "for i in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do"
      " [ -e /proc/self/fd/$i ] && echo $i; done");
  REQUIRE(left_open.get() <= 20);
  CHECK(ended.output == "0\n1\n2\n");
}

TEST_CASE("child: descriptors may be given in numbers below 3 and in any order") {
  Pipe pipe;
  const UniqueFd saved(fcntl(0, F_DUPFD_CLOEXEC, 10));
  REQUIRE(dup2(pipe.write_end.get(), 0) == 0);
  Result<Child> child = start({"/bin/echo", "through"}, 0);
  if (saved) {
    dup2(saved.get(), 0);
  } else {
    close(0);
  }
  pipe.write_end.reset();
  REQUIRE(child);
  CHECK(read_all(pipe.read_end.get()) == "through\n");
  CHECK(child->reap()->exit_code() == 0);
}

TEST_CASE("child: what this process itself ignores and blocks is nothing to it") {
  struct sigaction ignore {};
  struct sigaction before {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, &before);
  sigset_t block;
  sigset_t mask_before;
  sigemptyset(&block);
  sigaddset(&block, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &block, &mask_before);
  CHECK(run_shell("kill -PIPE $$; echo survived").end.signal() == SIGPIPE);
  CHECK(run_shell("kill -USR1 $$; echo survived").end.signal() == SIGUSR1);
  sigset_t mask_after;
  pthread_sigmask(SIG_SETMASK, &mask_before, &mask_after);
  CHECK(sigismember(&mask_after, SIGUSR1) == 1);
  CHECK(sigismember(&mask_after, SIGUSR2) == 0);
  sigaction(SIGPIPE, &before, nullptr);
}

TEST_CASE("child: it has the signals ignored and blocked that were so when sweepd was started") {
  const auto bit = [](int number) { return uint64_t{1} << (number - 1); };
  assume_inherited_signals(
      {.ignored = bit(SIGHUP) | bit(SIGPIPE) | bit(64), .blocked = bit(SIGUSR2) | bit(40)});
  Pipe pipe;
  Result<Child> child =
      start({"/bin/grep", "-E", "^Sig(Ign|Blk):", "/proc/self/status"}, pipe.write_end.get());
  assume_inherited_signals({});
  REQUIRE(child);
  pipe.write_end.reset();
  CHECK(read_all(pipe.read_end.get()) == "SigBlk:\t0000008000000800\nSigIgn:\t8000000000001001\n");
  CHECK(child->reap()->exit_code() == 0);
}

TEST_CASE("child: it dies with its parent") {
  Pipe pipe;
  const pid_t parent = fork();
  REQUIRE(parent >= 0);
  if (parent == 0) {
    const Result<Child> child = start({"/bin/sleep", "1000"}, pipe.write_end.get());
    _exit(child ? 0 : 1);
  }
  pipe.write_end.reset();
  int status = -1;
  REQUIRE(waitpid(parent, &status, 0) == parent);
  CHECK(status == 0);
  pollfd polled{pipe.read_end.get(), POLLIN, 0};  // hung up once nobody has the other end
  CHECK(poll(&polled, 1, 60'000) == 1);
}

// What a child starts is no child of its parent, which the kernel kills with it.
TEST_CASE("child: the guard ends its whole group with its parent") {
  Pipe pipe;
  Pipe started;
  const pid_t parent = fork();
  REQUIRE(parent >= 0);
  if (parent == 0) {
    const GroupGuard guard;
    const UniqueFd null(open("/dev/null", O_RDWR | O_CLOEXEC));
    const char* argv[] = {"/bin/sh", "-c", "(sleep 1000 & sleep 1000 & echo >&2); sleep 1000", nullptr};
    char* envp[] = {nullptr};
    const Result<Child> child = start_child({.path = argv[0],
                                             .argv = const_cast<char* const*>(argv),
                                             .envp = envp,
                                             .in_fd = null.get(),
                                             .out_fd = pipe.write_end.get(),
                                             .err_fd = started.write_end.get(),
                                             .guard_fd = guard.fd()});
    for (;;) pause();
  }
  pipe.write_end.reset();
  char byte = 0;
  CHECK(read(started.read_end.get(), &byte, 1) == 1);
  kill(parent, SIGKILL);
  REQUIRE(waitpid(parent, nullptr, 0) == parent);
  pollfd polled{pipe.read_end.get(), POLLIN, 0};  // hung up once nobody has the other end
  CHECK(poll(&polled, 1, 60'000) == 1);
}

TEST_CASE("child: it works in the directory it is given") {
  const TemporaryFolder folder;
  const UniqueFd directory(open(folder.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  CHECK(run_shell("pwd -P", directory.get()).output ==
        std::filesystem::canonical(folder.path()).string() + "\n");
}

TEST_CASE("child: what cannot be executed is an error, not an exit code") {
  const TemporaryFolder folder;
  const UniqueFd null(open("/dev/null", O_RDWR | O_CLOEXEC));
  const auto message = [&null](const std::string& file) {
    const Result<Child> child = start({file}, null.get());
    REQUIRE_FALSE(child);
    return child.error().message;
  };
  CHECK(message(folder.path() + "/missing").find("No such file") != std::string::npos);
  CHECK(message(write_file(folder, "noise", "\x01\x02 no program", 0755)).find("Exec format error") !=
        std::string::npos);
  CHECK(message(write_file(folder, "orphan", "#!/no/such/interpreter\n", 0755)).find("interpreter") !=
        std::string::npos);
  CHECK(message(write_file(folder, "plain", "#!/bin/sh\n", 0644)).find("Permission denied") !=
        std::string::npos);
  CHECK(waitpid(-1, nullptr, WNOHANG) == -1);  // no zombie is left
}

TEST_CASE("child: a program that is being written is a shortage, one that is missing is not") {
  const TemporaryFolder folder;
  const std::string tool = folder / "tool";
  std::filesystem::copy_file("/bin/true", tool);
  const UniqueFd null(open("/dev/null", O_RDWR | O_CLOEXEC));
  {
    const UniqueFd writer(open(tool.c_str(), O_WRONLY | O_CLOEXEC));
    const Result<Child> child = start({tool}, null.get());
    REQUIRE_FALSE(child);
    CHECK(child.error().is_shortage);
  }
  CHECK(start({tool}, null.get()).has_value());
  CHECK_FALSE(start({folder / "missing"}, null.get()).error().is_shortage);
}

TEST_CASE("program: a bare name is looked for in PATH, in order, and must be an executable file") {
  const TemporaryFolder first;
  const TemporaryFolder second;
  std::filesystem::create_directory(first.path() + "/tool");
  write_file(first, "other", "", 0644);
  const std::string tool = write_file(second, "tool", "#!/bin/sh\n", 0755);
  const std::string path = first.path() + ":" + second.path();
  CHECK(find_program("tool", path, "/").value() == tool);
  const Result<std::string> missing = find_program("other", path, "/");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().message.find(first.path() + ", " + second.path()) != std::string::npos);
  CHECK(missing.error().message.find("cannot run '" + first.path() + "/other'") != std::string::npos);
  CHECK(find_program("none", path, "/").error().message.find("add its folder to PATH") != std::string::npos);
}

TEST_CASE("program: a name with a slash is taken from the directory") {
  const TemporaryFolder folder;
  const std::string tool = write_file(folder, "tool", "#!/bin/sh\n", 0755);
  write_file(folder, "plain", "", 0644);
  CHECK(find_program("./tool", "/nowhere", folder.path()).value() == folder.path() + "/./tool");
  CHECK(find_program(tool, "", "/").value() == tool);
  CHECK(find_program("tool", ".", folder.path()).has_value());
  CHECK_FALSE(find_program("./missing", "/bin", folder.path()));
  CHECK_FALSE(find_program(".", "/bin", folder.path()));
  CHECK(find_program("./plain", "", folder.path()).error().message.find("chmod +x") != std::string::npos);
  CHECK_FALSE(find_program("", "/bin", "/"));
}
