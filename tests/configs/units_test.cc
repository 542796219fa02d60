#include "configs/units.h"

#include <doctest/doctest.h>

namespace sweepd {
namespace {

using namespace std::chrono_literals;

TEST_CASE("units: sizes with powers of 1000 and of 1024") {
  CHECK(parse_size("1B").value() == 1);
  CHECK(parse_size("500M").value() == 500'000'000);
  CHECK(parse_size("1.5G").value() == 1'500'000'000);
  CHECK(parse_size("2KB").value() == 2000);
  CHECK(parse_size("3 T").value() == 3'000'000'000'000);
  CHECK(parse_size("2GiB").value() == uint64_t{2} << 30);
  CHECK(parse_size("1KiB").value() == 1024);
  CHECK(parse_size("1TiB").value() == uint64_t{1} << 40);
}

TEST_CASE("units: a size without a unit, or with another, is refused") {
  for (const char* bad :
       {"", "5", "5.", "GiB", "5X", "5GiBs", "-5G", "5  G", "1e3K", "0x5K", "99999999T", "5g"})
    CHECK_MESSAGE(!parse_size(bad).has_value(), bad);
  CHECK(parse_size("5").error().message.find("has no unit") != std::string::npos);
}

TEST_CASE("units: durations with a unit") {
  CHECK(parse_duration("500ms").value() == 500ms);
  CHECK(parse_duration("90s").value() == 90s);
  CHECK(parse_duration("10m").value() == 10min);
  CHECK(parse_duration("2h").value() == 2h);
  CHECK(parse_duration("1d").value() == 24h);
  CHECK(parse_duration("1.5h").value() == 90min);
  CHECK(parse_duration("0s").value() == 0s);
}

TEST_CASE("units: durations as Slurm has them") {
  CHECK(parse_duration("30:00").value() == 30min);
  CHECK(parse_duration("90:30").value() == 90min + 30s);
  CHECK(parse_duration("1:02:03").value() == 1h + 2min + 3s);
  CHECK(parse_duration("1-12").value() == 36h);
  CHECK(parse_duration("0-00:05").value() == 5min);
  CHECK(parse_duration("1-02:00:00").value() == 26h);
}

TEST_CASE("units: a bare number is no duration, as Slurm and others disagree about it") {
  CHECK(parse_duration("30").error().message ==
        "'30' has no unit; write 30m or 30s (Slurm takes a bare number for minutes, others for seconds)");
  for (const char* bad : {"", "m", "10 minutes", "-5m", "1:2:3:4", "1-2:3:4:5", ":30", "30:", "1-", "-1",
                          "1:-2", "40000d", "99999999999:00", "1e3s", "36501-00"})
    CHECK_MESSAGE(!parse_duration(bad).has_value(), bad);
}

}  // namespace
}  // namespace sweepd
