// What the fuzz targets have in common. Each target is one file with the function below, which libFuzzer
// calls with every input it thinks of, and replay.cc with the inputs that are kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

/// Always 0. Ends the program where a claim does not hold, so that the input is kept.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size);

namespace sweepd {

inline std::string_view text_of(const uint8_t* bytes, size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

inline void expect(bool holds, const char* claim) {
  if (holds) return;
  std::fprintf(stderr, "this does not hold: %s\n", claim);
  std::abort();
}

/// Cuts the text up to `end`, or all of it, off its front.
inline std::string_view take_up_to(char end, std::string_view& rest) {
  const std::string_view taken = rest.substr(0, rest.find(end));
  rest.remove_prefix(taken.size() < rest.size() ? taken.size() + 1 : taken.size());
  return taken;
}

}  // namespace sweepd
