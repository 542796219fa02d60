// How often the controller may be asked for what repeats: it serves everybody.
#pragma once

#include <optional>

namespace sweepd {

/// At most one call in `every_s` seconds, on a clock of the caller's that does not run backwards.
class CallBudget {
 public:
  explicit CallBudget(double every_s = 60) : every_s_(every_s) {}

  /// Whether a call may be made now; if so, it is taken as made.
  bool take(double now_s) {
    if (last_s_ && now_s - *last_s_ < every_s_) return false;
    last_s_ = now_s;
    return true;
  }

 private:
  double every_s_;
  std::optional<double> last_s_;
};

}  // namespace sweepd
