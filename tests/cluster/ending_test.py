"""How jobs end on a real Slurm: cancelled, warned by a signal, out of time; and how they go on."""
import shutil
import unittest

import cluster as clusters
import frame

SWEEP = """#!/usr/bin/env -S sweepd run
#SBATCH --nodes=1 --ntasks=1 --cpus-per-task=2 --time=LIMIT --open-mode=append --output=out.log
task: {shell: 'sleep SECONDS; echo "$n" >> ran; echo "$((n * n))"', result: json}
parameters: {grid: {n: {range: [COUNT]}}}
workers: {start: START}
slurm: {margin: MARGIN, continue: CONTINUE}
"""


class Ending(clusters.ClusterTest):
    def sweep(self, count, *, seconds=0.5, limit="5", margin="5s", how="none", start="fork"):
        """Writes s.yaml, also for a run outside of Slurm."""
        text = SWEEP
        for name, value in {"COUNT": count, "SECONDS": seconds, "LIMIT": limit, "MARGIN": margin, "CONTINUE": how,
                            "START": start}.items():
            text = text.replace(name, str(value))
        self.count = count
        self.write("s.yaml", text)
        self.write("elsewhere/s.yaml", text)

    def submit_sweep(self, *options):
        return self.run_here("sweepd", "submit", "s.yaml", "--", *options).strip()

    def ran(self):
        path = self.folder / "ran"
        return path.read_text().split() if path.exists() else []

    def wait_for_points(self, points):
        self.cluster.wait_until(lambda: len(self.ran()) >= points, "no points were run")

    def results(self):
        """The records' results, of a merged file whose points have all ended well."""
        results = self.merged("s.sweep")["results"]
        self.assertEqual({record["status"] for record in results}, {"ok"})
        return [record["result"] for record in results]

    def assert_partial(self):
        done = len(self.results())
        self.assertTrue(0 < done < self.count, done)
        return done

    def assert_finished(self):
        """Every point has its record, those of one attempt; the merged file is that of a run outside."""
        self.assertEqual({record["run"]["attempt"] for record in self.records("s.sweep")}, {1})
        # With one that does not sleep the outcome is the same and there sooner.
        self.script("bin/sleep", "#!/bin/sh\n")
        self.ok("run", self.folder / "elsewhere/s.yaml", env={"PATH": f"{self.folder}/bin:/usr/bin:/bin"})
        self.assertEqual(self.merged_bytes("s.sweep"), self.merged_bytes("elsewhere/s.sweep"))

    def test_a_cancelled_job_leaves_a_partial_merge_in_time_and_the_next_one_carries_on(self):
        for start in ("fork", "spawn"):
            with self.subTest(start):
                for name in ("s.sweep", "elsewhere"):
                    shutil.rmtree(self.folder / name, ignore_errors=True)
                (self.folder / "ran").unlink(missing_ok=True)
                self.sweep(24, start=start)
                job = self.submit_sweep()
                self.wait_for_points(6)
                task, = self.cluster.cancel(job)
                # Its own exit status: Slurm did not have to kill it after KillWait.
                self.assertEqual((task["JobState"], task["ExitCode"]), ("CANCELLED", "3:0"), self.cluster.output(job))
                done, ran = self.assert_partial(), len(self.ran())
                job = self.submit_sweep()
                self.assert_job(job)
                self.assertEqual(len(self.ran()) - ran, 24 - done)
                self.assert_finished()

    @unittest.skipUnless(shutil.which("mpicc.mpich"), "libmpich-dev is not installed")
    def test_a_job_of_several_nodes_ends_and_goes_on_as_one_of_a_single_node(self):
        self.sweep(120, how="requeue")
        (self.folder / "s.yaml").write_text((self.folder / "s.yaml").read_text().replace("--nodes=1 --ntasks=1", "--nodes=3"))
        job = self.submit_sweep()
        self.wait_for_points(20)
        task, = self.cluster.cancel(job)
        self.assertEqual((task["JobState"], task["ExitCode"]), ("CANCELLED", "3:0"), self.cluster.output(job))
        done, ran = self.assert_partial(), len(self.ran())
        job = self.submit_sweep()
        self.wait_for_points(ran + 20)
        self.run_here("scancel", "--batch", "--signal=USR1", job)
        self.cluster.wait_for_output(job, "put back into the queue")
        task, = self.assert_job(job, timeout=120)
        self.assertEqual(task["Restarts"], "1")
        # srun hands SIGUSR1 to the commands as well; whatever it ends runs again.
        self.assertGreaterEqual(len(self.ran()) - ran, 120 - done)
        self.assert_finished()

    def test_points_in_hand_do_not_keep_a_cancelled_job(self):
        self.sweep(9, seconds='0.2; [ "$n" -lt 4 ] || exec sleep 1000')
        job = self.submit_sweep()
        self.wait_for_points(4)
        task, = self.cluster.cancel(job)
        self.assertEqual((task["JobState"], task["ExitCode"]), ("CANCELLED", "3:0"), self.cluster.output(job))
        self.assertEqual(self.results(), [0, 1, 4, 9])

    def test_the_signal_that_was_asked_for_puts_the_job_back_into_the_queue(self):
        self.sweep(400, seconds="$([ -e hurry ] && echo 0.01 || echo 0.4)", how="requeue")
        # It comes when Slurm looks at its jobs' limits the next time, within half a minute.
        job = self.submit_sweep("--time=10", "--signal=B:USR1@600")
        self.cluster.wait_for_output(job, "time limit is near", timeout=90)
        self.write("hurry", "")
        self.cluster.wait_for_output(job, "carrying on", timeout=60)
        task, = self.assert_job(job, timeout=120)
        self.assertEqual(task["Restarts"], "1")
        self.assertEqual(sorted(self.ran(), key=int), [str(n) for n in range(400)])
        self.assert_finished()

    def test_a_sweep_of_more_than_the_time_limit_finishes_over_restarts(self):
        # Two workers; 40 s of the minute are used, so that two starts are enough.
        self.sweep(100, seconds=1, limit="1", margin="15s", how="requeue")
        job = self.submit_sweep()
        raised = self.with_a_raised_limit()
        task, = self.assert_job(job, timeout=240)
        self.assertEqual(task["Restarts"], "1")
        task, = self.assert_job(raised, timeout=240)
        self.assertEqual((task["Restarts"], task["TimeLimit"]), ("0", "00:30:00"))
        self.assert_whole(self.merged("raised/s.sweep"), 100)
        self.assertEqual(sorted(self.ran(), key=int), [str(n) for n in range(100)])
        self.assert_finished()

    def with_a_raised_limit(self):
        """A job of the same sweep, whose minute is made half an hour and which is suspended for some seconds."""
        (self.folder / "raised").mkdir()
        shutil.copy(self.folder / "s.yaml", self.folder / "raised")
        job = self.submit("s.yaml", cwd=self.folder / "raised")
        self.cluster.wait_until(lambda: (self.folder / "raised/ran").exists(), "no points were run")
        self.run_here("scontrol", "suspend", job)
        self.cluster.wait_for_job(job, "SUSPENDED")
        self.run_here("scontrol", "update", f"JobId={job}", "TimeLimit=30")
        self.run_here("scontrol", "resume", job)
        return job

    def test_a_job_that_may_not_be_requeued_says_so_and_stays_as_it_is(self):
        self.sweep(200, how="requeue")
        job = self.submit_sweep("--no-requeue")
        self.wait_for_points(2)
        self.run_here("scancel", "--batch", "--signal=USR1", job)
        task, = self.assert_job(job, "FAILED")
        self.assertEqual(task["ExitCode"], "3:0")
        self.assertIn("the job does not go on by itself", self.cluster.output(job))
        self.assertIn("resubmit", self.cluster.output(job))
        self.assertEqual(self.run_here("squeue", "--noheader"), "")
        self.assert_partial()

    def test_a_job_that_is_submitted_again_has_its_arguments_and_carries_on(self):
        self.sweep(12, how="resubmit")
        job = self.submit("s.yaml", "-j1", "--fresh", "-o", "results here")
        self.wait_for_points(3)
        self.run_here("scancel", "--batch", "--signal=USR1", job)
        self.assert_job(job, "FAILED")
        second = str(int(job) + 1)
        self.assert_job(second)
        self.assertIn("carrying on", self.cluster.output(second))
        self.assertEqual(sorted(self.ran(), key=int), [str(n) for n in range(12)])
        self.assert_whole(self.merged("results here"), 12)
        self.assertEqual({record["run"]["worker"] for record in self.records("results here")}, {0})

    def test_a_job_that_is_cancelled_while_it_ends_does_not_come_back(self):
        self.sweep(9, seconds='0.2; [ "$n" -lt 4 ] || exec sleep 1000', how="requeue")
        job = self.submit_sweep()
        self.wait_for_points(4)
        self.run_here("scancel", "--batch", "--signal=USR1", job)
        self.cluster.wait_for_output(job, "time limit is near")
        task, = self.cluster.cancel(job)
        self.assertEqual((task["JobState"], task["Restarts"]), ("CANCELLED", "0"))
        self.assertIn("it is being cancelled", self.cluster.output(job))


if __name__ == "__main__":
    clusters.skip_where_there_is_none()
    frame.main()
