#!/usr/bin/env python3
"""Several runs of one sweep share its directory: each point is run by one of them, and the results do not show it."""
import json
import os
import re
import signal

import frame
from frame import with_workers

# `ran` has a line for every attempt that ended. While `hold` is there, no more of them than HELD and those in hand.
SWEEP = """task:
  shell: 'sleep 0.05; while [ -e hold ] && [ "$(wc -l < ran)" -ge HELD ]; do sleep 0.02; done; echo $n >> ran; echo "{\\"square\\": $((n * n))}"'
  result: json
parameters: {grid: {n: {range: [COUNT]}}}
"""
COUNT = 120
HELD = 20
SWEEP = SWEEP.replace("HELD", str(HELD))


class Sharing(frame.SweepTest):
    expected = None  # what one run gives

    def setUp(self):
        super().setUp()
        self.write("s.yaml", SWEEP.replace("COUNT", str(COUNT)))

    def lines_run(self):
        path = self.folder / "ran"
        return path.read_text().split() if path.exists() else []

    def undisturbed(self):
        if Sharing.expected is None:
            self.ok("run", "s.yaml", "-o", "undisturbed", *with_workers(2))
            Sharing.expected = self.merged_bytes("undisturbed")
        return Sharing.expected

    def member(self, *options, file="s.yaml", workers=1, **how):
        return self.start("run", file, "-o", "out", f"-j{workers}", "--pin", "none", *options, **how)

    def job(self, number, *options):
        """A run in a Slurm job, without Slurm."""
        return self.member(*options, env={
            "PATH": f"{self.folder}/bin:/usr/bin:/bin", "SLURM_JOB_ID": str(number), "SLURM_JOB_NODELIST": "n1",
            "SLURM_JOB_NUM_NODES": "1", "SLURM_JOB_CPUS_PER_NODE": "2", "SLURMD_NODENAME": "n1"})

    def hold(self):
        self.write("ran", "")
        super().hold()

    def wait_for_lines(self, count):
        self.wait_until(lambda: len(self.lines_run()) >= count, "no point was run")

    def wait_for_members(self, count):
        self.wait_until(lambda: len(list(self.folder.glob("out/claims/*.member"))) >= count, "nobody joined")

    def wait_until_all_work(self, count):
        """Each of so many runs has claimed points."""
        def tokens():
            claims = [path for path in self.folder.glob("out/claims/*") if re.fullmatch(r"\d+\.\d+", path.name)]
            return {os.readlink(path) for path in claims}
        self.wait_until(lambda: len(tokens()) >= count, "not all of them work")

    def assert_finished(self, runs, most_repeated=0):
        """All of them ended well, one directory is left as of one run, and points in hand alone ran again."""
        for run in runs:
            self.assertEqual(run.status, 0, run)
        self.assert_whole(self.merged("out"), COUNT)
        ran = self.lines_run()
        self.assertEqual(len(set(ran)), COUNT)
        self.assertLessEqual(len(ran) - COUNT, most_repeated)
        self.assertEqual(sorted(path.name for path in (self.folder / "out").iterdir()),
                         ["chunks", "manifest.json", "results.json", "summary.json", "sweep.yaml"])
        os.remove(self.folder / "ran")
        self.assertEqual(self.merged_bytes("out"), self.undisturbed())

    def sessions(self):
        return json.loads((self.folder / "out/manifest.json").read_text())["sessions"]

    def test_three_runs_at_once_give_what_one_gives_and_every_point_runs_once(self):
        self.hold()
        runs = [self.member("--join") for _ in range(3)]
        self.wait_until_all_work(3)
        self.release()
        runs = [self.finish(run) for run in runs]
        sessions = self.sessions()
        self.assertEqual(sum(session["points"] for session in sessions), COUNT)
        self.assertTrue(all(session["ended"] for session in sessions), sessions)
        self.assertGreater(min(session["points"] for session in sessions), 0)
        self.assertEqual(len(sessions), 3)
        self.assert_finished(runs)

    def test_who_holds_the_directory_lets_others_in_also_where_it_was_not_started_with_join(self):
        self.hold()
        first = self.member()
        self.wait_for_lines(5)
        second = self.member("--join")
        self.wait_until_all_work(2)
        self.release()
        runs = [self.finish(first), self.finish(second)]
        self.assertIn("another run takes part", runs[0].stderr)
        self.assertGreater(self.sessions()[1]["points"], 0)
        self.assert_finished(runs)

    def test_an_array_of_eight_jobs_shares_without_being_told(self):
        self.program_for_jobs()
        self.hold()
        jobs = [self.job(number) for number in range(20, 28)]
        self.wait_until_all_work(3)
        self.release()
        runs = [self.finish(job, timeout=120) for job in jobs]
        jobs = json.loads((self.folder / "out/summary.json").read_text())["slurm_jobs"]
        self.assertGreater(len(jobs), 2)
        self.assert_finished(runs)

    def program_for_jobs(self):
        for name in ("scontrol", "sbatch"):
            self.write(f"bin/{name}", "#!/bin/sh\nexit 1\n").chmod(0o755)

    def test_points_of_a_killed_run_are_taken_over_by_the_others(self):
        self.hold()
        runs = [self.member("--join") for _ in range(3)]
        self.wait_until_all_work(3)
        self.wait_for_lines(20)
        runs[0].kill()
        self.assertEqual(self.finish(runs[0]).status, -signal.SIGKILL)
        self.release()
        self.assert_finished([self.finish(run) for run in runs[1:]], most_repeated=1)

    def test_what_a_run_left_that_died_when_all_was_done_goes_with_the_next_merge(self):
        self.finish(self.member())
        for name in "claims/0123456789abcdef.member", "claims/blocks", "progress.json":
            self.write(f"out/{name}", "{}")
        self.ok("merge", "out")
        self.assertEqual(sorted(path.name for path in (self.folder / "out").iterdir()),
                         ["chunks", "manifest.json", "results.json", "summary.json", "sweep.yaml"])

    def test_where_all_are_killed_the_next_run_carries_on(self):
        self.hold()
        runs = [self.member("--join") for _ in range(3)]
        self.wait_until_all_work(3)
        self.wait_for_lines(20)
        for run in runs:
            run.kill()
        for run in runs:
            self.finish(run)
        self.release()
        self.assert_finished([self.finish(self.member(workers=2))], most_repeated=3)

    def test_a_run_that_is_stopped_leaves_its_points_to_the_others(self):
        self.hold()
        runs = [self.member("--join") for _ in range(2)]
        self.wait_until_all_work(2)
        self.wait_for_lines(10)
        runs[0].send_signal(signal.SIGTERM)
        self.release()
        stopped = self.finish(runs[0])
        self.assertEqual(stopped.status, 3, stopped)
        self.assertIn("go on", stopped.stdout)
        self.assert_finished([self.finish(runs[1])])

    def test_where_all_are_stopped_the_last_merges_what_there_is(self):
        self.hold()
        runs = [self.member("--join") for _ in range(2)]
        self.wait_until_all_work(2)
        self.wait_for_lines(10)
        for run in runs:
            run.send_signal(signal.SIGTERM)
        self.release()
        self.assertEqual([self.finish(run).status for run in runs], [3, 3])
        self.assertEqual(len(self.merged("out")["results"]), len(self.lines_run()))
        self.assert_finished([self.finish(self.member())])

    def test_a_run_that_was_not_told_to_share_is_refused_and_told_how(self):
        self.hold()
        runs = [self.member("--join")]
        self.wait_for_lines(1)
        alone = self.finish(self.member())
        self.assertEqual(alone.status, 2, alone)
        self.assertIn("--join", alone.stderr)
        runs.append(self.member("--join"))
        self.wait_until_all_work(2)  # so long as one joins, it has the lock, and it alone is named
        for options in [], ["--fresh"], ["--retry-failed"], ["--join", "--fresh"], ["--join", "--retry-failed"], ["--join", "--rerun-changed"]:
            refused = self.finish(self.member(*options))
            self.assertEqual(refused.status, 2, refused)
            for run in runs:
                self.assertIn(f"process {run.pid}", refused.stderr)
            self.assertIn(options[-1] if options else "--join", refused.stderr)
        self.release()
        self.assert_finished([self.finish(run) for run in runs])

    def test_a_changed_file_is_not_shared(self):
        self.write("changed/s.yaml", SWEEP.replace("COUNT", str(COUNT + 1)))
        self.hold()
        first = self.member()
        self.wait_for_lines(1)
        for members in 1, 2:
            changed = self.finish(self.member("--join", file="changed/s.yaml"))
            self.assertEqual(changed.status, 2, changed)
            self.assertIn("another text of the sweep file", changed.stderr)
            if members == 1:
                second = self.member("--join")
                self.wait_for_members(2)
        self.release()
        self.assert_finished([self.finish(first), self.finish(second)])

    def test_a_shared_sweep_can_be_looked_at_and_merged_while_it_runs(self):
        self.hold()
        runs = [self.member("--join") for _ in range(2)]
        self.wait_for_members(2)
        self.wait_for_lines(20)
        self.ok("merge", "out")
        self.assertTrue(0 < len(self.merged("out")["results"]) < COUNT)
        status = json.loads(self.ok("status", "out", "--json").stdout)
        self.assertEqual((status["state"], status["total"]), ("running", COUNT))
        self.release()
        self.assert_finished([self.finish(run) for run in runs])

    def test_who_has_nothing_left_to_do_ends_and_says_who_goes_on(self):
        self.write("s.yaml", SWEEP.replace("COUNT", "8").replace("sleep 0.05", "while [ $n -lt 4 -a ! -e go ]; do sleep 0.1; done"))
        first = self.member("--join", workers=4)
        self.wait_until(lambda: (self.folder / "out/chunks").exists() and len(list(self.folder.glob("out/staging.*/*.part"))) == 4,
                        "nothing runs")
        second = self.finish(self.member("--join"))
        self.assertEqual(second.status, 0, second)
        self.assertIn(f"process {first.pid}", second.stdout)
        self.write("go", "")
        self.assertEqual(self.finish(first).status, 0)
        self.assert_whole(self.merged("out"), 8)
        self.assertEqual(len(self.lines_run()), 8)

    def test_failed_points_are_told_by_whoever_sees_them(self):
        self.write("s.yaml", "task: {shell: 'sleep 0.05; [ $n -gt 0 ]'}\nparameters: {grid: {n: {range: [60]}}}\n")
        runs = [self.finish(run) for run in [self.member("--join") for _ in range(2)]]
        self.assertEqual({run.status for run in runs} - {0, 1}, set())
        self.assertIn(1, {run.status for run in runs})
        self.assertEqual(sum(record["status"] == "failed" for record in self.merged("out")["results"]), 1)


if __name__ == "__main__":
    frame.main()
