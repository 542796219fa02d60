#include "configs/section.h"

#include <algorithm>

#include "configs/nearest_name.h"

namespace sweepd {

bool expect_mapping(const Node& node, std::string_view path, Complaints& complaints) {
  if (node.kind == NodeKind::mapping) return true;
  const std::string subject = path.empty() ? "a sweep file" : "'" + std::string(path) + "'";
  complaints.add(node.mark, subject + " must be a mapping, keys with their values; it is " +
                                std::string(kind_name(node)));
  return false;
}

Section::Section(const Node& node, std::string path, std::vector<std::string_view> known,
                 Complaints& complaints)
    : node_(node), path_(std::move(path)) {
  if (!expect_mapping(node, path_, complaints)) return;
  for (size_t i = 0; i < node.pairs(); ++i) {
    const std::string& key = node.key(i).text;
    const bool is_free = path_.empty() && key.starts_with("x-");
    if (is_free || std::find(known.begin(), known.end(), key) != known.end()) continue;
    const std::string place = path_.empty() ? "" : " in '" + path_ + "'";
    complaints.add(node.key(i).mark,
                   "unknown key '" + key.substr(0, 60) + "'" + place + suggestion(key, known));
  }
}

const Node* Section::find_key(std::string_view key) const {
  if (!is_mapping()) return nullptr;
  for (size_t i = 0; i < node_.pairs(); ++i)
    if (node_.key(i).text == key) return &node_.key(i);
  return nullptr;
}

const Node* Section::find(std::string_view key) const {
  if (!is_mapping()) return nullptr;
  for (size_t i = 0; i < node_.pairs(); ++i)
    if (node_.key(i).text == key) return &node_.value(i);
  return nullptr;
}

}  // namespace sweepd
