// Section: a mapping of the sweep file whose keys are known beforehand.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "configs/complaints.h"
#include "configs/document.h"

namespace sweepd {

class Section {
 public:
  /// `path`: how the section is called, such as "workers" or "task"; empty for the whole file. Complains
  /// about what is not a mapping and, with the nearest known name, about each key that is not in `known`.
  /// Keys of the whole file that begin with "x-" are free: whoever wrote the file has a use for them, such as
  /// anchors.
  Section(const Node& node, std::string path, std::vector<std::string_view> known, Complaints& complaints);

  /// The value of `key`; null where the section does not have it.
  const Node* find(std::string_view key) const;
  /// The key itself.
  const Node* find_key(std::string_view key) const;
  /// "workers.count", for messages.
  std::string option(std::string_view key) const {
    return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
  }
  bool is_mapping() const { return node_.kind == NodeKind::mapping; }
  Mark mark() const { return node_.mark; }

 private:
  const Node& node_;
  std::string path_;
};

/// Complains where `node` is not a mapping; `path` empty means the whole file.
bool expect_mapping(const Node& node, std::string_view path, Complaints& complaints);

}  // namespace sweepd
