#include "runner/engine/claims.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "runner/platform/atomic_file.h"
#include "runner/platform/system_error.h"
#include "runner/platform/trusted_file.h"

namespace sweepd {
namespace {

constexpr const char* folder_name = "claims";
constexpr const char* blocks_name = "blocks";
constexpr std::string_view member_suffix = ".member";
constexpr std::string_view ending_suffix = ".ending";
constexpr size_t token_digits = 16;
constexpr const char* free_text = "free";  // in the place of a token

std::string member_name(const std::string& token) { return token + std::string(member_suffix); }
std::string ending_name(const std::string& token) { return token + std::string(ending_suffix); }
std::string claim_name(uint64_t block, uint64_t number) {
  return std::to_string(block) + '.' + std::to_string(number);
}

bool is_token(std::string_view text) {
  return text.size() == token_digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// The token in the name of a run's file; empty for any other.
std::string_view token_in(std::string_view name, std::string_view suffix = member_suffix) {
  if (!name.ends_with(suffix)) return {};
  name.remove_suffix(suffix.size());
  return is_token(name) ? name : std::string_view{};
}

struct ClaimName {
  uint64_t block;
  uint64_t number;
};

std::optional<ClaimName> parse_claim_name(std::string_view name) {
  ClaimName parsed{};
  const char* const end = name.data() + name.size();
  const auto dot = std::from_chars(name.data(), end, parsed.block);
  if (dot.ec != std::errc{} || dot.ptr == end || *dot.ptr != '.') return std::nullopt;
  const auto last = std::from_chars(dot.ptr + 1, end, parsed.number);
  if (last.ec != std::errc{} || last.ptr != end || parsed.number == 0) return std::nullopt;
  return parsed;
}

/// The names in a folder; none with errno.
std::optional<std::vector<std::string>> names_in(const UniqueFd& at) {
  const int fd = openat(at.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(fdopendir(fd), closedir);
  if (!folder) return std::nullopt;
  std::vector<std::string> names;
  while (const dirent* entry = readdir(folder.get())) names.emplace_back(entry->d_name);
  return names;
}

/// What time it is by the clock that stamps the folder's files. It also makes a file server's client list the
/// folder anew.
Result<time_t> time_in(int folder, const std::string& path) {
  const std::string name = std::string("now.") + random_token() + ".tmp";
  struct stat status {};
  if (!make_run_file(folder, name, "")) return refused("make a file in", path);
  const bool found = fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
  unlinkat(folder, name.c_str(), 0);
  if (!found) return refused("read", path);
  return status.st_mtime;
}

Result<Blocks> read_blocks(const std::string& path) {
  const auto text = read_file(path, 4096);
  if (!text) return tl::unexpected(text.error());
  const auto json = nlohmann::json::parse(*text, nullptr, false);
  const auto number = [&json](const char* key) {
    const bool there = json.is_object() && json.contains(key) && json[key].is_number_unsigned();
    return there ? json[key].get<uint64_t>() : uint64_t{0};
  };
  const Blocks blocks{number("points"), number("size")};
  if (blocks.points == 0 || blocks.size == 0 || blocks.count() > Blocks::wanted)
    return failure(path + " is damaged; stop all runs of this sweep, then give the same command again");
  return blocks;
}

}  // namespace

// ---- coming and going -------------------------------------------------------------------------------------

Claims::Claims(const SweepDirectory& directory, UniqueFd folder, const Blocks& blocks)
    : path_(directory.file(folder_name)),
      folder_(std::move(folder)),
      blocks_(blocks),
      claims_(blocks.count()),
      unclaimed_(blocks.count()) {}

Result<UniqueFd> Claims::open_folder(const SweepDirectory& directory) {
  const std::string path = directory.file(folder_name);
  UniqueFd folder(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!folder) return refused("reach", path);
  return folder;
}

Result<void> Claims::remove(const SweepDirectory& directory) {
  std::error_code error;
  std::filesystem::remove_all(directory.file(folder_name),
                              error);  // removes symbolic links, does not follow them
  if (error) return tl::unexpected(system_error("remove", directory.file(folder_name), error.value()));
  return {};
}

Result<Claims> Claims::found(const SweepDirectory& directory, const Blocks& blocks) {
  if (auto removed = remove(directory); !removed) return tl::unexpected(removed.error());
  const std::string path = directory.file(folder_name);
  if (auto made = directory.make_folder(path); !made) return tl::unexpected(made.error());
  const nlohmann::ordered_json json = {{"points", blocks.points}, {"size", blocks.size}};
  if (auto written = write_file(path + '/' + blocks_name, json.dump() + "\n", Durability::contents); !written)
    return tl::unexpected(written.error());
  return join(directory);
}

Result<Claims> Claims::join(const SweepDirectory& directory) {
  auto folder = open_folder(directory);
  if (!folder) return tl::unexpected(folder.error());
  const auto blocks = read_blocks(directory.file(folder_name) + '/' + blocks_name);
  if (!blocks) return tl::unexpected(blocks.error());
  Claims claims(directory, std::move(*folder), *blocks);
  if (!make_run_file(claims.folder_.get(), member_name(claims.token()), claims.self_.text()))
    return refused("make a file in", claims.path_);
  claims.renew();
  if (auto looked = claims.look(); !looked) return tl::unexpected(looked.error());
  return claims;
}

Claims::~Claims() {
  if (!folder_) return;
  unlinkat(folder_.get(), member_name(token()).c_str(), 0);
  unlinkat(folder_.get(), ending_name(token()).c_str(), 0);
}

Result<std::vector<RunIdentity>> Claims::living_members(const SweepDirectory& directory,
                                                        const std::string& except) {
  std::vector<RunIdentity> living;
  const std::string path = directory.file(folder_name);
  const auto there = is_there(path);
  if (!there) return tl::unexpected(there.error());
  if (!*there) return living;
  const auto folder = open_folder(directory);
  if (!folder) return tl::unexpected(folder.error());
  const auto now = time_in(folder->get(), path);
  if (!now) return tl::unexpected(now.error());
  const auto names = names_in(*folder);
  if (!names) return refused("read", path);
  for (const std::string& name : *names) {
    const std::string_view token = token_in(name);
    if (token.empty() || token == except) continue;
    const auto file = read_run_file(folder->get(), name);
    if (!file || !is_alive(*file, *now)) continue;
    living.push_back(RunIdentity::parse(file->text).value_or(RunIdentity{}));
  }
  return living;
}

/// What cannot be read for the moment (a file server that does not answer) is not believed lost.
bool Claims::is_our_file() const {
  const auto file = read_run_file(folder_.get(), member_name(token()));
  return file ? file->text == self_.text() : errno != ENOENT && errno != ESTALE;
}

bool Claims::renew() {
  struct stat status {};
  const std::string name = member_name(token());
  if (!is_our_file()) return false;
  if (renew_run_file(folder_.get(), name) && fstatat(folder_.get(), name.c_str(), &status, 0) == 0)
    now_ = status.st_mtime;
  return true;
}

void Claims::end_soon() {
  // Where it cannot be said, the others leave a moment too early.
  (void)make_run_file(folder_.get(), ending_name(token()), "");
}

// ---- looking ----------------------------------------------------------------------------------------------

void Claims::note(const std::string& name) {
  if (!token_in(name).empty()) ++members_;
  if (const auto token = token_in(name, ending_suffix); !token.empty()) ending_.emplace(token);
  const auto parsed = parse_claim_name(name);
  if (!parsed || parsed->block >= claims_.size()) return;
  const Claim& claim = claims_[parsed->block];
  if (parsed->number <= claim.number) return;
  has_lost_ = has_lost_ || claim.own;
  set(parsed->block, {.number = parsed->number});
}

void Claims::set(uint64_t block, Claim claim) {
  if (claims_[block].number == 0) --unclaimed_;
  claims_[block] = std::move(claim);
}

Result<void> Claims::look() {
  const auto names = names_in(folder_);
  if (!names) return refused("read", path_);
  members_ = 0;
  for (const std::string& name : *names) note(name);
  members_ = std::max<uint64_t>(members_, 1);
  for (auto& [token, sighting] : sightings_) sighting.is_current = false;
  return {};
}

void Claims::read_token(Claim& claim, uint64_t block) const {
  const auto file = read_run_file(folder_.get(), claim_name(block, claim.number));
  if (!file) return;
  claim.made = file->renewed;
  const std::string_view token = std::string_view(file->text).substr(0, token_digits);
  if (is_token(token)) claim.token = token;
  if (file->text == std::string(free_text) + '\n') claim.token = free_text;
}

const Claims::Sighting& Claims::look_at(const std::string& token) {
  const bool is_first = !sightings_.contains(token);
  Sighting& sighting = sightings_[token];
  if (sighting.is_current || sighting.has_left) return sighting;
  sighting.is_current = true;
  const auto file = read_run_file(folder_.get(), member_name(token));
  if (!file) {
    if (errno == ENOENT) sighting = {.holds = BlockHolder::gone, .has_left = true};
    return sighting;
  }
  sighting.run = RunIdentity::parse(file->text);
  if (is_first) sighting.first_renewed = file->renewed;
  const bool was_seen =
      file->renewed != sighting.first_renewed || (sighting.run && sighting.run->process_lives());
  const bool alive = is_alive(*file, now_);
  sighting.holds = !alive ? BlockHolder::gone : was_seen ? BlockHolder::living : BlockHolder::silent;
  return sighting;
}

BlockHolder Claims::holder(uint64_t block) {
  Claim& claim = claims_[block];
  if (claim.number == 0) return BlockHolder::nobody;
  if (claim.own) return BlockHolder::self;
  if (claim.token.empty()) read_token(claim, block);
  if (claim.token == free_text) return BlockHolder::gone;
  if (!claim.token.empty()) {
    const BlockHolder holds = look_at(claim.token).holds;
    return holds == BlockHolder::living && ending_.contains(claim.token) ? BlockHolder::silent : holds;
  }
  return now_ - claim.made > run_silence_s ? BlockHolder::gone : BlockHolder::silent;
}

std::string Claims::holder_name(uint64_t block) {
  const auto found = sightings_.find(claims_[block].token);
  return found == sightings_.end() || !found->second.run ? "" : found->second.run->name();
}

// ---- claiming ---------------------------------------------------------------------------------------------

Result<bool> Claims::claim(uint64_t block) {
  const uint64_t number = claims_[block].number + 1;
  const bool is_made = make_run_file(folder_.get(), claim_name(block, number), token() + "\n");
  if (!is_made && errno != EEXIST) return refused("claim points in", path_);
  set(block, is_made ? Claim{.number = number, .own = true, .token = token()} : Claim{.number = number});
  return is_made;
}

void Claims::release(uint64_t block) {
  Claim& claim = claims_[block];
  const uint64_t number = claim.number + 1;
  if (make_run_file(folder_.get(), claim_name(block, number), std::string(free_text) + '\n'))
    claim = {.number = number, .token = free_text};
}

std::vector<Chunk> Claims::own_ranges() const {
  std::vector<Chunk> ranges;
  for (uint64_t block = 0; block < claims_.size(); ++block)
    if (claims_[block].own) ranges.push_back(blocks_.range(block));
  return ranges;
}

bool Claims::has_lost() { return std::exchange(has_lost_, false); }

}  // namespace sweepd
