#include "runner/engine/claims.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <utility>

#include "runner/platform/atomic_file.h"
#include "runner/platform/clock.h"
#include "runner/platform/patience.h"
#include "runner/platform/system_error.h"
#include "runner/platform/trusted_file.h"

namespace sweepd {
namespace {

constexpr const char* folder_name = "claims";
constexpr const char* blocks_name = "blocks";
constexpr std::string_view member_suffix = ".member";
constexpr std::string_view ending_suffix = ".ending";
constexpr const char* free_text = "free";  // in the place of a token

std::string member_name(const std::string& token) { return token + std::string(member_suffix); }
std::string ending_name(const std::string& token) { return token + std::string(ending_suffix); }
std::string claim_name(uint64_t block, uint64_t number) {
  return std::to_string(block) + '.' + std::to_string(number);
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
    : directory_(directory.path()),
      path_(directory.file(folder_name)),
      folder_(std::move(folder)),
      blocks_(blocks),
      staging_(directory.shared_staging()),
      claims_(blocks.count()),
      unclaimed_(blocks.count()) {}

Result<UniqueFd> Claims::open_folder(const SweepDirectory& directory) {
  const std::string path = directory.file(folder_name);
  UniqueFd folder(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!folder) return refused("reach", path);
  return folder;
}

Result<void> Claims::remove(const SweepDirectory& directory) { return directory.remove(folder_name); }

/// The folder gets its name when its file of blocks is in it.
Result<Claims> Claims::found(const SweepDirectory& directory, const Blocks& blocks) {
  if (auto removed = remove(directory); !removed) return tl::unexpected(removed.error());
  const std::string& staging = directory.staging().path();
  const std::string path = directory.file(folder_name), unnamed = staging + '/' + folder_name;
  if (auto made = directory.make_folder(unnamed); !made) return tl::unexpected(made.error());
  const nlohmann::ordered_json json = {{"points", blocks.points}, {"size", blocks.size}};
  if (auto written =
          write_file(unnamed + '/' + blocks_name, staging, json.dump() + "\n", Durability::contents);
      !written)
    return tl::unexpected(written.error());
  if (rename(unnamed.c_str(), path.c_str()) != 0) return refused("make", path);
  return join(directory);
}

Result<Claims> Claims::join(const SweepDirectory& directory) {
  auto folder = open_folder(directory);
  if (!folder) return tl::unexpected(folder.error());
  const auto blocks = read_blocks(directory.file(folder_name) + '/' + blocks_name);
  if (!blocks) return tl::unexpected(blocks.error());
  Claims claims(directory, std::move(*folder), *blocks);
  if (!make_run_file(claims.folder_.get(), member_name(claims.token()), ""))
    return refused("make a file in", claims.path_);
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
  const auto folder = open_folder(directory);
  if (!folder)
    return errno == ENOENT ? Result<std::vector<RunIdentity>>(living) : tl::unexpected(folder.error());
  directory.staging().renew();
  forget_listing(directory.file(folder_name));
  const auto names = names_in_folder(directory.file(folder_name));
  if (!names) return tl::unexpected(names.error());
  for (const std::string& name : *names) {
    const std::string_view token = token_in(name);
    if (token.empty() || token == except) continue;
    const int64_t now_ns = directory.staging().renewed_ns();
    const OtherRun run = look_at_run(directory.path(), token, now_ns);
    // The dead have been cleared by whoever has the lock; one that has a folder may live.
    if (run.has_folder) living.push_back(run.identity.empty() ? RunIdentity{} : run.identity.front());
    // Of an earlier version of sweepd, whose members say who they are here.
    const auto earlier = read_run_file(folder->get(), name);
    const auto identity = earlier ? RunIdentity::parse(earlier->text) : std::nullopt;
    if (identity && life_of(*earlier, now_ns) != Life::dead) living.push_back(*identity);
  }
  return living;
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
  set(parsed->block, {.number = parsed->number});
}

void Claims::set(uint64_t block, Claim claim) {
  if (claims_[block].number == 0) --unclaimed_;
  claims_[block] = std::move(claim);
}

Result<void> Claims::look() {
  forget_listing(path_);
  const auto names = names_in_folder(path_);
  if (!names) return tl::unexpected(names.error());
  members_ = 0;
  for (const std::string& name : *names) note(name);
  members_ = std::max<uint64_t>(members_, 1);
  for (auto& [token, sighting] : sightings_) sighting.is_current = false;
  return {};
}

void Claims::read_token(Claim& claim, uint64_t block) const {
  char text[64];
  const ssize_t n = readlinkat(folder_.get(), claim_name(block, claim.number).c_str(), text, sizeof text);
  if (n >= 0) claim.token.assign(text, static_cast<size_t>(n));
  // No run has made it.
  if (n < 0 ? errno == EINVAL : !is_token(claim.token)) claim.token = free_text;
}

const Claims::Sighting& Claims::look_at(const std::string& token) {
  constexpr int64_t fresh_ns = 4'000'000'000;  // a few looks, at each of which it must have renewed itself
  Sighting& sighting = sightings_[token];
  if (sighting.is_current) return sighting;
  sighting.is_current = true;
  const int64_t now_ns = monotonic_ns();
  OtherRun run = look_at_run(directory_, token, staging_->renewed_ns());
  const bool is_second = sighting.looked_ns != 0 && now_ns - sighting.looked_ns < fresh_ns;
  // What is new to this host may be old: its client remembers. More than that clocks must not differ.
  const bool is_recent = std::abs(staging_->renewed_ns() - run.renewed_ns) < fresh_ns;
  if (is_second && is_recent && run.renewed_ns != sighting.run.renewed_ns) sighting.seen_alive_ns = now_ns;
  const bool was_seen =
      run.life == Life::living || (sighting.seen_alive_ns != 0 && now_ns - sighting.seen_alive_ns < fresh_ns);
  const bool has_left = faccessat(folder_.get(), member_name(token).c_str(), F_OK, 0) != 0 && errno == ENOENT;
  const bool is_gone = has_left || run.life == Life::dead;
  sighting.holds = is_gone ? BlockHolder::gone : was_seen ? BlockHolder::living : BlockHolder::silent;
  sighting.looked_ns = now_ns;
  sighting.run = std::move(run);
  return sighting;
}

BlockHolder Claims::holder(uint64_t block) {
  Claim& claim = claims_[block];
  if (claim.number == 0) return BlockHolder::nobody;
  if (claim.own) return BlockHolder::self;
  if (claim.token.empty()) read_token(claim, block);
  if (claim.token.empty()) return BlockHolder::silent;  // it could not be read now
  if (claim.token == free_text) return BlockHolder::gone;
  const BlockHolder holds = look_at(claim.token).holds;
  return holds == BlockHolder::living && ending_.contains(claim.token) ? BlockHolder::silent : holds;
}

std::string Claims::holder_name(uint64_t block) {
  const auto found = sightings_.find(claims_[block].token);
  if (found == sightings_.end() || found->second.run.identity.empty()) return {};
  return found->second.run.identity.front().name();
}

// ---- claiming ---------------------------------------------------------------------------------------------

bool Claims::make_claim(uint64_t block, uint64_t number, const std::string& token) const {
  return symlinkat(token.c_str(), folder_.get(), claim_name(block, number).c_str()) == 0;
}

/// After make_claim() has failed, whose errno stays. That alone does not tell: SFTP has no word for "exists",
/// and sshfs says "Operation not permitted" where another run was faster.
bool Claims::has_claim(uint64_t block, uint64_t number) const {
  const int error = errno;
  struct stat status {};
  const bool is_there = error == EEXIST || fstatat(folder_.get(), claim_name(block, number).c_str(), &status,
                                                   AT_SYMLINK_NOFOLLOW) == 0;
  errno = error;
  return is_there;
}

Result<bool> Claims::claim(uint64_t block) {
  const uint64_t number = claims_[block].number + 1;
  const bool is_made = make_claim(block, number, token());
  if (!is_made && !has_claim(block, number)) return refused("claim points in", path_);
  Claim claim{.number = number};
  if (is_made)
    claim.token = token();
  else  // A file server whose answer got lost is asked twice, and says that this run's own was there before.
    read_token(claim, block);
  claim.own = claim.token == token();
  set(block, claim);
  return claims_[block].own;
}

void Claims::release(uint64_t block) {
  Claim& claim = claims_[block];
  const uint64_t number = claim.number + 1;
  if (make_claim(block, number, free_text)) claim = {.number = number, .token = free_text};
}

std::vector<Chunk> Claims::own_ranges() const {
  std::vector<Chunk> ranges;
  for (uint64_t block = 0; block < claims_.size(); ++block)
    if (claims_[block].own) ranges.push_back(blocks_.range(block));
  return ranges;
}

}  // namespace sweepd
