#include "workers/tasks/lines/old_names.h"

#include <cstdlib>
#include <string>

#include "runner/core/json.h"

namespace sweepd {

void set_old_names(const Sweep& sweep, WorkerId worker, const PointContext& context, const SetVariable& set) {
  const std::string from_0 = std::to_string(context.index), from_1 = std::to_string(context.index + 1);
  const char* const job = getenv("SLURM_JOB_ID");
  const Value* const repeat = find(context.point, "repeat");
  std::string repeat_text = "-1";  // disBatch's, of a line that is not repeated
  if (repeat != nullptr) append_text(repeat_text = "", *repeat);
  set("LAUNCHER_JID", from_1);
  set("LAUNCHER_TSK_ID", std::to_string(worker.number));
  set("PARALLEL_SEQ", from_1);
  set("DISBATCH_TASKID", from_0);
  set("DISBATCH_REPEAT_INDEX", repeat_text);
  set("DISBATCH_NAMETASKS", sweep.name);
  set("DISBATCH_JOBID", job != nullptr ? job : "0");
}

}  // namespace sweepd
