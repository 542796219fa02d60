// An existing sweep directory, opened for reading by the commands that take one.
#pragma once

#include "runner/core/space.h"
#include "runner/engine/record_stream.h"
#include "runner/engine/sweep_directory.h"

namespace sweepd {

/// For reading only: that of another user is read, too, which is said on standard error. Fails where `path`
/// is not a sweep directory.
Result<Manifest> open_manifest(const SweepDirectory& directory);

/// How many points of a finished sweep still have an intact record. The files are read only where one was
/// touched since they were merged.
uint64_t intact_records(const SweepDirectory& directory, const Manifest& manifest);

/// After something was found to be wrong with the records of a finished sweep: says what has to be done
/// before 'sweepd run' would look at them, should their sizes and times be as they were.
void report_unnoticed(const SweepDirectory& directory, const Manifest& manifest);

/// The records there are, those of files being written included.
Result<ChunkFolder> open_chunks(const SweepDirectory& directory, const Manifest& manifest);

}  // namespace sweepd
