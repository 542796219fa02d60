// Document: a YAML or JSON document as a tree in which every node knows its place. Anchors, aliases and merge
// keys are resolved here, what cannot be meant (a key twice, a tag nobody knows) is complained about, and
// what could exhaust the machine is refused. Knows nothing of sweeps.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "configs/complaints.h"
#include "configs/yaml_events.h"

namespace sweepd {

enum class NodeKind : uint8_t { scalar, sequence, mapping, rows };
enum class Tag : uint8_t { none, string, integer, real, boolean, null };

struct Node {
  NodeKind kind = NodeKind::scalar;
  Tag tag = Tag::none;
  bool quoted = false;    ///< a scalar that is a string whatever it looks like
  uint32_t rows = 0;      ///< of a sequence that was streamed: the number its RowSink was given
  Mark mark;              ///< of a null in a mapping: its key's
  uint64_t expanded = 0;  ///< characters if written out, with 16 for each node
  std::string text;       ///< of a scalar, without NUL
  /// A sequence's items. A mapping's keys (scalars, no two of the same text) and values in turn, merged ones
  /// included. A node may be shared (aliases), so this is a graph without cycles.
  std::vector<const Node*> children;

  bool is_null() const {
    return kind == NodeKind::scalar &&
           (tag == Tag::null || (tag == Tag::none && !quoted && is_null_text(text)));
  }
  size_t pairs() const { return children.size() / 2; }
  const Node& key(size_t i) const { return *children[2 * i]; }
  const Node& value(size_t i) const { return *children[2 * i + 1]; }
};

/// Takes the items of a long list one by one, so that they need not be held.
class RowSink {
 public:
  virtual ~RowSink() = default;
  /// `item` lives until the call returns.
  virtual void row(const Node& item) = 0;
};

/// Asked at the start of each sequence that is a value or an item, with the keys that lead to it ("-" for an
/// item's sequence): the sink its items go to, and the number that stands for it in the tree; or null to keep
/// the items.
struct RowStream {
  RowSink* sink = nullptr;
  uint32_t number = 0;
};
using RowStreams = std::function<RowStream(std::span<const std::string_view> path)>;

/// More than this is refused with the limit named.
struct DocumentLimits {
  size_t scalar_bytes = size_t{1} << 20;  ///< of one scalar
  size_t anchors = 10'000;
  size_t nodes = 5'000'000;                  ///< held in the tree
  uint64_t expansion = uint64_t{256} << 20;  ///< sum of Node::expanded over all aliases
};

struct Document {
  std::deque<Node> nodes;
  const Node* root = nullptr;  ///< null: nothing but comments, or too broken to go on
};

/// A text that is JSON is read as JSON, whatever its file is called, any other as YAML; a byte order mark may
/// stand before it. What is wrong goes to `complaints`; the document is then good for finding more errors
/// only.
Document read_document(std::string_view text, const RowStreams& streams, Complaints& complaints,
                       const DocumentLimits& limits = {});

/// "text", "a list" or "a mapping": what a node is, for messages.
std::string_view kind_name(const Node& node);

}  // namespace sweepd
