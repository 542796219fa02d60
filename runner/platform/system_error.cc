#include "runner/platform/system_error.h"

#include <cerrno>
#include <system_error>

namespace sweepd {
namespace {

struct Shortage {
  int error;
  const char* advice;
};

constexpr Shortage shortages[] = {
    {ENOSPC, "free some space there, or use another folder with --output"},
    {EDQUOT, "your quota there is used up: remove files, or use another folder with --output"},
    {EFBIG, "the limit of a file's size is reached (ulimit -f)"},
    {EIO, "the disk or its server fails; ask the administrator"},
    {EROFS, "the file system is read-only now; ask the administrator"},
    {ESTALE, "the file server lost it; see that the file system is mounted"},
    {ENOTCONN, "the file server is gone; see that the file system is mounted"},
    {ENODEV, "the file system is gone; see that it is mounted"},
    {EMFILE, "the limit of open files is reached; raise it (ulimit -n)"},
    {ENFILE, "the machine's limit of open files is reached; ask the administrator"},
    {EAGAIN, "the limit of processes is reached; raise it (ulimit -u) or use fewer workers (-j)"},
    {ENOMEM, "memory ran out; use fewer workers (-j), or ask for more memory"},
};

const Shortage* find_shortage(int error) {
  for (const Shortage& shortage : shortages)
    if (shortage.error == error) return &shortage;
  return nullptr;
}

}  // namespace

Error system_error(std::string_view what, const std::string& name, int error) {
  const Shortage* const shortage = find_shortage(error);
  std::string text =
      "cannot " + std::string(what) + ' ' + name + ": " + std::generic_category().message(error);
  if (shortage != nullptr) (text += "; ") += shortage->advice;
  if (error == ELOOP) text += "; it is a symbolic link, and none is followed here";
  return Error{.message = std::move(text), .where = {}, .is_shortage = shortage != nullptr};
}

Error memory_ran_out() { return system_error("get", "memory", ENOMEM); }

tl::unexpected<Error> refused(std::string_view what, const std::string& name) {
  return tl::unexpected<Error>(system_error(what, name, errno));
}

}  // namespace sweepd
