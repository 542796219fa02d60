#include "configs/complaints.h"

#include <algorithm>
#include <tuple>

namespace sweepd {

void Complaints::add(Error error) {
  if (errors_.size() == most_kept) {
    ++dropped_;
    return;
  }
  if (error.where.file.empty()) error.where.file = file_;
  errors_.push_back(std::move(error));
}

Errors Complaints::sorted() && {
  const auto place = [this](const Error& error) {
    const SourcePosition& where = error.where;
    return std::make_tuple(where.file != file_, std::string_view(where.file), where.line, where.column);
  };
  std::stable_sort(errors_.begin(), errors_.end(),
                   [&](const Error& a, const Error& b) { return place(a) < place(b); });
  if (dropped_ > 0)
    errors_.push_back(Error{std::to_string(dropped_) + " more errors are not shown; mend those above first",
                            SourcePosition{file_, 0, 0}});
  return std::move(errors_);
}

}  // namespace sweepd
