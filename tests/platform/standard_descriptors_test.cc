#include "runner/platform/standard_descriptors.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace sweepd;

namespace {

bool is_open(int fd) { return fcntl(fd, F_GETFD) >= 0; }

/// In a child: which of 0, 1 and 2 (bits of `closed`) are closed, and then what; true where all is as it
/// should be.
bool fills(unsigned closed) {
  const pid_t pid = fork();
  if (pid == 0) {
    struct stat before[3]{}, after[3]{};
    for (int fd = 0; fd <= 2; ++fd) fstat(fd, &before[fd]);
    for (int fd = 0; fd <= 2; ++fd)
      if ((closed >> fd & 1) != 0) close(fd);
    bool is_right = fill_standard_descriptors();
    for (int fd = 0; fd <= 2; ++fd) {
      is_right = is_right && is_open(fd) && fstat(fd, &after[fd]) == 0;
      if ((closed >> fd & 1) == 0) is_right = is_right && after[fd].st_ino == before[fd].st_ino;
    }
    const int next = open("/dev/null", O_RDONLY);
    _exit(is_right && next > 2 ? 0 : 1);
  }
  int status = -1;
  waitpid(pid, &status, 0);
  return status == 0;
}

}  // namespace

TEST_CASE("standard descriptors: any of them that are closed are filled, the others stay") {
  for (unsigned closed = 0; closed < 8; ++closed) CHECK(fills(closed));
}
