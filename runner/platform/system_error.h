// What the operating system refuses, in words: what was tried, why it failed and what to do about it.
#pragma once

#include <string>
#include <string_view>

#include "runner/core/error.h"

namespace sweepd {

/// "cannot WHAT NAME: No space left on device; free some there, …" for an errno(3) value. `name` is a path,
/// or whatever it is about. `is_shortage` is set by the kind of error: full disks and quotas, disks that fail
/// or are gone, descriptors, processes and memory that ran out.
Error system_error(std::string_view what, const std::string& name, int error);

/// The same for errno as it is.
tl::unexpected<Error> refused(std::string_view what, const std::string& name);

/// What is reported in the place of std::bad_alloc.
Error memory_ran_out();

}  // namespace sweepd
