#include "runner/core/code.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <unordered_set>
#include <utility>

namespace sweepd {
namespace {

using Files = std::vector<CodeFile>;

std::span<const CodeFile> files_named(std::span<const CodeFile> files, std::string_view name) {
  const auto has_name = [name](const CodeFile& file) { return file.name == name; };
  const auto first = std::ranges::find_if(files, has_name);
  return {first, std::find_if_not(first, files.end(), has_name)};
}

bool has_same(std::span<const CodeFile> files, const CodeFile& wanted) {
  return std::ranges::any_of(
      files, [&](const CodeFile& file) { return file.path == wanted.path && file.hash == wanted.hash; });
}

void add_once(std::string path, std::vector<std::string>& paths) {
  if (std::ranges::find(paths, path) == paths.end()) paths.push_back(std::move(path));
}

/// An absolute path may be another where a project, or an environment, was moved.
bool are_same(std::span<const CodeFile> some, std::span<const CodeFile> others) {
  return std::ranges::equal(some, others, [](const CodeFile& one, const CodeFile& other) {
    return one.hash == other.hash && (one.path == other.path || one.path.starts_with('/'));
  });
}

/// What is declared only now may have been read by earlier code as well: as it is now, as far as is known.
void add_new_names(const Files& files, std::vector<Code>& codes) {
  for (Code& code : codes) {
    if (code.files.empty()) continue;  // forgotten
    std::unordered_set<std::string> names;
    for (const CodeFile& file : code.files) names.insert(file.name);
    std::ranges::copy_if(files, std::back_inserter(code.files),
                         [&](const CodeFile& file) { return !names.contains(file.name); });
  }
}

/// About as many as in the manifest.
size_t bytes_of(const Files& files) {
  constexpr size_t others = 200;
  size_t bytes = 0;
  for (const CodeFile& file : files) bytes += file.name.size() + 2 * file.path.size() + others;
  return bytes;
}

bool is_same_code(const Files& some, const Files& others) {
  return std::ranges::equal(some, others, {}, &CodeFile::name, &CodeFile::name) && are_same(some, others);
}

}  // namespace

std::vector<std::string> changed_files(const Files& earlier, const Files& now) {
  std::vector<std::string> changed;
  if (is_same_code(earlier, now)) return changed;
  std::string_view name;
  for (const CodeFile& each : now) {
    if (std::exchange(name, each.name) == each.name) continue;
    const auto before = files_named(earlier, name), after = files_named(now, name);
    if (before.empty() || are_same(before, after)) continue;
    for (const CodeFile& file : after)
      if (!has_same(before, file)) add_once(file.path, changed);
    // One file has one name: where its program is another now, that is what is told.
    if (before.size() == 1 && after.size() == 1) continue;
    for (const CodeFile& file : before)
      if (!has_same(after, file)) add_once(file.path, changed);
  }
  return changed;
}

uint32_t number_of(const Files& files, std::vector<Code>& codes, size_t most_bytes) {
  add_new_names(files, codes);
  const auto found =
      std::ranges::find_if(codes, [&files](const Code& code) { return is_same_code(code.files, files); });
  const auto place = static_cast<uint32_t>(found - codes.begin());
  if (found == codes.end())
    codes.push_back({files});
  else
    found->files = files;  // their times may be others now
  size_t total = 0;
  for (auto code = codes.rbegin(); code != codes.rend(); ++code)
    if ((total += bytes_of(code->files)) > most_bytes && code != codes.rbegin()) code->files.clear();
  return place + 1;
}

EarlierCode earlier_code(const std::vector<Code>& codes, const Files& now) {
  EarlierCode earlier{.numbers = {false}};
  for (const Code& code : codes) {
    const std::vector<std::string> changed = changed_files(code.files, now);
    earlier.numbers.push_back(!changed.empty() || code.files.empty());
    if (!earlier.numbers.back() || code.points == 0) continue;
    earlier.points += code.points;
    for (const std::string& path : changed) add_once(path, earlier.files);
  }
  return earlier;
}

}  // namespace sweepd
