#include "slurm/controller.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "slurm/command_environment.h"
#include "tests/slurm/shown_jobs.h"
#include "tests/temporary_folder.h"

using namespace sweepd;

namespace {

using Words = std::vector<std::string>;

// A folder of stand-ins for Slurm's programs, each a shell script that notes how it was called.
class Fakes {
 public:
  void program(const std::string& name, const std::string& script) const {
    const std::string file = folder_ / name;
    std::ofstream(file) << "#!/bin/sh\nprintf '%s\\n' " << name << " \"$@\" end >> '" << folder_.path()
                        << "/calls'\nenv > '" << folder_.path() << "/environment'\n"
                        << script << "\n";
    chmod(file.c_str(), 0755);
  }

  void prints(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name + ".txt") << text;
    program(name, "cat '" + (folder_ / name) + ".txt'");
  }

  Controller controller(Words environment = {}, double limit_s = 60) const {
    environment.push_back("PATH=" + folder_.path() + ":/usr/bin:/bin");
    return Controller(std::move(environment), limit_s);
  }

  /// What the programs were called with, one word a line.
  Words calls() const { return lines("calls"); }
  Words environment() const { return lines("environment"); }
  std::string path() const { return folder_.path(); }

 private:
  Words lines(const std::string& name) const {
    std::ifstream file(folder_ / name);
    Words result;
    for (std::string line; std::getline(file, line);) result.push_back(line);
    return result;
  }

  TemporaryFolder folder_;
};

bool has(const Words& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

JobRecord array_task() {
  JobRecord job;
  job.job = 4;
  job.array = ArrayTask{2, 3};
  return job;
}

}  // namespace

TEST_CASE("controller: a job is shown, with times asked for in UTC") {
  const Fakes fakes;
  fakes.prints("scontrol", shown_job);
  const Result<JobRecord> job =
      fakes.controller({"TZ=Asia/Tokyo", "SLURM_TIME_FORMAT=relative", "KEPT=1"}).show_job(1, std::nullopt);
  REQUIRE(job);
  CHECK(job->end_time == 1795381364);
  CHECK(fakes.calls() == Words{"scontrol", "show", "job", "1", "end"});
  CHECK(has(fakes.environment(), "TZ=UTC0"));
  CHECK(has(fakes.environment(), "SLURM_TIME_FORMAT=standard"));
  CHECK(has(fakes.environment(), "KEPT=1"));
}

TEST_CASE("controller: a task of an array is asked for by its own name") {
  const Fakes fakes;
  fakes.prints("scontrol", shown_array);
  const Result<JobRecord> job = fakes.controller().show_job(4, ArrayTask{2, 3});
  REQUIRE(job);
  CHECK(job->array == ArrayTask{2, 3});
  CHECK(fakes.calls() == Words{"scontrol", "show", "job", "2_3", "end"});
}

TEST_CASE("controller: an array that the environment has from another job is not believed") {
  const Fakes fakes;
  fakes.prints("scontrol", shown_job);  // job 1, which is in no array
  const Result<JobRecord> job = fakes.controller().show_job(1, ArrayTask{7, 3});
  REQUIRE(job);
  CHECK_FALSE(job->array);
  const Result<JobRecord> other = fakes.controller().show_job(9, std::nullopt);
  REQUIRE_FALSE(other);
  CHECK(other.error().message == "scontrol does not know job 9");
}

TEST_CASE("controller: of an array exactly this task is put back into the queue, not the whole") {
  const Fakes fakes;
  fakes.program("scontrol", "");
  CHECK(fakes.controller().requeue(array_task()));
  CHECK(fakes.calls() == Words{"scontrol", "requeue", "2_3", "end"});
}

TEST_CASE("controller: what scontrol says about its failure is passed on") {
  const Fakes fakes;
  fakes.program("scontrol", "echo 'Requested operation is presently disabled for job 4' >&2; exit 1");
  const Result<void> done = fakes.controller().requeue(array_task());
  REQUIRE_FALSE(done);
  CHECK(done.error().message ==
        "scontrol requeue failed (exit status 1): Requested operation is presently disabled for job 4");
  fakes.program("scontrol", "kill -9 $$");
  CHECK(fakes.controller().requeue(array_task()).error().message == "scontrol requeue failed (signal 9)");
}

TEST_CASE("controller: a program that does not answer is given up") {
  const Fakes fakes;
  fakes.program("scontrol", "exec sleep 1000");
  const Result<void> done = fakes.controller({}, 0.2).requeue(array_task());
  REQUIRE_FALSE(done);
  CHECK(done.error().message ==
        "scontrol requeue gave no answer in time; Slurm's controller may be busy or down");
}

TEST_CASE("controller: a missing program is an error, and is looked for once") {
  const TemporaryFolder empty;
  Controller controller({"PATH=" + empty.path()});
  const std::string message = controller.requeue(array_task()).error().message;
  CHECK(message.starts_with("no program 'scontrol' in the folders of PATH (" + empty.path() + ")"));
  std::ofstream(empty / "scontrol") << "#!/bin/sh\n";
  chmod((empty / "scontrol").c_str(), 0755);
  CHECK(controller.requeue(array_task()).error().message == message);
}

