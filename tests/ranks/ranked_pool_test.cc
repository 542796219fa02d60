// Rank 0's pool with agents in processes of their own. In the place of MPI a thread carries the packets.
#include "workers/start/ranks/ranked_pool.h"

#include <doctest/doctest.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <thread>

#include "runner/core/spaces.h"
#include "runner/platform/process_tree.h"
#include "tests/temporary_folder.h"
#include "workers/start/ranks/rank_agent.h"

using namespace sweepd;
using namespace std::chrono_literals;

namespace {

constexpr uint32_t ranks = 3;
constexpr Duration silence = 2s;

std::string packet(RelayPacket kind, uint32_t rank, std::string_view bytes) {
  const RelayHeader header{kind, rank};
  return std::string(reinterpret_cast<const char*>(&header), sizeof header).append(bytes);
}

/// What the relays are together: carries packets between the ranks' sockets, except to and from those that
/// are cut.
class Switchboard {
 public:
  Switchboard() {
    for (uint32_t rank = 0; rank < ranks; ++rank) {
      int fds[2];
      REQUIRE(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) == 0);
      agents_[rank].reset(fds[0]);
      ours_[rank].reset(fds[1]);
      const auto text =
          packet(RelayPacket::joined, rank, {reinterpret_cast<const char*>(&ranks), sizeof ranks});
      send(fds[1], text.data(), text.size(), 0);
    }
  }
  ~Switchboard() {
    over_ = true;
    if (thread_.joinable()) thread_.join();
  }
  UniqueFd socket_of(uint32_t rank) { return std::move(agents_[rank]); }
  /// Once all other ranks have been forked.
  void begin() {
    for (UniqueFd& fd : agents_) fd.reset();
    thread_ = std::thread([this] { carry(); });
  }
  void cut(uint32_t rank) { cut_[rank] = true; }
  /// For a forked rank, which has no use for the others' ends.
  void forget() {
    for (UniqueFd& fd : agents_) fd.reset();
    for (UniqueFd& fd : ours_) fd.reset();
  }

 private:
  void carry() {
    while (!over_) {
      pollfd polled[ranks];
      for (uint32_t rank = 0; rank < ranks; ++rank) polled[rank] = {ours_[rank].get(), POLLIN, 0};
      if (poll(polled, ranks, 5) <= 0) continue;
      for (uint32_t rank = 0; rank < ranks; ++rank)
        if (polled[rank].revents != 0) carry_from(rank);
    }
  }

  void carry_from(uint32_t rank) {
    std::string buffer(sizeof(RelayHeader) + max_packet_bytes, '\0');
    const ssize_t n = recv(ours_[rank].get(), buffer.data(), buffer.size(), 0);
    if (n < static_cast<ssize_t>(sizeof(RelayHeader))) {
      ours_[rank].reset();
      if (rank != 0 && !cut_[rank]) pass_on(0, packet(RelayPacket::gone, rank, {}));
      return;
    }
    RelayHeader header{};
    std::memcpy(&header, buffer.data(), sizeof header);
    if (header.kind != RelayPacket::message || cut_[rank] || cut_[header.rank]) return;
    pass_on(header.rank, packet(RelayPacket::message, rank,
                                {buffer.data() + sizeof header, static_cast<size_t>(n) - sizeof header}));
  }

  void pass_on(uint32_t rank, const std::string& text) {
    if (ours_[rank]) send(ours_[rank].get(), text.data(), text.size(), MSG_NOSIGNAL);
  }

