#include "slurm/enclosing_step.h"

#include <doctest/doctest.h>

using namespace sweepd;

TEST_CASE("enclosing step: a slurmstepd's title names its job and step") {
  CHECK(parse_step_title("slurmstepd: [7.0]") == StepName{7, 0});
  CHECK(parse_step_title("slurmstepd: [123456.42]") == StepName{123456, 42});
  CHECK(parse_step_title("slurmstepd: [8.batch]") == StepName{8, std::nullopt});
  CHECK(parse_step_title("slurmstepd: [8.interactive]") == StepName{8, std::nullopt});
}

TEST_CASE("enclosing step: any other title proves nothing") {
  for (const char* title :
       {"", "slurmstepd", "slurmstepd: [8.extern]", "slurmstepd: [8]", "slurmstepd: [x.0]",
        "slurmstepd: [8.0", "/usr/sbin/slurmstepd", "bash", "slurmstepd: ].["})
    CHECK_MESSAGE(!parse_step_title(title), title);
}