TEST_CASE("controller: a comment is one word, of harmless characters, and is not waited for") {
  const Fakes fakes;
  fakes.program("scontrol", "");
  Controller controller = fakes.controller();
  Result<PendingCall> call = controller.start_comment(array_task(), "43 % 12/30 ETA 2m; $(rm)\n\x1b[2J");
  REQUIRE(call);
  CHECK(call->wait());
  CHECK(fakes.calls() ==
        Words{"scontrol", "update", "JobId=2_3", "Comment=43 % 12/30 ETA 2m; $(rm)  [2J", "end"});
  REQUIRE(controller.start_comment(array_task(), std::string(5000, 'x'))->wait());
  CHECK(fakes.calls().at(8) == "Comment=" + std::string(200, 'x'));
  fakes.program("scontrol", "exec sleep 1000");
  Result<PendingCall> slow = controller.start_comment(array_task(), "x");
  REQUIRE(slow);
  CHECK_FALSE(slow->poll());
}

TEST_CASE("controller: a submitted job's number comes back, with sbatch's own messages") {
  const Fakes fakes;
  fakes.program("sbatch", "echo '123;facts'; echo 'sbatch: warning: few' >&2");
  const Result<Submission> job = fakes.controller().submit({"/home/a/my pi.yaml"}, {"--time=10", "-N", "2"});
  REQUIRE(job);
  CHECK(job->job == "123");
  CHECK(job->cluster == "facts");
  CHECK(job->messages == "sbatch: warning: few");
  CHECK(job->exit_status == 0);
  CHECK(fakes.calls() == Words{"sbatch", "--parsable", "--time=10", "-N", "2", "/home/a/my pi.yaml", "end"});
}

TEST_CASE("controller: sbatch's refusal is passed on, and told from an sbatch that is not there") {
  const Fakes fakes;
  fakes.program("sbatch", "echo 'sbatch: error: Batch job submission failed: no time limit' >&2; exit 1");
  const Result<Submission> job = fakes.controller().submit({"/pi.yaml"}, {});
  REQUIRE(job);
  REQUIRE(job->refusal);
  CHECK(job->messages == "sbatch: error: Batch job submission failed: no time limit");
  CHECK(job->refusal->message ==
        "sbatch failed (exit status 1): sbatch: error: Batch job submission failed: no time limit");
  CHECK_FALSE(fakes.controller().resubmit({"/pi.yaml"}, array_task(), {}));
  CHECK_FALSE(Controller({"PATH=/nonexistent"}).submit({"/pi.yaml"}, {}));
}

TEST_CASE("controller: with --wait the job's exit status comes back, with --test-only no job") {
  const Fakes fakes;
  fakes.program("sbatch", "echo 9; exit 3");
  const Result<Submission> waited = fakes.controller().submit({"/pi.yaml"}, {"--wait"});
  REQUIRE(waited);
  CHECK(waited->job == "9");
  CHECK(waited->exit_status == 3);
  fakes.program("sbatch", "echo 'sbatch: Job 10 to start at noon' >&2");
  const Result<Submission> tested = fakes.controller().submit({"/pi.yaml"}, {"--test-only"});
  REQUIRE(tested);
  CHECK(tested->job.empty());
  CHECK(tested->messages == "sbatch: Job 10 to start at noon");
}

TEST_CASE("controller: a job is submitted again to follow this one, without what belongs to this one") {
  const Fakes fakes;
  fakes.program("sbatch", "echo 124");
  Controller controller =
      fakes.controller({"SLURM_JOB_ID=4", "SLURM_CPU_BIND=mask_cpu:0x3", "SLURMD_NODENAME=n1", "PMI_FD=11",
                        "PMI_RANK=0", "HYDRA_X=1", "OMPI_COMM_WORLD_SIZE=2", "SLURM_CONF=/etc/slurm.conf",
                        "SBATCH_PARTITION=long", "HOME=/home/a"});
  const Result<Submission> job = controller.resubmit({"/pi.yaml", "-j", "2"}, array_task(), {"--array=3"});
  REQUIRE(job);
  CHECK(job->job == "124");
  CHECK(fakes.calls() == Words{"sbatch", "--parsable", "--array=3", "--dependency=afterany:2_3", "/pi.yaml",
                               "-j", "2", "end"});
  const Words environment = fakes.environment();
  for (const char* kept : {"SLURM_CONF=/etc/slurm.conf", "SBATCH_PARTITION=long", "HOME=/home/a"})
    CHECK_MESSAGE(has(environment, kept), kept);
  for (const std::string& variable : environment) {
    const bool is_of_this_job = variable.starts_with("SLURM") && !variable.starts_with("SLURM_CONF=");
    CHECK_MESSAGE(!is_of_this_job, variable);
    CHECK_MESSAGE(!variable.starts_with("PMI_"), variable);
    CHECK_MESSAGE(!variable.starts_with("HYDRA_"), variable);
    CHECK_MESSAGE(!variable.starts_with("OMPI_"), variable);
  }
}
