#include "configs/point_rows.h"

#include "configs/scalars.h"
#include "runner/core/space/axis.h"

namespace sweepd {

std::string complaint_about_name(std::string_view name) {
  const Result<void> named = check_name(name, {});
  return named ? std::string() : named.error().message;
}

void PointRows::row(const Node& item) {
  const size_t before = complaints_.count();
  add(item);
  broken_ = broken_ || complaints_.count() > before;
}

void PointRows::add(const Node& item) {
  if (item.kind != NodeKind::mapping || item.pairs() == 0) {
    const std::string what(item.kind == NodeKind::mapping ? "empty" : kind_name(item));
    complaints_.add(item.mark, "a point must be a mapping such as {x: 1, y: 2}; this is " + what);
    return;
  }
  table_.begin_row(item.mark.line);
  for (size_t i = 0; i < item.pairs(); ++i) cell(item.key(i), item.value(i));
}

void PointRows::cell(const Node& key, const Node& value) {
  std::string complaint = complaint_about_name(key.text);
  if (!complaint.empty()) return complaints_.add(key.mark, std::move(complaint));
  const std::optional<Written> read = read_value(value, key.text, json_, complaints_);
  if (!read) return;
  const Result<void> added = table_.add(key.text, *read);
  if (!added) complaints_.add(key.mark, added.error().message);
}

SpacePtr PointRows::space(Mark where, Spellings spellings) {
  if (finished_) return space_;
  finished_ = true;
  if (broken_) return nullptr;
  Result<SpacePtr> made = table_.finish(complaints_.position(where), spellings);
  if (made)
    space_ = std::move(*made);
  else
    complaints_.add(made.error());
  return space_;
}

RowStream PointLists::stream(std::span<const std::string_view> path) {
  if (path.empty() || path.front() != "parameters") return {};
  for (path = path.subspan(1); !path.empty(); path = path.subspan(2))
    if (path.size() < 2 || (path[0] != "concat" && path[0] != "product") || path[1] != "-") return {};
  lists_.push_back(std::make_unique<PointRows>(complaints_));
  return {lists_.back().get(), static_cast<uint32_t>(lists_.size() - 1)};
}

}  // namespace sweepd
