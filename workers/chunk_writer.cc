#include "workers/chunk_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "runner/core/chunk_name.h"

namespace sweepd {
namespace {

tl::unexpected<Error> refused(const char* what, const std::string& name) {
  return failure(std::string("cannot ") + what + " chunks/" + name + ": " + std::strerror(errno));
}

}  // namespace

ChunkWriter::ChunkWriter(int folder, Chunk chunk, UniqueFd file)
    : folder_(folder), chunk_(chunk), file_(std::move(file)) {}

Result<ChunkWriter> ChunkWriter::create(int folder, const Chunk& chunk) {
  const std::string name = part_file_name(chunk);
  UniqueFd file(openat(folder, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666));
  if (file.get() < 0) return refused("make", name);
  return ChunkWriter(folder, chunk, std::move(file));
}

Result<void> ChunkWriter::flush() {
  size_t written = 0;
  while (written < buffer_.size()) {
    const ssize_t n = write(file_.get(), buffer_.data() + written, buffer_.size() - written);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return refused("write", part_file_name(chunk_));
    written += static_cast<size_t>(n);
  }
  buffer_.clear();
  return {};
}

Result<void> ChunkWriter::commit(uint64_t until) {
  const std::string part = part_file_name(chunk_);
  if (until == chunk_.first) {
    if (unlinkat(folder_, part.c_str(), 0) != 0) return refused("remove", part);
    return {};
  }
  if (auto flushed = flush(); !flushed) return flushed;
  if (fdatasync(file_.get()) != 0) return refused("sync", part);
  const std::string name = chunk_file_name({chunk_.first, until});
  if (renameat(folder_, part.c_str(), folder_, name.c_str()) != 0) return refused("rename", part);
  return {};
}

}  // namespace sweepd
