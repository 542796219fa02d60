#include "configs/text_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace sweepd {
namespace {

constexpr size_t block = size_t{1} << 20;

tl::unexpected<Error> cannot_read(const std::string& path, int error) {
  const SourcePosition where{path, 0, 0};
  if (error == ENOENT) return failure("there is no such file", where);
  if (error == EISDIR) return failure("this is a directory; name a file", where);
  return failure("cannot read the file: " + std::generic_category().message(error), where);
}

std::string size_text(uint64_t bytes) {
  constexpr uint64_t gib = uint64_t{1} << 30;
  return bytes % gib == 0 ? std::to_string(bytes / gib) + " GiB" : std::to_string(bytes >> 20) + " MiB";
}

tl::unexpected<Error> too_large(const std::string& path, uint64_t most, const FileLimit& limit) {
  const bool is_stream = most != limit.bytes;
  return failure("the file is larger than " + size_text(most) + ", the limit of " + std::string(limit.kind) +
                     (is_stream ? " that come from a pipe or a device" : ""),
                 {path, 0, 0});
}

std::string_view name_of_kind(mode_t mode) {
  if (S_ISFIFO(mode)) return "a pipe (FIFO)";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

}  // namespace

TextFile::TextFile(std::string path, int descriptor, const FileLimit& limit)
    : path_(std::move(path)), descriptor_(descriptor), limit_(limit) {}

TextFile::TextFile(TextFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      limit_(other.limit_),
      most_(other.most_),
      size_(other.size_),
      read_(other.read_) {}

TextFile::~TextFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<TextFile> TextFile::open(const std::string& path, const FileLimit& limit) {
  // A pipe that is refused must not be waited for.
  const int wait = limit.stream_bytes > 0 ? 0 : O_NONBLOCK;
  TextFile file(path, ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | wait), limit);
  struct stat status {};
  if (file.descriptor_ < 0 || ::fstat(file.descriptor_, &status) != 0) return cannot_read(path, errno);
  if (S_ISDIR(status.st_mode)) return cannot_read(path, EISDIR);
  const bool is_regular = S_ISREG(status.st_mode);
  if (!is_regular && limit.stream_bytes == 0)
    return failure("this is " + std::string(name_of_kind(status.st_mode)) +
                       "; name a regular file, which can be read again",
                   {path, 0, 0});
  file.most_ = is_regular ? limit.bytes : limit.stream_bytes;
  if (is_regular) file.size_ = static_cast<uint64_t>(status.st_size);
  if (file.size_ > file.most_) return too_large(path, file.most_, limit);
  return file;
}

Result<size_t> TextFile::read(std::string& text, size_t most) {
  const size_t before = text.size();
  text.resize(before + most);
  ssize_t got = 0;
  do got = ::read(descriptor_, text.data() + before, most);
  while (got < 0 && errno == EINTR);
  text.resize(before + static_cast<size_t>(std::max<ssize_t>(got, 0)));
  if (got < 0) return cannot_read(path_, errno);
  read_ += static_cast<uint64_t>(got);
  if (read_ > most_) return too_large(path_, most_, limit_);
  return static_cast<size_t>(got);
}

Result<std::string> read_text_file(const std::string& path, const FileLimit& limit) {
  auto file = TextFile::open(path, limit);
  if (!file) return tl::unexpected(file.error());
  return read_text(*file);
}

Result<std::string> read_text(TextFile& file) {
  std::string text;
  // Little is asked of a small file, as room is filled with zeros first.
  size_t piece = std::max<size_t>(file.size() + 1, size_t{4} << 10);
  // What is no text, such as a sparse file, is told by its beginning.
  for (bool is_text = true; is_text; piece = std::max(piece, text.size())) {
    piece = std::min(piece, block);
    const auto got = file.read(text, piece);
    if (!got) return tl::unexpected(got.error());
    if (*got == 0) break;
    is_text = text.find('\0', text.size() - *got) == std::string::npos;
    text.reserve(std::max<size_t>(text.size(), file.size()) + piece);
  }
  return text;
}

}  // namespace sweepd
