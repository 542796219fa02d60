"""sweepd submit, with a program in the place of sbatch that writes down what it is asked. A real one is in tests/cluster."""
import frame

SWEEP = """#!/usr/bin/env -S sweepd run
#SBATCH --time=1
task: pi
parameters: {grid: {darts: [1e3], trial: {range: [3]}}}
"""


class Submit(frame.SweepTest):
    def setUp(self):
        super().setUp()
        self.write("home/s.yaml", SWEEP)
        self.sbatch("echo 12")
        self.program("sweepd", "exit 1")

    def program(self, name, text):
        self.write(f"bin/{name}", f"#!/bin/sh\n{text}\n").chmod(0o755)

    def sbatch(self, text):
        self.program("sbatch", f'printf "%s\\n" "$@" >> {self.folder}/asked; env > {self.folder}/environment\n{text}')

    def submit(self, *arguments, env=None):
        return self.sweepd("submit", *arguments, cwd=self.folder / "home",
                           env={"PATH": f"{self.folder}/bin:/usr/bin:/bin", **(env or {})})

    def asked(self):
        path = self.folder / "asked"
        return path.read_text().splitlines() if path.exists() else []

    def assert_refused(self, run, *parts):
        self.assertEqual((run.status, run.stdout), (2, ""), run)
        for part in parts:
            self.assertIn(part, run.stderr)
        self.assertEqual(self.asked(), [])

    def test_the_jobs_number_is_printed_and_nothing_else(self):
        for words in ([], ["--parsable"]):
            run = self.submit("s.yaml", *words)
            self.assertEqual((run.status, run.stdout, run.stderr), (0, "12\n", ""), run)
        self.assertEqual(self.asked(), 2 * ["--parsable", f"{self.folder}/home/s.yaml"])

    def test_what_follows_the_mark_are_options_of_sbatch_as_they_stand(self):
        run = self.submit("s.yaml", "--", "--time=10", "-N", "2", "--nodelist=n[1-3],m", "[a,b]", "", "--", "-o", "x y")
        self.assertEqual(run.status, 0, run)
        self.assertEqual(self.asked()[1:-1], ["--time=10", "-N", "2", "--nodelist=n[1-3],m", "[a,b]", "", "--", "-o", "x y"])

    def test_what_follows_the_file_are_options_of_the_run_in_the_job(self):
        for words in (["s.yaml", "-j", "4", "--retry-failed"], ["--parsable", "s.yaml", "-j", "4", "--retry-failed"]):
            run = self.submit(*words, "--", "--time=10")
            self.assertEqual((run.status, run.stdout, run.stderr), (0, "12\n", ""), run)
        self.assertEqual(self.asked(), 2 * ["--parsable", "--time=10", f"{self.folder}/home/s.yaml", "-j", "4", "--retry-failed"])

    def test_options_that_the_run_would_not_take_are_refused_before_they_wait_in_the_queue(self):
        self.assert_refused(self.submit("s.yaml", "--time=10"), "--time=10", "sbatch's follow --")
        self.assert_refused(self.submit("s.yaml", "-j", "none"), "--workers")
        self.assert_refused(self.submit("s.yaml", "another.yaml"), "another.yaml")
        self.assert_refused(self.submit("-j", "4", "s.yaml"), "sweepd: error: ")

    def test_a_dry_run_shows_the_line_and_submits_nothing(self):
        run = self.submit("s.yaml", "--dry-run", "-j4", "-o", "my results", "--", "--time=10")
        self.assertEqual((run.status, run.stderr), (0, ""), run)
        self.assertEqual(run.stdout, f'sbatch --parsable --time=10 {self.folder}/home/s.yaml -j4 -o "my results"\n')
        self.write("home/s.yaml", SWEEP.replace("pi", "pie"))
        self.assert_refused(self.submit("s.yaml", "--dry-run"), "s.yaml:3:")
        self.assertEqual(self.asked(), [])

    def test_folders_that_slurm_would_not_make_are_told_before(self):
        for words in (["--output=logs/%j.log"], ["-o", "logs/out"], ["--error", f"{self.folder}/logs/err"], ["-ologs/x"]):
            self.assert_refused(self.submit("s.yaml", "--", *words), "there is no folder", "mkdir -p", "logs")
        self.assert_refused(self.submit("s.yaml", "--", "--chdir=nowhere"), "--chdir=nowhere", "/tmp")
        self.assert_refused(self.submit("s.yaml", "--", "-D", "s.yaml"), "--chdir=s.yaml")
        self.write("home/s.yaml", SWEEP.replace("--time=1", "--time=1 --output=logs/%j.log"))
        self.assert_refused(self.submit("s.yaml"), "there is no folder")
        (self.folder / "home/logs").mkdir()
        for words in ([], ["--", "--output=logs/%x/%j.log"], ["--", "-o", "%j/a"], ["--", "-D", "logs", "-o", "a"]):
            self.assertEqual(self.submit("s.yaml", *words).status, 0, words)
        (self.folder / "asked").unlink()
        self.assert_refused(self.submit("s.yaml", "--", "-D", "logs"), f"{self.folder}/home/logs/logs")

    def test_a_job_without_the_path_that_finds_sweepd_is_told(self):
        for words in (["--export=NONE"], ["--export=HOME,A=1"], ["--export", "NIL"]):
            run = self.submit("s.yaml", "--", *words)
            self.assertEqual(run.status, 0, run)
            self.assertIn("the job has not the PATH of this shell", run.stderr)
        for words in (["--export=ALL"], ["--export=PATH"], ["--export=ALL,A=1"]):
            self.assertEqual(self.submit("s.yaml", "--", *words).stderr, "")
        self.write("home/s.yaml", SWEEP.replace("/usr/bin/env -S sweepd", f"{self.folder}/bin/sweepd"))
        self.assertEqual(self.submit("s.yaml", "--", "--export=NONE").stderr, "")

    def test_every_error_of_the_file_is_shown_and_nothing_is_submitted(self):
        self.write("home/s.yaml", "task: pie\nparameters: {grid: {darts: [1e3]}}\nsed: 1\n")
        run = self.submit("s.yaml")
        self.assert_refused(run, "s.yaml:1:1: ", "#!/usr/bin/env -S sweepd run", "s.yaml:1:7: ", "s.yaml:3:1: ")

    def test_a_file_that_slurm_could_not_run_is_refused(self):
        self.write("home/s.yaml", SWEEP.replace("\n", "\r\n"))
        self.assert_refused(self.submit("s.yaml"), "s.yaml:1:1: ", "CR LF")
        self.write("home/s.yaml", SWEEP.split("\n", 1)[1])
        self.assert_refused(self.submit("s.yaml"), "put this line above all others: #!/usr/bin/env -S sweepd run")
        self.write("home/s.yaml", SWEEP.replace("-S ", ""))
        self.assert_refused(self.submit("s.yaml"), "as a single word")
        self.assert_refused(self.submit("missing.yaml"), "missing.yaml: there is no such file")
        self.assert_refused(self.submit("."), "directory")

    def test_sbatch_lines_that_slurm_does_not_read_are_told(self):
        self.write("home/s.yaml", SWEEP + "#SBATCH --nodes=2\n")
        run = self.submit("s.yaml")
        self.assertEqual((run.status, run.stdout), (0, "12\n"), run)
        self.assertIn("s.yaml:5:1: Slurm does not read this line", run.stderr)

    def test_a_sweepd_that_the_job_would_not_find_is_told(self):
        (self.folder / "bin/sweepd").unlink()
        run = self.submit("s.yaml")
        self.assertEqual(run.status, 0, run)
        self.assertIn("looks for sweepd in PATH", run.stderr)

    def test_what_sbatch_says_is_passed_on(self):
        self.sbatch("echo 'sbatch: warning: few nodes' >&2; echo '12;far'")
        run = self.submit("s.yaml")
        self.assertEqual((run.status, run.stdout, run.stderr), (0, "12;far\n", "sbatch: warning: few nodes\n"), run)
        self.sbatch("echo 'sbatch: error: Batch job submission failed: Requested time limit is invalid' >&2; exit 1")
        run = self.submit("s.yaml")
        self.assertEqual((run.status, run.stdout), (2, ""), run)
        self.assertEqual(run.stderr.count("Requested time limit is invalid"), 1)
        self.sbatch("exit 5")
        run = self.submit("s.yaml")
        self.assertEqual(run.status, 2, run)
        self.assertIn("sbatch failed (exit status 5)", run.stderr)

    def test_without_sbatch_it_is_an_error_of_the_system(self):
        (self.folder / "bin/sbatch").unlink()
        run = self.submit("s.yaml", env={"PATH": f"{self.folder}/bin"})
        self.assertEqual((run.status, run.stdout), (4, ""), run)
        self.assertIn("sbatch", run.stderr)

    def test_where_sbatch_waits_for_the_job_the_status_is_that_of_the_job(self):
        for status in (0, 1, 3):
            self.sbatch(f"echo 12; exit {status}")
            run = self.submit("s.yaml", "--", "--wait")
            self.assertEqual((run.status, run.stdout), (status, "12\n"), run)
        self.sbatch("echo 12; exit 137")
        self.assertEqual(self.submit("s.yaml", "--", "--wait").status, 4)

    def test_from_within_a_job_nothing_of_that_is_handed_on(self):
        run = self.submit("s.yaml", env={"SLURM_JOB_ID": "7", "SLURM_CPU_BIND": "mask_cpu:0x1", "PMI_RANK": "0",
                                         "SLURM_CONF": "/etc/slurm.conf", "MINE": "1"})
        self.assertEqual(run.status, 0, run)
        names = {line.split("=")[0] for line in (self.folder / "environment").read_text().splitlines()}
        self.assertLessEqual({"SLURM_CONF", "MINE"}, names)
        self.assertFalse(names & {"SLURM_JOB_ID", "SLURM_CPU_BIND", "PMI_RANK"})

    def test_the_help_shows_an_example(self):
        self.assertIn("sweepd submit examples/pi.yaml -- --time=30", self.ok("submit", "--help").stdout)


if __name__ == "__main__":
    frame.main()
