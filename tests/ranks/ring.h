// Ring: rank 0's pool, and agents of two more ranks in processes of their own, around a switchboard.
#pragma once

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/ranks/switchboard.h"
#include "tests/temporary_folder.h"
#include "workers/start/ranks/rank_agent.h"
#include "workers/start/ranks/ranked_pool.h"

namespace sweepd {

inline constexpr Duration ring_silence = std::chrono::seconds(2);

inline bool comes_true(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  bool is_true = false;
  while (!(is_true = condition()) && std::chrono::steady_clock::now() < deadline) usleep(1000);
  return is_true;
}

class Ring {
 public:
  /// What a rank has; `crew` is what it says of itself.
  struct Staff {
    std::vector<Post> posts;
    RankCrew crew;
  };

  /// `staffs` by rank. The sweep's folder is the ring's.
  Ring(Task task, SpacePtr space, std::vector<Staff> staffs) : staffs_(std::move(staffs)) {
    std::filesystem::create_directories(folder_ / "out/chunks");
    sweep_.task = std::move(task);
    sweep_.task_text = "{}";
    sweep_.directory = folder_.path();
    sweep_.space = std::move(space);
    for (uint32_t rank = 1; rank < ranks; ++rank) fork_rank(rank);
    UniqueFd socket = board_.socket_of(0);
    board_.begin();
    link_.emplace(*RankLink::join(std::move(socket), {0, ranks}));
    const auto offers = gather_offers(*link_, {"here", {0}});
    REQUIRE(offers);
    const auto crews = staff_ranks(*link_, std::vector<StaffOrder>(ranks), std::chrono::seconds(60));
    REQUIRE(crews);
    pool_ = std::make_unique<RankedPool>(*link_, *LocalPool::start(staffing(0)), *crews, ring_silence);
  }
  ~Ring() {
    pool_.reset();
    for (const pid_t pid : pids_) {
      kill(pid, SIGKILL);
      waitpid(pid, nullptr, 0);
    }
  }
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  RankedPool& pool() { return *pool_; }
  Switchboard& board() { return board_; }
  const Sweep& sweep() const { return sweep_; }
  pid_t pid_of(uint32_t rank) const { return pids_[rank - 1]; }
  std::string path(const std::string& name) const { return folder_ / name; }

  /// The next event; fails after a minute without one.
  WorkerEvent next() {
    REQUIRE(comes_true([&] {
      if (news_.empty())
        for (WorkerEvent& event : pool_->poll(std::chrono::milliseconds(100)))
          news_.push_back(std::move(event));
      return !news_.empty();
    }));
    const WorkerEvent event = news_.front();
    news_.erase(news_.begin());
    return event;
  }

  void await_ready() {
    for (uint32_t count = 0; count < pool_->size(); ++count) REQUIRE(next().kind == WorkerEvent::Kind::ready);
  }

 private:
  Staffing staffing(uint32_t rank) const {
    return {.sweep = sweep_,
            .sweep_directory = folder_ / "out",
            .staging = folder_ / "out",
            .method = StartMethod::mpi,
            .posts = staffs_[rank].posts};
  }

  void fork_rank(uint32_t rank) {
    const pid_t pid = fork();
    REQUIRE(pid >= 0);
    if (pid > 0) return pids_.push_back(pid);
    UniqueFd socket = board_.socket_of(rank);
    board_.forget();
    auto link = RankLink::join(std::move(socket), {rank, ranks});
    if (!link) _exit(1);
    if (const auto order = await_order(*link, {"there", {0}}); !order || !*order) _exit(1);
    const auto first = await_start(*link, "there", staffs_[rank].crew);
    if (!first || !*first) _exit(1);
    for (Post& post : staffs_[rank].posts) post.context.worker.number += (*first)->number;
    auto pool = LocalPool::start(staffing(rank));
    const bool ended = pool && RankAgent(*link, **pool, ring_silence).run();
    pool->reset();
    _exit(ended ? 0 : 3);
  }

  TemporaryFolder folder_;
  Sweep sweep_;
  std::vector<Staff> staffs_;
  Switchboard board_;
  std::vector<pid_t> pids_;
  std::optional<RankLink> link_;
  std::unique_ptr<RankedPool> pool_;
  std::vector<WorkerEvent> news_;
};

}  // namespace sweepd
