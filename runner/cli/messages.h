// Messages to the person at the terminal, on standard error.
#pragma once

#include <string>
#include <vector>

#include "runner/core/error.h"

namespace sweepd {

/// `sweepd: error: FILE:LINE:COLUMN: what is wrong; what to do`
void report_error(const Error& error);
void report_errors(const std::vector<Error>& errors);
void report_warning(const std::string& text);

/// Sends log messages (spdlog's) to standard error, from warnings on or, when verbose, from what is done on;
/// and all of them, with times, to `file` where it is not empty.
Result<void> open_log(bool quiet, bool verbose, const std::string& file);

}  // namespace sweepd
