#!/usr/bin/env python3
"""One sweep file submitted several times: its jobs share the sweep directory."""
import cluster as clusters
import frame

# Some seconds of work; `ran` has a line for every attempt that ended, which appending keeps whole.
SWEEP = """#!/usr/bin/env -S {sweepd} run
#SBATCH --cpus-per-task=1 --mem-per-cpu=50 --time=5 --output=%x-%A_%a.log
task: {{shell: 'sleep 0.2; echo $n >> ran; echo $n', result: json}}
parameters: {{grid: {{n: {{range: [{count}]}}}}}}
slurm: {{continue: none}}
"""
COUNT = 100


class Sharing(clusters.ClusterTest):
    def setUp(self):
        super().setUp()
        self.write("here/s.yaml", SWEEP.format(sweepd=frame.SWEEPD, count=COUNT))
        self.script("there/s.yaml", SWEEP.format(sweepd=frame.SWEEPD, count=COUNT))

    def submit_sweep(self, *options):
        return self.submit(*options, "s.yaml", cwd=self.folder / "there")

    def lines_run(self):
        path = self.folder / "there/ran"
        return path.read_text().split() if path.exists() else []

    def hosts(self):
        return {record["run"]["host"] for record in self.records("there/s.sweep")}

    def assert_whole_sweep(self, most_repeated=0):
        ran = self.lines_run()
        self.assertEqual(len(set(ran)), COUNT)
        self.assertLessEqual(len(ran) - COUNT, most_repeated)
        self.ok("run", "here/s.yaml", timeout=120)
        self.assertEqual(self.merged_bytes("there/s.sweep"), self.merged_bytes("here/s.sweep"))

    def assert_completed(self, *jobs):
        for job in jobs:
            tasks = self.cluster.wait(job, timeout=180)
            self.assertEqual({task["JobState"] for task in tasks}, {"COMPLETED"}, self.cluster.output(job))

    def test_an_array_gives_what_one_run_gives(self):
        self.assert_completed(self.submit_sweep("--array=0-3"))
        self.assertGreater(len(self.hosts()), 1)
        self.assert_whole_sweep()

    def test_so_do_three_jobs(self):
        self.assert_completed(*[self.submit_sweep("--exclusive") for _ in range(3)])
        self.assertEqual(self.hosts(), {"n1", "n2", "n3"})
        self.assert_whole_sweep()

    def test_points_of_a_cancelled_job_are_run_by_the_others(self):
        jobs = [self.submit_sweep("--exclusive") for _ in range(2)]
        self.cluster.wait_until(lambda: len(self.hosts_at_work()) == 2, "not both work", 60)
        self.cluster.ok("scancel", jobs[0])
        self.assert_completed(jobs[1])
        self.assert_whole_sweep()

    def test_points_of_a_lost_node_are_run_by_the_others(self):
        jobs = {node: self.submit_sweep("--exclusive", f"--nodelist={node}") for node in ("n2", "n3")}
        self.cluster.wait_until(lambda: len(self.hosts_at_work()) == 2, "not both work", 60)
        self.cluster.lose("n3")
        self.assert_completed(jobs["n2"])
        self.assert_whole_sweep(most_repeated=1)

    def hosts_at_work(self):
        if not (self.folder / "there/s.sweep/manifest.json").exists():
            return set()
        return self.hosts()


if __name__ == "__main__":
    clusters.skip_where_there_is_none()
    frame.main()
