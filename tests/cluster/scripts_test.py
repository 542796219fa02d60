#!/usr/bin/env python3
"""The batch scripts of slurm/, each submitted as a user would, with a small job's numbers in the place of its own."""
import cluster as clusters
import frame

SCRIPTS = frame.PROJECT / "slurm"
SMALL = ("--mem-per-cpu=50", "--time=5", "--output=%x-%A_%a.log")

# Enough points of a tenth of a second to reach every node.
SWEEP = """task: {command: [/bin/sh, -c, "sleep 0.1; echo $SWEEPD_SEED"], result: text}
parameters: {grid: {n: {range: [COUNT]}}}
chunks: {size: 1}
"""

NO_MPI = "MPI cannot be used"
HELD = " is in use by "


class Scripts(clusters.ClusterTest):
    def setUp(self):
        super().setUp()
        self.write("here/s w.yaml", SWEEP.replace("COUNT", "60"))
        self.write("there/s w.yaml", SWEEP.replace("COUNT", "60"))

    def run_script(self, script, *options, skip_on=None):
        """Submits it for a file with a blank in its name and gives what it printed; every job of it must have ended well."""
        job = self.submit(*SMALL, *options, SCRIPTS / f"{script}.sbatch", "s w.yaml", cwd=self.folder / "there")
        tasks = self.cluster.wait(job, timeout=180)
        output = self.cluster.output(job)
        if skip_on and skip_on in output:
            self.skipTest("this sweepd is built without MPI" if skip_on == NO_MPI else "runs do not share a sweep directory yet")
        self.assertEqual({task["JobState"] for task in tasks}, {"COMPLETED"}, f"{output}\n{self.cluster.state()}")
        return output

    def assert_same_as_here(self):
        self.ok("run", "here/s w.yaml", timeout=120)
        self.assertEqual(self.merged_bytes("there/s w.sweep"), self.merged_bytes("here/s w.sweep"))

    def hosts(self):
        return {record["run"]["host"] for record in self.records("there/s w.sweep")}

    def assert_cores_of_their_own(self):
        """No two workers of a node had the same cores."""
        places = {}
        for record in self.records("there/s w.sweep"):
            run = record["run"]
            places.setdefault((run["host"], run["cpus"]), set()).add(run["worker"])
        self.assertEqual({len(workers) for workers in places.values()}, {1}, places)

    def test_one_node(self):
        output = self.run_script("one-node", "--cpus-per-task=2")
        self.assertIn("60 of 60 points, 60 ok", output)
        self.assertEqual(len(self.hosts()), 1)
        self.assert_cores_of_their_own()
        self.assert_same_as_here()

    def test_many_nodes_by_srun(self):
        self.run_script("many-nodes-srun", "--nodes=3", "--cpus-per-task=2", skip_on=NO_MPI)
        self.assertEqual(self.hosts(), {"n1", "n2", "n3"})
        self.assert_cores_of_their_own()
        self.assert_same_as_here()

    def test_many_nodes_by_mpirun(self):
        self.run_script("many-nodes-mpirun", "--nodes=3", "--cpus-per-task=2", skip_on=NO_MPI)
        self.assertEqual(self.hosts(), {"n1", "n2", "n3"})
        self.assert_cores_of_their_own()
        self.assert_same_as_here()

    def test_an_array(self):
        self.run_script("array", "--array=0-2", "--cpus-per-task=1", skip_on=HELD)
        self.assert_same_as_here()

    def test_each_says_how_it_is_used_where_no_file_is_named(self):
        for script in sorted(SCRIPTS.glob("*.sbatch")):
            options = ("--nodes=1", "--cpus-per-task=1", *(("--array=0",) if script.stem == "array" else ()))
            job = self.submit(*SMALL, *options, script)
            self.assert_job(job, "FAILED")
            self.assertEqual(self.cluster.output(job), f"usage: sbatch {script.name} SWEEP-FILE [OPTION OF sweepd run]...\n")

    def test_options_after_the_file_reach_sweepd(self):
        self.run_script("one-node", "--cpus-per-task=1")
        job = self.submit(*SMALL, "--cpus-per-task=1", SCRIPTS / "one-node.sbatch", "s w.yaml", "-o", "out put",
                          cwd=self.folder / "there")
        self.assert_job(job)
        self.assertEqual(self.merged_bytes("there/out put"), self.merged_bytes("there/s w.sweep"))


if __name__ == "__main__":
    clusters.skip_where_there_is_none()
    frame.main()
