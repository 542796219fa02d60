#include "runner/engine/sweep_sharing.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "runner/engine/takeover.h"
#include "runner/platform/atomic_file.h"
#include "runner/platform/clock.h"
#include "runner/platform/system_error.h"

namespace sweepd {
namespace {

constexpr const char* asked_name = "wanted";
constexpr int64_t second_ns = 1'000'000'000;
// How often the names in chunks/ are read for what is only shown. With very many files they are read less
// often, so that it stays a small part of the time.
constexpr int64_t list_to_show_every_ns = 5 * second_ns;
constexpr int64_t listing_share = 20;

}  // namespace

SweepSharing::SweepSharing(const SweepDirectory& directory, const ChunkStore& store, const Blocks& blocks,
                           std::optional<DirectoryLock>& lock, std::optional<Claims>& claims,
                           Duration list_every)
    : directory_(directory),
      store_(store),
      blocks_(claims ? claims->blocks() : blocks),
      list_every_ns_(list_every.count()),
      lock_(lock),
      claims_(claims) {}

// ---- asking and being asked -------------------------------------------------------------------------------

Result<void> SweepSharing::ask(const SweepDirectory& directory) {
  return write_file(directory.file(asked_name), directory.staging().path(), "", Durability::unsynced);
}

void SweepSharing::forget_asked(const SweepDirectory& directory) {
  (void)directory.remove(asked_name);  // else the next run finds it
}

void SweepSharing::clear(const SweepDirectory& directory) {
  (void)directory.remove("progress.json");  // what cannot be removed now, the next run or merge removes
  (void)Claims::remove(directory);
  forget_asked(directory);  // who asked too late finds the sweep finished, or carries it on
}

bool SweepSharing::is_asked() {
  // Opened, so that what a network file system has cached is looked at anew.
  const UniqueFd file(
      ::open(directory_.file(asked_name).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat entry {};
  if (!file || fstat(file.get(), &entry) != 0) return false;
  const int64_t asked_ns = entry.st_mtim.tv_sec * second_ns + entry.st_mtim.tv_nsec;
  const int64_t before_ns = std::exchange(asked_ns_, asked_ns);
  return before_ns != 0 && before_ns != asked_ns;
}

Result<std::vector<Chunk>> SweepSharing::open(const std::vector<Chunk>& in_hand) {
  auto claims = Claims::found(directory_, blocks_);
  if (!claims) return tl::unexpected(claims.error());
  const auto give_up = [&](const Error& error) {
    (void)Claims::remove(directory_);
    return tl::unexpected(error);
  };
  for (const Chunk& chunk : in_hand)
    for (uint64_t block = blocks_.at(chunk.first); block <= blocks_.at(chunk.last - 1); ++block)
      if (claims->holder(block) != BlockHolder::self)
        if (const auto claimed = claims->claim(block); !claimed) return give_up(claimed.error());
  if (auto listed = list_chunks(); !listed) return give_up(listed.error());
  claims_.emplace(std::move(*claims));
  forget_asked(directory_);
  lock_.reset();  // last: from here on others may come
  return claims_->own_ranges();
}

bool SweepSharing::hold() { return directory_.staging().renew(); }

std::vector<Chunk> SweepSharing::own_ranges() const {
  return claims_ ? claims_->own_ranges() : std::vector<Chunk>{};
}

// ---- what is done -----------------------------------------------------------------------------------------

bool SweepSharing::is_list_due(int64_t interval_ns) const {
  return listed_ns_ == 0 ||
         monotonic_ns() - listed_ns_ >= std::max(interval_ns, listing_share * listing_took_ns_);
}

Result<void> SweepSharing::list_chunks() {
  const int64_t began_ns = monotonic_ns();
  const auto folder = store_.list_committed();
  if (!folder) return tl::unexpected(folder.error());
  done_ = folder->ranges();
  listed_ns_ = monotonic_ns();
  listing_took_ns_ = listed_ns_ - began_ns;
  if (claims_) count_elsewhere();
  return {};
}

/// What is committed in a range.
std::vector<Chunk> SweepSharing::done_in(const Chunk& range) const {
  std::vector<Chunk> done;
  auto next = std::partition_point(done_.begin(), done_.end(),
                                   [&range](const Chunk& chunk) { return chunk.last <= range.first; });
  for (; next != done_.end() && next->first < range.last; ++next)
    done.push_back({std::max(next->first, range.first), std::min(next->last, range.last)});
  return done;
}

/// Points of a block that have no record.
uint64_t SweepSharing::missing_in(uint64_t block) const {
  const Chunk range = blocks_.range(block);
  uint64_t missing = store_.kept().missing_in(range);
  for (const Chunk& chunk : done_in(range)) missing -= store_.kept().missing_in(chunk);
  return missing;
}

void SweepSharing::count_elsewhere() {
  uint64_t done = 0;
  for (const Chunk& chunk : done_) done += store_.kept().missing_in(chunk);
  for (const Chunk& range : claims_->own_ranges())
    for (const Chunk& chunk : done_in(range)) done -= store_.kept().missing_in(chunk);
  elsewhere_ = {elsewhere_.now, done, elsewhere_.now_ns, monotonic_ns()};
  if (elsewhere_.before_ns == 0) elsewhere_.before = done;
}

uint64_t SweepSharing::done_elsewhere() {
  if (!claims_) return 0;
  // What cannot be listed now is not worth stopping for: it is only shown.
  if (is_list_due(list_to_show_every_ns)) (void)list_chunks();
  const auto& [before, now, before_ns, now_ns] = elsewhere_;
  if (now <= before || now_ns == before_ns) return now;
  const double passed =
      static_cast<double>(monotonic_ns() - now_ns) / static_cast<double>(now_ns - before_ns);
  return before + static_cast<uint64_t>(std::min(passed, 1.0) * static_cast<double>(now - before));
}

// ---- claiming ---------------------------------------------------------------------------------------------

Result<void> SweepSharing::look_if_due() {
  constexpr int64_t look_every_ns = 2 * second_ns;
  if (looked_ns_ != 0 && monotonic_ns() - looked_ns_ < look_every_ns) return {};
  looked_ns_ = monotonic_ns();
  return claims_->look();
}

uint64_t SweepSharing::fair_share(uint64_t waiting) {
  (void)look_if_due();  // how many there are may be known a little later
  const uint64_t blocks = std::min(claims_->unclaimed(), blocks_.count() - next_fresh_);
  return (waiting + blocks * blocks_.size) / claims_->members();
}

void SweepSharing::give_back(const std::vector<Chunk>& spare, const std::vector<Chunk>& needed) {
  std::set<uint64_t> blocks, kept;
  const auto add = [this](const Chunk& chunk, std::set<uint64_t>& to) {
    for (uint64_t block = blocks_.at(chunk.first); block <= blocks_.at(chunk.last - 1); ++block)
      to.insert(block);
  };
  for (const Chunk& chunk : spare) add(chunk, blocks);
  for (const Chunk& chunk : needed) add(chunk, kept);
  for (const uint64_t block : blocks)
    if (!kept.contains(block) && claims_->holder(block) == BlockHolder::self) claims_->release(block);
}

Result<Claiming> SweepSharing::claim(uint64_t points) {
  Claiming claiming;
  if (auto looked = look_if_due(); !looked) return tl::unexpected(looked.error());
  if (listed_ns_ == 0)
    if (auto listed = list_chunks(); !listed) return tl::unexpected(listed.error());
  if (auto fresh = claim_fresh(points, claiming); !fresh) return tl::unexpected(fresh.error());
  if (!claiming.claimed.empty()) return claiming;
  if (auto gone = claim_from_gone(points, claiming); !gone) return tl::unexpected(gone.error());
  return claiming;
}

/// Blocks that nobody has claimed so far. What is done in them was done before the sweep was shared, so it
/// does not matter how long ago that was listed.
Result<void> SweepSharing::claim_fresh(uint64_t points, Claiming& claiming) {
  uint64_t got = 0;
  for (; next_fresh_ < blocks_.count() && got < points; ++next_fresh_) {
    const uint64_t missing = missing_in(next_fresh_);
    if (missing == 0 || claims_->holder(next_fresh_) != BlockHolder::nobody) continue;
    const auto is_ours = claims_->claim(next_fresh_);
    if (!is_ours) return tl::unexpected(is_ours.error());
    if (!*is_ours) continue;
    got += missing;
    claiming.claimed.push_back({blocks_.range(next_fresh_), done_in(blocks_.range(next_fresh_))});
  }
  return {};
}

/// Blocks of runs that have ended or are dead, with what these left half written. Also says who has the rest.
Result<void> SweepSharing::claim_from_gone(uint64_t points, Claiming& claiming) {
  if (!is_list_due(list_every_ns_)) return {};
  if (auto looked = claims_->look(); !looked) return looked;
  if (auto listed = list_chunks(); !listed) return listed;
  std::map<std::string, uint64_t> others;
  uint64_t got = 0;
  bool is_known = true;
  std::vector<uint64_t> taken;
  for (uint64_t block = 0; block < blocks_.count() && got < points; ++block) {
    const uint64_t missing = missing_in(block);
    if (missing == 0) continue;
    const BlockHolder holder = claims_->holder(block);
    if (holder == BlockHolder::self) continue;
    if (holder == BlockHolder::living) others[claims_->holder_name(block)] += missing;
    if (holder == BlockHolder::silent) is_known = false;
    if (holder == BlockHolder::living || holder == BlockHolder::silent) continue;
    const auto is_ours = take_over(block);
    if (!is_ours) return tl::unexpected(is_ours.error());
    if (*is_ours) {
      taken.push_back(block);
      got += missing;
    } else {
      is_known = false;
    }
  }
  if (!taken.empty())
    if (auto listed = list_chunks(); !listed) return listed;
  for (const uint64_t block : taken)
    claiming.claimed.push_back({blocks_.range(block), done_in(blocks_.range(block))});
  if (is_known) claiming.rest = others.empty() ? Claiming::Rest::nothing : Claiming::Rest::others;
  for (const auto& [name, missing] : others)
    claiming.others += (claiming.others.empty() ? "" : ", ") + name + " (" + std::to_string(missing) + ")";
  return {};
}

/// What its run left half written is saved first; a run that was not dead is told by its folder that is gone.
Result<bool> SweepSharing::take_over(uint64_t block) {
  if (auto cleared = clear_dead_runs(directory_); !cleared) return tl::unexpected(cleared.error());
  return claims_->claim(block);
}

}  // namespace sweepd
