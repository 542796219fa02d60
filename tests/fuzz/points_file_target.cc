// Points files. The first byte of an input chooses the format: c CSV, t TSV, l lines of text, n NDJSON, j
// JSON, anything else YAML; the file's text follows.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "configs/parameters_section.h"
#include "configs/points_readers.h"
#include "runner/core/json.h"
#include "tests/fuzz/target.h"

namespace sweepd {
namespace {

using Json = nlohmann::json;

Result<SpacePtr> read(PointsReader& reader, std::string_view text) {
  std::string space(text);
  TableBuilder rows("points");
  if (Result<void> done = reader(space, "points", rows); !done) return tl::unexpected(done.error());
  return rows.finish({"points", 0, 0}, Spellings::dropped);  // NDJSON has none
}

/// In the two pieces that a file of this size could come in.
Result<SpacePtr> read_pieces(PiecesReader& open, std::string_view text, size_t first_bytes) {
  static const std::string file = "points";  // readers keep a reference to it
  TableBuilder rows(file);
  const auto reader = open(file, rows);
  const size_t whole = reader->whole_rows(text.substr(0, first_bytes));
  std::string first(text.substr(0, whole)), rest(text.substr(whole));
  const auto lines = static_cast<uint32_t>(std::count(first.begin(), first.end(), '\n'));
  if (Result<void> done = reader->read(first, 1); !done) return tl::unexpected(done.error());
  if (Result<void> done = reader->read(rest, 1 + lines); !done) return tl::unexpected(done.error());
  if (Result<void> done = reader->finish(); !done) return tl::unexpected(done.error());
  return rows.finish({"points", 0, 0}, Spellings::dropped);  // NDJSON has none
}

Result<SpacePtr> read(PiecesReader& open, std::string_view text) {
  Result<SpacePtr> whole = read_pieces(open, text, 0);
  const Result<SpacePtr> halves = read_pieces(open, text, text.size() / 2);
  expect(whole.has_value() == halves.has_value(), "a text is good or not, whatever pieces it comes in");
  if (whole) expect((*whole)->fingerprint() == (*halves)->fingerprint(), "pieces do not change the points");
  return whole;
}

/// A file in memory, under the same path for every text.
class MemoryFile {
 public:
  MemoryFile() : descriptor_(::memfd_create("points", MFD_CLOEXEC)) {}
  ~MemoryFile() { ::close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  void write(std::string_view text) const {
    const bool written = ::ftruncate(descriptor_, 0) == 0 && ::pwrite(descriptor_, text.data(), text.size(),
                                                                      0) == static_cast<ssize_t>(text.size());
    expect(written, "a file in memory can be written");
  }
  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

Result<SpacePtr> read_yaml_list(std::string_view text) {
  static const MemoryFile file;
  file.write(text);
  Complaints complaints("sweep.yaml");
  SpacePtr space = load_yaml_points(file.path(), "points", {1, 1}, complaints, Spellings::dropped);
  if (complaints.empty()) {
    expect(space != nullptr, "without complaints there are points");
    return space;
  }
  const Errors errors = std::move(complaints).sorted();
  return tl::unexpected(errors.front());
}

Result<SpacePtr> read(char format, std::string_view text) {
  switch (format) {
    case 'c':
      return read(csv_pieces, text);
    case 't':
      return read(tsv_pieces, text);
    case 'l':
      return read(line_pieces, text);
    case 'n':
      return read(read_ndjson, text);
    case 'j':
      return read(read_json_list, text);
    default:
      return read_yaml_list(text);
  }
}

bool has_nonfinite(const Point& point) {
  for (const Parameter& parameter : point)
    if (parameter.value.type() == ValueType::real && !std::isfinite(parameter.value.real())) return true;
  return false;
}

/// The points as NDJSON; empty where JSON has no number for one of their values.
std::string ndjson(const ParameterSpace& space) {
  std::string lines;
  for (uint64_t index = 0; index < space.size(); ++index) {
    const Point point = space.at(index);
    if (has_nonfinite(point)) return {};
    append_json(lines, point);
    lines += '\n';
  }
  return lines;
}

void check_points(char format, std::string_view text, const ParameterSpace& space) {
  expect(space.size() > 0, "a points file that is read has points");
  for (uint64_t index = 0; index < space.size(); ++index)
    expect(space.rank(index).before < space.rank(index).total, "a point is one of its equals");
  const std::string lines = ndjson(space);
  if (lines.empty()) return;
  const Result<SpacePtr> copy = read(read_ndjson, lines);
  expect(copy.has_value(), "points written as NDJSON are read");
  expect((*copy)->fingerprint() == space.fingerprint(), "points written as NDJSON are read back equal");
  if (format != 'j') return;
  expect(Json::accept(text), "a points file that is read is JSON");
  std::string_view rest = lines;
  for (const Json& object : Json::parse(text))
    expect(object == Json::parse(take_up_to('\n', rest)), "the points are those of the file");
}

}  // namespace
}  // namespace sweepd

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using namespace sweepd;
  if (size == 0) return 0;
  const std::string_view text = text_of(bytes, size);
  const Result<SpacePtr> points = read(text[0], text.substr(1));
  if (points) {
    check_points(text[0], text.substr(1), **points);
  } else {
    expect(!points.error().message.empty(), "an error says what is wrong");
    const Result<SpacePtr> again = read(text[0], text.substr(1));
    expect(!again && again.error().text() == points.error().text(), "what is refused is refused alike");
  }
  return 0;
}
