"""sweepd submit to a real Slurm."""
import cluster as clusters
import frame

SWEEP = """#!/usr/bin/env -S sweepd run
#SBATCH --nodes=1 --time=5 --output=out.log
task: {shell: 'echo "$((n * n))"', result: json}
parameters: {grid: {n: {range: [4]}}}
"""


class Submit(clusters.ClusterTest):
    def submit_sweep(self, *arguments, cwd=None, **how):
        return self.cluster.run("sweepd", "submit", *arguments, cwd=cwd or self.folder, **how)

    def test_the_number_that_is_printed_is_the_jobs_and_options_reach_sbatch(self):
        self.write("s.yaml", SWEEP)
        run = self.submit_sweep("s.yaml", "-j1", "-o", "mine here", "--", "--job-name=mine", "--cpus-per-task=2")
        self.assertEqual((run.status, run.stderr), (0, ""), run)
        task, = self.assert_job(run.stdout.strip())
        self.assertEqual((task["JobName"], task["Command"], task["NumCPUs"]), ("mine", f"{self.folder}/s.yaml -j1 -o mine here", "2"))
        self.assert_whole(self.merged("mine here"), 4)
        self.assertEqual({record["run"]["worker"] for record in self.records("mine here")}, {0})

    def test_a_file_with_an_error_never_gets_into_the_queue(self):
        self.write("s.yaml", SWEEP.replace("range: [4]", "rang: [4]"))
        run = self.submit_sweep("s.yaml")
        self.assertEqual((run.status, run.stdout), (2, ""), run)
        self.assertIn("s.yaml:4:", run.stderr)
        self.assertEqual(self.run_here("squeue", "--noheader"), "")

    def test_what_sbatch_refuses_is_told_in_its_words(self):
        self.write("s.yaml", SWEEP)
        run = self.submit_sweep("s.yaml", "--", "--partition=nowhere")
        self.assertEqual((run.status, run.stdout), (2, ""), run)
        self.assertIn("sbatch: error: Batch job submission failed", run.stderr)

    def test_what_sweepd_refuses_would_not_have_worked(self):
        """The refusals are Slurm's own: what we say before, it says or does later."""
        for text in (SWEEP.replace("\n", "\r\n"), SWEEP.split("\n", 2)[2]):
            self.write("s.yaml", text)
            self.assertEqual(self.submit_sweep("s.yaml").status, 2)
            self.assertNotEqual(self.cluster.run("sbatch", "s.yaml", cwd=self.folder).status, 0)
        self.write("s.yaml", SWEEP.replace("-S ", ""))
        self.assertEqual(self.submit_sweep("s.yaml").status, 2)
        self.assert_job(self.submit("s.yaml"), "FAILED")

    def test_it_works_from_within_another_job(self):
        self.write("sub/s.yaml", SWEEP)
        self.script("job.sh", "#!/bin/sh\n#SBATCH --nodes=2 --ntasks=4 --output=job.log\ncd sub && exec sweepd submit s.yaml\n")
        self.assert_job(self.submit("job.sh"))
        number = (self.folder / "job.log").read_text().strip()
        task, = self.assert_job(number)
        self.assertEqual(task["NumNodes"], "1")
        self.assert_whole(self.merged("sub/s.sweep"), 4)

    def test_with_wait_the_status_is_the_jobs(self):
        self.write("s.yaml", SWEEP.replace("echo", "[ $n != 2 ] && echo"))
        run = self.submit_sweep("s.yaml", "--", "--wait", timeout=120)
        self.assertEqual(run.status, 1, run)
        self.assert_job(run.stdout.strip(), "FAILED")


if __name__ == "__main__":
    clusters.skip_where_there_is_none()
    frame.main()
