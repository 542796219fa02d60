// SubmitOptions: what of sbatch's options decides whether a job gets to its first line: where it runs, where
// its output goes, and which environment it has. Text in, values out; looks at no folder.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace sweepd {

struct SubmitOptions {
  std::string folder;         ///< --chdir; empty: that of the submission
  std::string output, error;  ///< file names as given, with their %j
  std::string exported;       ///< --export: empty where everything is
};

/// The script's #SBATCH lines, sbatch's variables (SBATCH_OUTPUT, SBATCH_ERROR, SBATCH_EXPORT; empty where
/// not set) and `options`, of which each wins over those before it.
SubmitOptions submit_options(std::string_view script, const std::vector<std::string>& options,
                             const std::function<std::string(const char*)>& variable);

/// The folder that has to be there for a file of this name, of the part before any `%`; empty where that is
/// the current one or depends on the job.
std::string folder_of_output(const std::string& name);

/// Whether a job with this --export has the submitting shell's PATH.
bool exports_path(std::string_view exported);

}  // namespace sweepd
