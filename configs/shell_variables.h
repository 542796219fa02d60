// Names of environment variables that parameters of a shell task cannot have.
#pragma once

#include <string_view>

namespace sweepd {

/// Whether shells (POSIX, dash, bash, bash as sh) set a variable of this name by themselves, or work
/// differently where it is set; or the dynamic linker does, or sweepd. A parameter's value would not reach
/// the text, or would change what it means. Locales are not among them: who names a parameter LC_ALL means
/// that.
bool is_own_variable(std::string_view name);

}  // namespace sweepd
