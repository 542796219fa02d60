// Patience: trying again where a network file system's client goes by what it remembers. For a second or so
// after a file was replaced on another host a client may refuse its name with ESTALE, or show it with the
// size of the file before. So: open it again, look again, and only then judge.
#pragma once

#include <cerrno>
#include <cstdint>
#include <string>

namespace sweepd {

/// The pauses between tries, each twice as long as the one before.
class Patience {
 public:
  explicit Patience(int64_t all_ms = 2000) : all_ms_(all_ms) {}

  /// Pauses, and leaves errno as it is. False, at once, where there were tries enough.
  bool wait();

 private:
  int64_t all_ms_;
  int64_t pause_ms_ = 10;
  int64_t waited_ms_ = 0;
};

/// What `call` returns; it is a system call on a name that gives a number, below 0 with errno where it fails.
/// While that is ESTALE, it is tried again.
template <typename Call>
auto retry_stale(const Call& call) {
  Patience patience;
  for (;;) {
    const auto result = call();
    if (result >= 0 || errno != ESTALE || !patience.wait()) return result;
  }
}

/// rename(2), tried again as well where "no such file" is said of one that is there: a folder on the way was
/// replaced on another host, or two hosts have changed it at once.
int rename_patiently(const std::string& from, const std::string& to);

/// Has the client list a folder anew, which may show for seconds what names there were: it looks again after
/// the folder was changed, if only its time. For those who may change it; others see what they see.
void forget_listing(const std::string& folder);

}  // namespace sweepd
