"""Paths, names and variables are bytes: a sweep runs, carries on and is looked at wherever it lies, and what is written is JSON."""
import json
import os
import pathlib
import subprocess

import frame

LATIN1 = os.fsdecode(b"M\xfcller")
NAMES = [LATIN1, "two\nlines", "\"quoted\" 'twice' $HOME `id`", "\x1b]0;owned\x07", "-o", "%20 {x} \\n", "n" * 255, os.fsdecode(b"\xff" * 255)]

SWEEP = """task: {shell: 'test $n -lt "$(cat limit)" && pwd >> ran && echo "{\\"n\\": $n}"', result: json}
parameters: {file: points.csv}
"""


def unshare_works():
    return subprocess.run(["unshare", "--uts", "true"], stderr=subprocess.DEVNULL).returncode == 0


class Bytes(frame.SweepTest):
    def make(self, name):
        """A folder of that name, with a sweep of three points in it of which the last fails so far."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        (folder / "s.yaml").write_text(SWEEP)
        (folder / "points.csv").write_text("n\n0\n1\n2\n")
        (folder / "limit").write_text("2")
        return folder

    def check_json(self, directory):
        """All files of a sweep directory that are JSON."""
        for name in ("manifest.json", "results.json", "summary.json"):
            json.loads((directory / name).read_bytes().decode())
        for path in (directory / "chunks").iterdir():
            for line in path.read_bytes().decode().splitlines():
                json.loads(line)

    def test_a_sweep_runs_and_carries_on_in_a_folder_of_any_name(self):
        for name in NAMES:
            with self.subTest(name=name):
                folder = self.make(name)
                for start in ("fork", "spawn") if name == LATIN1 else ("fork",):
                    run = self.sweepd("run", folder / "s.yaml", "--start", start, "-j1")
                    self.assertEqual(run.status, 1, run)
                    directory = folder / "s.sweep"
                    self.check_json(directory)
                    (folder / "limit").write_text("3")
                    self.ok("run", folder / "s.yaml", "--retry-failed", "--start", start, "-j1")
                    (folder / "points.csv").write_text("n\n2\n1\n0\n")
                    (folder / "limit").write_text("0")  # all is kept
                    self.ok("run", folder / "s.yaml", "-j1")
                    self.assertEqual([record["result"] for record in self.merged(directory)["results"]], [{"n": 2}, {"n": 1}, {"n": 0}])
                    self.check_json(directory)
                    self.assertEqual(json.loads(self.ok("status", directory, "--json").stdout)["done"], 3)
                    self.assertEqual(len(self.records(directory)), 3)
                    self.assertNotIn("\x1b", self.ok("status", directory).stdout)
                    self.assertEqual(self.ok("merge", directory).stderr, "")
                    self.assertIn("results in", self.ok("plan", folder / "s.yaml").stdout)
                    self.ok("check", folder / "s.yaml")
                    (folder / "limit").write_text("9")
                    self.ok("run", folder / "s.yaml", "--fresh", "-j1")
                    self.assertTrue((folder / "s.sweep.before-1").is_dir())
                    for path in folder.glob("s.sweep*"):
                        subprocess.run(["rm", "-r", path], check=True)
                    self.make(name)

    def test_a_sweep_file_and_a_sweep_directory_may_have_any_name(self):
        for name in (*NAMES[:-2], "n" * 244, os.fsdecode(b"\xff" * 244)):
            with self.subTest(name=name):
                folder = self.make("plain")
                (folder / "limit").write_text("3")
                (folder / "s.yaml").rename(folder / f"{name}.yaml")
                file, directory = f"{folder}/{name}.yaml", pathlib.Path(f"{folder}/{name}.sweep")
                self.ok("run", file, "-j1")
                self.check_json(directory)
                (folder / "points.csv").write_text("n\n0\n1\n2\n3\n")
                self.assertEqual(self.sweepd("run", file, "-j1").status, 1)
                self.assertEqual(len(self.merged(directory)["results"]), 4)
                subprocess.run(["rm", "-r", folder], check=True)

    def test_a_sweep_directory_of_the_longest_name_is_set_aside(self):
        self.make(".")
        for name in ("d" * 255, os.fsdecode(b"\xe4" * 255)):
            for _ in range(2):
                self.sweepd("run", "s.yaml", "-o", name, "--fresh", "-j1")
            aside = [path for path in self.folder.iterdir() if path.name.endswith(".before-1")]
            self.assertEqual(len(aside), 1)
            subprocess.run(["rm", "-r", aside[0]], check=True)

    def test_a_name_that_no_file_can_have_is_called_too_long(self):
        self.make(".")
        run = self.sweepd("run", "s.yaml", "-o", "d" * 256)
        self.assertEqual(run.status, 2, run)
        self.assertIn("File name too long", run.stderr)

    def test_the_path_of_the_sweep_file_is_found_again_from_its_manifest(self):
        folder = self.make(LATIN1)
        self.assertEqual(self.sweepd("run", folder / "s.yaml").status, 1)
        manifest = json.loads((folder / "s.sweep/manifest.json").read_text())
        self.assertTrue(manifest["file"].endswith("/M\ufffdller/s.yaml"), manifest["file"])
        self.assertTrue(manifest["file_escaped"].endswith("/M%FCller/s.yaml"), manifest["file_escaped"])
        self.ok("merge", folder / "s.sweep")  # reads points.csv beside the sweep file

    def test_variables_of_the_environment_may_hold_any_bytes(self):
        self.make(".")
        (self.folder / "limit").write_text("3")
        for name in ("SLURM_JOB_ID", "TMPDIR", "HOME", "LC_ALL", os.fsdecode(b"V\xe4r")):
            with self.subTest(name=name):
                self.ok("run", "s.yaml", "--fresh", "-j1", env={name: LATIN1 + "\x1b[2J" + "j" * 500})
                self.check_json(self.folder / "s.sweep")

    @frame.unittest.skipUnless(unshare_works(), "needs a namespace for the host's name (unshare --uts)")
    def test_a_host_may_have_any_name(self):
        self.make(".")
        (self.folder / "limit").write_text("3")
        under = ["unshare", "--uts", "sh", "-c", 'printf "M\\374ller\\033[2J" > /proc/sys/kernel/hostname && exec "$@"', "sh"]
        self.ok("run", "s.yaml", "-j1", under=under)
        self.check_json(self.folder / "s.sweep")
        shown = self.ok("status", "s.sweep").stdout
        self.assertIn("M\ufffdller\\x1b[2J", shown)
        self.assertIn("\ufffd", json.loads(self.ok("status", "s.sweep", "--json").stdout)["host"])
        self.assertEqual({record["run"]["host"] for record in self.records("s.sweep")}, {"M\ufffdller\x1b[2J"})

    def play_slurm(self, folder):
        """Programs in the place of Slurm's that know one job, of the sweep file in `folder`."""
        for name, text in (("sbatch", f'printf "%s\\n" "$@" > {self.folder}/asked\necho 13\n'),
                           ("scontrol", "printf 'JobId=12 JobName=s.yaml\\n   JobState=RUNNING Reason=None\\n   RunTime=00:00:10 "
                                        "TimeLimit=00:10:00 TimeMin=N/A\\n'\necho \"   Command=$COMMAND_OF_JOB\"\n")):
            self.write(f"bin/{name}", "#!/bin/sh\n" + text).chmod(0o755)
        return {"PATH": f"{self.folder}/bin:/usr/bin:/bin", "COMMAND_OF_JOB": str(folder / "s.yaml")}

    def test_a_batch_job_runs_and_is_submitted_in_a_folder_of_any_name(self):
        for name in (LATIN1, "\"quoted\" 'twice' $HOME `id`"):
            with self.subTest(name=name):
                folder = self.make(name)
                (folder / "limit").write_text("3")
                (folder / "s.yaml").write_text("#!/usr/bin/env -S sweepd run\n#SBATCH --time=1\n" + SWEEP)
                slurm = self.play_slurm(folder)
                self.write("bin/sweepd", "#!/bin/sh\n").chmod(0o755)
                self.assertEqual(self.ok("submit", folder / "s.yaml", env=slurm).stdout, "13\n")
                self.assertIn(os.fsencode(folder / "s.yaml"), (self.folder / "asked").read_bytes().splitlines())
                copy = self.write("spool/job00012/slurm_script", (folder / "s.yaml").read_bytes())
                job = {"SLURM_JOB_ID": "12", "SLURM_JOB_NODELIST": "n1", "SLURM_JOB_NUM_NODES": "1", "SLURM_JOB_CPUS_PER_NODE": "2",
                       "SLURMD_NODENAME": "n1", "SLURM_SUBMIT_DIR": str(folder), "SLURM_JOB_NAME": name}
                self.ok("run", copy, "-j1", cwd=folder, env={**slurm, **job})
                self.check_json(folder / "s.sweep")
                self.assert_whole(self.merged(folder / "s.sweep"), 3)

    def test_a_program_that_is_not_there_is_named_whatever_its_folder(self):
        folder = self.make(LATIN1)
        (folder / "s.yaml").write_text("task: {command: [./none]}\nparameters: [{x: 1}]\n")
        run = self.sweepd("run", folder / "s.yaml")
        self.assertEqual(run.status, 2, run)
        self.assertIn("M\\xfcller", run.stderr)
        # One that goes while the sweep runs is a point's failure, with its path in a record.
        (folder / "s.yaml").write_text("task: {command: [./some, '{x}']}\nparameters: {grid: {x: {range: [3]}}}\n")
        program = folder / "some"
        program.write_text("#!/bin/sh\nmv some gone 2>/dev/null\n")
        program.chmod(0o700)
        self.assertEqual(self.sweepd("run", folder / "s.yaml", "-j1").status, 1)
        self.check_json(folder / "s.sweep")


if __name__ == "__main__":
    frame.main()
