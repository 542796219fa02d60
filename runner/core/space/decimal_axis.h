// A range or linspace of decimal numbers.
#pragma once

#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "runner/core/space/axis.h"
#include "runner/core/space/decimal_steps.h"

namespace sweepd {

class DecimalAxis final : public GeneratedAxis {
 public:
  /// steps.count() is from 1 to max_points.
  DecimalAxis(std::string name, const DecimalSteps& steps, SourcePosition where)
      : GeneratedAxis(std::move(name), static_cast<uint64_t>(steps.count()), std::move(where)),
        steps_(steps) {
    // Neighbours are rounded apart by less than two units in the last place of the largest.
    const double largest = std::fmax(std::fabs(steps_.at(0)), std::fabs(steps_.at(size() - 1)));
    distinct_ =
        size() == 1 || std::fabs(steps_.step()) > 2 * std::numeric_limits<double>::epsilon() * largest;
  }

  Value value(uint64_t index) const override { return Value::of(steps_.at(index)); }
  bool distinct() const override { return distinct_; }
  Stretch find_value(const Value& value) const override { return find_real(*this, value); }

  uint64_t fingerprint() const override {
    Digest digest("decimal steps");
    steps_.add_to(digest.add(name()));
    return digest.value();
  }

 private:
  DecimalSteps steps_;
  bool distinct_;
};

}  // namespace sweepd