  UniqueFd agents_[ranks];
  UniqueFd ours_[ranks];
  std::atomic<bool> cut_[ranks] = {};
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

/// A sweep of shell commands over three ranks: rank 0 with one worker, the others with two each.
class Ring {
 public:
  explicit Ring(const std::string& shell) {
    std::filesystem::create_directories(folder_ / "out/chunks");
    CommandTask task;
    task.shell = shell;
    sweep_.task = task;
    sweep_.task_text = "{}";
    sweep_.directory = folder_.path();
    sweep_.space =
        *make_range("i", Value::of(int64_t{0}), Value::of(int64_t{100}), Value::of(int64_t{1}), {});
    for (uint32_t rank = 1; rank < ranks; ++rank) fork_rank(rank);
    UniqueFd socket = board_.socket_of(0);
    board_.begin();
    link_.emplace(*RankLink::join(std::move(socket), {0, ranks}));
    const auto offers = gather_offers(*link_, {"here", {0}});
    REQUIRE(offers);
    const auto crews = staff_ranks(*link_, std::vector<StaffOrder>(ranks), 60s);
    REQUIRE(crews);
    pool_ = std::make_unique<RankedPool>(*link_, *LocalPool::start(staffing(1, 0)), *crews, silence);
  }
  ~Ring() {
    pool_.reset();
    for (const pid_t pid : pids_) {
      kill(pid, SIGKILL);
      waitpid(pid, nullptr, 0);
    }
  }

  RankedPool& pool() { return *pool_; }
  Switchboard& board() { return board_; }
  pid_t pid_of(uint32_t rank) const { return pids_[rank - 1]; }
  std::string path(const std::string& name) const { return folder_ / name; }

  /// The next event; fails after a minute without one.
  WorkerEvent next() {
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (news_.empty() && std::chrono::steady_clock::now() < deadline)
      for (WorkerEvent& event : pool_->poll(100ms)) news_.push_back(std::move(event));
    REQUIRE_FALSE(news_.empty());
    const WorkerEvent event = news_.front();
    news_.erase(news_.begin());
    return event;
  }

  void await_ready() {
    for (uint32_t count = 0; count < pool_->size(); ++count) REQUIRE(next().kind == WorkerEvent::Kind::ready);
  }

 private:
  Staffing staffing(uint32_t workers, uint32_t first) {
    posts_.clear();
    for (uint32_t slot = 0; slot < workers; ++slot) {
      Post post{.slot = slot, .bind = false};
      post.context.worker = first + slot;
      posts_.push_back(post);
    }
    return {.sweep = sweep_, .sweep_directory = folder_ / "out", .method = StartMethod::mpi, .posts = posts_};
  }

  void fork_rank(uint32_t rank) {
    const pid_t pid = fork();
    REQUIRE(pid >= 0);
    if (pid > 0) return pids_.push_back(pid);
    UniqueFd socket = board_.socket_of(rank);
    board_.forget();
    auto link = RankLink::join(std::move(socket), {rank, ranks});
    if (!link || !await_order(*link, {"there", {0}})) _exit(1);
    const auto first = await_start(*link, "there", RankCrew{"there", {"0", "1"}});
    if (!first) _exit(1);
    auto pool = LocalPool::start(staffing(2, *first));
    const bool ended = pool && RankAgent(*link, **pool, silence).run();
    pool->reset();
    _exit(ended ? 0 : 3);
  }

