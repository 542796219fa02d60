// The command lines that carry a run on: those it was started by, without what is to be done only once.
#pragma once

#include <string>
#include <vector>

#include "runner/cli/requests.h"

namespace sweepd {

/// What somebody types to carry on: `sweepd run FILE …`, or `sbatch FILE …` for a file that was submitted.
std::vector<std::string> carry_on_words(const RunRequest& request);

/// For sbatch, of a file that was submitted: its path and the arguments that came with it.
std::vector<std::string> submitted_words(const RunRequest& request);

/// Whether what is to be done only once stands where no submission can leave it out: in the sweep file's
/// first line, or in a batch script.
bool would_start_anew(const RunRequest& request);

}  // namespace sweepd
