#include "runner/platform/binding.h"

#include <doctest/doctest.h>
#include <linux/mempolicy.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "runner/core/core_plan.h"
#include "runner/platform/topology.h"

using namespace sweepd;

namespace {

/// Runs `body` on a thread of its own, so that the binding ends with it.
template <typename Body>
void on_a_thread(Body body) {
  std::thread(body).join();
}

}  // namespace

TEST_CASE("binding: each processor allowed can be bound to and is read back") {
  on_a_thread([] {
    for (const uint32_t number : allowed_processors()) {
      const auto bound = bind_this_process({number}, {});
      CHECK_MESSAGE(bound.has_value(), bound.error().message);
      CHECK(bound_processors() == CpuSet{number});
    }
  });
}

TEST_CASE("binding: a plan made under a narrower mask keeps to it") {
  const auto topology = read_topology();
  REQUIRE(topology.has_value());
  on_a_thread([&] {
    const CpuSet only{*allowed_processors().next()};
    CHECK(bind_this_process(only, {}).has_value());
    CHECK(allowed_processors() == only);
    const auto plan = plan_cores(*topology, allowed_processors(), WorkerOptions{});
    CHECK(plan.has_value());
    if (!plan) return;
    CHECK(plan->workers.size() == 1);
    CHECK(plan->workers[0].cpus == only);
    CHECK(bind_this_process(plan->workers[0].cpus, plan->workers[0].nodes).has_value());
  });
}

TEST_CASE("binding: children inherit what was bound") {
  on_a_thread([] {
    const CpuSet only{*allowed_processors().next()};
    CHECK(bind_this_process(only, {}).has_value());
    const pid_t child = fork();
    if (child == 0) _exit(bound_processors() == only ? 0 : 1);
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
  });
}

TEST_CASE("binding: processors that cannot be had are an error that names what can") {
  on_a_thread([] {
    const CpuSet before = bound_processors();
    const auto none = bind_this_process({}, {});
    CHECK_FALSE(none.has_value());
    const auto absent = bind_this_process({60000}, {});
    CHECK_FALSE(absent.has_value());
    if (!absent)
      CHECK(absent.error().message.find("60000: Invalid argument; this process may use cpus " +
                                        before.text()) != std::string::npos);
    CHECK(bound_processors() == before);
  });
}

TEST_CASE("binding: a set of which only a part is given is an error, not a smaller binding in silence") {
  on_a_thread([] {
    CpuSet wanted = allowed_processors();
    wanted.insert(60000);
    const auto bound = bind_this_process(wanted, {});
    CHECK_FALSE(bound.has_value());
  });
}

TEST_CASE(
    "binding: memory is preferred from the worker's node, and nodes that do not exist are passed over") {
  const auto topology = read_topology();
  REQUIRE(topology.has_value());
  on_a_thread([&] {
    const CpuSet cpus = allowed_processors();
    CHECK(bind_this_process(cpus, {1000, 999999}).has_value());
    const uint32_t node = topology->processors.front().node;
    CHECK(bind_this_process(cpus, {node}).has_value());
    int mode = -1;
    unsigned long nodes[16] = {};
    if (syscall(SYS_get_mempolicy, &mode, nodes, sizeof nodes * 8, nullptr, 0UL) != 0)
      return;                          // not allowed here
    if (mode == MPOL_DEFAULT) return;  // nor setting one
    CHECK(mode == MPOL_PREFERRED);
    CHECK((nodes[node / 64] >> (node % 64) & 1) == 1);
  });
}
