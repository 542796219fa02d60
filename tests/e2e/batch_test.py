"""Inside a Slurm job, with programs in the place of Slurm's own that write down what they are asked. A real cluster is
in tests/cluster."""
import datetime
import os
import pathlib
import shutil
import signal

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
   Requeue=REQUEUE Restarts=0 BatchFlag=1 Reboot=0 ExitCode=0:0
   RunTime=00:00:10 TimeLimit=00:01:00 TimeMin=N/A
   EndTime=ENDTIME Deadline=N/A
   NodeList=n1
   NumNodes=1 NumCPUs=2 NumTasks=1 CPUs/Task=1 ReqB:S:C:T=0:0:*:*
   Command=FOLDER/home/s.yaml
   WorkDir=FOLDER/work

END_OF_JOB
"""


class JobTest(frame.SweepTest):
    """Tests that play slurmd: they run Slurm's copy of a submitted file, in another folder than the file's."""

    def in_job(self, *arguments, timeout=60, **how):
        return self.finish(self.start_job(*arguments, **how), timeout)

    def start_job(self, *arguments, text=None, count=1000, ends_in_s=3600, how="none", start="fork", requeue=1, env=None,
                  before=()):
        if not (self.folder / "bin/scontrol").exists():
            self.play_slurm(ends_in_s, requeue)
        text = text or SWEEP.replace("COUNT", str(count)).replace("CONTINUE", how)
        self.write("home/s.yaml", text)
        self.copy = self.write("spool/job00012/slurm_script", text)
        (self.folder / "work").mkdir(exist_ok=True)
        return self.start("run", *before, self.copy, *(arguments or ["-j1"]), *(["--start", start] if start else []), cwd=self.folder / "work", env={
            "PATH": f"{self.folder}/bin:/usr/bin:/bin", "SLURM_JOB_ID": "12", "SLURM_JOB_NODELIST": "n1",
            "SLURM_JOB_NUM_NODES": "1", "SLURM_JOB_CPUS_PER_NODE": "2", "SLURMD_NODENAME": "n1",
            "SLURM_SUBMIT_DIR": str(self.folder / "work"), "SLURM_JOB_NAME": "s.yaml", **(env or {})})

    def play_slurm(self, ends_in_s=3600, requeue=1, change=lambda scontrol: scontrol):
        end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=ends_in_s)
        scontrol = change(SCONTROL).replace("FOLDER", str(self.folder)).replace("REQUEUE", str(requeue))
        self.program("scontrol", scontrol.replace("ENDTIME", f"{end:%Y-%m-%dT%H:%M:%S}"))
        self.program("sbatch", f'#!/bin/sh\necho sbatch "$@" >> {self.folder}/asked\necho 13\n')

    def wait_for_points(self, process, points):
        self.wait_until(lambda: len(self.ran()) >= points or process.poll() is not None, "no point was run")
        self.assertIsNone(process.poll(), "ended too early")

    def ran(self):
        path = self.folder / "home/ran"
        return path.read_text().split() if path.exists() else []

    def program(self, name, text):
        path = self.write(f"bin/{name}", text)
        path.chmod(0o755)

    def asked(self):
        return (self.folder / "asked").read_text().splitlines()

    def warnings(self, run):
        return [line for line in run.stderr.splitlines() if "warning:" in line]


class Batch(JobTest):
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
        self.assertEqual(len(self.ran()), len(done))

    def test_a_time_limit_that_was_raised_is_heeded_when_the_old_one_comes_near(self):
        process = self.start_job(count=30, ends_in_s=5, how="requeue")
        self.wait_for_points(process, 3)
        self.play_slurm()  # from now on it ends in an hour
        run = self.finish(process)
        self.assertEqual(run.status, 0, run)
        self.assertNotIn("time limit is near", run.stderr)
        self.assertEqual(len([line for line in self.asked() if line.startswith("show job")]), 2)
        self.assertEqual(self.calls_beside("show job"), [], "the minute before the end is left free")

    def test_where_the_controller_does_not_answer_the_limit_that_was_known_holds(self):
        for answer in ("exit 1", "exec /bin/sleep 1000", "echo nonsense"):
            with self.subTest(answer):
                for name in ("bin", "home"):
                    shutil.rmtree(self.folder / name, ignore_errors=True)
                process = self.start_job(count=1000, ends_in_s=5)
                self.wait_for_points(process, 3)
                self.program("scontrol", f"#!/bin/sh\n{answer}\n")
                run = self.finish(process, timeout=30)
                self.assertEqual(run.status, 3, run)
                self.assertIn("time limit is near", run.stderr)

    def calls_beside(self, beginning):
        return [line for line in self.asked() if not line.startswith(beginning)]

    def test_of_a_heterogeneous_job_it_says_what_is_not_used(self):
        run = self.in_job(count=2, env={"SLURM_HET_SIZE": "3"})
        self.assertEqual(run.status, 0, run)
        warning, = self.warnings(run)
        self.assertIn("only the first of the 3 components", warning)
        self.assertEqual(self.warnings(self.in_job(count=2, env={"SLURM_HET_SIZE": "1"})), [])

    def test_or_it_is_submitted_again(self):
        run = self.in_job(count=1000, ends_in_s=4, how="resubmit")
        self.assertEqual(run.status, 3, run)
        again = [line for line in self.asked() if line.startswith("sbatch")]
        self.assertEqual(len(again), 1)
        self.assertIn("afterany:12", again[0])
        self.assertIn(f" {self.folder}/home/s.yaml -j1", again[0])

    def test_it_is_submitted_again_with_its_arguments_but_not_those_that_were_for_once(self):
        run = self.in_job("-j1", "--fresh", "--progress", "plain", "--retry-failed", "--log-file", "my log", ends_in_s=4,
                          how="resubmit")
        self.assertEqual(run.status, 3, run)
        again, = [line for line in self.asked() if line.startswith("sbatch")]
        arguments = "-j1 --progress plain --log-file {} --start fork"
        self.assertTrue(again.endswith(f" {self.folder}/home/s.yaml {arguments.format('my log')}"), again)
        said = arguments.format('"my log"')
        self.assertIn(f"carry on with: sbatch {self.folder}/home/s.yaml {said}", run.stderr)

    def test_a_first_line_that_would_start_every_job_anew_is_not_submitted_again(self):
        run = self.in_job(ends_in_s=4, how="resubmit", before=["--fresh"])
        self.assertEqual(run.status, 3, run)
        self.assertIn("--fresh", "".join(self.warnings(run)))
        self.assertFalse([line for line in self.asked() if line.startswith("sbatch")])

    def test_a_batch_script_of_ones_own_is_submitted_again_as_it_was(self):
        script = self.write("my.sbatch", "#!/bin/sh\n")
        self.write("home/s.yaml", SWEEP.replace("COUNT", "1000").replace("CONTINUE", "resubmit"))
        self.play_slurm(4, change=lambda scontrol: scontrol.replace("FOLDER/home/s.yaml", f"{script} s.yaml 4"))
        run = self.sweepd("run", "s.yaml", "-j1", cwd=self.folder / "home", env={
            "PATH": f"{self.folder}/bin:/usr/bin:/bin", "SLURM_JOB_ID": "12", "SLURM_JOB_NODELIST": "n1",
            "SLURMD_NODENAME": "n1"})
        self.assertEqual(run.status, 3, run)
        again, = [line for line in self.asked() if line.startswith("sbatch")]
        self.assertTrue(again.endswith(f" {script} s.yaml 4"), again)

    def test_a_start_anew_is_meant_for_the_first_start_of_a_job_only(self):
        self.in_job("-j1", "--fresh", ends_in_s=4)
        before = self.ran()
        self.play_slurm()  # with time enough from now on
        run = self.in_job("-j1", "--fresh", count=len(before) + 2, env={"SLURM_RESTART_COUNT": "1"})
        self.assertEqual(run.status, 0, run)
        self.assertEqual(len(self.ran()), len(before) + 2)
        self.in_job("-j1", "--fresh", count=1, env={"SLURM_RESTART_COUNT": "0"})
        self.assertEqual(len(self.ran()), len(before) + 3)

    def test_failed_points_are_retried_in_the_first_start_of_a_job_only(self):
        text = "task: {shell: 'echo $n >> ran; exit 1'}\nparameters: {grid: {n: {range: [3]}}}\n"
        for restarts, times in ((0, 1), (1, 1), (0, 2)):
            run = self.in_job("--retry-failed", text=text, env={"SLURM_RESTART_COUNT": str(restarts)})
            self.assertEqual(run.status, 1, run)
            self.assertEqual(len(self.ran()), 3 * times)

    def test_where_requeueing_is_forbidden_it_says_so_once_and_does_nothing_else(self):
        run = self.in_job(ends_in_s=4, how="requeue", requeue=0)
        self.assertEqual(run.status, 3, run)
        warning, = self.warnings(run)
        self.assertIn("--requeue", warning)
        self.assertIn("resubmit", warning)
        self.assertFalse([line for line in self.asked() if "requeue" in line or line.startswith("sbatch")])

    def test_what_scontrol_says_when_it_refuses_is_passed_on(self):
        self.play_slurm(4, change=lambda scontrol: scontrol.replace("|| exit 0", '|| { echo "not today" >&2; exit 1; }'))
        run = self.in_job(how="requeue")
        self.assertEqual(run.status, 3, run)
        warning, = self.warnings(run)
        self.assertIn("not today", warning)
        self.assertFalse([line for line in self.asked() if line.startswith("sbatch")])

    def test_without_the_controllers_answer_the_file_is_found_by_the_jobs_name(self):
        self.program("scontrol", "#!/bin/sh\nexit 1\n")
        run = self.in_job(count=2, env={"SLURM_SUBMIT_DIR": str(self.folder / "home")})
        self.assertEqual(run.status, 0, run)
        self.assert_whole(self.merged("home/s.sweep"), 2)
        warning, = self.warnings(run)
        self.assertIn("the time limit is not known", warning)
        self.assertIn("--signal=B:USR1@60", warning)

    def test_without_scontrol_nothing_is_lost_beside_the_copy(self):
        self.program("scontrol", "#!/bin/sh\nexit 1\n")
        self.write("work/s.yaml", "another text")
        for env in ({}, {"SLURM_JOB_NAME": "nothing"}, {"SLURM_JOB_NAME": ""}):
            run = self.in_job(env=env)
            self.assertEqual(run.status, 2, run)
            self.assertIn("slurm_script is Slurm's copy", run.stderr)
            self.assertIn("; submit it by its name", run.stderr)
        self.assertEqual([path.name for path in self.copy.parent.iterdir()], ["slurm_script"])
        self.assertEqual(self.ran(), [])

    def test_a_controller_that_does_not_answer_is_waited_for_no_longer_than_ten_seconds(self):
        self.program("scontrol", "#!/bin/sh\nexec /bin/sleep 1000\n")
        run = self.in_job(count=2, env={"SLURM_SUBMIT_DIR": str(self.folder / "home")}, timeout=30)
        self.assertEqual(run.status, 0, run)
        self.assertIn("gave no answer in time", "".join(self.warnings(run)))

    def test_a_controller_that_is_back_at_the_end_is_asked_again(self):
        self.play_slurm()
        (self.folder / "bin/scontrol").rename(self.folder / "bin/well")
        self.program("scontrol", "#!/bin/sh\nexit 1\n")
        process = self.start_job(how="requeue", env={"SLURM_SUBMIT_DIR": str(self.folder / "home")})
        self.wait_for_points(process, 3)
        (self.folder / "bin/well").rename(self.folder / "bin/scontrol")
        process.send_signal(signal.SIGUSR1)
        self.assertEqual(self.finish(process).status, 3)
        self.assertIn("requeue 12", self.asked())

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


class Ranks(JobTest):
    """With a program in the place of srun, for the batch script of a job of two nodes and for a shell of salloc."""

    def srun(self, text):
        self.program("srun", f'#!/bin/sh\necho srun "$@" >> {self.folder}/asked\n{text}\n')

    def of_two_nodes(self, *arguments, **how):
        how["env"] = {"SLURM_JOB_NODELIST": "n[1-2]", "SLURM_JOB_NUM_NODES": "2", "SLURM_JOB_CPUS_PER_NODE": "2(x2)",
                      **how.get("env", {})}
        return self.in_job(*(arguments or ["-q"]), start=None, **how)

    def lost(self, end, how="requeue", does_something=True):
        self.play_slurm()
        work = f"mkdir -p {self.folder}/home/s.sweep/chunks; echo record >> {self.folder}/home/s.sweep/chunks/0-1.part"
        self.srun(f"{work if does_something else ''}\n{end}")
        return self.of_two_nodes(how=how)

    def test_a_run_that_is_lost_with_rank_0_puts_the_job_back(self):
        for end in ("exit 5", "exit 137", "kill -9 $$"):
            with self.subTest(end):
                run = self.lost(end)
                self.assertEqual(run.status, 3, run)
                self.assertIn("put back into the queue", run.stderr)
                self.assertIn("requeue 12", self.asked())
                (self.folder / "asked").unlink()

    def test_or_submits_it_again_or_says_how_to_carry_on(self):
        run = self.lost("exit 5", how="resubmit")
        self.assertTrue([line for line in self.asked() if line.startswith("sbatch") and "afterany:12" in line], run)
        run = self.lost("exit 5", how="none")
        self.assertEqual(run.status, 3, run)
        self.assertIn(f"carry on with: sbatch {self.folder}/home/s.yaml", run.stderr)
        self.assertNotIn("requeue 12", self.asked())

    def test_a_run_that_is_lost_before_it_did_anything_does_not_come_back_for_ever(self):
        run = self.lost("exit 137", does_something=False)
        self.assertEqual(run.status, 3, run)
        self.assertIn("lost before any point had ended", run.stderr)
        self.assertNotIn("requeue 12", self.asked())

    def test_a_run_that_ended_by_itself_has_decided_that_already(self):
        for status in range(5):
            run = self.lost(f"exit {status}")
            self.assertEqual(run.status, status, run)
        self.assertNotIn("requeue 12", self.asked())

    def test_what_the_batch_script_is_told_reaches_srun(self):
        self.play_slurm()
        for number in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number):
                (self.folder / "ready").unlink(missing_ok=True)
                self.srun(f"trap 'exit 3' {number.name[3:]}; touch {self.folder}/ready; while :; do /bin/sleep 0.05; done")
                process = self.start_job("-q", start=None, how="requeue", env={
                    "SLURM_JOB_NODELIST": "n[1-2]", "SLURM_JOB_NUM_NODES": "2", "SLURM_JOB_CPUS_PER_NODE": "2(x2)"})
                self.wait_until(lambda: (self.folder / "ready").exists(), "srun was not started")
                process.send_signal(number)
                self.assertEqual(self.finish(process, timeout=20).status, 3)
        self.assertNotIn("requeue 12", self.asked())

    def test_who_kills_srun_while_the_job_is_cancelled_does_not_bring_it_back(self):
        self.play_slurm()
        self.srun(f"touch {self.folder}/ready; exec /bin/sleep 1000")
        process = self.start_job("-q", start=None, how="requeue", env={
            "SLURM_JOB_NODELIST": "n[1-2]", "SLURM_JOB_NUM_NODES": "2", "SLURM_JOB_CPUS_PER_NODE": "2(x2)"})
        self.wait_until(lambda: (self.folder / "ready").exists(), "srun was not started")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(self.finish(process, timeout=20).status, 3)
        self.assertNotIn("requeue 12", self.asked())

    def in_shell(self, *arguments, nodes="n[1-2]", path="/usr/bin:/bin"):
        """As after salloc: the job's variables, and no node."""
        self.write("home/s.yaml", SWEEP.replace("COUNT", "4").replace("CONTINUE", "none"))
        return self.sweepd("run", "s.yaml", *arguments, cwd=self.folder / "home", env={
            "PATH": f"{self.folder}/bin:{path}", "SLURM_JOB_ID": "12", "SLURM_JOB_NODELIST": nodes,
            "SLURM_JOB_NUM_NODES": "2" if "-" in nodes else "1", "SLURM_JOB_CPUS_PER_NODE": "2(x2)" if "-" in nodes else "2"})

    def test_a_shell_of_salloc_starts_the_run_on_the_jobs_nodes(self):
        self.play_slurm()
        self.srun("exit 1")
        run = self.in_shell("-j", "3")
        self.assertEqual(run.status, 1, run)
        asked, = [line for line in self.asked() if line.startswith("srun")]
        self.assertRegex(asked, r"--nodes=2 --ntasks=2 .*--cpus-per-task=2 .*sweepd run s.yaml -j 3$")
        self.assertIn("running on the nodes of job 12 (n[1-2]), by srun", run.stderr)
        self.assertEqual(self.ran(), [], "nothing is computed here")

    def test_also_on_one_node(self):
        self.play_slurm()
        self.srun("exit 0")
        self.assertEqual(self.in_shell(nodes="n1").status, 0)
        asked, = [line for line in self.asked() if line.startswith("srun")]
        self.assertIn("--nodes=1 --ntasks=1", asked)
        self.assertEqual(self.ran(), [])

    def test_or_is_told_the_line_to_type(self):
        self.play_slurm()
        for name in ("cat", "sh"):
            (self.folder / "bin" / name).symlink_to(shutil.which(name))
        run = self.in_shell(path="")  # there is no srun
        self.assertEqual(run.status, 2, run)
        self.assertRegex(run.stderr, r"type: srun --nodes=2 .*sweepd run s.yaml")
        self.program("scontrol", "#!/bin/sh\nexit 1\n")
        run = self.in_shell()
        self.assertEqual(run.status, 2, run)
        self.assertRegex(run.stderr, r"type: srun --nodes=2 .*sweepd run s.yaml.*unset SLURM_JOB_ID")
        self.assertEqual(self.ran(), [])

    def test_a_shell_that_has_outlived_its_job_is_told_so(self):
        self.play_slurm(change=lambda scontrol: scontrol.replace("JobState=RUNNING", "JobState=TIMEOUT"))
        self.srun("exit 0")
        run = self.in_shell()
        self.assertEqual(run.status, 2, run)
        self.assertIn("which is not running (TIMEOUT)", run.stderr)
        self.assertIn("unset SLURM_JOB_ID", run.stderr)
        self.assertEqual(self.ran(), [])


