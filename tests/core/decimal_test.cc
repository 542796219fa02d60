#include "runner/core/decimal.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "runner/core/space/decimal_steps.h"

using namespace sweepd;

namespace {

Decimal decimal(std::string_view text) { return parse_decimal(text).value(); }
bool says(std::string_view text, int64_t digits, int exponent) {
  const Decimal made = decimal(text);
  return made.digits == digits && made.exponent == exponent;
}

DecimalSteps range(const char* start, const char* stop, const char* step) {
  return DecimalSteps::range(decimal(start), decimal(stop), decimal(step)).value();
}
DecimalSteps linspace(const char* start, const char* stop, uint64_t num) {
  return DecimalSteps::linspace(decimal(start), decimal(stop), num).value();
}
bool fits(const char* start, const char* stop, const char* step) {
  return DecimalSteps::range(decimal(start), decimal(stop), decimal(step)).has_value();
}

}  // namespace

TEST_CASE("decimal: a literal says what it says, however it is written") {
  for (const char* tenth : {"0.1", ".1", "+.10", "1e-1", "0.001E+2", "00000.1", "100e-3"})
    CHECK(says(tenth, 1, -1));
  CHECK(says("-12.50", -125, -1));
  CHECK(says("12", 12, 0));
  CHECK(says("5.", 5, 0));
  CHECK(says("1200", 12, 2));
  CHECK(says("2.2250738585072014e-308", 22250738585072014, -324));
  for (const char* zero : {"0", "-0.0", "0e99", ".000", "0e-99999"}) CHECK(says(zero, 0, 0));
  CHECK(Decimal::of(-1200).digits == -12);
  CHECK(Decimal::of(-1200).exponent == 2);
  CHECK(Decimal::of(0).exponent == 0);
}

TEST_CASE("decimal: what is no decimal literal is none") {
  for (const char* text : {"", ".", "-", "e5", "1e", "1e+", "0x1F", "0x1e", "0o17", ".inf", ".nan", "1.2.3",
                           "1 ", "--1", "1e99999999999", "abc"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_decimal(text));
  }
}

TEST_CASE("decimal: 38 digits fit, and zeros at the ends do not count") {
  const std::string digits(38, '9');
  CHECK(parse_decimal(digits));
  CHECK_FALSE(parse_decimal(digits + "9"));
  CHECK(parse_decimal("0.000" + digits + std::string(500, '0') + "e-3"));
}

TEST_CASE("decimal steps: values are the nearest doubles, and their number is exact") {
  const DecimalSteps tenths = range("0", "1", "0.1");
  REQUIRE(tenths.count() == 10);
  CHECK(tenths.at(3) == 0.3);
  CHECK(tenths.at(6) == 0.6);
  CHECK(range("1", "1.3", "0.1").count() == 3);
  CHECK(range("1", "1.30001", "0.1").count() == 4);
  CHECK(range("0.3", "-0.1", "-0.1").at(3) == 0);
  CHECK_FALSE(std::signbit(range("-0.2", "1", "0.1").at(2)));
  CHECK(range("0", "0", "0.1").count() == 0);
  CHECK(range("0", "1", "-0.1").count() == 0);
  CHECK(linspace("0", "1", 11).at(7) == 0.7);
  CHECK(linspace("0", "1", 4).at(1) == 1.0 / 3);
  CHECK(linspace("0.1", "0.7", 1).at(0) == 0.1);
}

// Expected values by Python: from fractions import Fraction as F; float(F("0.12345678901234567") * 3) ...
TEST_CASE("decimal steps: fractions beyond what a double holds are rounded once, to even where it is a tie") {
  CHECK(linspace("0", "6.283185307179586", 361).at(7) == 0.12217304763960306);
  CHECK(range("0.12345678901234567", "1", "0.12345678901234567").at(2) == 0.370370367037037);
  CHECK(range("9007199254740992", "9007199254740999", "0.5").at(2) == 9007199254740992.0);
  CHECK(range("9007199254740992", "9007199254740999", "0.5").at(6) == 9007199254740996.0);
  CHECK(range("-9007199254740992.5", "9007199254740999", "0.5").at(1) == -9007199254740992.0);
  CHECK(range("-1e-31", "2e-31", "1e-31").at(0) == -1e-31);
  CHECK(range("-1e-31", "2e-31", "1e-31").at(1) == 0.0);
  CHECK(range("1e-34", "9e-34", "1e-34").at(2) == 3e-34);
  CHECK(linspace("6.62607015e-34", "6.62607015e-33", 1000).at(7) == 7.043930429729729e-34);
  CHECK(linspace("9e36", "-9e36", 3).at(1) == 0.0);
  CHECK(linspace("1e30", "3e30", 3).at(1) == 2e30);
}

TEST_CASE("decimal steps: none are made of numbers that need more than 128 bits") {
  CHECK(fits("0", "1e-53", "1e-54"));
  CHECK_FALSE(fits("0", "1e-60", "1e-61"));
  CHECK_FALSE(fits("0", "1e40", "1e39"));
  CHECK_FALSE(fits("1e20", "2e20", "1e-20"));
  CHECK_FALSE(DecimalSteps::linspace(decimal("1e30"), decimal("2e30"), uint64_t{1} << 53));
}
