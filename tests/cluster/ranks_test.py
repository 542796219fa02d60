"""One sweep on several nodes: every way to start it gives the same bytes, and a node that is lost loses nothing."""
import collections
import json
import shutil
import subprocess
import unittest

import cluster as clusters
import frame

PI = """#!/usr/bin/env -S sweepd run
#SBATCH --time=5 --open-mode=append OPTIONS
name: pi
task: pi
parameters: {grid: {darts: [1e4, 1e5, 1e6, 1e7], trial: {range: [0, 100]}}}
seed: 42
reduce: {by: [darts], fields: {pi: [mean, std], hits: sum}}
"""
LONG = """#!/usr/bin/env -S sweepd run
#SBATCH --nodes=3 --ntasks-per-node=2 --time=5 --open-mode=append --output=long.log OPTIONS
name: long
task: {shell: 'echo $n >> ran; sleep 0.5; echo $n', result: json}
parameters: {grid: {n: {range: [POINTS]}}}
"""
NODES = {"n1", "n2", "n3"}


class RankTest(clusters.ClusterTest):
    def assert_all_nodes_worked(self, directory):
        """Each worker on its node has had cores that no other one there has."""
        workers = collections.defaultdict(set)
        for record in self.records(directory):
            run = record["run"]
            workers[run["host"]].add((run["worker"], run["cpus"]))
        self.assertEqual(set(workers), NODES)
        for host, seen in workers.items():
            cpus = [cpu for _, cpu in seen]
            self.assertEqual(len(cpus), len(set(cpus)), f"{host}: {seen}")

    def once(self, text, name="s.yaml"):
        """What one worker without Slurm or MPI makes of it."""
        self.write(f"alone/{name}", text)
        self.ok("run", "-j1", "-o", self.folder / "alone.sweep", self.folder / "alone" / name, timeout=120)
        return (self.folder / "alone.sweep/results.json").read_bytes()


@unittest.skipUnless(shutil.which("mpicc.mpich"), "libmpich-dev is not installed")
class Shapes(RankTest):
    def assert_same(self, *launcher, job=None):
        wanted = self.once(PI)
        self.script("s.yaml", PI.replace("OPTIONS", "--output=job.log"))
        if job is None:
            self.run_here(*launcher, frame.SWEEPD, "run", "s.yaml")
        else:
            self.script("job.sh", job)
            self.assert_job(self.submit("job.sh"))
        self.assertEqual(self.merged_bytes("pi.sweep"), wanted)
        self.assert_all_nodes_worked("pi.sweep")

    def test_srun_with_a_rank_a_core(self):
        self.assert_same("srun", "--mpi=pmi2", "-N3", "--ntasks-per-node=2")

    def test_srun_with_a_rank_a_node(self):
        self.assert_same("srun", "--mpi=pmi2", "-N3", "--ntasks-per-node=1", "-c2")

    def test_mpirun_in_a_job(self):
        self.assert_same(job=f"#!/bin/sh\n#SBATCH -N3 --ntasks-per-node=2 --output=job.log\nmpirun -np 6 {frame.SWEEPD} run s.yaml\n")

    def test_uneven_nodes(self):
        self.assert_same("srun", "--mpi=pmi2", "-N3", "-n4")

    def test_the_sweep_file_as_the_batch_script(self):
        wanted = self.once(PI)
        for options in ("-N3 --ntasks-per-node=2", "-N3 --ntasks-per-node=1 -c2", "-N3 -n6"):
            with self.subTest(options):
                self.script("s.yaml", PI.replace("OPTIONS", f"{options} --output=job.log"))
                shutil.rmtree(self.folder / "pi.sweep", ignore_errors=True)
                job = self.submit("s.yaml")
                self.assert_job(job)
                self.assertEqual(self.merged_bytes("pi.sweep"), wanted, self.cluster.output(job))
                self.assert_all_nodes_worked("pi.sweep")
                manifest = json.loads((self.folder / "pi.sweep/manifest.json").read_text())
                self.assertEqual(set(manifest["sessions"][0]["hosts"]), NODES)

    def test_the_batch_script_uses_mpirun_where_it_is_asked_to(self):
        wanted = self.once(PI)
        self.script("s.yaml", PI.replace("OPTIONS", "-N3 --ntasks-per-node=2 --output=job.log") + "slurm: {launcher: mpirun, ranks: per-core}\n")
        self.assert_job(self.submit("s.yaml"))
        self.assertEqual(self.merged_bytes("pi.sweep"), wanted)
        self.assert_all_nodes_worked("pi.sweep")

    def test_a_job_of_one_node_needs_no_mpi(self):
        wanted = self.once(PI)
        program = self.folder / "bin/sweepd"  # with no module beside it
        program.parent.mkdir()
        shutil.copy(frame.SWEEPD, program)
        self.script("s.yaml", PI.replace("sweepd run", f"{program} run").replace("OPTIONS", "-n2 --output=job.log"))
        self.assert_job(self.submit("s.yaml"))
        self.assertEqual(self.merged_bytes("pi.sweep"), wanted)
        shutil.rmtree(self.folder / "pi.sweep")
        run = self.cluster.run("srun", "--mpi=pmi2", "-N2", program, "run", "s.yaml", cwd=self.folder)
        self.assertEqual(run.status, 2, run)
        self.assertEqual(run.stderr.count("sweepd: error:"), 1, run.stderr)
        self.assertIn("MPI cannot be used", run.stderr)
        self.script("many.yaml", (self.folder / "s.yaml").read_text().replace("-n2", "-N2"))
        job = self.submit("many.yaml")
        self.assert_job(job, "FAILED")
        self.assertIn("this job has 2 nodes, which needs MPI", self.cluster.output(job))

    def test_a_command_that_is_an_mpi_program(self):
        self.write("inner.c", r"""
#include <mpi.h>
#include <stdio.h>
int main(int count, char **arguments) {
  int rank, ranks;
  MPI_Init(&count, &arguments);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  if (rank == 0) printf("%d\n", ranks);
  MPI_Finalize();
}
""")
        subprocess.run(["mpicc.mpich", "-o", "inner", "inner.c"], cwd=self.folder, check=True)
        self.write("s.yaml", "task: {command: [mpirun, -launcher, fork, -np, '2', ./inner], result: json}\n"
                             "parameters: {grid: {n: {range: [6]}}}\n")
        self.run_here("srun", "--mpi=pmi2", "-N3", "--ntasks-per-node=2", frame.SWEEPD, "run", "s.yaml")
        self.assertEqual([record["result"] for record in self.merged("s.sweep")["results"]], [2] * 6)


