"""The cluster itself: does it do what the tests that use it rely on, and does it leave nothing behind?"""
import json
import os
import pathlib
import shutil
import subprocess
import unittest

import cluster as clusters
import frame
import lab

HERE = pathlib.Path(__file__).resolve().parent

# MPI_Finalize of MPICH before 4.2 on UCX 1.12 and later can wait forever over TCP: a rank that waits in the PMI barrier
# no longer answers those that still want their last messages acknowledged (github.com/pmodels/mpich/pull/6596).
HELLO = r"""
#include <mpi.h>
#include <stdio.h>
#include <unistd.h>
int main(int count, char **arguments) {
  int rank, ranks, length, sum;
  char host[MPI_MAX_PROCESSOR_NAME];
  MPI_Init(&count, &arguments);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  MPI_Get_processor_name(host, &length);
  MPI_Allreduce(&rank, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
  printf("rank %d of %d on %s, sum %d\n", rank, ranks, host, sum);
  fflush(stdout);
  MPI_Barrier(MPI_COMM_WORLD);
  _exit(0);
}
"""
RANKS = sorted(f"rank {rank} of 6 on n{rank // 2 + 1}, sum 15" for rank in range(6))


class Jobs(clusters.ClusterTest):
    def test_srun_runs_on_three_nodes_that_have_names_of_their_own(self):
        self.assertEqual(sorted(self.run_here("srun", "-N3", "hostname").split()), ["n1", "n2", "n3"])

    def test_each_node_has_two_cores_and_a_dev_shm_of_its_own(self):
        shown = self.run_here("srun", "-N3", "--ntasks-per-node=1", "-c2", "sh", "-c",
                              'touch "/dev/shm/$(hostname)"; echo $(nproc) $(ls /dev/shm)')
        self.assertEqual(sorted(shown.splitlines()), ["2 n1", "2 n2", "2 n3"])

    def test_a_script_with_sbatch_comments_runs_in_the_folder_it_was_submitted_from(self):
        self.script("job.yaml", "#!/usr/bin/env -S sh\n# job: a list of words\n#SBATCH --nodes=1 --comment=words\npwd\n")
        job = self.submit("job.yaml")
        task, = self.assert_job(job)
        self.assertEqual(self.cluster.output(job), f"{self.folder}\n")
        self.assertEqual(task["Command"], f"{self.folder}/job.yaml")
        self.assertEqual(task["Comment"], "words")

    def test_an_array_runs_every_task(self):
        self.script("job.sh", "#!/bin/sh\necho task $SLURM_ARRAY_TASK_ID\n")
        job = self.submit("--array=0-2", "--output=%a.log", "job.sh")
        self.assertEqual(len(self.assert_job(job)), 3)
        self.assertEqual(sorted(self.cluster.output(job).splitlines()), ["task 0", "task 1", "task 2"])

    def test_a_job_that_requeues_itself_starts_again_and_is_told_so(self):
        self.script("job.sh", "#!/bin/sh\n#SBATCH --open-mode=append --output=out.log\n"
                    'echo "restarts: ${SLURM_RESTART_COUNT-none}"\n'
                    'if [ -z "$SLURM_RESTART_COUNT" ]; then scontrol requeue $SLURM_JOB_ID; exec sleep 100; fi\n')
        job = self.submit("job.sh")
        self.cluster.wait_for_output(job, "restarts: 1", timeout=60)
        task, = self.assert_job(job)
        self.assertEqual(task["Restarts"], "1")
        self.assertEqual([line for line in self.cluster.output(job).splitlines() if line.startswith("restarts")],
                         ["restarts: none", "restarts: 1"])

    def test_a_cancelled_job_is_gone_with_its_processes(self):
        self.script("job.sh", "#!/bin/sh\necho started\nsleep 1000 &\nwait\n")
        process = self.cluster.start("sbatch", "--parsable", "job.sh", cwd=self.folder)
        job = self.cluster.finish(process).stdout.strip()
        self.cluster.wait_for_output(job, "started")
        self.assertEqual({task["JobState"] for task in self.cluster.cancel(job)}, {"CANCELLED"})
        self.assert_nothing_runs(process.mark, within=20)


