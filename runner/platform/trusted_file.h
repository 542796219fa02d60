// The door through which everything that lies in a sweep directory is opened for reading. What lies there may
// have been put there by anybody, and is not trusted:
//
//   - Files are regular files, folders are folders. No symbolic link is followed, and nothing is waited for
//     (a FIFO), nor touched by being opened (a device).
//   - They belong to this user or root, or to the owner of the folder that they lie in. Anybody's are read
//     in a folder that its group may write to and others may not: only --mode makes such a one.
//   - Sizes are bounded; who reads says by how much.
//
// It does not know what is in a file. Whose the sweep directory itself may be is SweepDirectory's to say.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runner/core/error.h"
#include "runner/platform/unique_fd.h"

namespace sweepd {

/// Opens a file for reading. Says what is wrong with one that is not trusted, and why one could not be
/// opened.
Result<UniqueFd> open_trusted(const std::string& path);

/// The same for a folder, to list it and to reach what is in it.
Result<UniqueFd> open_trusted_folder(const std::string& path);

/// The same for the file `name` in an open folder. Holds nothing where it is refused, with errno: ENOENT
/// where there is none, ELOOP for a link, EISDIR for a folder, ENXIO for what is neither file nor folder,
/// EPERM for another user's; or what the system said.
UniqueFd open_trusted_at(int folder, const std::string& name);

/// The words for `path` after open_trusted_at() has refused it with `error`.
Error not_opened(const std::string& path, int error);

/// A whole file; one of more than `limit` bytes fails.
Result<std::string> read_file(const std::string& path, uint64_t limit = uint64_t{1} << 30);

/// The same, and none where there is none: what a look at its name tells before may be out of date.
Result<std::optional<std::string>> read_file_if_there(const std::string& path,
                                                      uint64_t limit = uint64_t{1} << 30);

/// Why what stands in the place of a file of `path`'s name is none that is read, such as a link or another
/// user's; none where it is one, is not there, or cannot be looked at.
std::optional<Error> unfit(const std::string& path);

/// Whether there is something of that name, a link included. Only "no such file" means that there is not.
Result<bool> is_there(const std::string& path);

/// What an open folder holds, "." and ".." left out, in no order. `path` is for messages.
Result<std::vector<std::string>> names_in(UniqueFd folder, const std::string& path);
/// The same for a trusted one.
Result<std::vector<std::string>> names_in_folder(const std::string& path);

/// "a/b" of "a/b/c"; "." where there is no slash.
std::string folder_of(const std::string& path);

/// Whether a folder's group, and not everybody, may write to it.
bool is_group_folder(mode_t mode);

/// "alice", or "user 1234" where that has no name.
std::string user_name(uid_t user);

}  // namespace sweepd
