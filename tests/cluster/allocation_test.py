#!/usr/bin/env python3
"""What a real Slurm grants is what sweepd uses: on one node and on uneven ones, in the batch script and in a step."""
import json
import shutil

import cluster as clusters
import frame

SLEEP = 'task: {shell: \'sleep "$s"\'}\nparameters: {grid: {s: [0.1, 0.2, 0.3, 0.4]}}\nchunks: {size: 1}\n'
EAT = """task: {command: [/usr/bin/python3, -c, "x = b'x' * (int('{mib}') << 20)"]}
parameters: {grid: {mib: [1, 300, 2]}}
"""


class InJob(clusters.ClusterTest):
    def in_job(self, command, *options, state="COMPLETED"):
        """Runs a shell command as a batch script and gives what it printed."""
        job = self.submit("--time=5", "--output=%j.log", *options, "--wrap", command)
        self.assert_job(job, state)
        return self.cluster.output(job)

    def summary(self, directory):
        return json.loads((self.folder / directory / "summary.json").read_text())


class Grant(InJob):
    def test_a_batch_script_has_the_cores_it_asked_for_and_binds_its_workers_to_them(self):
        one = self.in_job("sweepd cpus", "--cpus-per-task=1")
        self.assertRegex(one, r"for this process: 1 core on n\d\n1 of 2 cores may be used")
        self.assertRegex(one, r"(?m)^worker 0: cpu \d \(")
        self.assertNotIn("worker 1", one)
        two = self.in_job("sweepd cpus", "--cpus-per-task=2")
        self.assertRegex(two, r"for this process: 2 cores on n\d\n2 of 2 cores may be used")
        self.assertRegex(two, r"worker 0: cpu 0 .*\nworker 1: cpu 1 ")
        self.assertNotIn("warning", one + two)

    def test_uneven_nodes_are_shown_each_with_its_own_number(self):
        shown = self.in_job("sweepd cpus", "--nodes=2", "--ntasks=3", "--nodelist=n1,n2")
        self.assertRegex(shown, r"job \d+ was granted, by node:\n +n1 +2 \(here\)\n +n2 +1\nfor this process: 2 cores on n1\n")

    def test_a_task_of_a_step_has_the_steps_processors_on_its_node(self):
        shown = self.in_job("srun --nodes=1 --ntasks=1 --nodelist=n2 sweepd cpus", "--nodes=2", "--ntasks=3", "--nodelist=n1,n2")
        self.assertRegex(shown, r" n2 +1 \(here\)\nfor this process: 1 core on n2\n1 of 2 cores may be used")

    def test_more_workers_than_were_granted_end_the_job_with_both_numbers(self):
        self.write("sleep.yaml", SLEEP + "workers: {count: 3}\n")
        shown = self.in_job("sweepd run sleep.yaml", "--cpus-per-task=2", state="FAILED")
        self.assertRegex(shown, r"sleep.yaml:4:18: workers.count: 3 asks for 3 cores on n\d, and job \d+ was granted 2 cores there; "
                                "submit it with --cpus-per-task=3")
        self.assertFalse((self.folder / "sleep.sweep").exists())

    def test_a_grant_below_the_mask_leaves_the_places_of_so_many_workers_to_the_system(self):
        self.write("sleep.yaml", SLEEP)
        shown = self.in_job("SLURM_JOB_CPUS_PER_NODE=1 SLURM_CPUS_ON_NODE=1 sweepd run sleep.yaml", "--cpus-per-task=2")
        self.assertEqual(shown.count("was granted 1 core on n"), 1)
        self.assertEqual({(record["run"]["worker"], record["run"]["cpus"]) for record in self.records("sleep.sweep")}, {(0, "0-1")})

    def test_memory_that_was_asked_for_limits_each_point_and_spares_the_job(self):
        self.write("eat.yaml", EAT)
        shown = self.in_job("sweepd plan eat.yaml && sweepd run eat.yaml", "--cpus-per-task=2", "--mem-per-cpu=100", state="FAILED")
        self.assertRegex(shown, r"memory +at most 95 MiB a worker, of the 200 MiB that job \d+ was granted on n\d")
        self.assertEqual([record.get("error", {}).get("kind") for record in self.merged("eat.sweep")["results"]],
                         [None, "memory", None])
        self.assertEqual(self.summary("eat.sweep")["memory_limit_mib"], 95)

    def test_memory_of_a_node_is_shared_by_its_workers(self):
        self.write("eat.yaml", EAT)
        self.assertIn("at most 475 MiB a worker", self.in_job("sweepd plan eat.yaml", "--cpus-per-task=2", "--mem=1000"))

    def test_the_last_lines_say_what_was_used_and_what_to_ask_for(self):
        self.write("sleep.yaml", SLEEP)
        shown = self.in_job("sweepd run sleep.yaml", "--nodes=1", "--cpus-per-task=2").splitlines()
        self.assertRegex(shown[-2], r"^job \d+: \d+ % of 2 cores busy, .* of 5m used, idle tail 0.00 core-hours$")
        self.assertRegex(shown[-1], r"^next time: #SBATCH --nodes=1 --ntasks-per-node=1 --cpus-per-task=2 .*--time=00:05:00$")
        job = self.summary("sleep.sweep")["job"]
        self.assertEqual((job["cores"], job["time_limit_s"]), (2, 300))
        # It is what sbatch takes.
        self.in_job("sweepd cpus", *job["ask"])


