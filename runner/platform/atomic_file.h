// AtomicFile: a file that appears whole or not at all. It does not know what the bytes mean.
//
// The bytes go to a new file in a folder of the same file system, `<target's name>.<16 hexadecimal
// digits>.tmp` (random, O_EXCL), which takes the target's name when it is complete. Where the folder is gone
// by then, so is the file: whoever removes it keeps what is on its way from arriving.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "runner/core/error.h"
#include "runner/platform/unique_fd.h"

namespace sweepd {

enum class Durability {
  synced,    ///< on the disk, name included, when commit() returns
  contents,  ///< the bytes are, before they get the name; the name is with the folder's next synced file
  unsynced,  ///< whole for every reader, but a power failure may lose it
};

/// Removes its temporary file unless committed. A failed write is remembered: everything after it does
/// nothing, and the next flush() or commit() returns the error, with path and reason.
class AtomicFile {
 public:
  /// Creates the temporary file in `folder`, mode 0666 less the umask.
  static Result<AtomicFile> create(std::string path, const std::string& folder);

  AtomicFile(AtomicFile&& other) noexcept = default;
  AtomicFile& operator=(AtomicFile&& other) noexcept;
  ~AtomicFile();

  void append(std::string_view bytes) {
    if (bytes.size() > capacity - used_) return append_slowly(bytes);
    std::memcpy(buffer_.get() + used_, bytes.data(), bytes.size());
    used_ += bytes.size();
  }

  /// The failure that appending met, if any: what was appended since is lost.
  const std::optional<Error>& error() const { return error_; }

  /// Overwrites bytes that were appended before, from `offset` of the file on.
  Result<void> patch(uint64_t offset, std::string_view bytes);

  /// Hands what was appended to the system, so that other descriptors of temporary_path() can read it.
  Result<void> flush();

  /// Gives the file its name, in place of what had it. Nothing may be appended afterwards.
  Result<void> commit(Durability durability = Durability::synced);

  const std::string& path() const { return path_; }
  const std::string& temporary_path() const { return temporary_path_; }
  uint64_t size() const { return written_ + used_; }

 private:
  AtomicFile(std::string path, std::string temporary_path, UniqueFd fd);
  void append_slowly(std::string_view bytes);
  void write_out(std::string_view bytes);
  void start_writeback();
  void discard() noexcept;
  void fail(const char* what);

  static constexpr size_t capacity = size_t{256} << 10;

  std::string path_;
  std::string temporary_path_;  ///< empty: nothing left to remove
  UniqueFd fd_;
  std::unique_ptr<char[]> buffer_;
  size_t used_ = 0;
  uint64_t written_ = 0;
  uint64_t writeback_started_ = 0;
  std::optional<Error> error_;
};

/// Whether AtomicFile could have made this name: after a crash such files are left behind and may be removed.
bool is_temporary_file_name(std::string_view name);

/// `text` as the whole file `path`, by way of `folder`.
Result<void> write_file(const std::string& path, const std::string& folder, std::string_view text,
                        Durability durability = Durability::synced);

/// So that the names in the folder survive a power failure.
Result<void> sync_folder(const std::string& folder);

}  // namespace sweepd
