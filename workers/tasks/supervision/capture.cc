#include "workers/tasks/supervision/capture.h"

#include <algorithm>

#include "runner/core/command_result.h"

namespace sweepd {

void Capture::clear() {
  head_.clear();
  tail_.clear();
  oldest_ = 0;
  total_ = 0;
}

void Capture::add(std::string_view bytes) {
  total_ += bytes.size();
  const size_t for_head = std::min(bytes.size(), head_limit_ - head_.size());
  head_.append(bytes.substr(0, for_head));
  add_to_tail(bytes.substr(for_head));
}

void Capture::add_to_tail(std::string_view bytes) {
  if (bytes.size() > tail_limit_) bytes.remove_prefix(bytes.size() - tail_limit_);
  const size_t growth = std::min(bytes.size(), tail_limit_ - tail_.size());
  tail_.append(bytes.substr(0, growth));
  bytes.remove_prefix(growth);
  while (!bytes.empty()) {
    const size_t run = std::min(bytes.size(), tail_limit_ - oldest_);
    bytes.copy(tail_.data() + oldest_, run);
    oldest_ = (oldest_ + run) % tail_limit_;
    bytes.remove_prefix(run);
  }
}

std::string Capture::text() const {
  std::string all = head_;
  if (is_cut()) {
    all += cut_begins;
    all += std::to_string(total_ - head_limit_ - tail_limit_);
    all += cut_ends;
  }
  all.append(tail_, oldest_);
  all.append(tail_, 0, oldest_);
  return all;
}

}  // namespace sweepd
