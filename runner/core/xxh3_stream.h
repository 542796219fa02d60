// XXH3-128 of bytes that come in pieces; by the library, as GCC at -Og refuses to inline it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

struct XXH3_state_s;

namespace sweepd {

class Xxh3Stream {
 public:
  Xxh3Stream();
  void add(std::string_view bytes);
  /// Of what came so far: 32 lower-case hexadecimal digits.
  std::string digits() const;

 private:
  struct Free {
    void operator()(XXH3_state_s* state) const;
  };
  std::unique_ptr<XXH3_state_s, Free> state_;
};

}  // namespace sweepd
