// The limit for commands: posix_spawn and wait of /bin/true, a loop on each of two cores, and nothing else.
//   spawn_limit POINTS
#include <spawn.h>

#include <cstdlib>
#include <string>

#include "tests/bench/on_cores.h"

int main(int argc, char** argv) {
  const int points = argc > 1 ? std::atoi(argv[1]) : 1000;
  sweepd::bench::on_two_cores([points](int place, int places) {
    char name[] = "/bin/true";
    std::string number;
    for (int i = place; i < points; i += places) {
      // With an argument, as the peers give it: true(1) sets a locale then, which takes a quarter
      // of its time.
      number = std::to_string(i);
      char* arguments[] = {name, number.data(), nullptr};
      pid_t pid = 0;
      int status = 0;
      if (posix_spawn(&pid, name, nullptr, nullptr, arguments, environ) != 0) std::abort();
      if (waitpid(pid, &status, 0) != pid || status != 0) std::abort();
    }
  });
}
