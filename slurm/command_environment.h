// The environments that Slurm's commands are run with.
#pragma once

#include <string>
#include <vector>

namespace sweepd {

/// For a command whose output is read: `environment` (NAME=value), with times in UTC and in the standard
/// form.
std::vector<std::string> reading_environment(const std::vector<std::string>& environment);

/// For sbatch, which hands its environment to the new job: `environment` without what belongs to the job, the
/// step and the MPI launcher that this process was started by. Left in, they would be taken for the new
/// job's: srun refuses another job's core binding, and an MPI program waits for a launcher that is not there.
std::vector<std::string> submitting_environment(const std::vector<std::string>& environment);

/// This process's own environment.
std::vector<std::string> current_environment();

}  // namespace sweepd
