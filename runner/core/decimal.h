// Decimal numbers as people write them: 0.1 is a tenth, which no double is.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "runner/core/wide.h"

namespace sweepd {

/// digits * 10^exponent. Made by the functions below, `digits` does not end in 0, and 0 has the exponent 0.
struct Decimal {
  Wide digits = 0;
  int exponent = 0;

  static Decimal of(int64_t number);
};

/// What a literal such as 12, -.5, 1.10 or 1e-3 says; none where `text` is no such literal, and where its
/// digits, zeros at the ends aside, do not fit (up to 38 do).
std::optional<Decimal> parse_decimal(std::string_view text);

/// `number` * base^power (power >= 0); none where that does not fit.
std::optional<Wide> scaled(Wide number, unsigned base, int power);

}  // namespace sweepd
