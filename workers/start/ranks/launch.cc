#include "workers/start/ranks/launch.h"

#include <fcntl.h>

#include <charconv>
#include <cstdlib>
#include <string>
#include <string_view>

namespace sweepd {
namespace {

std::optional<uint32_t> number_in(const LaunchFacts& facts, const char* name) {
  const char* const value = facts.variable(name);
  if (value == nullptr) return std::nullopt;
  const std::string_view text = value;
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<Launch> launch_in(const LaunchFacts& facts, const char* rank_name, const char* ranks_name) {
  const auto rank = number_in(facts, rank_name);
  const auto ranks = number_in(facts, ranks_name);
  if (!rank || !ranks || *rank >= *ranks) return std::nullopt;
  return Launch{*rank, *ranks};
}

bool can_reach_pmi(const LaunchFacts& facts) {
  const auto descriptor = number_in(facts, "PMI_FD");
  return (descriptor && facts.is_open(static_cast<int>(*descriptor))) ||
         facts.variable("PMI_PORT") != nullptr;
}

std::optional<Launch> with_pmix(const LaunchFacts& facts) {
  const auto rank = number_in(facts, "PMIX_RANK");
  if (!rank || !facts.step) return std::nullopt;
  return Launch{*rank, facts.step->ranks};
}

}  // namespace

Result<std::optional<Launch>> find_launch(const LaunchFacts& facts) {
  std::optional<Launch> launch;
  if (can_reach_pmi(facts)) launch = launch_in(facts, "PMI_RANK", "PMI_SIZE");
  if (!launch) launch = launch_in(facts, "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE");
  if (!launch) launch = with_pmix(facts);
  if (launch) return launch->ranks > 1 ? launch : std::nullopt;
  if (!facts.step || facts.step->ranks == 1) return std::nullopt;
  return failure(
      "srun started this " + std::to_string(facts.step->ranks) +
      " times, and gave the tasks no way to find each other (PMI); use srun --mpi=pmi2, or mpirun, or one "
      "task that starts a worker on each of its cores (srun -n1 -c" +
      std::to_string(facts.step->ranks) + ")");
}

LaunchFacts launch_facts(std::optional<Launch> step) {
  return {.variable = [](const char* name) { return std::getenv(name); },
          .is_open = [](int descriptor) { return fcntl(descriptor, F_GETFD) >= 0; },
          .step = step};
}

}  // namespace sweepd
