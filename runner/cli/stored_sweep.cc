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

Result<Sweep> stored_sweep(const SweepDirectory& directory, const Manifest& manifest) {
  if (manifest.identity != identity_version)
    return failure(
        directory.path() +
        " is of a version of sweepd that gave points other ids and seeds; 'sweepd results' shows what is "
        "in it, and 'sweepd run' with its sweep file archives that and starts anew");
  return stored_sweep(directory, manifest.file, manifest.fingerprint);
}

}  // namespace sweepd