  TemporaryFolder folder_;
  Sweep sweep_;
  std::vector<Post> posts_;
  Switchboard board_;
  std::vector<pid_t> pids_;
  std::optional<RankLink> link_;
  std::unique_ptr<RankedPool> pool_;
  std::vector<WorkerEvent> news_;
};

bool comes_true(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  bool is_true = false;
  while (!(is_true = condition()) && std::chrono::steady_clock::now() < deadline) usleep(1000);
  return is_true;
}

int exit_status_of(pid_t pid) {
  int status = -1;
  REQUIRE(comes_true([&] { return waitpid(pid, &status, WNOHANG) == pid; }));
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace

TEST_CASE("ranked pool: workers of all ranks report, and run what they are given") {
  Ring ring("echo $SWEEPD_WORKER >> $i.ran");
  REQUIRE(ring.pool().size() == 5);
  ring.await_ready();
  for (WorkerId worker = 0; worker < 5; ++worker)
    ring.pool().assign({.worker = worker, .chunk = {worker * 10, worker * 10 + 2}}, worker + 1);
  std::vector<bool> seen(5);
  for (int count = 0; count < 5; ++count) {
    const WorkerEvent event = ring.next();
    REQUIRE(event.kind == WorkerEvent::Kind::finished);
    CHECK(event.report.lease == event.worker + 1);
    CHECK(event.report.until == event.worker * 10 + 2);
    seen[event.worker] = true;
    CHECK(std::filesystem::exists(ring.path(std::to_string(event.worker * 10) + ".ran")));
  }
  CHECK(std::ranges::count(seen, true) == 5);
}

TEST_CASE("ranked pool: what a worker elsewhere does is known a moment later") {
  Ring ring("sleep 1000");
  ring.await_ready();
  ring.pool().assign({.worker = 4, .chunk = {7, 9}}, 3);
  REQUIRE(comes_true([&] {
    ring.pool().poll(10ms);
    return ring.pool().progress(4).in_hand == 7;
  }));
  CHECK(ring.pool().progress(4).lease == 3);
  CHECK(ring.pool().progress(3).in_hand == std::nullopt);
}

TEST_CASE("ranked pool: a worker elsewhere that is killed is told, with its point, and replaced") {
  Ring ring("sleep 1000");
  ring.await_ready();
  ring.pool().assign({.worker = 3, .chunk = {7, 9}}, 1);
  REQUIRE(comes_true([&] {
    ring.pool().poll(10ms);
    return ring.pool().progress(3).in_hand == 7;
  }));
  ring.pool().kill(3);
  const WorkerEvent death = ring.next();
  CHECK(death.kind == WorkerEvent::Kind::died);
  CHECK(death.worker == 3);
  CHECK(death.in_hand == 7);
  CHECK(ring.next().kind == WorkerEvent::Kind::ready);
}

TEST_CASE("ranked pool: a rank whose agent is killed is gone with all its workers, and the others go on") {
  Ring ring("true");
  ring.await_ready();
  kill(ring.pid_of(2), SIGKILL);
  const WorkerEvent first = ring.next();
  CHECK(first.kind == WorkerEvent::Kind::gone);
  CHECK(first.worker == 3);
  CHECK(first.message == "rank 2 on there is lost: its process has ended");
  CHECK(ring.next().worker == 4);
  ring.pool().assign({.worker = 2, .chunk = {0, 1}}, 1);
  CHECK(ring.next().kind == WorkerEvent::Kind::finished);
}

TEST_CASE("ranked pool: a rank that is silent is given up, and ends by itself") {
  Ring ring("true");
  ring.await_ready();
  ring.board().cut(1);
  const WorkerEvent first = ring.next();
  CHECK(first.kind == WorkerEvent::Kind::gone);
  CHECK(first.message == "rank 1 on there is lost: there was no word from it for 2 s");
  CHECK(exit_status_of(ring.pid_of(1)) == 3);
}

TEST_CASE("ranked pool: a rank that has nothing to say for a long time is not given up") {
  Ring ring("true");
  ring.await_ready();
  const auto end = std::chrono::steady_clock::now() + 2 * silence;
  while (std::chrono::steady_clock::now() < end) CHECK(ring.pool().poll(100ms).empty());
}

TEST_CASE("ranked pool: its end ends all ranks and what they run") {
  pid_t pids[2];
  {
    Ring ring("touch begun; sleep 1000");
    ring.await_ready();
    pids[0] = ring.pid_of(1);
    pids[1] = ring.pid_of(2);
    ring.pool().assign({.worker = 4, .chunk = {0, 1}}, 1);
    REQUIRE(comes_true([&] { return std::filesystem::exists(ring.path("begun")); }));
  }
  for (const pid_t pid : pids) CHECK(kill(pid, 0) != 0);
}
