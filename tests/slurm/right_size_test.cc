#include "slurm/right_size.h"

#include <doctest/doctest.h>

using namespace sweepd;

namespace {

using Options = std::vector<std::string>;

JobUse well_used() {
  return {.nodes = 1,
          .cores = 4,
          .elapsed_s = 720,
          .busy_core_s = 0.95 * 4 * 720,
          .idle_tail_core_s = 360,
          .limit_s = 3600,
          .memory_peak_mib = 412,
          .memory_limit_mib = 4096};
}

}  // namespace

TEST_CASE("right size: the line says what was used of what was granted") {
  CHECK(right_size(well_used()).used ==
        "95 % of 4 cores busy, memory peak 412 MiB a core (granted 4096), 12m of 1h00m used, idle tail 0.10 "
        "core-hours");
  CHECK(right_size({.cores = 1, .elapsed_s = 10, .busy_core_s = 5}).used ==
        "50 % of 1 core busy, 10s used, idle tail 0.00 core-hours");
}

TEST_CASE("right size: what was well used is asked for again, with room in time and memory") {
  CHECK(right_size(well_used()).ask == Options{"--nodes=1", "--ntasks-per-node=1", "--cpus-per-task=4",
                                               "--mem-per-cpu=512M", "--time=00:15:00"});
}

TEST_CASE("right size: idle cores are given back, and the time stays enough for the work") {
  JobUse use = well_used();
  use.nodes = 2;
  use.cores = 16;
  use.busy_core_s = 4 * 720;
  CHECK(right_size(use).ask == Options{"--nodes=1", "--ntasks-per-node=1", "--cpus-per-task=5",
                                       "--mem-per-cpu=512M", "--time=00:15:00"});
  use.cores_per_worker = 4;
  CHECK(right_size(use).ask[2] == "--cpus-per-task=8");
  use.busy_core_s = 0;
  CHECK(right_size(use).ask[2] == "--cpus-per-task=4");
}

TEST_CASE("right size: a short job tells nothing about cores") {
  JobUse use = well_used();
  use.elapsed_s = 20;
  use.busy_core_s = 1;
  CHECK(right_size(use).ask[2] == "--cpus-per-task=4");
  CHECK(right_size(use).ask.back() == "--time=00:05:00");
}

TEST_CASE("right size: an unfinished sweep is asked time for in whole") {
  JobUse use = well_used();
  use.elapsed_s = 3600;
  use.busy_core_s = 4 * 3600;
  use.part_done = 0.1;
  CHECK(right_size(use).ask.back() == "--time=13:00:00");
  use.part_done = 0.01;
  CHECK(right_size(use).ask.back() == "--time=5-05:00:00");
  use.part_done = 0;
  CHECK(right_size(use).ask.back() == "--time=52-02:00:00");
}

TEST_CASE("right size: where Slurm counts hardware threads, values are for these") {
  JobUse use = well_used();
  use.cpus_per_core = 2;
  CHECK(right_size(use).ask[2] == "--cpus-per-task=8");
  CHECK(right_size(use).ask[3] == "--mem-per-cpu=256M");
}

TEST_CASE("right size: memory is asked for in large steps where it is large, and not at all where unknown") {
  JobUse use = well_used();
  use.memory_peak_mib = 3000;
  CHECK(right_size(use).ask[3] == "--mem-per-cpu=3840M");
  use.memory_peak_mib = 0.5;
  CHECK(right_size(use).ask[3] == "--mem-per-cpu=64M");
  use.memory_peak_mib.reset();
  CHECK(right_size(use).ask[3] == "--time=00:15:00");
}

TEST_CASE("right size: numbers that cannot be are survived") {
  const RightSize size = right_size({.nodes = 0, .cores = 0, .elapsed_s = 0});
  CHECK(size.ask == Options{"--nodes=1", "--ntasks-per-node=1", "--cpus-per-task=1", "--time=00:05:00"});
}
