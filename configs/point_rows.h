// Lists of points as they are read: each row goes into a table at once, so that a list of 10^6 points is
// never held as a tree.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "configs/complaints.h"
#include "configs/document.h"
#include "runner/core/space.h"
#include "runner/core/spaces.h"

namespace sweepd {

/// What is wrong with a parameter's name; empty: nothing.
std::string complaint_about_name(std::string_view name);

/// Turns mappings into the rows of a table.
class PointRows : public RowSink {
 public:
  explicit PointRows(Complaints& complaints) : complaints_(complaints), table_(complaints.file()) {}

  void row(const Node& item) override;

  /// The table as a space; null, with a complaint, where there is none. May be called more than once.
  SpacePtr space(Mark where, Spellings spellings);

 private:
  void add(const Node& item);
  void cell(const Node& key, const Node& value);

  Complaints& complaints_;
  TableBuilder table_;
  SpacePtr space_;
  std::string json_;     ///< of the value that is read
  bool broken_ = false;  ///< a row was complained about: what is there is not what was meant
  bool finished_ = false;
};

/// The lists of points that are streamed while a sweep file is read: those at `parameters` and, inside, in
/// `concat` and `product`.
class PointLists {
 public:
  explicit PointLists(Complaints& complaints) : complaints_(complaints) {}
  RowStream stream(std::span<const std::string_view> path);
  SpacePtr space(const Node& rows, Spellings spellings) {
    return lists_[rows.rows]->space(rows.mark, spellings);
  }

 private:
  Complaints& complaints_;
  std::vector<std::unique_ptr<PointRows>> lists_;
};

}  // namespace sweepd
