// What sweepd's exit status says.
#pragma once

namespace sweepd {

enum ExitStatus : int {
  every_point_ok = 0,
  some_points_failed = 1,
  wrong_request = 2,       ///< the command line or the sweep file is wrong
  stopped_before_end = 3,  ///< the same command carries on
  system_failure = 4,      ///< an error of the system or of sweepd itself
  coordinator_lost = 5,  ///< of a rank to the batch script that started it (batch_script_variable), no other
};

}  // namespace sweepd
