// The pi kernel in a bare loop on each of two cores: no sweep, no records.
//   pi_loop POINTS DARTS
#include <cstdlib>

#include "tests/bench/on_cores.h"
#include "workers/tasks/pi/pi_kernel.h"

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const int points = std::atoi(argv[1]);
  const auto darts = static_cast<uint64_t>(std::atof(argv[2]));
  sweepd::bench::on_two_cores([points, darts](int place, int places) {
    for (int i = place; i < points; i += places)
      if (sweepd::pi_hits(static_cast<uint64_t>(i), darts) > darts) std::abort();
  });
}
