// A chunks/ folder in any condition: what repair and recovery leave is whole, has every point that had an
// intact record at its place, and nothing else. Each line of an input begins with a letter:
//   c03   a committed file of points 0 to 2 begins       g2   a good record of point 2
//   p15   a part file of points 1 to 4 begins            f2   a failed one
//   k     the file of kept points begins                 s…   a line that is given a valid checksum
//   t     the file's last byte is cut off                r…   a line as it stands
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "runner/core/chunk_name.h"
#include "runner/core/record.h"
#include "runner/engine/chunk_store.h"
#include "runner/engine/record_stream.h"
#include "tests/fuzz/sealed_line.h"
#include "tests/fuzz/target.h"
#include "tests/temporary_folder.h"

namespace sweepd {
namespace {

uint64_t digit(std::string_view text, size_t at) {
  return at < text.size() && text[at] >= '0' && text[at] <= '9' ? static_cast<uint64_t>(text[at] - '0') : 0;
}

std::string record(uint64_t index, bool ok) {
  std::string line;
  append_record_head(line, index, "0123456789abcdef0123", "{\"i\":1}");
  if (ok)
    (line += ok_and_result) += "1";
  else
    append_error(line, {});
  append_run(line, 0, RunFacts{});
  return line;
}

struct FileText {
  bool kept = false;
  ChunkFile chunk;  ///< unless kept
  std::string text;

  std::string name() const {
    if (kept) return kept_file_name;
    return chunk.part ? part_file_name(chunk.range) : chunk_file_name(chunk.range);
  }
};
using Files = std::map<std::string, FileText>;  ///< by name

FileText file_begun_by(std::string_view line) {
  const uint64_t first = digit(line, 1);
  const uint64_t last = std::max(first + 1, digit(line, 2));
  return {line[0] == 'k', {{first, last}, line[0] == 'p'}, {}};
}

void append_line(std::string& text, std::string_view line) {
  const std::string_view rest = line.substr(1);
  if (line[0] == 'g' || line[0] == 'f')
    text += record(digit(line, 1), line[0] == 'g');
  else if (line[0] == 's')
    (text += sealed(rest)) += '\n';
  else if (line[0] == 'r')
    (text += rest) += '\n';
  else if (line[0] == 't' && !text.empty())
    text.pop_back();
}

Files files_of(std::string_view input) {
  Files files;
  FileText* file = nullptr;
  while (!input.empty()) {
    const std::string_view line = take_up_to('\n', input);
    if (line.empty()) continue;
    if (line[0] == 'c' || line[0] == 'p' || line[0] == 'k') {
      FileText begun = file_begun_by(line);
      file = &files.insert_or_assign(begun.name(), begun).first->second;
    } else if (file != nullptr) {
      append_line(file->text, line);
    }
  }
  return files;
}

using Records = std::multimap<uint64_t, std::string>;  ///< lines by index

Records intact_in(const FileText& file) {
  Records records;
  std::string_view rest = file.text;
  while (rest.find('\n') != std::string_view::npos) {
    const std::string_view line = take_up_to('\n', rest);
    if (const auto found = scan_record(line, RunPart::present)) records.emplace(found->index, line);
  }
  return records;
}

/// The points whose records have to be there afterwards: those in order, of a part file those before a gap.
std::set<uint64_t> counting_in(const FileText& file, const std::set<uint64_t>& kept) {
  std::set<uint64_t> points;
  uint64_t due = file.kept ? 0 : file.chunk.range.first;
  std::string_view rest = file.text;
  while (rest.find('\n') != std::string_view::npos) {
    while (file.chunk.part && kept.contains(due)) ++due;
    const auto found = scan_record(take_up_to('\n', rest), RunPart::present);
    const bool fits = found && !kept.contains(found->index) &&
                      (file.kept || found->index < file.chunk.range.last) &&
                      (file.chunk.part ? found->index == due : found->index >= due);
    if (!fits && file.chunk.part) break;
    if (!fits) continue;
    points.insert(found->index);
    due = found->index + 1;
  }
  return points;
}

void write(const std::string& folder, const Files& files) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) std::filesystem::remove(entry.path());
  for (const auto& [name, file] : files) std::ofstream(folder + '/' + name, std::ios::binary) << file.text;
}

/// Every record there is, checked to be in order and as one that was there before.
std::set<uint64_t> points_of(const ChunkFolder& folder, const Records& before) {
  std::set<uint64_t> points;
  RecordStream stream(folder);
  while (const ScannedRecord* found = stream.next()) {
    expect(points.empty() || found->index > *points.rbegin(), "records come in order, each once");
    points.insert(found->index);
    const auto [begin, end] = before.equal_range(found->index);
    const bool known =
        std::any_of(begin, end, [found](const auto& entry) { return entry.second == found->text; });
    expect(known, "what is left was there and intact");
  }
  expect(stream.finish().has_value(), "what is left is whole");
  return points;
}

void check_folder(const Files& files) {
  static const TemporaryFolder folder;
  static const SweepDirectory directory = [] {
    SweepDirectory entered(folder.path());
    expect(entered.enter() && entered.make_folder(entered.chunks()), "there is a folder");
    return entered;
  }();
  write(directory.chunks(), files);
  Records before;
  std::set<uint64_t> expected;
  if (const auto kept = files.find(kept_file_name); kept != files.end())
    expected = counting_in(kept->second, {});
  const std::set<uint64_t> kept = expected;
  for (const auto& [name, file] : files) {
    before.merge(intact_in(file));
    if (!file.kept) expected.merge(counting_in(file, kept));
  }
  auto store = ChunkStore::open(directory, {});
  expect(store && store->repair(), "a folder in any condition can be repaired");
  const auto left = store->recover();
  expect(left.has_value(), "a folder that is repaired can be recovered");
  expect(points_of(*left, before) == expected, "every point that had an intact record at its place has one");
  auto again = ChunkStore::open(directory, {});
  const auto notices = again ? again->repair() : tl::unexpected(again.error());
  expect(notices && notices->empty(), "what is repaired is not damaged");
}

}  // namespace
}  // namespace sweepd

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  sweepd::check_folder(sweepd::files_of(sweepd::text_of(bytes, size)));
  return 0;
}
