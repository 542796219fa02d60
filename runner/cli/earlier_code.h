// What is said of points that were computed by other code than there is now.
#pragma once

#include <string_view>

#include "runner/core/code.h"
#include "runner/engine/sweep_directory.h"

namespace sweepd {

/// Such as "1,200 points come from an earlier model.py"; empty where none do.
std::string earlier_code_text(const EarlierCode& earlier);

inline constexpr std::string_view rerun_changed_runs_them = "--rerun-changed runs them again";

/// The same on standard error, with what to do about it.
void report_earlier_code(const EarlierCode& earlier, std::string_view what_to_do);

/// Of a sweep directory: what its last session ran as its files are now, and its points from its records.
/// Where these cannot be read, or are another user's, there is none. `folder`: that of the sweep file.
EarlierCode earlier_code_in(const SweepDirectory& directory, Manifest manifest, const std::string& folder);

/// The folder of the sweep file: the one that the directory lies in, where the file is there, since projects
/// are moved and copied; else as the manifest has it.
std::string sweep_folder(const SweepDirectory& directory, const Manifest& manifest);

}  // namespace sweepd