@unittest.skipUnless(shutil.which("mpicc.mpich"), "libmpich-dev is not installed")
class Losses(RankTest):
    def long_job(self, options, points=120):
        """A job that is in the middle of it: of 10 s of work for six workers."""
        self.points = points
        self.script("s.yaml", LONG.replace("OPTIONS", options).replace("POINTS", str(points)))
        job = self.submit("s.yaml", "--heartbeat=4s")
        self.cluster.wait_until(lambda: len(self.ran()) > 24, "the sweep has not begun")
        return job

    def ran(self):
        file = self.folder / "ran"
        return file.read_text().split() if file.exists() else []

    def assert_whole_sweep(self, most_repeated):
        results = self.merged("long.sweep")["results"]
        self.assertEqual([(record["index"], record["status"], record["result"]) for record in results],
                         [(n, "ok", n) for n in range(self.points)])
        ran = collections.Counter(self.ran())
        self.assertEqual(len(ran), self.points)
        self.assertLessEqual(sum(ran.values()) - self.points, most_repeated)

    def test_the_others_go_on_when_a_node_is_lost(self):
        job = self.long_job("--no-kill")
        self.cluster.lose("n2")
        self.assert_job(job, timeout=120)
        self.assertIn("on n2 is lost", self.cluster.output(job))
        self.assert_whole_sweep(most_repeated=2)

    def test_the_others_go_on_when_a_node_is_cut_off(self):
        job = self.long_job("--no-kill")
        self.cluster.cut("n3")
        self.assert_job(job, timeout=120)
        self.assertIn("on n3 is lost", self.cluster.output(job))
        self.assert_whole_sweep(most_repeated=self.points)  # what it went on with, seen by nobody

    def test_a_job_that_ends_with_its_node_goes_on_when_it_is_requeued(self):
        job = self.long_job("--requeue", points=360)  # not done before Slurm notices the loss
        self.cluster.lose("n3")
        self.cluster.wait_until_lost("n3")
        self.cluster.restore("n3")
        self.assert_job(job, timeout=120)
        self.assert_whole_sweep(most_repeated=12)
        self.assertIn("carrying on", self.cluster.output(job))


class Refusals(RankTest):
    def refused(self, *launcher, says, arguments=()):
        self.write("s.yaml", PI)
        run = self.cluster.run(*launcher, frame.SWEEPD, "run", "s.yaml", *arguments, cwd=self.folder)
        self.assertEqual(run.status, 2, run)
        self.assertEqual(run.stderr.count("sweepd: error:"), 1, run.stderr)
        for text in says:
            self.assertIn(text, run.stderr)

    def test_srun_without_pmi_is_one_error_that_names_what_works(self):
        self.refused("srun", "--mpi=none", "-n4", says=["4 times", "--mpi=pmi2", "mpirun"])
        self.assertFalse((self.folder / "pi.sweep").exists())

    @unittest.skipUnless(shutil.which("mpicc.mpich"), "libmpich-dev is not installed")
    def test_a_sweep_directory_that_nodes_do_not_share_is_told_with_a_node(self):
        # Each node of the cluster has a /dev/shm of its own.
        self.refused("srun", "--mpi=pmi2", "-N3", "--ntasks-per-node=1", arguments=("-o", "/dev/shm/not-shared.sweep"),
                     says=["rank ", " on n", "/dev/shm/not-shared.sweep", "all nodes share"])


if __name__ == "__main__":
    clusters.skip_where_there_is_none()
    frame.main()
