// Preloaded into sweepd by tests/bench/run: nothing waits for the disk. What is left of the time is what
// durability costs.
#include <sys/types.h>

extern "C" {
int fsync(int) { return 0; }
int fdatasync(int) { return 0; }
int sync_file_range(int, off_t, off_t, unsigned) { return 0; }
}
