// Collecting rows. Nearly all rows have the names of the row before them, in its order: that row's shape is
// followed for as long as it fits, at the price of one comparison a cell.
#include <map>
#include <unordered_map>
#include <utility>

#include "runner/core/space/axis.h"
#include "runner/core/space/repeats.h"
#include "runner/core/space/table.h"
#include "runner/core/spaces.h"

namespace sweepd {

struct TableBuilder::Rows {
  RowStore store;
  std::unordered_map<std::string_view, uint32_t> numbers;  ///< of the names
  std::map<Shape, uint32_t> shapes;
  std::vector<uint64_t> last_row_with;  ///< for each name the number (from 1) of the row that had it last
  Shape shape;                          ///< of the row begun
  const Shape* followed = nullptr;      ///< the shape of the row before

  SourcePosition place() const { return {store.file, store.lines.empty() ? 0 : store.lines.back(), 0}; }
  uint32_t number_of(std::string_view name);
  void end_row();
};

uint32_t TableBuilder::Rows::number_of(std::string_view name) {
  if (followed != nullptr && shape.size() < followed->size()) {
    const uint32_t expected = (*followed)[shape.size()];
    if (store.names[expected] == name) return expected;
  }
  const auto at = numbers.find(name);
  if (at != numbers.end()) return at->second;
  const auto number = static_cast<uint32_t>(store.names.size());
  numbers.emplace(store.names.emplace_back(name), number);
  last_row_with.push_back(0);
  return number;
}

void TableBuilder::Rows::end_row() {
  if (store.lines.empty() || (followed != nullptr && shape == *followed)) return;
  const auto [at, is_new] = shapes.try_emplace(shape, static_cast<uint32_t>(store.shapes.size()));
  if (is_new) store.shapes.push_back(shape);
  followed = &store.shapes[at->second];
  store.runs.push_back({store.lines.size() - 1, store.cells.size() - shape.size(), at->second});
}

TableBuilder::TableBuilder(std::string file) : rows_(std::make_unique<Rows>()) {
  rows_->store.file = std::move(file);
}
TableBuilder::~TableBuilder() = default;
TableBuilder::TableBuilder(TableBuilder&&) noexcept = default;
TableBuilder& TableBuilder::operator=(TableBuilder&&) noexcept = default;

void TableBuilder::begin_row(uint32_t line) {
  rows_->end_row();
  rows_->shape.clear();
  rows_->store.lines.push_back(line);
}

Result<void> TableBuilder::add(std::string_view name, const Written& written) {
  const uint32_t number = rows_->number_of(name);
  uint64_t& last_row = rows_->last_row_with[number];
  if (last_row == rows())
    return failure("the parameter '" + std::string(name) + "' is given twice; keep one of the two",
                   rows_->place());
  if (last_row == 0)
    if (Result<void> named = check_name(name, rows_->place()); !named) return named;
  if (written.value.has_text() && written.value.string().size() > max_text_bytes)
    return failure("a value of '" + std::string(name) + "' is longer than 16 MiB; put it into a file",
                   rows_->place());
  last_row = rows();
  rows_->shape.push_back(number);
  rows_->store.cells.push_back(rows_->store.text.keep(written));
  return {};
}

uint64_t TableBuilder::rows() const { return rows_->store.lines.size(); }

Result<SpacePtr> TableBuilder::finish(SourcePosition where, Spellings spellings) {
  if (rows() == 0) return failure("there are no points; give at least one", std::move(where));
  if (rows() > max_compared_points)
    return failure("there are more than 2^28 listed points; use a grid or several sweeps", std::move(where));
  rows_->end_row();
  RowStore store = std::move(rows_->store);
  rows_ = std::make_unique<Rows>();
  if (spellings == Spellings::dropped) store.cells.drop_spellings();
  return make_table(std::move(store));
}

}  // namespace sweepd
