#include "configs/nested_value.h"

#include <cmath>

#include "configs/scalars.h"
#include "runner/core/json.h"

namespace sweepd {
namespace {

/// Writes a node into `out`; every function returns false after a complaint.
class Nesting {
 public:
  Nesting(std::string_view parameter, Complaints& complaints)
      : parameter_(parameter), complaints_(complaints) {}

  bool append(const Node& node, size_t depth, std::string& out) {
    if (depth > max_value_depth)
      return wrong(node,
                   "lists and mappings are nested more than " + std::to_string(max_value_depth) + " deep");
    if (node.kind == NodeKind::sequence) return append_list(node, depth, out);
    if (node.kind == NodeKind::mapping) return append_mapping(node, depth, out);
    const Result<Value> value = scalar_value(node);
    if (!value) return wrong(node, value.error().message);
    const Result<void> appended = append_inner(*value, out);
    return appended ? true : wrong(node, appended.error().message);
  }

 private:
  bool append_list(const Node& node, size_t depth, std::string& out) {
    char before = '[';
    for (const Node* item : node.children) {  // an alias is the same node again
      out += before;
      before = ',';
      if (!append(*item, depth + 1, out)) return false;
    }
    out.append(before == '[' ? "[]" : "]");
    return true;
  }

  bool append_mapping(const Node& node, size_t depth, std::string& out) {
    std::map<std::string, std::string> members;
    for (size_t i = 0; i < node.pairs(); ++i)
      if (!append(node.value(i), depth + 1, members[node.key(i).text])) return false;
    append_members(members, out);
    return true;
  }

  bool wrong(const Node& node, const std::string& what) {
    complaints_.add(node.mark, "'" + std::string(parameter_) + "': " + what);
    return false;
  }

  std::string_view parameter_;
  Complaints& complaints_;
};

}  // namespace

bool append_nested(const Node& node, std::string_view parameter, std::string& out, Complaints& complaints) {
  return Nesting(parameter, complaints).append(node, 1, out);
}

Result<void> append_inner(const Value& value, std::string& out) {
  if (value.type() == ValueType::real && !std::isfinite(value.real()))
    return failure("JSON has no number for this, so it cannot stand in a list or mapping; write it as text");
  append_json(out, value);
  return {};
}

void append_members(const std::map<std::string, std::string>& members, std::string& out) {
  char before = '{';
  if (members.empty()) out += before;
  for (const auto& [name, text] : members) {
    out += before;
    append_json(out, name);
    out.append(":").append(text);
    before = ',';
  }
  out += '}';
}

}  // namespace sweepd
