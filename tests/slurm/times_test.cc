#include "slurm/times.h"

#include <doctest/doctest.h>

#include "slurm/deadline.h"

using namespace sweepd;

TEST_CASE("times: Slurm's standard form is taken as UTC") {
  CHECK(parse_slurm_time("1970-01-01T00:00:00").value() == 0);
  CHECK(parse_slurm_time("2026-11-22T15:56:14").value() == 1795362974);
  CHECK(parse_slurm_time("2028-02-29T23:59:59").value() == 1835481599);
}

TEST_CASE("times: none is known for the words Slurm has for it") {
  for (const char* word : {"Unknown", "N/A", "None", "(null)", ""})
    CHECK_MESSAGE(parse_slurm_time(word).value() == std::nullopt, word);
}

TEST_CASE("times: anything else is malformed") {
  for (const char* text : {"2026-11-22", "2026-11-22 15:56:14", "2026-11-22T15:56", "2026-11-22T15:56:14Z",
                           "2026-13-01T00:00:00", "2027-02-29T00:00:00", "2026-11-22T24:00:00", "20:58:46",
                           "tomorrow", "99999-01-01T00:00:00", "2026--1-01T00:00:00", "Nov 22"})
    CHECK_MESSAGE(!parse_slurm_time(text), text);
}

TEST_CASE("times: every form of a time limit") {
  CHECK(parse_slurm_duration("30").value() == 1800);
  CHECK(parse_slurm_duration("30:15").value() == 1815);
  CHECK(parse_slurm_duration("00:05:00").value() == 300);
  CHECK(parse_slurm_duration("1-02:00:00").value() == 93600);
  CHECK(parse_slurm_duration("1-02").value() == 93600);
  CHECK(parse_slurm_duration("1-02:30").value() == 95400);
  CHECK(parse_slurm_duration("365-00:00:00").value() == 31536000);
  for (const char* word : {"UNLIMITED", "Partition_Limit", "NOT_SET", "N/A", "INVALID", "(null)", ""})
    CHECK_MESSAGE(parse_slurm_duration(word).value() == std::nullopt, word);
  for (const char* text : {"1:2:3:4", "-5", "1-", "1-2-3", "5m", ":30", "30:", " 30"})
    CHECK_MESSAGE(!parse_slurm_duration(text), text);
}

TEST_CASE("deadline: what the controller says wins, since a limit may have been changed") {
  Allocation allocation;
  allocation.end_time = 1000;
  CHECK(deadline(allocation, std::nullopt) == 1000);
  JobRecord record;
  record.end_time = 2000;
  CHECK(deadline(allocation, record) == 2000);
  record.end_time.reset();  // the limit was lifted
  CHECK(deadline(allocation, record) == std::nullopt);
}