class Nodes(clusters.ClusterTest):
    def assert_all_answer(self):
        self.assertEqual(sorted(self.run_here("srun", "-N3", "hostname").split()), ["n1", "n2", "n3"])

    def test_a_lost_node_is_noticed_and_comes_back(self):
        self.script("job.sh", "#!/bin/sh\necho started\nexec sleep 1000\n")
        process = self.cluster.start("sbatch", "--parsable", "--nodelist=n2", "--no-requeue", "job.sh", cwd=self.folder)
        job = self.cluster.finish(process).stdout.strip()
        self.cluster.wait_for_output(job, "started")
        self.cluster.lose("n2")
        self.assertEqual(frame.processes_with(process.mark), [])
        self.cluster.wait_until_lost("n2")
        self.assert_job(job, "NODE_FAIL")
        self.cluster.restore("n2")
        self.assert_all_answer()

    def test_a_node_that_is_cut_off_is_noticed_though_its_processes_go_on(self):
        self.script("job.sh", "#!/bin/sh\necho started\nexec sleep 1000\n")
        process = self.cluster.start("sbatch", "--parsable", "--nodelist=n3", "--no-requeue", "job.sh", cwd=self.folder)
        job = self.cluster.finish(process).stdout.strip()
        self.cluster.wait_for_output(job, "started")
        self.cluster.cut("n3")
        self.cluster.wait_until_lost("n3")
        self.assert_job(job, "NODE_FAIL")
        self.assertNotEqual(frame.processes_with(process.mark), [])
        self.cluster.restore("n3")
        self.assert_nothing_runs(process.mark, within=30)
        self.assert_all_answer()

    def test_a_job_of_a_lost_node_is_requeued_and_runs_on_another(self):
        self.script("job.sh", "#!/bin/sh\n#SBATCH --open-mode=append --output=out.log\necho on $(hostname)\n"
                    'if [ -z "$SLURM_RESTART_COUNT" ]; then exec sleep 1000; fi\n')
        job = self.submit("job.sh")
        self.cluster.wait_for_output(job, "on n")
        first = self.cluster.job(job)[0]["NodeList"]
        self.cluster.lose(first)
        task, = self.assert_job(job, timeout=90)
        self.assertNotEqual(task["NodeList"], first)
        self.assertEqual(task["Restarts"], "1")


@unittest.skipUnless(shutil.which("mpicc.mpich"), "libmpich-dev is not installed")
class Mpi(clusters.ClusterTest):
    def setUp(self):
        super().setUp()
        self.write("hello.c", HELLO)
        subprocess.run(["mpicc.mpich", "-o", "hello", "hello.c"], cwd=self.folder, check=True)

    def test_srun_starts_mpi_ranks_on_all_nodes(self):
        shown = self.run_here("srun", "--mpi=pmi2", "-N3", "--ntasks-per-node=2", "./hello")
        self.assertEqual(sorted(shown.splitlines()), RANKS)

    def test_mpirun_starts_ranks_on_all_nodes_of_a_job(self):
        self.script("job.sh", "#!/bin/sh\n#SBATCH -N3 --ntasks-per-node=2 --error=err.log\nmpirun ./hello\n")
        job = self.submit("job.sh")
        self.assert_job(job)
        self.assertEqual(sorted(self.cluster.output(job).splitlines()), RANKS)

    def test_ranks_of_different_nodes_talk_over_the_network(self):
        def sent(name):
            return int(self.cluster.lab.machines[name].run("cat", "/sys/class/net/eth0/statistics/tx_bytes").stdout)
        flood = HELLO.replace("MPI_Barrier(MPI_COMM_WORLD);",
                              "static char many[1 << 24]; MPI_Bcast(many, sizeof many, MPI_CHAR, 0, MPI_COMM_WORLD);"
                              "MPI_Barrier(MPI_COMM_WORLD);")
        self.write("flood.c", flood)
        subprocess.run(["mpicc.mpich", "-o", "flood", "flood.c"], cwd=self.folder, check=True)
        before = sent("n1")
        self.run_here("srun", "--mpi=pmi2", "-N2", "--nodelist=n1,n2", "--ntasks-per-node=1", "./flood")
        self.assertGreater(sent("n1") - before, 1 << 24)