class Signals(JobTest):
    def carries_on(self, count):
        """The rest runs, nothing that has a record again, and the merged file is that of an undisturbed run."""
        before = len(self.merged("home/s.sweep")["results"])
        ran = len(self.ran())
        self.program("sleep", "#!/bin/sh\n")  # the outcome is the same and there sooner
        again = self.in_job(count=count)
        self.assertEqual(again.status, 0, again)
        self.assertEqual(len(self.ran()) - ran, count - before)
        self.assertEqual({record["run"]["attempt"] for record in self.records("home/s.sweep")}, {1})
        self.ok("run", "home/s.yaml", "-o", "undisturbed", "--fresh", env={"PATH": f"{self.folder}/bin:/usr/bin:/bin"})
        self.assertEqual(self.merged_bytes("home/s.sweep"), self.merged_bytes("undisturbed"))
        (self.folder / "bin/sleep").unlink()

    def assert_partial(self, count):
        results = self.merged("home/s.sweep")["results"]
        self.assertTrue(0 < len(results) < count, len(results))
        self.assertEqual({record["status"] for record in results}, {"ok"})

    def end_all(self, process, signal_number=signal.SIGTERM):
        """As slurmstepd does, process by process; the order is the kernel's."""
        for pid in frame.processes_with(process.mark):
            try:
                os.kill(pid, signal_number)
            except ProcessLookupError:
                pass

    def test_a_signal_to_every_process_stops_at_once_and_fails_no_point(self):
        for start in ("fork", "spawn"):
            with self.subTest(start):
                shutil.rmtree(self.folder / "home", ignore_errors=True)
                process = self.start_job(*frame.with_workers(2), start=start, count=40)
                self.wait_for_points(process, 6)
                self.end_all(process)
                run = self.finish(process, timeout=20)
                self.assertEqual(run.status, 3, run)
                self.assert_partial(40)
                self.carries_on(40)

    def test_points_in_hand_are_not_waited_for(self):
        text = SWEEP.replace("COUNT", "9").replace("CONTINUE", "requeue").replace("sleep 0.2;", "[ $n -lt 3 ] || exec sleep 1000;")
        process = self.start_job(text=text)
        self.wait_for_points(process, 3)
        process.send_signal(signal.SIGTERM)
        run = self.finish(process, timeout=20)
        self.assertEqual(run.status, 3, run)
        self.assert_partial(9)
        self.assertNotIn("requeue 12", self.asked(), "a job that is cancelled must not come back")

    def test_a_command_that_ends_well_since_it_was_told_to_end_has_not_done_its_work(self):
        text = ("task: {shell: 'trap \"exit 0\" TERM; [ $n -lt 2 ] || while :; do sleep 0.05; done; echo $n >> ran'}\n"
                "parameters: {grid: {n: {range: [4]}}}\n")
        process = self.start_job(text=text)
        self.wait_for_points(process, 2)
        self.wait_until(lambda: self.commands_in_hand(process), "no command is in hand")
        self.end_all(process)
        run = self.finish(process, timeout=20)
        self.assertEqual(run.status, 3, run)
        self.assertEqual([record["index"] for record in self.merged("home/s.sweep")["results"]], [0, 1])

    def commands_in_hand(self, process):
        names = [pathlib.Path(f"/proc/{pid}/comm") for pid in frame.processes_with(process.mark)]
        return [name for name in names if name.exists() and name.read_text().strip() == "sleep"]

    def test_outside_of_a_job_a_signal_to_every_process_fails_no_point_either(self):
        self.write("home/s.yaml", SWEEP.replace("COUNT", "40").replace("CONTINUE", "none"))
        for start in ("fork", "spawn"):
            with self.subTest(start):
                shutil.rmtree(self.folder / "home/s.sweep", ignore_errors=True)
                (self.folder / "home/ran").unlink(missing_ok=True)
                process = self.start("run", "home/s.yaml", *frame.with_workers(2), "--start", start)
                self.wait_for_points(process, 6)
                self.end_all(process)
                self.assertEqual(self.finish(process, timeout=20).status, 3)
                self.assert_partial(40)
                self.carries_on(40)

    def test_a_command_that_ends_itself_by_the_same_signal_has_failed_as_ever(self):
        text = "task: {shell: 'kill -TERM $$'}\nparameters: {grid: {n: {range: [2]}}}\n"
        run = self.in_job(text=text)
        self.assertEqual(run.status, 1, run)
        results = self.merged("home/s.sweep")["results"]
        self.assertEqual([record["error"]["kind"] for record in results], ["signal", "signal"])

    def test_the_signal_that_the_time_limit_is_near_is_a_deadline(self):
        for number in (signal.SIGUSR1, signal.SIGUSR2):
            with self.subTest(number):
                shutil.rmtree(self.folder / "home", ignore_errors=True)
                process = self.start_job(count=40, how="requeue")
                self.wait_for_points(process, 3)
                process.send_signal(number)
                run = self.finish(process)
                self.assertEqual(run.status, 3, run)
                self.assertIn("time limit is near", run.stderr)
                self.assertIn("requeue 12", self.asked())
                self.assert_partial(40)
                self.assertEqual(len(self.ran()), len(self.merged("home/s.sweep")["results"]), "points in hand may end")
                self.carries_on(40)

    def test_after_it_the_points_in_hand_may_end_until_the_deadline_if_that_is_known(self):
        text = SWEEP.replace("COUNT", "9").replace("CONTINUE", "requeue").replace("sleep 0.2;", "[ $n -lt 3 ] || exec sleep 1000;")
        process = self.start_job(text=text, ends_in_s=8)
        self.wait_for_points(process, 3)
        process.send_signal(signal.SIGUSR1)
        run = self.finish(process, timeout=20)
        self.assertEqual(run.status, 3, run)
        self.assert_partial(9)
        self.assertIn("requeue 12", self.asked())

    def test_a_requeue_that_ends_scontrol_before_it_hears_of_it_has_worked(self):
        self.play_slurm(change=lambda scontrol: scontrol.replace(
            '[ "$1" = show ]', 'if [ "$1" = requeue ]; then kill -TERM $PPID; kill -TERM $$; fi; [ "$1" = show ]'))
        process = self.start_job(how="requeue")
        self.wait_for_points(process, 3)
        process.send_signal(signal.SIGUSR1)
        run = self.finish(process)
        self.assertEqual((run.status, self.warnings(run)), (3, []), run)
        self.assertIn("put back into the queue", run.stderr)


if __name__ == "__main__":
    frame.main()
