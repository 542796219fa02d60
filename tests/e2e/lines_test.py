#!/usr/bin/env python3
"""Lists of commands, one shell line a point, as people have them for TACC's launcher, disBatch and GNU parallel."""
import os
import random
import shutil
import signal
import subprocess
import unittest

import frame
from frame import with_workers

MPIRUN = shutil.which("mpirun.mpich")
BASH = shutil.which("bash")


class Lines(frame.SweepTest):
    def results(self, directory="s.sweep"):
        return [record.get("result") for record in self.merged(directory)["results"]]

    def lines(self, directory="s.sweep"):
        return [record["params"]["line"] for record in self.merged(directory)["results"]]

    def run_list(self, text, *options):
        self.write("list", text)
        self.write("s.yaml", "task: {lines: list, result: text}\n")
        return self.sweepd("run", "s.yaml", "-j1", *options)

    # ---- what a list is -----------------------------------------------------------------------------------------

    def test_each_line_is_a_point_but_for_comments_and_empty_ones(self):
        run = self.run_list("#!/bin/bash\n# comment\n\n  \t\necho a # not in front\n  # comment \\\necho '#b'\n")
        self.assertEqual(run.status, 0, run)
        self.assertEqual(self.results(), ["a", "#b"])

    def test_windows_line_ends_and_continued_lines_are_understood(self):
        run = self.run_list("echo a \\\r\n  b\r\necho c\\\\\necho d \\")
        self.assertEqual(run.status, 0, run)
        self.assertEqual(self.results(), ["a b", "c\\", "d"])
        self.assertEqual(self.lines()[1], "echo c\\\\")

    def test_disbatch_directives_mean_what_its_manual_says(self):
        run = self.run_list("#DISBATCH PREFIX cd /tmp ; \n#DISBATCH SUFFIX  | tr a-z A-Z\npwd\n"
                            "#DISBATCH PREFIX\n#DISBATCH SUFFIX\n"
                            "#DISBATCH REPEAT 3 start 100 step 50 echo $DISBATCH_REPEAT_INDEX $DISBATCH_TASKID\n"
                            "#DISBATCH REPEAT 0 start 1\n#DISBATCH REPEAT 2 echo $DISBATCH_REPEAT_INDEX\n"
                            "#DISBATCH PREFIX echo whole\n#DISBATCH REPEAT 1 start 7\n")
        self.assertEqual(run.status, 0, run)
        self.assertEqual(self.results(), ["/TMP", "100 1", "150 2", "200 3", "0", "1", "whole"])
        self.assertEqual(self.merged("s.sweep")["results"][-1]["params"], {"line": "echo whole", "repeat": 7})

    def test_old_lines_find_the_variables_that_they_count_on(self):
        run = self.run_list("true\necho $LAUNCHER_JID $LAUNCHER_TSK_ID $DISBATCH_TASKID $DISBATCH_REPEAT_INDEX $PARALLEL_SEQ"
                            " $DISBATCH_NAMETASKS\n")
        self.assertEqual(run.status, 0, run)
        self.assertEqual(self.results(), ["", "2 0 1 -1 2 s"])

    def test_parameters_beside_a_list_are_variables_of_each_line(self):
        self.write("list", "echo a $x\necho b $x\n")
        self.write("s.yaml", "task: {lines: list, result: text}\nparameters: {grid: {x: [01, 2]}}\n")
        self.ok("run", "s.yaml")
        self.assertEqual(self.results(), ["a 01", "a 2", "b 01", "b 2"])
        self.assertEqual(self.ok("results", "s.sweep", "--where", "x=1").stdout.count("\n"), 2)

    def test_a_parameter_that_would_not_reach_the_lines_is_refused(self):
        self.write("list", "echo $repeat\n")
        for name in "repeat", "line", "PWD":
            self.write("s.yaml", f"task: {{lines: list}}\nparameters: {{grid: {{{name}: [1]}}}}\n")
            run = self.sweepd("check", "s.yaml")
            self.assertEqual(run.status, 2, run)
            self.assertIn(f"'{name}'", run.stderr)

    # ---- without a sweep file -----------------------------------------------------------------------------------

    def test_a_list_can_be_run_without_a_sweep_file(self):
        self.write("lists/jobs.txt", "echo $0; pwd\n")
        run = self.ok("run", "--commands", "lists/jobs.txt")
        self.assertIn("1 ok", run.stderr + run.stdout)
        self.assertEqual(self.results("jobs.sweep"), [f"bash\n{self.folder}"])
        self.assertIn("bash -c", self.ok("plan", "--commands", "lists/jobs.txt").stdout)
        self.assertIn("finished before", self.ok("run", "--commands", "lists/jobs.txt").stdout)

    def test_a_list_can_come_from_standard_input(self):
        text = "echo 'a: b' | tr b c\n\techo \"\\t é\" # x\n- true ||\\\necho last"
        shown = subprocess.run([frame.SWEEPD, "run", "--commands", "-", "-q", "--start", "spawn"], input=text.encode(),
                               cwd=self.folder, capture_output=True)
        self.assertEqual(shown.returncode, 0, shown)
        self.assertEqual(self.results("commands.sweep"), ["a: c", "\\t é", "last"])

    def test_a_file_and_a_list_together_are_refused_and_so_is_neither(self):
        for arguments in ["s.yaml", "--commands", "list"], []:
            self.assertEqual(self.sweepd("run", *arguments).status, 2)

    def test_a_list_in_the_place_of_a_sweep_file_is_told_how_it_is_run(self):
        self.write("jobs.txt", "echo a: b\necho c\n")
        for command in "run", "check":
            run = self.sweepd(command, "jobs.txt")
            self.assertEqual(run.status, 2, run)
            self.assertIn("sweepd run --commands jobs.txt", run.stderr)
        for lines in "[echo a, echo b]", "echo a":
            self.write("s.yaml", f"task: {{lines: {lines}}}\n")
            self.assertIn("text of lines (lines: |)", self.sweepd("check", "s.yaml").stderr)

    # ---- errors -------------------------------------------------------------------------------------------------

    def test_what_is_wrong_with_a_list_is_told_with_its_line_before_anything_runs(self):
        for text, says in ((b"echo a\n#DISBATCH BARRIER\n", ["list:2: #DISBATCH BARRIER", "PREFIX"]),
                           (b"#DISBATCH PERNODE echo a\n", ["list:1: #DISBATCH PERNODE"]),
                           (b"echo a\n\n#DISBATCH REPEAT many\n", ["list:3:", "REPEAT 5 start 100"]),
                           (b"#DISBATCH REPEAT 3\n", ["list:1:", "nothing to repeat"]),
                           (b"#DISBATCH REPEAT 100000000 true\n", ["list:1:", "10000000"]),
                           (b"echo a\necho \0b\n", ["list:2:6:", "NUL"]),
                           (b"echo \xff\n", ["list:1:6:", "UTF-8"]),
                           (b"# nothing\n", ["list:", "no commands"])):
            with self.subTest(text=text):
                (self.folder / "list").write_bytes(text)
                self.write("s.yaml", "task: {lines: list}\n")
                for command in ("check", "s.yaml"), ("run", "s.yaml"), ("run", "--commands", "list"):
                    run = self.sweepd(*command)
                    self.assertEqual(run.status, 2, run)
                    for word in says:
                        self.assertIn(word, run.stderr)
        self.write("s.yaml", "name: a\ntask: {lines: none}\n")
        run = self.sweepd("run", "s.yaml")
        self.assertEqual((run.status, run.stderr.count("error")), (2, 1), run)
        self.assertIn("s.yaml:2:15: 'task.lines': cannot use 'none'", run.stderr)
        self.assertIn("none: there is no such file", self.sweepd("run", "--commands", "none").stderr)
        self.assertFalse((self.folder / "s.sweep").exists())

    def test_a_line_that_fails_is_a_failed_point_with_what_it_printed(self):
        run = self.run_list("echo fine\necho why >&2; exit 3\necho 'unclosed\n")
        self.assertEqual(run.status, 1, run)
        _, second, third = self.merged("s.sweep")["results"]
        self.assertEqual((second["error"]["exit_code"], second["error"]["stderr"]), (3, "why\n"))
        self.assertIn("unexpected EOF", third["error"]["stderr"])

    # ---- a thousand lines ---------------------------------------------------------------------------------------

    def thousand(self):
        draw = random.Random(5)
        forms = ("echo \"$LAUNCHER_JID it's 'quoted'\" > NAME", "printf '%s\\n' 'a b' \"c  d\" | sort -r | head -1 > NAME",
                 "cat <<< \"here ${PARALLEL_SEQ}\" > NAME", "(echo one; echo two >&2) > NAME 2>&1",
                 "seq 3 | while read n; do echo \"<$n>\"; done >> NAME", "echo {a,b}{1..3} | tr ' ' '\\n' > NAME",
                 "[[ NAME == *7 ]] && echo seven > NAME || echo other > NAME", "echo \\# \\$HOME \\\\ \"\\\"\" > NAME")
        return [draw.choice(forms).replace("NAME", f"out.{n}") for n in range(1000)]

    def files(self, folder):
        return {path.name: path.read_bytes() for path in folder.glob("out.*")}

    def begun(self):
        ran = self.folder / "ran"
        return ran.read_text().split() if ran.exists() else []

    @unittest.skipUnless(BASH, "there is no bash")
    def test_a_thousand_lines_do_what_a_shell_does_killed_and_carried_on_none_twice(self):
        lines = self.thousand()
        reference = self.folder / "reference"
        reference.mkdir()
        for number, line in enumerate(lines, 1):
            subprocess.run([BASH, "-c", line], cwd=reference, stdin=subprocess.DEVNULL,
                           env={**os.environ, "LAUNCHER_JID": str(number), "PARALLEL_SEQ": str(number)})
        # Those of the second half wait, so that the run is killed in the middle, however slow the killer is, and while
        # no line has begun to write: one that appends would do so again.
        until = ["", "until [ -e go ]; do sleep 0.02; done; "]
        self.write("jobs", "".join(f"echo $PARALLEL_SEQ >> ran; {until[number >= 500]}{line}\n"
                                   for number, line in enumerate(lines)))
        for ways in ([], ["--start", "spawn"]):
            process = self.start("run", "--commands", "jobs", "-q", *with_workers(2), *ways)
            self.wait_until(lambda: len(self.begun()) == 502, "not 500 lines have run with 2 waiting")
            os.kill(process.pid, signal.SIGKILL)
            self.finish(process)
            self.write("go", "")
            self.ok("run", "--commands", "jobs", "-q", *with_workers(2), *ways)
            self.assertEqual(self.files(self.folder), self.files(reference))
            ran = self.begun()
            self.assertEqual(set(map(int, ran)), set(range(1, 1001)))
            self.assertEqual(len(ran), 1002)  # what was in hand when it was killed
            merged = self.merged_bytes("jobs.sweep")
            shutil.rmtree(self.folder / "jobs.sweep")
            (self.folder / "ran").unlink()
            (self.folder / "go").unlink()
            for path in self.folder.glob("out.*"):
                path.unlink()
        self.write("go", "")
        if MPIRUN and len(frame.allowed_cores()) >= 2:
            run = self.finish(self.start("run", "--commands", "jobs", "-q", under=[MPIRUN, "-np", "2"]))
            self.assertEqual(run.status, 0, run)
            self.assertEqual((self.files(self.folder), self.merged_bytes("jobs.sweep")), (self.files(reference), merged))

    def test_a_list_that_grows_runs_the_new_lines_only(self):
        self.run_list("echo a >> ran\necho b >> ran\necho b >> ran\n")
        self.assertIn("3 of 5 points can be kept", self.run_list("echo new >> ran\necho b >> ran\necho a >> ran\n"
                                                                 "echo b >> ran\necho b >> ran\n").stderr)
        self.assertEqual(sorted((self.folder / "ran").read_text().split()), ["a", "b", "b", "b", "new"])


if __name__ == "__main__":
    frame.main()
