#include "runner/cli/next_start.h"

#include "runner/cli/repeated_command.h"

namespace sweepd {

Result<void> start_next(BatchJob& batch, Continue how, const RunRequest& request,
                        const std::function<int()>& terminations) {
  if (how == Continue::none) return {};
  const int before = terminations();
  if (before > 0 && batch.is_cancelled()) return failure("it is being cancelled");
  if (how == Continue::resubmit && would_start_anew(request))
    return failure(
        "--fresh, --retry-failed or --rerun-changed would do the same in every job; leave it out of the "
        "script, or give it to sbatch behind the file");
  const auto gone =
      batch.go_on(how, request.copy.empty() ? std::vector<std::string>{} : submitted_words(request));
  // scontrol is ended with the job that it puts back into the queue, often before it has heard of that.
  return terminations() > before ? Result<void>{} : gone;
}

}  // namespace sweepd
