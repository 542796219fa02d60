"""One sweep on several nodes: every way to start it gives the same bytes, and a node that is lost loses nothing."""
import collections
import json
import os
import pathlib
import shutil
import signal
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
# What the kernel lets each rank use. _exit: see cluster_test.py.
WHERE = r"""
#include <mpi.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
int main(int count, char **arguments) {
  int ranks;
  char line[256], host[256];
  MPI_Init(&count, &arguments);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  gethostname(host, sizeof host);
  FILE *status = fopen("/proc/self/status", "r");
  while (fgets(line, sizeof line, status))
    if (!strncmp(line, "Cpus_allowed_list:", 18)) printf("%d %s %s", ranks, host, line + 19);
  fflush(stdout);
  MPI_Barrier(MPI_COMM_WORLD);
  _exit(0);
}
"""


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

    def test_commands_that_are_mpi_programs_or_steps_stay_on_the_cores_and_node_of_their_worker(self):
        self.write("where.c", WHERE)
        subprocess.run(["mpicc.mpich", "-o", "where", "where.c"], cwd=self.folder, check=True)
        plain = "sh -c 'echo 1 $(hostname) $(grep Cpus_allowed_list /proc/self/status | cut -f2)'"
        launchers = {"mpirun.mpich -np 2 ./where": 2, "mpiexec.hydra ./where": 1, "srun ./where": 1,
                     "srun --mpi=pmi2 -n2 ./where": 2, f"srun -N1 {plain}": 1}
        if shutil.which("mpirun.openmpi"):
            as_root = "env OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 mpirun.openmpi"
            launchers |= {f"{as_root} -np 1 {plain}": 1, f"{as_root} -np 2 {plain}": 2,
                          f"{as_root} -np 1 --bind-to core {plain}": 1}
        grid = frame.as_yaml({"grid": {"launch": list(launchers)}, "repeat": 4})
        self.script("s.yaml", "#!/usr/bin/env -S sweepd run\n#SBATCH --time=5 --open-mode=append --output=job.log\n"
                              "task: {shell: 'eval \"$launch\"', result: text}\nlimits: {timeout: 30s}\nchunks: {size: 1}\n"
                              # What counts is where they run; a launcher may fail to start on a busy machine.
                              "retries: {max: 2, backoff: 1s}\n"
                              f"parameters: {grid}\n")
        # By the batch script of two nodes, as ranks of mpirun, and on one node, where there is no step around it.
        for job in (("-N2", "--ntasks-per-node=1", "-c2", "--mem-per-cpu=100", "s.yaml"), ("-N1", "-n1", "-c2", "s.yaml"),
                    ("-N2", "--ntasks-per-node=2", "--output=job.log", "--wrap", "mpirun -np 4 sweepd run s.yaml")):
            with self.subTest(job):
                shutil.rmtree(self.folder / "s.sweep", ignore_errors=True)
                number = self.submit(*job)
                self.assert_job(number, timeout=120)
                records = self.records("s.sweep")
                self.assertEqual(len(records), 4 * len(launchers), self.cluster.output(number))
                for record in records:
                    run, launch = record["run"], record["params"]["launch"]
                    place = f"{run['host']} {run['cpus']}"
                    self.assertEqual(record["result"].splitlines(), [f"{launchers[launch]} {place}"] * launchers[launch]
                                     if "where" in launch else [f"1 {place}"] * launchers[launch], record)
                self.assertGreater(len({record["run"]["cpus"] for record in records}), 1)

    def test_what_would_take_other_cores_ends_soon_and_with_a_word(self):
        self.write("s.yaml", "task: {shell: '$launch'}\nlimits: {timeout: 20s}\nchunks: {size: 1}\n"
                             "parameters: {grid: {launch: [srun -N2 -n2 true, srun -n9 true]}}\n")
        job = self.submit("-N2", "-c2", "--output=job.log", "--wrap", "sweepd run s.yaml")
        self.assert_job(job, "FAILED")
        self.assertEqual([(record["error"]["kind"], "srun: error" in record["error"]["stderr"])
                          for record in self.merged("s.sweep")["results"]], [("exit", True)] * 2)


@unittest.skipUnless(shutil.which("mpicc.mpich"), "libmpich-dev is not installed")
class Losses(RankTest):
    def long_job(self, options, points=120, how="none"):
        """A job that is in the middle of it: of 10 s of work for six workers."""
        self.points = points
        text = LONG.replace("OPTIONS", options).replace("POINTS", str(points))
        self.script("s.yaml", f"{text}slurm: {{continue: {how}}}\n")
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

    def test_a_job_that_lost_the_process_of_rank_0_says_so_and_goes_on_when_it_is_requeued(self):
        job = self.long_job("--requeue", how="requeue")
        agent, = self.coordinators()
        os.kill(agent, signal.SIGKILL)
        self.cluster.wait_for_output(job, "put back into the queue")
        task, = self.assert_job(job, timeout=120)
        self.assertEqual(task["Restarts"], "1")
        shown = self.cluster.output(job)
        self.assertIn("rank 0's sweepd on n", shown)
        self.assertIn("was killed by signal 9", shown)
        self.assertIn("carrying on", shown)
        self.assert_whole_sweep(most_repeated=12)

    def coordinators(self):
        """Rank 0's sweepd: what the relay of that rank has forked."""
        relays = [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc")))
                  if self.names(pid) == "sweepd-relay" and b"SLURM_PROCID=0" in self.variables(pid)]
        return [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if frame.parent_of(pid) in relays]

    def names(self, pid):
        return self.text(pid, "comm").decode().strip()

    def variables(self, pid):
        return self.text(pid, "environ").split(b"\0")

    def text(self, pid, name):
        try:
            return pathlib.Path(f"/proc/{pid}/{name}").read_bytes()
        except OSError:
            return b""

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
