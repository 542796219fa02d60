#include "runner/core/sweep.h"

#include "runner/core/identity.h"
#include "runner/core/space/digest.h"
#include "runner/core/xxh3.h"

namespace sweepd {

std::string Sweep::fingerprint() const {
  Digest digest("sweep");
  digest.add(identity_version).add(task_text).add(space->fingerprint()).add(seed);
  std::string digits(16, '0');
  write_hex(digest.value(), digits.data());
  return digits;
}

}  // namespace sweepd
