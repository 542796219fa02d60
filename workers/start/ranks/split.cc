#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "runner/platform/inherited_signals.h"
#include "runner/platform/process_identity.h"
#include "runner/platform/system_error.h"
#include "workers/start/ranks/module.h"
#include "workers/start/ranks/rank_link.h"

namespace sweepd {
namespace {

// As in runner/cli/exit_status.h: the same command carries on.
constexpr int stopped_before_end = 3;
constexpr int coordinator_lost = 5;

// A signal's action can reach nothing but globals.
volatile sig_atomic_t agent_of_rank_0 = 0;

extern "C" void pass_on(int number) {
  const int before = errno;
  if (agent_of_rank_0 > 0) kill(static_cast<pid_t>(agent_of_rank_0), number);
  errno = before;
}

/// Launchers and terminals signal every rank; only rank 0's agent decides.
void pass_signals_to(pid_t agent) {
  agent_of_rank_0 = agent;
  struct sigaction action {};
  action.sa_handler = pass_on;
  action.sa_flags = SA_RESTART;
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGTSTP})
    if (!inherited_signals().ignores(number)) sigaction(number, &action, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

/// Of the agent of rank 0 nobody else hears.
int say_coordinator_is_lost(int number) {
  dprintf(
      STDERR_FILENO,
      "sweepd: error: rank 0's sweepd on %s, which runs the sweep, was killed by signal %d (%s)%s; the other "
      "ranks end, and what has a record is kept: the same command carries on\n",
      host_name().c_str(), number, strsignal(number),
      number == SIGKILL ? ", maybe by the kernel for lack of memory" : "");
  return std::getenv(batch_script_variable) != nullptr ? coordinator_lost : stopped_before_end;
}

int await_agent(pid_t agent, bool is_coordinator) {
  int status = 0;
  while (waitpid(agent, &status, 0) < 0)
    if (errno != EINTR) return stopped_before_end;
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  return is_coordinator ? say_coordinator_is_lost(WTERMSIG(status)) : stopped_before_end;
}

void refuse(int socket, const std::string& why) {
  const RelayHeader header{RelayPacket::unusable, 0};
  std::string packet(reinterpret_cast<const char*>(&header), sizeof header);
  packet += why;
  send(socket, packet.data(), packet.size(), MSG_NOSIGNAL);
}

[[noreturn]] void become_relay(UniqueFd socket, pid_t agent, const Launch& launch) {
  prctl(PR_SET_NAME, "sweepd-relay");
  pass_signals_to(launch.rank == 0 ? agent : 0);
  const auto relay = load_relay();
  bool may_leave = false;
  if (relay)
    may_leave = (*relay)(socket.get());
  else
    refuse(socket.get(), relay.error().message);
  socket.reset();
  const int status = await_agent(agent, launch.rank == 0);
  _exit(may_leave ? 0 : status);  // whether the sweep is finished only rank 0 knows
}

/// The launcher's socket is the relay's alone: as long as somebody has it, the launcher takes the rank for
/// alive.
void close_launchers_socket() {
  if (const char* number = std::getenv("PMI_FD")) close(std::atoi(number));
}

}  // namespace

Result<UniqueFd> split_off_agent(const Launch& launch) {
  int fds[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0)
    return refused("make a channel to", "MPI");
  UniqueFd agents(fds[0]);
  UniqueFd relays(fds[1]);
  const pid_t agent = fork();
  if (agent < 0) return refused("start", "the process that speaks MPI");
  if (agent > 0) {
    agents.reset();
    become_relay(std::move(relays), agent, launch);
  }
  relays.reset();
  close_launchers_socket();
  // What the terminal signals reaches it by way of the relay only, and so once.
  setpgid(0, 0);
  return agents;
}

}  // namespace sweepd
