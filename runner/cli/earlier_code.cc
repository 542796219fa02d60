#include "runner/cli/earlier_code.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "configs/input_files.h"
#include "configs/name_pattern.h"
#include "runner/cli/messages.h"
#include "runner/cli/open_results.h"
#include "runner/cli/terminal.h"
#include "runner/core/printable.h"
#include "runner/engine/code_files.h"
#include "runner/platform/trusted_file.h"

namespace sweepd {
namespace {

using Paths = std::vector<std::string>;

/// The files of a code as they are now, those that its patterns find included. What is gone stays as it was:
/// results may be looked at where the program is not.
std::vector<CodeFile> as_now(const Code& code, const std::string& directory, const std::vector<Code>& known) {
  std::vector<CodeFile> files;
  for (auto file = code.files.begin(); file != code.files.end();) {
    const auto next =
        std::find_if(file, code.files.end(), [&](const CodeFile& other) { return other.name != file->name; });
    const bool is_pattern = file->name != file->path && is_name_pattern(file->name);
    auto paths = is_pattern ? files_matching(file->name, directory).value_or(Paths{}) : Paths{};
    paths.resize(std::min(paths.size(), InputLimits().files));
    if (paths.empty()) files.insert(files.end(), file, next);
    for (const std::string& path : paths) files.push_back({.name = file->name, .path = path, .hash = {}});
    file = next;
  }
  hash_files(files, directory, known);
  return files;
}

/// "model.py", "model.py or in.lj", "a.csv, b.csv or 5 other files"
std::string any_of(const std::vector<std::string>& files) {
  constexpr size_t most_named = 3;
  const size_t named = files.size() == most_named + 1 ? files.size() : std::min(files.size(), most_named);
  const std::string rest =
      files.size() > named ? fmt::format("{} other files", with_commas(files.size() - named)) : "";
  std::string text;
  for (size_t i = 0; i < named; ++i) {
    const bool is_last = i + 1 == named && rest.empty();
    text += (i == 0 ? "" : is_last ? " or " : ", ") + printable_line(files[i]);
  }
  return rest.empty() ? text : text + " or " + rest;
}

}  // namespace

std::string earlier_code_text(const EarlierCode& earlier) {
  if (earlier.points == 0) return "";
  return fmt::format("{} from an earlier {}",
                     earlier.points == 1 ? "1 point comes" : with_commas(earlier.points) + " points come",
                     earlier.files.empty() ? "code" : any_of(earlier.files));
}

void report_earlier_code(const EarlierCode& earlier, std::string_view what_to_do) {
  if (earlier.points > 0) tell("sweepd: {}; {}\n", earlier_code_text(earlier), what_to_do);
}

EarlierCode earlier_code_in(const SweepDirectory& directory, Manifest manifest, const std::string& folder) {
  const auto stranger = directory.stranger();
  if (manifest.code == 0 || !stranger || *stranger) return {};
  const auto now = as_now(manifest.codes[manifest.code - 1], folder, manifest.codes);
  if (!earlier_code(manifest.codes, now).has_any()) return {};
  if (!manifest.complete) {
    const auto chunks = open_chunks(directory, manifest);
    if (!chunks || !count_points(*chunks, manifest.codes)) return {};
  }
  return earlier_code(manifest.codes, now);
}

std::string sweep_folder(const SweepDirectory& directory, const Manifest& manifest) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  const fs::path above = fs::absolute(directory.path(), ignored).lexically_normal().parent_path();
  return is_there((above / fs::path(manifest.file).filename()).string()).value_or(false)
             ? above.string()
             : folder_of(manifest.file);
}

}  // namespace sweepd
