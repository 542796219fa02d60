#include "configs/document.h"

#include <map>
#include <optional>

#include "configs/document_events.h"
#include "configs/merge_keys.h"
#include "runner/core/utf8.h"

namespace sweepd {
namespace {

constexpr uint64_t node_cost = 16;

std::optional<Tag> scalar_tag(std::string_view tag) {
  if (tag.empty()) return Tag::none;
  if (tag == "tag:yaml.org,2002:str") return Tag::string;
  if (tag == "tag:yaml.org,2002:int") return Tag::integer;
  if (tag == "tag:yaml.org,2002:float") return Tag::real;
  if (tag == "tag:yaml.org,2002:bool") return Tag::boolean;
  if (tag == "tag:yaml.org,2002:null") return Tag::null;
  return std::nullopt;
}

std::string written(std::string_view tag) {
  constexpr std::string_view standard = "tag:yaml.org,2002:";
  if (tag.starts_with(standard)) return "!!" + std::string(tag.substr(standard.size()));
  return std::string(tag);
}

/// Whether `text` holds the bytes that stand for half of a surrogate pair, which are no UTF-8.
bool has_half_character(std::string_view text) {
  for (size_t at = text.find('\xED'); at != std::string_view::npos; at = text.find('\xED', at + 1))
    if (at + 1 < text.size() && static_cast<uint8_t>(text[at + 1]) >= 0xA0) return true;
  return false;
}

class DocumentBuilder : public YamlSink {
 public:
  DocumentBuilder(const RowStreams& streams, Complaints& complaints, const DocumentLimits& limits)
      : streams_(streams), complaints_(complaints), limits_(limits) {}

  bool scalar(const NodeProperties& properties, std::string_view text, bool quoted) override {
    if (text.size() > limits_.scalar_bytes)
      return refuse(properties.mark,
                    "this text is longer than " + std::to_string(limits_.scalar_bytes) + " bytes");
    Node* node = begin_node(NodeKind::scalar, properties);
    if (node == nullptr) return false;
    const std::optional<Tag> tag = scalar_tag(properties.tag);
    if (!tag) complain_of_tag(properties);
    if (text.find('\0') != std::string_view::npos)
      complaints_.add(properties.mark, "this text holds the character \\0, which no program can be given");
    const bool is_broken = has_half_character(text);
    if (is_broken)
      complaints_.add(properties.mark,
                      "this text holds half of a character, an escape from \\ud800 to \\udfff "
                      "without its other half, which no program can be given");
    node->tag = tag.value_or(Tag::string);
    node->quoted = quoted;
    node->text = is_broken ? valid_utf8(text) : text;
    node->expanded = node_cost + text.size();
    if (const Node* key = pending_key(); key != nullptr && node->is_null()) node->mark = key->mark;
    return attach(node, properties.anchor);
  }

  bool begin(const NodeProperties& properties, Collection kind) override {
    const bool list = kind == Collection::sequence;
    Node* node = begin_node(list ? NodeKind::sequence : NodeKind::mapping, properties);
    if (node == nullptr) return false;
    if (!properties.tag.empty() &&
        properties.tag != (list ? "tag:yaml.org,2002:seq" : "tag:yaml.org,2002:map"))
      complain_of_tag(properties);
    node->expanded = node_cost;
    const RowStream stream = list ? stream_for_next() : RowStream{};
    if (stream.sink != nullptr) node->kind = NodeKind::rows, node->rows = stream.number;
    open_.push_back({node, std::string(properties.anchor), stream.sink});
    return true;
  }

  bool end() override {
    const Open closed = std::move(open_.back());
    open_.pop_back();
    if (closed.node->kind == NodeKind::mapping) finish_mapping(*closed.node, complaints_);
    return attach(closed.node, closed.anchor);
  }

  bool alias(Mark mark, std::string_view anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end())
      return refuse(mark, "the alias '*" + std::string(anchor) + "' has no anchor '&" + std::string(anchor) +
                              "' before it");
    if (found->second == nullptr)
      return refuse(mark, "the alias '*" + std::string(anchor) + "' stands inside what it names");
    expansion_ += found->second->expanded;
    if (expansion_ > limits_.expansion)
      return refuse(mark, "the aliases stand for more than " + std::to_string(limits_.expansion >> 20) +
                              " MiB of text");
    return append(found->second);
  }

  Document take() && { return std::move(document_); }

 private:
  struct Open {
    Node* node;
    std::string anchor;
    RowSink* sink;  ///< of a streamed list
  };

