#include "runner/platform/atomic_file.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "runner/platform/system_error.h"
#include "runner/platform/trusted_file.h"

namespace sweepd {
namespace {

constexpr std::string_view temporary_suffix = ".tmp";
constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr size_t random_digits = 16;
constexpr uint64_t writeback_step = uint64_t{8} << 20;

Result<std::string> temporary_name(const std::string& path, const std::string& folder) {
  uint64_t number = 0;
  if (getrandom(&number, sizeof number, 0) != sizeof number)
    return refused("get random bytes for the making of", path);
  std::string name = folder + '/' + path.substr(path.rfind('/') + 1) + '.';
  for (size_t i = 0; i < random_digits; ++i, number >>= 4) name += hex_digits[number & 15];
  return name.append(temporary_suffix);
}

}  // namespace

AtomicFile::AtomicFile(std::string path, std::string temporary_path, UniqueFd fd)
    : path_(std::move(path)),
      temporary_path_(std::move(temporary_path)),
      fd_(std::move(fd)),
      buffer_(new char[capacity]) {}

AtomicFile& AtomicFile::operator=(AtomicFile&& other) noexcept {
  if (this == &other) return *this;
  discard();
  path_ = std::move(other.path_);
  temporary_path_ = std::exchange(other.temporary_path_, {});
  fd_ = std::move(other.fd_);
  buffer_ = std::move(other.buffer_);
  used_ = other.used_;
  written_ = other.written_;
  writeback_started_ = other.writeback_started_;
  error_ = std::move(other.error_);
  return *this;
}

AtomicFile::~AtomicFile() { discard(); }

void AtomicFile::discard() noexcept {
  if (fd_ && !temporary_path_.empty()) ::unlink(temporary_path_.c_str());
  fd_.reset();
}

Result<AtomicFile> AtomicFile::create(std::string path, const std::string& folder) {
  Result<std::string> name = temporary_name(path, folder);
  if (!name) return tl::unexpected(name.error());
  UniqueFd fd(::open(name->c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
  if (!fd) return refused("make a file for", path);
  return AtomicFile(std::move(path), std::move(*name), std::move(fd));
}

void AtomicFile::fail(const char* what) {
  if (!error_) error_ = system_error(what, path_, errno);
}

void AtomicFile::write_out(std::string_view bytes) {
  while (!error_ && !bytes.empty()) {
    const ssize_t count = ::write(fd_.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail("write");
    bytes.remove_prefix(static_cast<size_t>(count));
    written_ += static_cast<uint64_t>(count);
  }
}

// The disk works while the rest is still being made, so that the fsync() at the end has little left to do. It
// is a hint: where it fails, fsync() finds out.
void AtomicFile::start_writeback() {
  if (error_ || written_ - writeback_started_ < writeback_step) return;
  (void)::sync_file_range(fd_.get(), static_cast<off_t>(writeback_started_),
                          static_cast<off_t>(written_ - writeback_started_), SYNC_FILE_RANGE_WRITE);
  writeback_started_ = written_;
}

void AtomicFile::append_slowly(std::string_view bytes) {
  write_out({buffer_.get(), std::exchange(used_, 0)});
  if (bytes.size() >= capacity)
    write_out(bytes);
  else
    append(bytes);
  start_writeback();
}

Result<void> AtomicFile::flush() {
  write_out({buffer_.get(), std::exchange(used_, 0)});
  if (error_) return tl::unexpected(*error_);
  return {};
}

Result<void> AtomicFile::patch(uint64_t offset, std::string_view bytes) {
  if (Result<void> flushed = flush(); !flushed) return flushed;
  while (!bytes.empty()) {
    const ssize_t count = ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      fail("write");
      return tl::unexpected(*error_);
    }
    bytes.remove_prefix(static_cast<size_t>(count));
    offset += static_cast<uint64_t>(count);
  }
  return {};
}

Result<void> AtomicFile::commit(Durability durability) {
  if (Result<void> flushed = flush(); !flushed) return flushed;
  if (durability != Durability::unsynced && ::fsync(fd_.get()) != 0) return refused("sync", path_);
  if (::rename(temporary_path_.c_str(), path_.c_str()) != 0)
    return refused("give a finished file the name", path_);
  temporary_path_.clear();
  fd_.reset();
  return durability == Durability::synced ? sync_folder(folder_of(path_)) : Result<void>{};
}

bool is_temporary_file_name(std::string_view name) {
  constexpr size_t tail = 1 + random_digits + temporary_suffix.size();
  if (name.size() <= tail || !name.ends_with(temporary_suffix)) return false;
  const std::string_view middle = name.substr(name.size() - tail, 1 + random_digits);
  return middle[0] == '.' && middle.find_first_not_of(hex_digits, 1) == std::string_view::npos;
}

// File systems without it answer EINVAL; then there is nothing to wait for.
Result<void> sync_folder(const std::string& folder) {
  const UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return refused("open the folder", folder);
  if (::fsync(fd.get()) != 0 && errno != EINVAL && errno != ENOTSUP)
    return refused("sync the folder", folder);
  return {};
}

Result<void> write_file(const std::string& path, const std::string& folder, std::string_view text,
                        Durability durability) {
  Result<AtomicFile> file = AtomicFile::create(path, folder);
  if (!file) return tl::unexpected(file.error());
  file->append(text);
  return file->commit(durability);
}

}  // namespace sweepd
