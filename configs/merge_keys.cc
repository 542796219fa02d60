#include "configs/merge_keys.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace sweepd {
namespace {

bool is_merge_key(const Node& key) { return key.text == "<<" && !key.quoted && key.tag == Tag::none; }

/// Finds keys by text. A handful is looked through; more are hashed.
class KeySet {
 public:
  explicit KeySet(size_t pairs) : hashed_(pairs > few) {}

  /// The key of the same text that is there already; or null, and `key` is now there.
  const Node* insert(const Node& key) {
    if (hashed_) {
      const auto [entry, added] = map_.try_emplace(key.text, &key);
      return added ? nullptr : entry->second;
    }
    for (const Node* known : list_)
      if (known->text == key.text) return known;
    list_.push_back(&key);
    if (list_.size() > few) {
      hashed_ = true;
      for (const Node* known : list_) map_.emplace(known->text, known);
    }
    return nullptr;
  }

 private:
  static constexpr size_t few = 16;
  bool hashed_;
  std::vector<const Node*> list_;
  std::unordered_map<std::string_view, const Node*> map_;
};

std::string given_twice(const Node& key, const Node& first) {
  return "'" + key.text.substr(0, 60) + "' is given twice; the first is at line " +
         std::to_string(first.mark.line) + ", column " + std::to_string(first.mark.column);
}

bool is_usable_key(const Node& key, Complaints& complaints) {
  if (key.kind == NodeKind::scalar && !key.is_null()) return true;
  complaints.add(key.mark, "a key must be a name; it is " + std::string(kind_name(key)));
  return false;
}

/// Appends the pairs of what `<<` names whose keys are not in `keys` yet.
void merge(const Node& source, KeySet& keys, std::vector<const Node*>& children, Complaints& complaints,
           Mark where) {
  if (source.kind == NodeKind::sequence) {
    for (const Node* item : source.children) {
      if (item->kind == NodeKind::mapping)
        merge(*item, keys, children, complaints, where);
      else
        complaints.add(item->mark, "'<<' takes mappings; this is " + std::string(kind_name(*item)));
    }
  } else if (source.kind == NodeKind::mapping) {
    for (size_t i = 0; i < source.pairs(); ++i)
      if (keys.insert(source.key(i)) == nullptr)
        children.insert(children.end(), {&source.key(i), &source.value(i)});
  } else {
    complaints.add(where, "'<<' takes a mapping, the alias of one such as *base, or a list of them; it is " +
                              std::string(kind_name(source)));
  }
}

}  // namespace

void finish_mapping(Node& mapping, Complaints& complaints) {
  KeySet keys(mapping.pairs());
  const Node* merge_key = nullptr;
  const Node* merged = nullptr;
  size_t kept = 0;
  for (size_t i = 0; i < mapping.pairs(); ++i) {
    const Node& key = mapping.key(i);
    const Node& value = mapping.value(i);
    if (!is_usable_key(key, complaints)) continue;
    const Node* first = is_merge_key(key) ? merge_key : keys.insert(key);
    if (first != nullptr) {
      complaints.add(key.mark, given_twice(key, *first));
    } else if (is_merge_key(key)) {
      merge_key = &key, merged = &value;
    } else {
      mapping.children[kept++] = &key;
      mapping.children[kept++] = &value;
    }
  }
  mapping.children.resize(kept);
  if (merged != nullptr) merge(*merged, keys, mapping.children, complaints, merge_key->mark);
}

}  // namespace sweepd
