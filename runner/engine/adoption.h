// Adoption: a sweep directory meets a sweep file that has changed. Records of points that the sweep still
// has, by their ids, are kept and move to their new places; the others go to an archive, from which they come
// back when the file asks for them again. It starts and shows nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "runner/core/sweep.h"
#include "runner/engine/record_stream.h"
#include "runner/engine/sweep_directory.h"

namespace sweepd {

struct Adoption {
  uint64_t kept = 0;      ///< points of the changed sweep that have a record now
  uint64_t archived = 0;  ///< records that it does not ask for
  std::string archive;    ///< the file these are in
  /// Why none could be kept, where that is so: "the task changed: … became …".
  std::string reason;
  bool is_of_other_identity = false;  ///< what there was had ids and seeds that were made in another way
};

/// The file in a sweep directory that holds records like those of `manifest` which the sweep does not ask for
/// any more: of one identity, one seed and one `result` of commands, such as `archive.0.ndjson`,
/// `archive.0.text.ndjson` or `archive.identity-1.0.ndjson`.
std::string archive_path(const SweepDirectory& directory, const Manifest& manifest);

/// Makes chunks/ and the manifest of `directory`, which were made for `manifest`, those of `sweep`. `chunks`:
/// what is in it now, all committed and whole. The caller holds the directory. Takes about a microsecond for
/// each point up to the last one that has a record; cut short at any moment it leaves the directory as it
/// was, or is done.
Result<Adoption> adopt(const Sweep& sweep, const SweepDirectory& directory, const ChunkFolder& chunks,
                       Manifest& manifest);

/// Drops the records that are `unwanted`, so that their points run again; returns how many there were. Cut
/// short, it has dropped all or none. The rest is as above.
Result<uint64_t> forget(const SweepDirectory& directory, const ChunkFolder& chunks, Manifest& manifest,
                        const std::function<bool(const ScannedRecord&)>& unwanted);

}  // namespace sweepd
