// Code: the files that what runs for the points is made of, as they were when a session began. A sweep's
// codes are numbered from 1, and each record tells the number of the one that computed it. It is no part of
// a point's identity: records of earlier code stay valid until somebody asks for them to be run again.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sweepd {

/// So much of one file is hashed, and so much of all declared inputs together may be asked for: seconds.
inline constexpr uint64_t most_hashed_bytes = uint64_t{1} << 30;

struct CodeFile {
  /// The word of the sweep file that leads to it: a program, an argument, an input; several files can share
  /// a pattern.
  std::string name;
  std::string path;  ///< where it was found; a relative one is taken from the sweep file's folder
  uint64_t bytes = 0;
  uint64_t inode = 0;       ///< another one is another file, whatever its size and time
  uint64_t changed_ns = 0;  ///< its ctime, since 1970; 0: too young for that to tell the next change
  std::string hash;         ///< 32 hexadecimal digits
};

struct Code {
  std::vector<CodeFile> files;  ///< those of a name stand together, in order of path; none: forgotten
  uint64_t points = 0;          ///< that have a record of it, as counted last
};

/// The paths in `now`, or else in `earlier`, of the files that are others, no more or new there. Names that
/// only one of the two has (a declaration that came or went) are not compared.
std::vector<std::string> changed_files(const std::vector<CodeFile>& earlier,
                                       const std::vector<CodeFile>& now);

/// The number of the code with these files, which is added where there is none. Earlier codes are taken to
/// have had what only this one names. So that a manifest does not grow for ever, the files of the oldest
/// codes are forgotten where all take more than `most_bytes` in it.
uint32_t number_of(const std::vector<CodeFile>& files, std::vector<Code>& codes,
                   size_t most_bytes = size_t{16} << 20);

/// What is not of the code as it is now.
struct EarlierCode {
  std::vector<bool> numbers;       ///< by number, from 0: whether it is earlier
  uint64_t points = 0;             ///< that come from such
  std::vector<std::string> files;  ///< that are others now, each once; those forgotten are not in it

  bool has_any() const { return std::ranges::find(numbers, true) != numbers.end(); }
  bool has(uint32_t number) const { return number < numbers.size() && numbers[number]; }
};

EarlierCode earlier_code(const std::vector<Code>& codes, const std::vector<CodeFile>& now);

}  // namespace sweepd