class Ranks(InJob):
    """The same where a job has several nodes, and a rank on each."""

    def on_nodes(self, file, *options, launch="", state="COMPLETED"):
        shown = self.in_job(f"{launch} sweepd run {file}", *options, state=state)
        if "needs MPI" in shown or "MPI cannot be used" in shown:
            self.skipTest("this sweepd is built without MPI")
        return shown

    def workers_by_host(self, directory):
        workers = {}
        for record in self.records(directory):
            workers.setdefault(record["run"]["host"], set()).add(record["run"]["worker"])
        return {host: len(numbers) for host, numbers in workers.items()}

    def many(self, count):
        self.write("many.yaml", f"task: {{shell: 'sleep 0.2'}}\nparameters: {{grid: {{n: {{range: [{count}]}}}}}}\nchunks: {{size: 1}}\n")

    def test_each_rank_keeps_to_what_was_granted_on_its_node_also_where_it_is_not_bound(self):
        self.many(40)
        shown = self.on_nodes("many.yaml", "--nodes=2", "--ntasks=3", "--nodelist=n1,n2")
        self.assertEqual(self.workers_by_host("many.sweep"), {"n1": 2, "n2": 1}, shown)
        self.assertEqual(self.summary("many.sweep")["job"]["cores"], 3)

    def test_ranks_of_mpirun_share_what_their_node_was_granted(self):
        self.many(40)
        shown = self.on_nodes("many.yaml", "--nodes=2", "--ntasks-per-node=2", launch="mpirun -np 4")
        self.assertEqual(sorted(self.workers_by_host("many.sweep").values()), [2, 2], shown)
        self.assertNotIn("warning", shown)

    def test_memory_limits_points_on_every_node(self):
        self.write("eat.yaml", EAT.replace("[1, 300, 2]", "[300, 301, 302, 303, 304, 305]") + "chunks: {size: 1}\n")
        shown = self.on_nodes("eat.yaml", "--nodes=3", "--cpus-per-task=1", "--mem-per-cpu=100", state="FAILED")
        errors = [record["error"] for record in self.merged("eat.sweep")["results"]]
        self.assertEqual({(error["kind"], error["message"]) for error in errors},
                         {("memory", "used more than the 95 MiB that a worker has of the job's memory, so it was stopped")}, shown)

    def test_what_was_used_is_told_of_all_nodes_together(self):
        self.many(60)
        shown = self.on_nodes("many.yaml", "--nodes=3", "--ntasks-per-node=1", "--cpus-per-task=2").splitlines()
        self.assertRegex(shown[-2], r"^job \d+: \d+ % of 6 cores busy, ")
        self.assertIn("--nodes=3 --ntasks-per-node=1 --cpus-per-task=2", shown[-1])

    def test_a_shell_of_salloc_runs_the_sweep_on_the_nodes_that_it_was_granted(self):
        self.many(40)
        for options, hosts in ((("-N2", "--ntasks-per-node=1", "-c2"), 2), (("-N1", "-c2"), 1)):
            with self.subTest(options):
                shutil.rmtree(self.folder / "many.sweep", ignore_errors=True)
                shown = self.cluster.run("salloc", *options, "sweepd", "run", "many.yaml", cwd=self.folder)
                self.assertEqual(shown.status, 0, shown)
                self.assertEqual(list(self.workers_by_host("many.sweep").values()), [2] * hosts)
                self.assertNotIn("head", self.workers_by_host("many.sweep"))

    def test_of_a_heterogeneous_job_it_says_what_is_not_used(self):
        self.many(4)
        self.script("job.sh", "#!/bin/sh\n#SBATCH -N1 --output=job.log\n#SBATCH hetjob\n#SBATCH -N1\nsweepd run many.yaml\n")
        self.submit("job.sh")
        self.cluster.wait_until(lambda: "4 of 4" in self.log("job.log"), "the job has not ended")
        self.assertIn("only the first of the 2 components", self.log("job.log"))

    def log(self, name):
        path = self.folder / name
        return path.read_text() if path.exists() else ""

    def test_more_workers_than_all_nodes_were_granted_are_an_error_with_both_numbers(self):
        self.many(4)
        shown = self.in_job("sweepd run many.yaml -j9", "--nodes=3", "--ntasks-per-node=1", "--cpus-per-task=2", state="FAILED")
        self.assertRegex(shown, r"-j9 asks for 3 cores on n\d, and job \d+ was granted 2 cores there; submit it with --cpus-per-task=3")


if __name__ == "__main__":
    clusters.skip_where_there_is_none()
    frame.main()
