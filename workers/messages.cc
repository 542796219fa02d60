#include "workers/messages.h"

namespace sweepd {

AssignMessage message_of(const Assignment& assignment, uint64_t lease) {
  return {.lease = lease,
          .first = assignment.chunk.first,
          .last = assignment.chunk.last,
          .budget_ns = assignment.budget.count(),
          .attempt = assignment.attempt,
          .careful = assignment.careful ? 1U : 0U};
}

Assignment assignment_of(const AssignMessage& message, WorkerId worker) {
  return {.worker = worker,
          .chunk = {message.first, message.last},
          .budget = Duration(message.budget_ns),
          .attempt = message.attempt,
          .careful = message.careful != 0};
}

}  // namespace sweepd
