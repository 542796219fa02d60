#!/usr/bin/env python3
"""What README.md shows works.

The convention: a block marked ```sh is run, all of them one after the other in one folder, with sweepd on the PATH; a block
marked ```yaml is a sweep file, or some keys of one, and has to pass `sweepd check`; ```console and ```text are only read.
"""
import os
import re
import subprocess
import uuid

import frame

README = (frame.PROJECT / "README.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


class Readme(frame.SweepTest):
    def test_the_commands_work_one_after_the_other(self):
        (self.folder / "bin").mkdir()
        (self.folder / "bin/sweepd").symlink_to(os.path.abspath(frame.SWEEPD))
        mark = uuid.uuid4().hex
        variables = frame.environment(mark)
        variables["PATH"] = f"{self.folder}/bin:{variables['PATH']}"
        commands = blocks("sh")
        self.assertGreater(len(commands), 2)
        for text in commands:
            done = subprocess.run(["/bin/sh", "-e", "-u", "-c", text], cwd=self.folder, env=variables, text=True,
                                  stdin=subprocess.DEVNULL, capture_output=True, timeout=60 * frame.PATIENCE)
            self.assertEqual(done.returncode, 0, f"{text}\n{done.stdout}\n{done.stderr}")
        self.assert_nothing_runs(mark)
        merged = self.merged("growth.sweep")
        self.assert_whole(merged, 30)
        self.assert_reduced(merged, ["rate"])

    def test_the_sweep_files_are_valid(self):
        files = blocks("yaml")
        self.assertGreater(len(files), 4)
        for declared in "helpers.py", "data/north.csv", "jobs.txt":
            self.write(declared, "true\n")
        for text in files:
            if not re.search(r"^task:", text, re.MULTILINE):
                text = "task: pi\n" + text
            if not re.search(r"^parameters:|lines:", text, re.MULTILINE):
                text += "parameters: {grid: {darts: [10]}}\n"
            self.write("block.yaml", text)
            run = self.sweepd("check", "block.yaml")
            self.assertEqual(run.status, 0, f"{text}\n{run}")

    def test_the_files_it_points_to_exist(self):
        for target in re.findall(r"\]\(([^)#:]+)\)", README):
            self.assertTrue((frame.PROJECT / target).exists(), target)

    def test_every_command_of_the_program_is_in_its_table(self):
        overview = self.ok("--help").stdout
        for command in re.findall(r"^\| `sweepd (\w+)", README, re.MULTILINE):
            self.assertIn(command, overview)


if __name__ == "__main__":
    frame.main()
