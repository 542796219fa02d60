#include "slurm/job_record.h"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "slurm/job_fields.h"
#include "tests/slurm/shown_jobs.h"

using namespace sweepd;

namespace {

using Options = std::vector<std::string>;

std::vector<JobRecord> records(std::string_view text) {
  const Result<std::vector<JobRecord>> parsed = parse_job_records(text);
  REQUIRE(parsed);
  return *parsed;
}

void check_job(const JobRecord& job) {
  CHECK(job.job == 1);
  CHECK_FALSE(job.array);
  CHECK(job.name == "job name  Requeue=9");
  CHECK(job.state == "RUNNING");
  CHECK(job.start_time == 1795381364 - 300);
  CHECK(job.end_time == 1795381364);
  CHECK(job.time_limit_s == 300);
  CHECK(job.may_requeue);
  CHECK(job.restarts == 2);
  CHECK(job.is_batch);
  CHECK(job.command == "/home/a/a dir/x=y/show.sh -j 2 b c");
  CHECK(job.work_folder == "/home/a/my work");
  CHECK(job.comment == "x EndTime=Unknown y");
  CHECK(job.partition == "all");
  CHECK(job.account.empty());
  CHECK(job.nodes == 2U);
  CHECK(job.tasks == 5U);
  CHECK(job.memory_per_cpu == "100M");
}

}  // namespace

TEST_CASE("job record: what scontrol prints in many lines, with values that hold blanks and '='") {
  const std::vector<JobRecord> jobs = records(shown_job);
  REQUIRE(jobs.size() == 1);
  check_job(jobs[0]);
}

TEST_CASE("job record: the same on one line") {
  const std::vector<JobRecord> jobs = records(shown_job_on_one_line);
  REQUIRE(jobs.size() == 1);
  check_job(jobs[0]);
}

TEST_CASE("job record: an array's number gives every task, of which one is meant") {
  const std::vector<JobRecord> jobs = records(shown_array);
  REQUIRE(jobs.size() == 3);
  CHECK(jobs[0].array == ArrayTask{2, 4});
  CHECK(jobs[0].end_time == std::nullopt);
  CHECK(jobs[0].time_limit_s == std::nullopt);
  CHECK_FALSE(jobs[0].may_requeue);
  CHECK(jobs[0].command.empty());
  const std::optional<JobRecord> fourth = find_job(jobs, 4);
  REQUIRE(fourth);
  CHECK(fourth->array == ArrayTask{2, 3});
  CHECK(job_name(fourth->job, fourth->array) == "2_3");
  CHECK_FALSE(jobs[2].array);  // tasks that have not started
  CHECK_FALSE(find_job(jobs, 3));
  CHECK(job_name(12, std::nullopt) == "12");
}

TEST_CASE("job record: a text without a job, or with a malformed one, is an error") {
  CHECK(parse_job_records("").error().message == "scontrol printed no job");
  CHECK_FALSE(parse_job_records("No jobs in the system\n"));
  CHECK_FALSE(parse_job_records("JobId=x JobName=a\n"));
  CHECK(parse_job_records("JobId=1\n   EndTime=20:58:46\n").error().message ==
        "scontrol printed EndTime='20:58:46', which is malformed");
  CHECK_FALSE(parse_job_records("JobId=1\n   TimeLimit=soon\n"));
  CHECK(parse_job_records("JobId=1").value().size() == 1);
}

TEST_CASE("job fields: pieces without '=' belong to the value before, and the first of a name counts") {
  const std::vector<JobFields> jobs = parse_job_fields(
      "noise=1\nJobId=7 JobName=a\r\n   Reason=Nodes are DOWN Dependency=(null)\n   Reason=b\n==\n");
  REQUIRE(jobs.size() == 1);
  CHECK(jobs[0]["JobName"] == "a");
  CHECK(jobs[0]["Reason"] == "Nodes");
  CHECK(jobs[0]["Dependency"].empty());
  CHECK(jobs[0]["noise"].empty());
}

TEST_CASE("job record: the script's path is told from its arguments by which file exists") {
  const std::set<std::string> files = {"/a dir/run.sh", "/a", "/b"};
  const auto is_file = [&files](const std::string& path) { return files.contains(path); };
  using Parts = std::pair<std::string, std::string>;
  CHECK(split_command("/a dir/run.sh -j 2", is_file) == Parts{"/a dir/run.sh", "-j 2"});
  CHECK(split_command("/a dir/run.sh", is_file) == Parts{"/a dir/run.sh", ""});
  CHECK(split_command("/a dir", is_file) == Parts{"/a", "dir"});
  CHECK(split_command("/b  x", is_file) == Parts{"/b", " x"});
  CHECK_FALSE(split_command("/c d", is_file));
  CHECK_FALSE(split_command("", is_file));
}

TEST_CASE("job record: the same can be asked for again, of an array for one task only") {
  CHECK(same_request(records(shown_job)[0]) == Options{"--job-name=job name  Requeue=9", "--partition=all",
                                                       "--nodes=2", "--ntasks=5", "--mem-per-cpu=100M",
                                                       "--time=00:05:00"});
  CHECK(same_request(records(shown_array)[1]) == Options{"--job-name=show.sh", "--nodes=1", "--ntasks=2",
                                                         "--cpus-per-task=4", "--mem=8G", "--time=1-00:00:00",
                                                         "--array=3"});
  CHECK(same_request(records(shown_array)[0]) ==
        Options{"--job-name=show.sh", "--time=UNLIMITED", "--array=4"});
}
