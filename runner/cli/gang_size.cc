#include "runner/cli/gang_size.h"

#include <optional>

#include "runner/core/task_traits.h"

namespace sweepd {

Result<void> check_gangs(const Sweep& sweep, size_t cores, const std::string& who) {
  const TaskTraits traits = traits_of(sweep.task);
  if (!traits.leads_gangs || traits.may_oversubscribe) return {};
  std::optional<Error> error;
  sweep.space->visit("workers", [&](const Value& value, const SourcePosition& where) {
    if (value.number() <= static_cast<double>(cores)) return true;
    error = Error{std::to_string(static_cast<uint64_t>(value.number())) + " workers asked for, but " + who +
                      " may use " + std::to_string(cores) +
                      " cores; ask for fewer, or set oversubscribe: true beside the kernel",
                  where};
    return false;
  });
  if (error) return tl::unexpected(*error);
  return {};
}

}  // namespace sweepd
