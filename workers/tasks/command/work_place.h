// WorkPlace: where a command runs: its folder, and nothing to read.
#pragma once

#include <string>

#include "runner/core/error.h"
#include "runner/platform/unique_fd.h"

namespace sweepd {

class WorkPlace {
 public:
  explicit WorkPlace(const std::string& directory) : directory_(directory) {}

  /// Opens what is not open yet. Fails, with a shortage where it is for that.
  Result<void> open();

  int null_fd() const { return null_.get(); }  ///< /dev/null, for reading and writing
  int folder_fd() const { return folder_.get(); }

 private:
  const std::string& directory_;
  UniqueFd null_;
  UniqueFd folder_;
};

}  // namespace sweepd
