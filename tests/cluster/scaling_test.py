"""The scaling kernel over several nodes: one gang has members on all of them."""
import json
import os
import shutil
import unittest

import cluster as clusters
import frame

GANGS = """
task: {kernel: scaling, oversubscribe: true}
parameters: {grid: {mode: [strong, weak], workers: [1, 2, 4, 6], darts: [3e6], repeats: [2]}}
"""
ENDLESS = """
task: {kernel: scaling}
parameters: [{workers: 1, darts: 1e6}, {workers: 6, darts: 9e14}]
"""
SRUN = ("srun", "--mpi=pmi2", "-N3", "--ntasks-per-node=1", "-c2")


@unittest.skipUnless(shutil.which("mpicc.mpich"), "libmpich-dev is not installed")
class Scaling(clusters.ClusterTest):
    def start_endless(self, *srun, heartbeat):
        """In the middle of a gang on three nodes."""
        self.write("s.yaml", ENDLESS)
        process = self.cluster.start(*srun, frame.SWEEPD, "run", "s.yaml", "--heartbeat", heartbeat, cwd=self.folder)
        self.cluster.wait_until(lambda: len(self.members()) == 6, "the gang has not formed")
        return process

    def members(self):
        """Workers below workers, of this test's sweep."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            parent = frame.parent_of(pid)
            if self.is_worker(pid) and parent and self.is_worker(parent):
                found.append(int(pid))
        return found

    def is_worker(self, pid):
        try:
            with open(f"/proc/{pid}/comm") as comm:
                return comm.read().strip() == "sweepd-worker" and os.readlink(f"/proc/{pid}/cwd") == str(self.folder)
        except OSError:
            return False

    def test_three_nodes_make_the_hits_of_one_process(self):
        self.write("s.yaml", GANGS)
        self.run_here(*SRUN, frame.SWEEPD, "run", "s.yaml")
        many = self.merged("s.sweep")
        self.assert_whole(many, 8)
        self.assertEqual([[row["workers"] for row in table["rows"]] for table in many["scaling"]], [[1, 2, 4, 6]] * 2)
        self.write("alone/s.yaml", GANGS)
        self.ok("run", "-o", self.folder / "alone.sweep", self.folder / "alone/s.yaml", timeout=120)
        self.assertEqual([record["result"]["pi"] for record in many["results"]],
                         [record["result"]["pi"] for record in self.merged("alone.sweep")["results"]])
        manifest = json.loads((self.folder / "s.sweep/manifest.json").read_text())
        self.assertEqual(set(manifest["sessions"][0]["hosts"]), {"n1", "n2", "n3"})

    def test_seven_workers_on_six_cores_are_refused(self):
        self.write("s.yaml", GANGS.replace(", oversubscribe: true", "").replace("6]", "7]"))
        run = self.cluster.run(*SRUN, frame.SWEEPD, "run", "s.yaml", cwd=self.folder)
        self.assertEqual(run.status, 2, run)
        self.assertIn("7 workers asked for, but the 3 ranks together may use 6 cores", run.stderr)

    def test_a_node_that_is_cut_off_breaks_the_gang_off(self):
        process = self.start_endless(*SRUN, "--kill-on-bad-exit=0", heartbeat="4s")
        self.cluster.cut("n2")
        run = self.cluster.finish(process, timeout=120)
        self.assertNotEqual(run.status, 0, run)
        self.assertIn("on n2 is lost", run.stderr)
        self.assertIn("a gang of this size needs its cores", run.stderr)
        self.assertEqual([record["index"] for record in self.merged("s.sweep")["results"]], [0])
        self.cluster.wait_until(lambda: not self.members(), "members are left", timeout=90)


if __name__ == "__main__":
    clusters.skip_where_there_is_none()
    frame.main()
