// Reading the small files of /proc, whose size is not known before.
#pragma once

#include <optional>
#include <string>

namespace sweepd {

/// The whole file; none where it, or the process that it tells of, is not there.
std::optional<std::string> read_proc_file(const std::string& path);

}  // namespace sweepd
