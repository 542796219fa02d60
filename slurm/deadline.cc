#include "slurm/deadline.h"

namespace sweepd {

std::optional<int64_t> deadline(const Allocation& allocation, const std::optional<JobRecord>& record) {
  return record ? record->end_time : allocation.end_time;
}

}  // namespace sweepd
