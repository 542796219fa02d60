/* Makes one system call of a run fail, or its process die or stall there: preloaded (LD_PRELOAD) into every process,
 * it acts in those of one program only.
 *
 * All processes of the run share a page of memory (a file): calls are counted there, and the one with the
 * wanted number fails, or all from there on. What counts: calls that make, write, sync, cut, link, rename and
 * remove files, make processes, pipes and sockets; writes only to regular files, so that messages and pipes
 * stay as they are.
 *
 *   SWEEPD_FAULT_PROGRAM  the program's path, as /proc/self/exe shows it
 *   SWEEPD_FAULT_PAGE     the shared file, one struct page
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* The same in syscalls.py. */
struct page {
  unsigned long count;   /* counted calls so far */
  unsigned long at;      /* the number of the call that fails, from 1; 0: none */
  unsigned long forever; /* those after it as well */
  unsigned long variant; /* enum variant */
  unsigned long failed;  /* calls that were made to fail */
  char only[256];        /* names of the calls that count, each between spaces; empty: all */
  char below[128];       /* what the absolute paths of those that count have in them */
  char name[32];         /* the first call that failed, ... */
  char process[32];      /* ... in which process, ... */
  char what[256];        /* ... on which file */
};

/* Which of its errors the call gives, or else: kill -9 before it is made; the same when half of a write is
 * done; SIGSTOP, and it is made when the process is woken. */
enum variant { first_error, second_error, killed_before, killed_in_the_middle, stalled };

static struct page* page;

