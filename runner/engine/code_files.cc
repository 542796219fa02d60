#include "runner/engine/code_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>

#include "runner/core/record.h"
#include "runner/core/xxh3_stream.h"
#include "runner/platform/clock.h"
#include "runner/platform/unique_fd.h"

namespace sweepd {
namespace {

constexpr uint64_t second_ns = 1'000'000'000;
// Times of files may be that coarse: a file changed twice within it can show one time.
constexpr uint64_t youngest_known_ns = 2 * second_ns;

std::string absolute(const std::string& path, const std::string& directory) {
  return path.starts_with('/') ? path : directory + '/' + path;
}

bool is_known(const CodeFile& file, const CodeFile& known) {
  return known.path == file.path && known.bytes == file.bytes && known.inode == file.inode &&
         known.changed_ns == file.changed_ns && known.changed_ns != 0;
}

const CodeFile* find_known(const CodeFile& file, const std::vector<Code>& codes) {
  for (auto code = codes.rbegin(); code != codes.rend(); ++code)
    for (const CodeFile& known : code->files)
      if (is_known(file, known)) return &known;
  return nullptr;
}

/// None where it cannot be read, or grows beyond the limit meanwhile.
std::optional<std::string> hash_of_bytes(int fd) {
  constexpr size_t piece = size_t{256} << 10;
  const auto buffer = std::make_unique_for_overwrite<char[]>(piece);
  Xxh3Stream hash;
  for (uint64_t total = 0; total <= most_hashed_bytes;) {
    const ssize_t count = read(fd, buffer.get(), piece);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::nullopt;
    if (count == 0) return hash.digits();
    hash.add({buffer.get(), static_cast<size_t>(count)});
    total += static_cast<uint64_t>(count);
  }
  return std::nullopt;
}

std::string hash_of_look(const CodeFile& file) {
  Xxh3Stream hash;
  hash.add(std::to_string(file.bytes) + ' ' + std::to_string(file.changed_ns));
  return hash.digits();
}

/// False where there is no such file.
bool look_at(CodeFile& file, const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return false;
  file.bytes = static_cast<uint64_t>(status.st_size);
  file.inode = status.st_ino;
  // Unlike mtime it cannot be set back.
  file.changed_ns = static_cast<uint64_t>(status.st_ctim.tv_sec) * second_ns +
                    static_cast<uint64_t>(status.st_ctim.tv_nsec);
  return true;
}

void hash_file(CodeFile& file, const std::string& path, uint64_t left) {
  const auto began_ns = static_cast<uint64_t>(nanoseconds(CLOCK_REALTIME));
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  const bool is_hashed = fd && file.bytes <= left;
  const auto hash = is_hashed ? hash_of_bytes(fd.get()) : std::nullopt;
  file.hash = hash ? *hash : hash_of_look(file);
  if (file.changed_ns + youngest_known_ns > began_ns) file.changed_ns = 0;
}

}  // namespace

void hash_files(std::vector<CodeFile>& files, const std::string& directory, const std::vector<Code>& known) {
  uint64_t left = 2 * most_hashed_bytes;  // inputs may take half of it
  for (CodeFile& file : files) {
    const std::string path = absolute(file.path, directory);
    if (!look_at(file, path) && !file.hash.empty()) continue;
    if (const CodeFile* const same = find_known(file, known))
      file.hash = same->hash;
    else
      hash_file(file, path, left), left -= std::min(left, file.bytes);
  }
}

Result<void> count_points(const ChunkFolder& chunks, std::vector<Code>& codes) {
  for (Code& code : codes) code.points = 0;
  RecordStream records(chunks);
  while (const ScannedRecord* record = records.next()) {
    const uint32_t number = code_in(record->text);
    if (number != 0 && number <= codes.size()) ++codes[number - 1].points;
  }
  return records.finish();
}

}  // namespace sweepd
