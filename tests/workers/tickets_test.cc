#include "workers/start/tickets.h"

#include <doctest/doctest.h>

using namespace sweepd;

TEST_CASE("tickets: a spawned worker is told all that its agent knows of it") {
  const WorkerShare share{.cpus = {0, 1, 9},
                          .nodes = {0, 2},
                          .cores = 2,
                          .bound = false,
                          .gang_cores = {{0, 1}, {9}},
                          .memory_bytes = uint64_t{3} << 40};
  const WorkerTicket ticket{
      .sweep = {"/a/\xe9\n", "/a/staging", "s.yaml", "0123456789abcdef", 7},
      .post = {.context = {.worker = WorkerId{12}, .share = share, .cores_elsewhere = {2, 3}},
               .slot = WorkerId{4}},
      .workers = 5,
      .signals = {1, 2}};
  const auto read = parse_worker_ticket(bytes_of(ticket));
  REQUIRE(read);
  CHECK(read->sweep.directory == "/a/\xe9\n");
  CHECK(read->sweep.staging == "/a/staging");
  CHECK(read->sweep.file == "s.yaml");
  CHECK(read->sweep.fingerprint == "0123456789abcdef");
  CHECK(read->sweep.code == 7);
  CHECK(read->post.context.worker == WorkerId{12});
  CHECK(read->post.context.share.cpus == share.cpus);
  CHECK(read->post.context.share.nodes == share.nodes);
  CHECK(read->post.context.share.cores == 2);
  CHECK_FALSE(read->post.context.share.bound);
  CHECK(read->post.context.share.gang_cores == share.gang_cores);
  CHECK(read->post.context.share.memory_bytes == share.memory_bytes);
  CHECK(read->post.context.cores_elsewhere == std::vector<uint32_t>{2, 3});
  CHECK(read->post.slot == WorkerId{4});
  CHECK(read->workers == 5);
  CHECK(read->signals.ignored == 1);
  CHECK(read->signals.blocked == 2);
}

TEST_CASE("tickets: no memory granted is not none left") {
  const auto read = parse_worker_ticket(bytes_of({}));
  REQUIRE(read);
  CHECK(read->post.context.share.memory_bytes == std::nullopt);
  CHECK(read->post.context.share.cpus.empty());
}

TEST_CASE("tickets: what is none is refused") {
  const std::string bytes = bytes_of({});
  CHECK_FALSE(parse_worker_ticket(""));
  CHECK_FALSE(parse_worker_ticket("sweepd"));
  CHECK_FALSE(parse_worker_ticket(bytes.substr(0, bytes.size() - 1)));
}
