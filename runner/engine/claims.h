// Claims: which of the runs that share a sweep directory works on which blocks of its points. Everything is
// said by names that are made only where there is none yet, and neither changed nor renamed, in claims/:
//
//   blocks         how the points are divided, as JSON
//   TOKEN.member   a run that takes part; staging.TOKEN beside the folder says who it is and that it lives
//   TOKEN.ending   that run begins no more points: what it leaves is free once it has ended
//   BLOCK.NUMBER   a claim: a symbolic link to the token of the run whose block it is, unless there is one of
//                  a higher number. That is how a dead run's block is taken over. It links to "free" where a
//                  run gave the block back. A link, since it has its text from the first moment on: whose a
//                  file is of a run killed before it wrote, nobody knows
//
// It does not know what is in chunks/. runner/engine/FORMAT.md describes the files.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runner/core/blocks.h"
#include "runner/core/error.h"
#include "runner/engine/run_identity.h"
#include "runner/engine/sweep_directory.h"
#include "runner/engine/takeover.h"
#include "runner/platform/unique_fd.h"

namespace sweepd {

/// Whose a block is, as far as the last look told.
enum class BlockHolder {
  nobody,  ///< never claimed
  self,
  living,
  silent,  ///< not known: of a run that was not seen alive in the last seconds, nor silent for a minute; or
           ///< that ends soon
  gone,    ///< of a run that has ended or is dead
};

class Claims {
 public:
  /// Divides the sweep anew and becomes its first member. For whoever holds the directory's lock, while there
  /// are no living members; claims that are there are removed.
  static Result<Claims> found(const SweepDirectory& directory, const Blocks& blocks);
  /// Becomes a member. For whoever holds the lock.
  static Result<Claims> join(const SweepDirectory& directory);
  /// The members that count as alive, `except` one. Who holds the lock can rely on there being no others.
  static Result<std::vector<RunIdentity>> living_members(const SweepDirectory& directory,
                                                         const std::string& except = "");
  /// Removes all claims. For whoever holds the lock, while there are no living members.
  static Result<void> remove(const SweepDirectory& directory);

  Claims(Claims&&) noexcept = default;
  Claims& operator=(Claims&&) = delete;
  /// Ends the membership: what is claimed and not done is free for others.
  ~Claims();

  const Blocks& blocks() const { return blocks_; }
  const std::string& token() const { return staging_->token(); }

  /// Says that this run begins no more points.
  void end_soon();

  /// Looks at what others have claimed.
  Result<void> look();
  /// Members there were at the last look, this one included; at least 1.
  uint64_t members() const { return members_; }
  /// Blocks that nobody has claimed so far.
  uint64_t unclaimed() const { return unclaimed_; }
  /// Reads, the first time it is asked, whose block it is.
  BlockHolder holder(uint64_t block);
  /// Of a block that is `living` or `silent`: "process 12 on n3"; empty where it is not known.
  std::string holder_name(uint64_t block);

  /// Claims a block that is nobody's, or whose holder is gone. False where another run came first.
  Result<bool> claim(uint64_t block);

  /// Gives a block of this run's back. Where that cannot be written it stays this run's.
  void release(uint64_t block);

  /// This run's, in order.
  std::vector<Chunk> own_ranges() const;

 private:
  struct Claim {
    uint64_t number = 0;  ///< 0: none
    bool own = false;
    std::string token;  ///< empty: not read yet
  };
  /// What was seen of another member.
  struct Sighting {
    OtherRun run{};
    int64_t looked_ns = 0;      ///< this machine's clock
    int64_t seen_alive_ns = 0;  ///< when it had renewed itself since the look before
    BlockHolder holds = BlockHolder::silent;
    bool is_current = false;  ///< was looked at since the last look()
  };

  Claims(const SweepDirectory& directory, UniqueFd folder, const Blocks& blocks);
  static Result<UniqueFd> open_folder(const SweepDirectory& directory);
  void note(const std::string& name);
  void set(uint64_t block, Claim claim);
  /// False with errno; has_claim() tells whether another was faster.
  bool make_claim(uint64_t block, uint64_t number, const std::string& token) const;
  bool has_claim(uint64_t block, uint64_t number) const;
  void read_token(Claim& claim, uint64_t block) const;
  const Sighting& look_at(const std::string& token);

  std::string directory_;
  std::string path_;
  UniqueFd folder_;
  Blocks blocks_;
  std::shared_ptr<Staging> staging_;
  std::vector<Claim> claims_;
  std::map<std::string, Sighting> sightings_;
  std::set<std::string> ending_;  // tokens
  uint64_t members_ = 1;
  uint64_t unclaimed_;
};

}  // namespace sweepd
