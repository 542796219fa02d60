// The text of `scontrol show job`, with or without -o, as names and values.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sweepd {

/// One job's fields, such as {"JobId", "12"}, in the order printed. Values that people choose (job name,
/// command, folders, comments) may hold blanks and '='.
class JobFields {
 public:
  void add(std::string_view name, std::string_view value);
  /// The first of this name; empty where there is none, and for `(null)`.
  std::string_view operator[](std::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// One for each line that begins with `JobId=`. Text before the first of them is left out.
std::vector<JobFields> parse_job_fields(std::string_view text);

}  // namespace sweepd
