// Descriptors 0, 1 and 2, which some parents close.
#pragma once

namespace sweepd {

/// Fills those that are closed, so that no file or channel gets their numbers and with it what is meant for a
/// person. Reading finds the end; writing fails, as it does where they are closed. To be called before
/// anything is opened. False where that cannot be done.
bool fill_standard_descriptors();

}  // namespace sweepd
