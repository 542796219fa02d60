// CommandLine: what is executed for a point: the program, its arguments and its environment. One thing for
// who runs a point, who shows it and who checks it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runner/core/error.h"
#include "runner/core/sweep.h"
#include "workers/tasks/command/environment.h"
#include "workers/tasks/task.h"

namespace sweepd {

/// The path of the program as it will be run from `directory` (absolute); fails where it is missing or not
/// executable. Its name must not depend on the point, as has_one_program() tells.
Result<std::string> program_path(const Program& program, const std::string& directory);
bool has_one_program(const Program& program);

/// Whether the program can be run from `directory`, before any point is: fails at its position where it is
/// missing or not executable. Says nothing of a program whose name depends on the point.
Result<void> check_program(const Program& program, const std::string& directory);

/// Memory is used again from point to point.
class CommandLine {
 public:
  /// `sweep` and `program`, which is its task's, outlive it. The environment is taken from environ(7) now.
  CommandLine(const Sweep& sweep, const Program& program, const WorkerContext& worker);

  /// Makes it that of a point. Fails where a parameter holds a NUL byte.
  Result<void> fill(const PointContext& context);

  const std::vector<std::string>& arguments() const { return arguments_; }
  char* const* argv() const { return argv_.data(); }
  /// As execve(2) takes it.
  char* const* environment() const { return environment_of_point_; }
  /// The program's path; fails as program_path().
  const Result<std::string>& find_program();

 private:
  void fill_templates(const PointContext& context);

  const Sweep& sweep_;
  const Program& program_;
  const WorkerId worker_;
  const uint32_t cores_;
  Environment environment_;
  char* const* environment_of_point_ = nullptr;
  std::vector<std::string> arguments_;
  std::vector<bool> changes_;  ///< which arguments depend on the point
  std::vector<char*> argv_;
  std::optional<Result<std::string>> path_;  ///< of the program found last
  std::string searched_;                     ///< the name that path_ was found for
};

}  // namespace sweepd
