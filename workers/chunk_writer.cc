#include "workers/chunk_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "runner/core/chunk_name.h"
#include "runner/platform/clock.h"
#include "runner/platform/system_error.h"

namespace sweepd {
namespace {

// Chunks of long points take long, so they are synced on the way.
constexpr int64_t sync_after_ns = 1'000'000'000;
constexpr int64_t writeback_step = int64_t{1} << 22;

std::string path_of(const std::string& name) { return "chunks/" + name; }

/// So that the names in the folder survive a power failure. File systems that have nothing to sync there
/// answer EINVAL.
bool sync_folder(int folder) { return fsync(folder) == 0 || errno == EINVAL || errno == ENOTSUP; }

}  // namespace

ChunkWriter::ChunkWriter(const ChunkFolderFds& folders, Chunk chunk, UniqueFd file)
    : folders_(folders), chunk_(chunk), file_(std::move(file)), synced_at_ns_(monotonic_ns()) {}

Result<ChunkWriter> ChunkWriter::create(const ChunkFolderFds& folders, const Chunk& chunk) {
  const std::string name = part_file_name(chunk);
  UniqueFd file(
      openat(folders.staging, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666));
  if (file.get() < 0) return refused("make", path_of(name));
  return ChunkWriter(folders, chunk, std::move(file));
}

Result<void> ChunkWriter::flush(size_t bytes) {
  size_t written = 0;
  while (written < bytes) {
    const ssize_t n = write(file_.get(), buffer_.data() + written, bytes - written);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return refused("write", path_of(part_file_name(chunk_)));
    written += static_cast<size_t>(n);
  }
  buffer_.erase(0, bytes);
  written_ += static_cast<int64_t>(bytes);
  start_writeback();
  return monotonic_ns() - synced_at_ns_ < sync_after_ns ? Result<void>{} : sync();
}

// The disk works while points are computed, so that the sync has little left to wait for. A hint, so it
// cannot fail.
void ChunkWriter::start_writeback() {
  if (written_ - writeback_started_ < writeback_step) return;
  (void)sync_file_range(file_.get(), writeback_started_, written_ - writeback_started_,
                        SYNC_FILE_RANGE_WRITE);
  writeback_started_ = written_;
}

Result<void> ChunkWriter::sync() {
  synced_at_ns_ = monotonic_ns();
  if (fdatasync(file_.get()) != 0) return refused("sync", path_of(part_file_name(chunk_)));
  return {};
}

Result<void> ChunkWriter::commit(uint64_t until) {
  const std::string part = part_file_name(chunk_);
  if (until == chunk_.first) {
    if (unlinkat(folders_.staging, part.c_str(), 0) != 0) return refused("remove", path_of(part));
    return {};
  }
  if (auto flushed = flush(); !flushed) return flushed;
  if (auto synced = sync(); !synced) return synced;
  const std::string name = chunk_file_name({chunk_.first, until});
  if (renameat(folders_.staging, part.c_str(), folders_.committed, name.c_str()) != 0)
    return refused("rename", path_of(part));
  if (!sync_folder(folders_.committed)) return refused("sync the folder of", path_of(name));
  return {};
}

}  // namespace sweepd