class Sweeps(clusters.ClusterTest):
    def test_sbatch_of_a_sweep_file_gives_what_a_run_outside_slurm_gives(self):
        example = (frame.PROJECT / "examples/pi.yaml").read_text()
        shebang, rest = example.split("\n", 1)
        self.write("here/pi.yaml", example)
        self.script("there/pi.yaml", f"{shebang}\n#SBATCH --nodes=1 --ntasks=1 --cpus-per-task=2 --time=5\n{rest}")
        self.ok("run", "-j1", self.folder / "here/pi.yaml", timeout=120)
        self.assert_job(self.submit("pi.yaml", cwd=self.folder / "there"), timeout=180)
        found, = (self.folder / "there").rglob("results.json")
        wanted = self.merged("here/pi.sweep")
        self.assertEqual(json.loads(found.read_text())["results"], wanted["results"])


class Ending(unittest.TestCase):
    """Starts and ends clusters by the scripts."""
    maxDiff = 4000

    def namespaces(self):
        """The namespaces of every process, and those held by mounts."""
        found = set()
        for pid in filter(str.isdigit, os.listdir("/proc")):
            for kind in ("pid", "net", "mnt", "uts", "ipc"):
                try:
                    found.add(os.readlink(f"/proc/{pid}/ns/{kind}"))
                except OSError:
                    pass
        return found

    def namespaces_of(self, cluster):
        inits = [machine.init() for machine in cluster.machines.values()]
        return {os.readlink(f"/proc/{init}/ns/{kind}") for init in inits for kind in ("pid", "net", "mnt", "uts", "ipc")}

    def traces(self, folder):
        """What of a cluster in this folder can be seen from outside, except processes."""
        mounts = [line for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines() if str(folder) in line]
        return mounts + [str(path) for path in (folder, lab.REMEMBERED) if path.exists()]

    def interfaces(self):
        return sorted(os.listdir("/sys/class/net"))

    def script(self, name, *arguments):
        return subprocess.run([HERE / name, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)

    def wait_until(self, condition, otherwise, within=10):
        frame.SweepTest.wait_until(self, condition, otherwise, within)

    def assert_gone(self, namespaces, folder, interfaces):
        self.wait_until(lambda: not namespaces & self.namespaces(), "processes are left behind in a namespace of the cluster")
        self.assertEqual(self.traces(folder), [])
        self.assertEqual(self.interfaces(), interfaces)

    def setUp(self):
        if lab.running():
            self.skipTest("a cluster is running, which these tests would end")
        self.addCleanup(self.script, "down")

    def test_down_leaves_nothing_of_a_cluster_that_runs_jobs_and_has_lost_a_node(self):
        hosts, interfaces = pathlib.Path("/etc/hosts").read_text(), self.interfaces()
        up = self.script("up")
        self.assertEqual(up.returncode, 0, up)
        cluster = lab.running()
        self.assertIn(str(cluster.folder), up.stdout)
        self.assertIn("is running already", self.script("up").stdout)
        self.assertEqual(self.script("shell", "sh", "-c", "srun -N3 true && exit 5").returncode, 5)
        self.assertEqual(self.script("shell", "sbatch", "--output=/dev/null", "--wrap=sleep 1000").returncode, 0)
        namespaces = self.namespaces_of(cluster)
        self.assertEqual(self.script("node", "lose", "n3").returncode, 0)
        down = self.script("down")
        self.assertEqual((down.returncode, down.stderr), (0, ""))
        self.assert_gone(namespaces, cluster.folder, interfaces)
        self.assertEqual(pathlib.Path("/etc/hosts").read_text(), hosts)
        self.assertEqual(self.script("down").stdout, "There is no cluster\n")
        self.assertEqual(self.script("shell", "true").returncode, 1)

    def test_an_up_that_is_killed_leaves_no_process_and_the_next_one_works(self):
        interfaces = self.interfaces()
        up = subprocess.Popen([HERE / "up"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.wait_until(lambda: lab.running() and lab.running().machines["n1"].init(), "up does not start", 60)
        cluster = lab.running()
        up.kill()
        up.wait()
        self.wait_until(lambda: not any(machine.init() for machine in cluster.machines.values()), "a machine is left")
        self.assertEqual(self.interfaces(), interfaces)
        again = self.script("up")
        self.assertEqual(again.returncode, 0, again)
        self.assertFalse(cluster.folder.exists())
        running = lab.running()
        namespaces = self.namespaces_of(running)
        self.assertEqual(self.script("down").returncode, 0)
        self.assert_gone(namespaces, running.folder, interfaces)


if __name__ == "__main__":
    clusters.skip_where_there_is_none()
    frame.main()