__attribute__((constructor)) static void begin(void) {
  const char* program = getenv("SWEEPD_FAULT_PROGRAM");
  const char* file = getenv("SWEEPD_FAULT_PAGE");
  char self[4096];
  const ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
  if (program == NULL || file == NULL || length < 0) return;
  self[length] = 0;
  if (strcmp(self, program) != 0) return;
  int (*real_open)(const char*, int, ...) = dlsym(RTLD_NEXT, "open");
  const int fd = real_open(file, O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  void* shared = mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (shared != MAP_FAILED) page = shared;
  close(fd);
}

static int is_wanted(const char* name, const char* what) {
  if (page == NULL) return 0;
  /* A name without its folder is one in the sweep directory, which alone is kept open. */
  if (page->below[0] != 0 && what != NULL && what[0] == '/' && strstr(what, page->below) == NULL) return 0;
  if (page->only[0] == 0) return 1;
  char between_spaces[40];
  snprintf(between_spaces, sizeof between_spaces, " %s ", name);
  return strstr(page->only, between_spaces) != NULL;
}

static void note(const char* name, const char* what) {
  snprintf(page->name, sizeof page->name, "%s", name);
  snprintf(page->what, sizeof page->what, "%s", what == NULL ? "" : what);
  char self[32] = "";
  int (*real_open)(const char*, int, ...) = dlsym(RTLD_NEXT, "open");
  const int fd = real_open("/proc/self/comm", O_RDONLY | O_CLOEXEC);
  const ssize_t length = fd < 0 ? 0 : read(fd, self, sizeof self - 1);
  if (fd >= 0) close(fd);
  self[length > 0 ? length - 1 : 0] = 0;
  memcpy(page->process, self, sizeof self);
}

/* Whether this call fails; errno is set then. */
static int fails(const char* name, const char* what, int first, int second) {
  if (!is_wanted(name, what)) return 0;
  const unsigned long number = __atomic_add_fetch(&page->count, 1, __ATOMIC_RELAXED);
  if (page->at == 0 || number < page->at || (number > page->at && !page->forever)) return 0;
  if (page->failed == 0) note(name, what);
  __atomic_add_fetch(&page->failed, 1, __ATOMIC_RELEASE);
  if (page->variant == killed_before) raise(SIGKILL);
  if (page->variant == stalled) {
    raise(SIGSTOP);
    return 0;
  }
  errno = page->variant == second_error ? second : first;
  return 1;
}

/* The same for a call on a descriptor, where that is a regular file or a folder. */
static int fails_on(const char* name, int fd, int first, int second) {
  struct stat status;
  if (page == NULL || fstat(fd, &status) != 0 || !(S_ISREG(status.st_mode) || S_ISDIR(status.st_mode)))
    return 0;
  char link[40];
  char path[256] = "";
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  path[length > 0 ? length : 0] = 0;
  return fails(name, path, first, second);
}

/* Files of the system are none of the run's. */
static int is_of_system(const char* path) {
  return strncmp(path, "/sys/", 5) == 0 || strncmp(path, "/proc/", 6) == 0 ||
         strncmp(path, "/etc/", 5) == 0 || strncmp(path, "/dev/", 5) == 0 || strncmp(path, "/usr/", 5) == 0;
}

static int fails_to_open(const char* path, int flags) {
  if (is_of_system(path)) return 0;
  if ((flags & O_CREAT) != 0) return fails("create", path, ENOSPC, EMFILE);
  return fails("open", path, EMFILE, EIO);
}

#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

#define OPENS(name)                                                        \
  int name(const char* path, int flags, ...) {                             \
    int (*real)(const char*, int, ...) = dlsym(RTLD_NEXT, #name);          \
    va_list rest;                                                          \
    va_start(rest, flags);                                                 \
    const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0; \
    va_end(rest);                                                          \
    return fails_to_open(path, flags) ? -1 : real(path, flags, mode);      \
  }
OPENS(open)
OPENS(open64)

#define OPENS_AT(name)                                                        \
  int name(int folder, const char* path, int flags, ...) {                    \
    int (*real)(int, const char*, int, ...) = dlsym(RTLD_NEXT, #name);        \
    va_list rest;                                                             \
    va_start(rest, flags);                                                    \
    const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;    \
    va_end(rest);                                                             \
    return fails_to_open(path, flags) ? -1 : real(folder, path, flags, mode); \
  }
OPENS_AT(openat)
OPENS_AT(openat64)

ssize_t write(int fd, const void* bytes, size_t count) {
  REAL(write);
  if (!fails_on("write", fd, ENOSPC, EIO)) return real(fd, bytes, count);
  if (page->variant == killed_in_the_middle && real(fd, bytes, count / 2) >= 0) raise(SIGKILL);
  return -1;
}

ssize_t pwrite(int fd, const void* bytes, size_t count, off_t offset) {
  REAL(pwrite);
  return fails_on("pwrite", fd, ENOSPC, EIO) ? -1 : real(fd, bytes, count, offset);
}

ssize_t writev(int fd, const struct iovec* parts, int count) {
  REAL(writev);
  return fails_on("writev", fd, ENOSPC, EIO) ? -1 : real(fd, parts, count);
}

int fsync(int fd) {
  REAL(fsync);
  return fails_on("fsync", fd, EIO, ENOSPC) ? -1 : real(fd);
}

int fdatasync(int fd) {
  REAL(fdatasync);
  return fails_on("fdatasync", fd, EIO, ENOSPC) ? -1 : real(fd);
}

int ftruncate(int fd, off_t length) {
  REAL(ftruncate);
  return fails_on("ftruncate", fd, EIO, ENOSPC) ? -1 : real(fd, length);
}

int posix_fallocate(int fd, off_t offset, off_t length) {
  REAL(posix_fallocate);
  return fails_on("fallocate", fd, ENOSPC, EIO) ? errno : real(fd, offset, length);
}

int rename(const char* from, const char* to) {
  REAL(rename);
  return fails("rename", to, EIO, ENOSPC) ? -1 : real(from, to);
}

int renameat(int from_folder, const char* from, int to_folder, const char* to) {
  REAL(renameat);
  return fails("renameat", to, EIO, ENOSPC) ? -1 : real(from_folder, from, to_folder, to);
}

int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) {
  REAL(renameat2);
  return fails("renameat", to, EIO, ENOSPC) ? -1 : real(from_folder, from, to_folder, to, flags);
}

int link(const char* from, const char* to) {
  REAL(link);
  return fails("link", to, ENOSPC, EPERM) ? -1 : real(from, to);
}

int linkat(int from_folder, const char* from, int to_folder, const char* to, int flags) {
  REAL(linkat);
  return fails("linkat", to, ENOSPC, EPERM) ? -1 : real(from_folder, from, to_folder, to, flags);
}

int symlinkat(const char* target, int folder, const char* path) {
  REAL(symlinkat);
  return fails("symlinkat", path, EIO, ENOSPC) ? -1 : real(target, folder, path);
}

int unlink(const char* path) {
  REAL(unlink);
  return fails("unlink", path, EIO, EROFS) ? -1 : real(path);
}

int unlinkat(int folder, const char* path, int flags) {
  REAL(unlinkat);
  return fails("unlinkat", path, EIO, EROFS) ? -1 : real(folder, path, flags);
}

int rmdir(const char* path) {
  REAL(rmdir);
  return fails("rmdir", path, EIO, EROFS) ? -1 : real(path);
}

int mkdir(const char* path, mode_t mode) {
  REAL(mkdir);
  return fails("mkdir", path, ENOSPC, EIO) ? -1 : real(path, mode);
}

int mkdirat(int folder, const char* path, mode_t mode) {
  REAL(mkdirat);
  return fails("mkdir", path, ENOSPC, EIO) ? -1 : real(folder, path, mode);
}

pid_t fork(void) {
  REAL(fork);
  return fails("fork", NULL, EAGAIN, ENOMEM) ? -1 : real();
}

int __clone(int (*function)(void*), void* stack, int flags, void* argument, ...) {
  int (*real)(int (*)(void*), void*, int, void*, ...) = dlsym(RTLD_NEXT, "__clone");
  va_list rest;
  va_start(rest, argument);
  void* first = va_arg(rest, void*);
  void* second = va_arg(rest, void*);
  void* third = va_arg(rest, void*);
  va_end(rest);
  return fails("clone", NULL, EAGAIN, ENOMEM) ? -1
                                              : real(function, stack, flags, argument, first, second, third);
}

int execv(const char* path, char* const arguments[]) {
  REAL(execv);
  return fails("exec", path, ENOMEM, EIO) ? -1 : real(path, arguments);
}

int pipe2(int ends[2], int flags) {
  REAL(pipe2);
  return fails("pipe2", NULL, EMFILE, ENFILE) ? -1 : real(ends, flags);
}

int socketpair(int domain, int type, int protocol, int ends[2]) {
  int (*real)(int, int, int, int*) = dlsym(RTLD_NEXT, "socketpair");
  return fails("socketpair", NULL, EMFILE, ENFILE) ? -1 : real(domain, type, protocol, ends);
}

int memfd_create(const char* name, unsigned flags) {
  REAL(memfd_create);
  return fails("memfd_create", name, EMFILE, ENOMEM) ? -1 : real(name, flags);
}
