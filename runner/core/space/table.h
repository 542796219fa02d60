// Rows: what TableBuilder collects and the table space reads. No row has a memory of its own
// beyond its cells.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runner/core/space.h"
#include "runner/core/space/text_arena.h"
#include "runner/core/value.h"

namespace sweepd {

/// Values in blocks, so that growing moves nothing.
class Cells {
 public:
  void push_back(const Value& value) {
    if (size_ % block == 0) blocks_.push_back(std::make_unique<Value[]>(block));
    blocks_.back()[size_++ % block] = value;
  }
  const Value& operator[](uint64_t i) const { return blocks_[i / block][i % block]; }
  uint64_t size() const { return size_; }
  void drop_spellings() {
    for (uint64_t i = 0; i < size_; ++i) {
      Value& value = blocks_[i / block][i % block];
      if (value.is_spelled()) value = value.without_spelling();
    }
  }

 private:
  static constexpr uint64_t block = 8192;
  std::vector<std::unique_ptr<Value[]>> blocks_;
  uint64_t size_ = 0;
};

/// The numbers of a row's names, in the row's order.
using Shape = std::vector<uint32_t>;

/// Neighbouring rows of one shape, up to the next run.
struct ShapeRun {
  uint64_t first_row;
  uint64_t first_cell;
  uint32_t shape;
};

struct RowStore {
  std::string file;
  std::deque<std::string> names;
  std::deque<Shape> shapes;
  std::vector<ShapeRun> runs;
  std::vector<uint32_t> lines;  ///< of each row
  Cells cells;
  TextArena text;

  const ShapeRun& run_of(uint64_t row) const;
  uint64_t first_cell_of(uint64_t row, const ShapeRun& run) const {
    return run.first_cell + (row - run.first_row) * shapes[run.shape].size();
  }
};

/// The space of all rows, of which there is at least one.
SpacePtr make_table(RowStore rows);

}  // namespace sweepd
