#include "slurm/progress_comment.h"

#include <doctest/doctest.h>

#include <limits>

using namespace sweepd;

TEST_CASE("comment: share, counts and time left") {
  CHECK(progress_comment({.done = 12, .total = 30, .eta_s = 120}) == "40 % 12/30 ETA 2m");
  CHECK(progress_comment({.done = 0, .total = 30}) == "0 % 0/30");
  CHECK(progress_comment({.done = 12, .total = 30, .failed = 3, .eta_s = 8}) == "40 % 12/30 3 failed ETA 8s");
  CHECK(progress_comment({.done = 30, .total = 30, .eta_s = 0}) == "100 % 30/30");
  CHECK(progress_comment({}) == "100 % 0/0");
}

TEST_CASE("comment: it says 100 % only when all is done, also of very many points") {
  CHECK(progress_comment({.done = 199, .total = 200}) == "99 % 199/200");
  const uint64_t most = uint64_t{1} << 53;
  CHECK(progress_comment({.done = most - 1, .total = most}) == "99 % 9.0P/9.0P");
}

TEST_CASE("comment: counts are short and cut off") {
  CHECK(short_count(0) == "0");
  CHECK(short_count(9999) == "9999");
  CHECK(short_count(10'000) == "10.0k");
  CHECK(short_count(99'999) == "99.9k");
  CHECK(short_count(123'456) == "123k");
  CHECK(short_count(999'999) == "999k");
  CHECK(short_count(1'000'000) == "1.0M");
  CHECK(short_count(1'290'000) == "1.2M");
  CHECK(short_count(std::numeric_limits<uint64_t>::max()) == "18.4E");
}

TEST_CASE("comment: times are short") {
  CHECK(short_time(0) == "0s");
  CHECK(short_time(-3) == "0s");
  CHECK(short_time(59.4) == "59s");
  CHECK(short_time(59.6) == "1m");
  CHECK(short_time(119) == "2m");
  CHECK(short_time(3599) == "1h00m");
  CHECK(short_time(3900) == "1h05m");
  CHECK(short_time(86399) == "1d0h");
  CHECK(short_time(273'600) == "3d4h");
  CHECK(short_time(std::numeric_limits<double>::infinity()) == "999d0h");
  CHECK(short_time(std::numeric_limits<double>::quiet_NaN()) == "999d0h");
}
