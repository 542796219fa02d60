// Table: the space of listed points.
#include "runner/core/space/table.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "runner/core/space/counted.h"
#include "runner/core/space/digest.h"
#include "runner/core/space/repeats.h"

namespace sweepd {
namespace {

/// Where the values of each name stand, so that all names together are visited in a time that grows with the
/// cells.
class NameIndex {
 public:
  explicit NameIndex(const RowStore& rows);

  struct Place {
    uint32_t run;   ///< of rows
    uint32_t cell;  ///< of each row in it
  };
  /// In order of rows; none for a name that does not occur.
  std::vector<Place> places_of(std::string_view name) const;

 private:
  struct InShape {
    uint32_t shape;
    uint32_t cell;
  };
  std::unordered_map<std::string_view, uint32_t> numbers_;
  std::vector<std::vector<InShape>> shapes_with_;     // by a name's number
  std::vector<std::vector<uint32_t>> runs_of_shape_;  // by a shape's number
};

NameIndex::NameIndex(const RowStore& rows)
    : shapes_with_(rows.names.size()), runs_of_shape_(rows.shapes.size()) {
  for (uint32_t name = 0; name < rows.names.size(); ++name) numbers_.emplace(rows.names[name], name);
  for (uint32_t shape = 0; shape < rows.shapes.size(); ++shape)
    for (uint32_t cell = 0; cell < rows.shapes[shape].size(); ++cell)
      shapes_with_[rows.shapes[shape][cell]].push_back({shape, cell});
  for (uint32_t run = 0; run < rows.runs.size(); ++run) runs_of_shape_[rows.runs[run].shape].push_back(run);
}

std::vector<NameIndex::Place> NameIndex::places_of(std::string_view name) const {
  std::vector<Place> places;
  const auto number = numbers_.find(name);
  if (number == numbers_.end()) return places;
  for (const InShape& in : shapes_with_[number->second])
    for (const uint32_t run : runs_of_shape_[in.shape]) places.push_back({run, in.cell});
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) { return a.run < b.run; });
  return places;
}

class Table final : public Counted {
 public:
  explicit Table(RowStore rows) : rows_(std::move(rows)), names_(rows_) {
    std::vector<uint64_t> hashes = row_hashes();
    fingerprint_ = fingerprint_of(hashes);
    repeats_ = Repeats(hashes);
  }

  uint64_t size() const override { return rows_.lines.size(); }
  bool distinct() const override { return repeats_.empty(); }
  Rank rank(uint64_t index) const override { return distinct() ? Rank{} : repeats_.rank(index); }
  uint64_t fingerprint() const override { return fingerprint_; }

  void append(uint64_t index, Point& point) const override {
    const ShapeRun& run = rows_.run_of(index);
    uint64_t cell = rows_.first_cell_of(index, run);
    for (const uint32_t name : rows_.shapes[run.shape])
      point.push_back({rows_.names[name], rows_.cells[cell++]});
  }

  std::vector<Column> columns() const override;
  bool visit(std::string_view name, const Visit& visit) const override;

 private:
  std::vector<uint64_t> row_hashes() const;
  uint64_t fingerprint_of(const std::vector<uint64_t>& hashes) const;

  RowStore rows_;
  NameIndex names_;
  Repeats repeats_;
  uint64_t fingerprint_;
};

std::vector<uint64_t> Table::row_hashes() const {
  std::vector<uint64_t> name_hashes;
  for (const std::string& name : rows_.names) name_hashes.push_back(hash_of_name(name));
  std::vector<uint64_t> hashes(size());
  uint64_t cell = 0;
  for (size_t i = 0; i < rows_.runs.size(); ++i) {
    const uint64_t end = i + 1 < rows_.runs.size() ? rows_.runs[i + 1].first_row : size();
    const Shape& shape = rows_.shapes[rows_.runs[i].shape];
    for (uint64_t row = rows_.runs[i].first_row; row < end; ++row)
      for (const uint32_t name : shape) hashes[row] += hash_of(rows_.cells[cell++], name_hashes[name]);
  }
  return hashes;
}

// The hash of a row does not know the order of its names: the shapes do.
uint64_t Table::fingerprint_of(const std::vector<uint64_t>& hashes) const {
  Digest digest("table");
  for (const std::string& name : rows_.names) digest.add(std::string_view(name));
  for (const ShapeRun& run : rows_.runs) {
    const Shape& shape = rows_.shapes[run.shape];
    digest.add(run.first_row).add(uint64_t{shape.size()});
    for (const uint32_t name : shape) digest.add(uint64_t{name});
  }
  for (const uint64_t hash : hashes) digest.add(hash);
  return digest.value();
}

std::vector<Column> Table::columns() const {
  std::vector<size_t> shapes_with(rows_.names.size());
  for (const Shape& shape : rows_.shapes)
    for (const uint32_t name : shape) ++shapes_with[name];
  std::vector<Column> columns;
  for (size_t i = 0; i < rows_.names.size(); ++i)
    columns.push_back({rows_.names[i], shapes_with[i] == rows_.shapes.size()});
  return columns;
}

bool Table::visit(std::string_view name, const Visit& visit) const {
  SourcePosition where{rows_.file, 0, 0};
  for (const NameIndex::Place& place : names_.places_of(name)) {
    const ShapeRun& run = rows_.runs[place.run];
    const uint64_t end = place.run + 1 < rows_.runs.size() ? rows_.runs[place.run + 1].first_row : size();
    for (uint64_t row = run.first_row; row < end; ++row) {
      where.line = rows_.lines[row];
      if (!visit(rows_.cells[rows_.first_cell_of(row, run) + place.cell], where)) return false;
    }
  }
  return true;
}

}  // namespace

const ShapeRun& RowStore::run_of(uint64_t row) const {
  if (runs.size() == 1) return runs.front();
  const auto next = std::upper_bound(runs.begin(), runs.end(), row, [](uint64_t wanted, const ShapeRun& run) {
    return wanted < run.first_row;
  });
  return next[-1];
}

SpacePtr make_table(RowStore rows) { return std::make_shared<Table>(std::move(rows)); }

}  // namespace sweepd
