#include "runner/engine/sweep_directory.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <set>

#include "runner/core/printable.h"
#include "runner/engine/directory_lock.h"
#include "runner/engine/manifest_json.h"
#include "runner/platform/patience.h"
#include "runner/platform/system_error.h"
#include "runner/platform/trusted_file.h"

namespace sweepd {
namespace {

// Of a hundred thousand sessions; one that is larger is none of ours.
constexpr uint64_t most_manifest_bytes = uint64_t{64} << 20;

/// Follows links at the end of a path, also where they lead to what is not there yet.
struct Followed {
  std::string path;
  std::vector<uid_t> owners;
};

std::string without_end_slashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

std::optional<std::string> link_target(const std::string& path) {
  std::string target(PATH_MAX, '\0');
  const ssize_t length = readlink(path.c_str(), target.data(), target.size());
  if (length <= 0) return std::nullopt;
  target.resize(static_cast<size_t>(length));
  return without_end_slashes(target.front() == '/' ? target : folder_of(path) + '/' + target);
}

Followed followed(const std::string& given) {
  constexpr int most_links = 40;  // as the kernel
  Followed end{without_end_slashes(given), {}};
  for (int i = 0; i < most_links; ++i) {
    struct stat link {};
    if (lstat(end.path.c_str(), &link) != 0 || !S_ISLNK(link.st_mode)) break;
    auto target = link_target(end.path);
    if (!target) break;
    end.path = std::move(*target);
    end.owners.push_back(link.st_uid);
  }
  return end;
}

/// What may stand in a sweep directory that has no manifest yet, because its making was cut short.
bool is_beginning(std::string_view name) {
  return name == "chunks" || name == "sweep.yaml" || name == "wanted" || name == "progress.json" ||
         is_lock_name(name) || name.starts_with("staging.") || is_temporary_file_name(name);
}

using NameSet = std::set<std::string>;

Result<NameSet> set_of(Result<std::vector<std::string>> names) {
  if (!names) return tl::unexpected(names.error());
  return NameSet(std::make_move_iterator(names->begin()), std::make_move_iterator(names->end()));
}

/// Records of a sweep, in whatever state.
bool has_chunks(const NameSet& names) {
  const auto chunks = names.lower_bound("chunks");
  return chunks != names.end() && chunks->starts_with("chunks");
}

/// None where a sweep, or the beginning of one, is all that there is.
std::optional<std::string> foreign_in(const NameSet& names) {
  // A manifest.json is found in other folders, too.
  if (names.contains("manifest.json") && (names.contains("sweep.yaml") || has_chunks(names)))
    return std::nullopt;
  // What a run that died has left may be on its way: another sweep that it was about to set aside.
  if (std::any_of(names.begin(), names.end(), [](const auto& name) { return !staging_token(name).empty(); }))
    return std::nullopt;
  const auto other = std::find_if_not(names.begin(), names.end(), is_beginning);
  return other == names.end() ? std::nullopt : std::optional(*other);
}

bool may_own(uid_t user) { return user == geteuid() || user == 0; }

/// Where the owner of files is not what their maker is called here, as on some file servers' clients, files
/// that this process makes tell who it is there.
bool is_own_there(const std::string& folder, uid_t owner) {
  const auto probe = AtomicFile::create(folder + "/owner", folder);
  struct stat status {};
  return probe && lstat(probe->temporary_path().c_str(), &status) == 0 && status.st_uid == owner;
}

}  // namespace

SweepDirectory::SweepDirectory(std::string path, std::optional<mode_t> mode) : mode_(mode) {
  Followed end = followed(path);
  path_ = std::move(end.path);
  link_owners_ = std::move(end.owners);
}

Result<bool> SweepDirectory::exists() const { return is_there(path_); }

Result<std::optional<uid_t>> SweepDirectory::stranger() const {
  struct stat status {};
  if (lstat(path_.c_str(), &status) != 0) {
    if (errno != ENOENT) return refused("look at", path_);
    return std::nullopt;
  }
  if (S_ISLNK(status.st_mode)) return failure(path_ + ": this symbolic link leads in a circle");
  if (!S_ISDIR(status.st_mode)) return failure(path_ + " is not a folder; choose another with --output");
  if (may_own(status.st_uid)) return std::nullopt;
  return status.st_uid;
}

Result<void> SweepDirectory::check_trusted() const {
  const auto stranger = this->stranger();
  if (!stranger) return tl::unexpected(stranger.error());
  for (const uid_t owner : link_owners_)
    if (!may_own(owner) && owner != *stranger)
      return failure("the link to " + path_ + " belongs to " + user_name(owner) +
                     "; choose another folder with --output");
  if (!*stranger) return {};
  struct stat status {};
  const bool is_shared = mode_ && is_group_folder(*mode_) && lstat(path_.c_str(), &status) == 0 &&
                         is_group_folder(status.st_mode);
  if (is_shared || is_own_there(path_, **stranger)) return {};
  return failure(
      path_ + " belongs to " + user_name(**stranger) +
      ", and what is in it would be counted as this sweep's; choose another folder with --output, or "
      "say that it is shared with its group (--mode 0770, as it has to be made)");
}

Result<void> SweepDirectory::make_folder(const std::string& path) const {
  struct stat own {};
  std::optional<mode_t> mode = mode_;
  if (!mode && path != path_ && lstat(path_.c_str(), &own) == 0) mode = own.st_mode & 0777;
  if (mkdir(path.c_str(), 0700) != 0) return refused("make", path);
  if (mode && chmod(path.c_str(), *mode) != 0) return refused("set the mode of", path);
  return {};
}

/// The folder and its name, to the disk.
Result<void> SweepDirectory::make() const {
  if (auto made = make_folder(path_); !made) {
    const auto there = exists();
    if (!there || !*there) return made;
    if (auto trusted = check_trusted(); !trusted) return trusted;
    return check_is_sweep();
  }
  return sync_folder(folder_of(path_));
}

Result<void> SweepDirectory::enter() {
  if (staging_) return {};
  if (auto made = make(); !made) return made;
  auto staging = Staging::make(*this);
  if (!staging) return tl::unexpected(staging.error());
  staging_ = std::move(*staging);
  return {};
}

Result<void> SweepDirectory::make_chunks() const {
  auto made = make_folder(chunks());
  if (made) return {};
  const auto there = is_there(chunks());
  if (!there || !*there) return made;
  const auto folder = open_trusted_folder(chunks());
  return folder ? Result<void>{} : tl::unexpected(folder.error());
}

Result<void> SweepDirectory::create(const Sweep& sweep) const {
  if (auto made = make_chunks(); !made) return made;
  if (access(chunks().c_str(), W_OK | X_OK) != 0) return refused("write to", chunks());
  // With its name and that of chunks/: a manifest alone is no sweep directory.
  return write("sweep.yaml", sweep.text);
}

Result<void> SweepDirectory::check_is_sweep() const {
  std::optional<std::string> other;
  // Twice: another run may be making the directory, and a listing is not of one moment.
  for (int i = 0; i < 2; ++i) {
    const auto names = set_of(this->names());
    if (!names) return tl::unexpected(names.error());
    other = foreign_in(*names);
    if (!other) return {};
  }
  return failure(path_ + " holds " + printable_line(*other) +
                 " and is no sweep directory; choose another with --output");
}

Result<std::vector<std::string>> SweepDirectory::names() const {
  UniqueFd folder(open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  return folder ? names_in(std::move(folder), path_) : refused("read", path_);
}

Result<bool> SweepDirectory::has_sweep() const {
  const auto names = set_of(this->names());
  if (!names) return tl::unexpected(names.error());
  return names->contains("manifest.json") || has_chunks(*names);
}

Result<void> SweepDirectory::write(std::string_view name, std::string_view text,
                                   Durability durability) const {
  return write_file(file(name), staging_->path(), text, durability);
}

Result<void> SweepDirectory::remove(std::string_view name) const { return staging_->remove(file(name)); }

Result<std::optional<Manifest>> SweepDirectory::read_manifest() const {
  const std::string path = file("manifest.json");
  // GlusterFS shows none for a moment while another host replaces it. Of a new sweep there is no sweep file
  // either.
  Patience while_replaced(300);
  for (Patience patience;;) {
    const auto text = read_file_if_there(path, most_manifest_bytes);
    if (!text) return tl::unexpected(text.error());
    if (!*text && is_there(file("sweep.yaml")).value_or(false) && while_replaced.wait()) continue;
    if (!*text) return std::nullopt;
    if (auto manifest = parse_manifest(**text)) return manifest;
    // One that was just replaced on another host may show at the length of the one before.
    if (!patience.wait()) return failure(path + " is damaged; set the sweep directory aside with --fresh");
  }
}

Result<void> SweepDirectory::write_manifest(const Manifest& manifest) const {
  return write("manifest.json", manifest_text(manifest));
}

}  // namespace sweepd