  bool refuse(Mark where, std::string message) {
    complaints_.add(where, std::move(message));
    document_.root = nullptr;
    return false;
  }

  void complain_of_tag(const NodeProperties& properties) {
    complaints_.add(properties.mark,
                    "the tag " + written(properties.tag) +
                        " is not supported here; leave it out, or use one of !!str, !!int, !!float, "
                        "!!bool, !!null before a value");
  }

  /// A fresh node, with its anchor noted; null where a limit is passed.
  Node* begin_node(NodeKind kind, const NodeProperties& properties) {
    if (!properties.anchor.empty()) {
      anchors_.insert_or_assign(std::string(properties.anchor), nullptr);
      row_is_kept_ = true;
      if (anchors_.size() > limits_.anchors) {
        refuse(properties.mark, "there are more than " + std::to_string(limits_.anchors) + " anchors");
        return nullptr;
      }
    }
    Node* node = allocate();
    if (node == nullptr) {
      refuse(properties.mark,
             "the file has more than " + std::to_string(limits_.nodes) +
                 " values outside of lists of points; write a long list as a range, or as a points file");
      return nullptr;
    }
    node->kind = kind;
    node->mark = properties.mark;
    return node;
  }

  Node* allocate() {
    Node* node = nullptr;
    if (!free_.empty()) {
      node = free_.back();
      free_.pop_back();
      node->tag = Tag::none;
      node->quoted = false;
      node->text.clear();
      node->children.clear();
    } else if (document_.nodes.size() < limits_.nodes) {
      node = &document_.nodes.emplace_back();
    }
    if (node != nullptr && in_rows()) row_nodes_.push_back(node);
    return node;
  }

  /// Whether what comes now is part of a streamed list's item.
  bool in_rows() const {
    for (const Open& open : open_)
      if (open.sink != nullptr) return true;
    return false;
  }

  bool attach(Node* node, std::string_view anchor) {
    if (!anchor.empty()) anchors_.insert_or_assign(std::string(anchor), node);
    return append(node);
  }

  bool append(const Node* node) {
    if (open_.empty()) {
      document_.root = node;
      return true;
    }
    Open& parent = open_.back();
    if (parent.sink == nullptr) {
      parent.node->expanded += node->expanded;
      parent.node->children.push_back(node);
      return true;
    }
    parent.sink->row(*node);
    // Nodes of a row that holds no anchor are used again for the next one.
    if (!row_is_kept_) free_.insert(free_.end(), row_nodes_.begin(), row_nodes_.end());
    row_nodes_.clear();
    row_is_kept_ = false;
    return true;
  }

  /// The key whose value comes next.
  const Node* pending_key() const {
    if (open_.empty() || open_.back().node->kind != NodeKind::mapping) return nullptr;
    const std::vector<const Node*>& children = open_.back().node->children;
    return children.size() % 2 == 1 ? children.back() : nullptr;
  }

  RowStream stream_for_next() {
    if (in_rows() || !streams_) return {};
    path_.clear();
    for (const Open& open : open_) {
      const std::vector<const Node*>& children = open.node->children;
      const bool is_item = open.node->kind == NodeKind::sequence;
      if (!is_item && children.size() % 2 == 0) return {};  // a key
      path_.push_back(is_item ? "-" : std::string_view(children.back()->text));
    }
    return streams_(path_);
  }

  const RowStreams& streams_;
  Complaints& complaints_;
  const DocumentLimits& limits_;
  Document document_;
  std::vector<Open> open_;
  std::map<std::string, const Node*, std::less<>> anchors_;  ///< null while the node is being read
  std::vector<std::string_view> path_;
  std::vector<Node*> free_, row_nodes_;
  bool row_is_kept_ = false;
  uint64_t expansion_ = 0;
};

}  // namespace

Document read_document(std::string_view text, const RowStreams& streams, Complaints& complaints,
                       const DocumentLimits& limits) {
  DocumentBuilder builder(streams, complaints, limits);
  const Result<void> read = read_events(text, complaints.file(), builder);
  Document document = std::move(builder).take();
  if (!read) {
    complaints.add(read.error());
    document.root = nullptr;
  }
  return document;
}

std::string_view kind_name(const Node& node) {
  switch (node.kind) {
    case NodeKind::scalar:
      return node.is_null() ? "empty" : "a single value";
    case NodeKind::mapping:
      return "a mapping";
    default:
      return "a list";
  }
}

}  // namespace sweepd
