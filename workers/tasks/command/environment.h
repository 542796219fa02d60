// Environment: what a command finds in its environment. Most of it is the same for every point and is built
// once; for a point only the strings that change are written again, into the same memory.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runner/platform/unique_fd.h"
#include "workers/tasks/task.h"

namespace sweepd {

/// True for a variable by which an MPI launcher or srun tells a process which rank or step it is. A command
/// is no rank of the launcher that started sweepd: an MPI program that found these would try to join its
/// exchange. What describes the job (SLURM_JOB_ID, ...) or is a user's setting (HYDRA_*, MPIR_CVAR_*,
/// MPICH_*, OMPI_MCA_btl, ...) is not one.
bool is_launcher_internal(std::string_view name);

class Environment {
 public:
  /// `user` is environ or like it: "NAME=value", ends with a null pointer; copied. Taken over but for what
  /// is_launcher_internal(), what launchers must not see of the job (launcher_settings.h), what begins with
  /// SWEEPD_, and `parameters`: the names that points may set (none
  /// for commands that get parameters as arguments).
  Environment(const char* const* user, const WorkerContext& worker, std::vector<std::string> parameters);
  Environment(const Environment&) = delete;  // the table points into the strings
  Environment& operator=(const Environment&) = delete;

  /// The value of a variable that is the same for all points; `otherwise` where it is not set.
  std::string_view value(std::string_view name, std::string_view otherwise) const;

  /// Begins the environment of a point: what every kind of command has. `unless`: parameters that are no
  /// variables, where others are.
  void begin(const PointContext& context, std::span<const std::string_view> unless = {});
  /// Sets a variable for this point only.
  void set(std::string_view name, std::string_view value) { next_variable(name).append(value); }
  /// As execve(2) takes it; valid until the next begin().
  char* const* table();

 private:
  bool is_taken_over(std::string_view name) const;
  void keep_launchers_in_place(const WorkerContext& worker);
  void leave_out(std::string_view name);
  void set_unless_set(std::string_view setting);
  void set_unless_set(std::string_view name, std::string_view value);
  std::string& next_variable(std::string_view name);

  std::vector<std::string> fixed_;
  std::vector<std::string> changing_;
  std::vector<char*> table_;
  std::vector<std::string> parameters_;
  size_t changing_used_ = 0;
  UniqueFd hosts_;  ///< for srun, see host_file_text()
};

}  // namespace sweepd
