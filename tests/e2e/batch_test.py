"""Inside a Slurm job, with programs in the place of Slurm's own that write down what they are asked. A real cluster is
in tests/cluster."""
import datetime
import pathlib

import frame

SWEEP = """#!/usr/bin/env -S sweepd run
#SBATCH --nodes=1 --time=1
task: {shell: 'sleep 0.2; echo "$n" >> ran; echo "$n"', result: json}
parameters: {grid: {n: {range: [COUNT]}}}
slurm: {margin: 1s, continue: CONTINUE}
"""

SCONTROL = """#!/bin/sh
echo "$@" >> FOLDER/asked
[ "$1" = show ] || exit 0
cat <<END_OF_JOB
JobId=12 JobName=s.yaml
   UserId=root(0) GroupId=root(0) MCS_label=N/A
   JobState=RUNNING Reason=None Dependency=(null)
   Requeue=1 Restarts=0 BatchFlag=1 Reboot=0 ExitCode=0:0
   RunTime=00:00:10 TimeLimit=00:01:00 TimeMin=N/A
   EndTime=ENDTIME Deadline=N/A
   NodeList=n1
   NumNodes=1 NumCPUs=2 NumTasks=1 CPUs/Task=1 ReqB:S:C:T=0:0:*:*
   Command=FOLDER/home/s.yaml
   WorkDir=FOLDER/work

END_OF_JOB
"""


class Batch(frame.SweepTest):
    def in_job(self, *, count, ends_in_s, how="none"):
        """Runs Slurm's copy of a submitted file, as sbatch would, in another folder than the file's."""
        end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=ends_in_s)
        self.program("scontrol", SCONTROL.replace("FOLDER", str(self.folder)).replace("ENDTIME", f"{end:%Y-%m-%dT%H:%M:%S}"))
        self.program("sbatch", f'#!/bin/sh\necho sbatch "$@" >> {self.folder}/asked\necho 13\n')
        text = SWEEP.replace("COUNT", str(count)).replace("CONTINUE", how)
        self.write("home/s.yaml", text)
        copy = self.write("spool/job00012/slurm_script", text)
        (self.folder / "work").mkdir(exist_ok=True)
        return self.sweepd("run", str(copy), "-j1", cwd=self.folder / "work", env={
            "PATH": f"{self.folder}/bin:/usr/bin:/bin", "SLURM_JOB_ID": "12", "SLURM_JOB_NODELIST": "n1",
            "SLURM_JOB_NUM_NODES": "1", "SLURM_JOB_CPUS_PER_NODE": "2", "SLURMD_NODENAME": "n1",
            "SLURM_SUBMIT_DIR": str(self.folder / "work")})

    def program(self, name, text):
        path = self.write(f"bin/{name}", text)
        path.chmod(0o755)

    def asked(self):
        return (self.folder / "asked").read_text().splitlines()

    def test_a_submitted_file_is_run_in_its_own_folder_and_not_in_that_of_the_copy(self):
        run = self.in_job(count=2, ends_in_s=3600)
        self.assertEqual(run.status, 0, run)
        self.assert_whole(self.merged("home/s.sweep"), 2)
        self.assertEqual(list((self.folder / "work").iterdir()), [])
        self.assertEqual(len(list((self.folder / "spool/job00012").iterdir())), 1)

    def test_progress_shows_in_the_jobs_comment_and_the_controller_is_asked_little(self):
        run = self.in_job(count=3, ends_in_s=3600)
        self.assertEqual(run.status, 0, run)
        self.assertEqual(len([line for line in self.asked() if line.startswith("show job")]), 1)
        comments = [line for line in self.asked() if "Comment=" in line]
        self.assertEqual(len(comments), 1)
        self.assertIn("/3", comments[0])

    def test_before_the_time_limit_it_stops_and_the_job_goes_back_into_the_queue(self):
        run = self.in_job(count=1000, ends_in_s=4, how="requeue")
        self.assertEqual(run.status, 3, run)
        self.assertIn("time limit is near", run.stderr)
        self.assertIn("requeue 12", self.asked())
        done = self.merged("home/s.sweep")["results"]
        self.assertTrue(0 < len(done) < 100, len(done))
        self.assertEqual(len((self.folder / "home/ran").read_text().split()), len(done))

    def test_or_it_is_submitted_again(self):
        run = self.in_job(count=1000, ends_in_s=4, how="resubmit")
        self.assertEqual(run.status, 3, run)
        again = [line for line in self.asked() if line.startswith("sbatch")]
        self.assertEqual(len(again), 1)
        self.assertIn("afterany:12", again[0])
        self.assertTrue(again[0].endswith(str(pathlib.Path(self.folder / "home/s.yaml"))), again[0])

    def test_or_it_ends_and_says_how_it_is_carried_on(self):
        run = self.in_job(count=1000, ends_in_s=4)
        self.assertEqual(run.status, 3, run)
        self.assertFalse([line for line in self.asked() if "requeue" in line or line.startswith("sbatch")])
        self.assertIn(f"carry on with: sbatch {self.folder}/home/s.yaml", run.stderr)

    def test_a_job_in_whose_time_no_point_ended_does_not_go_on_for_ever(self):
        self.program("sleep", "#!/bin/sh\nexec /bin/sleep 1000\n")
        run = self.in_job(count=5, ends_in_s=3, how="requeue")
        self.assertEqual(run.status, 3, run)
        self.assertIn("no point ended in the whole time of this job", run.stderr)
        self.assertNotIn("requeue 12", self.asked())

    def test_a_malformed_node_list_is_told_with_its_variable(self):
        self.write("s.yaml", SWEEP.replace("COUNT", "1").replace("CONTINUE", "none"))
        run = self.sweepd("run", "s.yaml", env={"SLURM_JOB_ID": "12", "SLURM_JOB_NODELIST": "n[1-"})
        self.assertEqual(run.status, 2, run)
        self.assertIn("SLURM_JOB_NODELIST", run.stderr)
        self.assertIn("n[1-", run.stderr)


if __name__ == "__main__":
    frame.main()
