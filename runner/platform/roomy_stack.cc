#include "runner/platform/roomy_stack.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <ucontext.h>

#include <cstddef>

namespace sweepd {
namespace {

// What readers of nested texts may come to need; the stack that is made has a page at its end that stops
// whoever needs more.
constexpr rlim_t enough = rlim_t{1} << 20;
constexpr size_t made_bytes = size_t{8} << 20;
constexpr size_t page_bytes = size_t{64} << 10;  // or a multiple of it

struct Call {
  int (*body)(int, char**);
  int count;
  char** words;
  int result = 0;
};

// makecontext(3) hands down nothing but numbers.
Call* in_hand = nullptr;

void carry_out() { in_hand->result = in_hand->body(in_hand->count, in_hand->words); }

}  // namespace

int call_with_roomy_stack(int (*body)(int, char**), int count, char** words) {
  rlimit limit{};
  if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur >= enough) return body(count, words);
  void* const memory =
      mmap(nullptr, made_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return body(count, words);
  mprotect(memory, page_bytes, PROT_NONE);
  Call call{body, count, words};
  in_hand = &call;
  ucontext_t here{}, there{};
  getcontext(&there);
  there.uc_stack.ss_sp = memory;
  there.uc_stack.ss_size = made_bytes;
  there.uc_link = &here;
  makecontext(&there, carry_out, 0);
  swapcontext(&here, &there);
  munmap(memory, made_bytes);
  return call.result;
}

}  // namespace sweepd
