#include "runner/cli/stored_sweep.h"

#include "configs/sweep_file.h"
#include "runner/platform/trusted_file.h"

namespace sweepd {

Result<Sweep> stored_sweep(const SweepDirectory& directory, const std::string& file,
                           const std::string& fingerprint) {
  auto text = read_file(directory.file("sweep.yaml"));
  if (!text) return tl::unexpected(text.error());
  auto sweep = parse_sweep(std::move(*text), file);
  if (!sweep) return tl::unexpected(sweep.error().front());
  if (sweep->fingerprint() != fingerprint)
    return failure(
        file +
        ": the data it names have changed since the sweep was started; put them back, or start anew "
        "with 'sweepd run --fresh'");
  return std::move(*sweep);
}

}  // namespace sweepd
