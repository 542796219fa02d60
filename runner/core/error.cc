#include "runner/core/error.h"

namespace sweepd {

std::string Error::text() const {
  std::string prefix = where.file;
  if (where.line != 0) prefix += ':' + std::to_string(where.line);
  if (where.line != 0 && where.column != 0) prefix += ':' + std::to_string(where.column);
  return prefix.empty() ? message : prefix + ": " + message;
}

}  // namespace sweepd
