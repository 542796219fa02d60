// Reading the JSON inside a record: its members' names and the text of their values, which are taken apart
// further only where something is asked of them. The only place that knows simdjson.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "runner/engine/json_scalar.h"

namespace sweepd {

/// `raw` is JSON text as it stands in the record.
struct Member {
  std::string_view name;
  std::string_view raw;
};
using Members = std::vector<Member>;

/// Every `raw` given must have LineReader::padding readable bytes behind it.
class RecordReader {
 public:
  RecordReader();
  ~RecordReader();
  RecordReader(RecordReader&&) noexcept;
  RecordReader& operator=(RecordReader&&) noexcept;

  /// Replaces `members` by those of the object `raw`. The names live until the next read() of this reader,
  /// the texts as long as `raw`. Of members of one name the last counts, as for most readers of JSON; results
  /// that have such are refused since, but chunk files of earlier versions may hold them. False where `raw`
  /// is not an object or is damaged. Objects within are stepped over, not entered, so that their depth costs
  /// nothing.
  bool read(std::string_view raw, Members& members);

  /// The members of a record's result; one that is not an object is the single member "result".
  bool read_result(std::string_view raw, Members& members);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

/// The first member of that name, or null; `hint` is the place to look at first and is set to
/// the place found.
const Member* find(const Members& members, std::string_view name, size_t& hint);
const Member* find(const Members& members, std::string_view name);

}  // namespace sweepd
