#!/usr/bin/env python3
"""Changed code is noticed: records tell the code that computed them, and what is earlier runs again only when asked."""
import json
import os
import shutil
import signal
import unittest

import frame

MODEL = "import sys\nopen('ran', 'a').write(sys.argv[1] + '\\n')\nprint(int(sys.argv[1]) * FACTOR)\n"
SWEEP = "task: {command: [python3, model.py, '{n}'], result: json}\nparameters: {grid: {n: {range: [COUNT]}}}\n"
LAMMPS = """name: s
task: {command: [./lmp, -in, in.lj, '-var', 'n={n}'], result: text}
parameters: {grid: {n: [1, 2]}}
"""


class Code(frame.SweepTest):
    def model(self, factor):
        self.write("model.py", MODEL.replace("FACTOR", str(factor)))

    def sweep(self, count=4, task=""):
        self.write("s.yaml", SWEEP.replace("COUNT", str(count)).replace("result: json", "result: json" + task))

    def setUp(self):
        super().setUp()
        self.model(1)
        self.sweep()

    def ran(self):
        """What was run since the last time."""
        path = self.folder / "ran"
        lines = sorted(path.read_text().split(), key=int) if path.exists() else []
        path.unlink(missing_ok=True)
        return lines

    def run_all(self, *options, **how):
        run = self.ok("run", "s.yaml", "-j1", *options, **how)
        return run.stdout + run.stderr

    def values(self):
        return [record["result"] for record in self.merged("s.sweep")["results"]]

    def codes(self):
        return [record["run"].get("code") for record in self.records("s.sweep")]

    def manifest(self):
        return json.loads((self.folder / "s.sweep/manifest.json").read_text())

    def status(self):
        return json.loads(self.ok("status", "s.sweep", "--json").stdout)["earlier_code"]

    def assert_all_say(self, words):
        for command in ["run", "s.yaml"], ["status", "s.sweep"], ["results", "s.sweep"]:
            run = self.ok(*command)
            self.assertIn(words, run.stdout + run.stderr, command)
        for line in self.ok("results", "s.sweep", "--format", "ndjson").stdout.splitlines():
            json.loads(line)

    def assert_none_says_anything(self):
        for command in ["run", "s.yaml"], ["status", "s.sweep"], ["results", "s.sweep"]:
            run = self.ok(*command)
            self.assertNotIn("earlier", run.stdout + run.stderr, command)

    # ---- what is noticed ----------------------------------------------------------------------------------------

    def test_an_edited_program_is_told_and_runs_again_only_when_asked(self):
        self.run_all()
        self.assertEqual(self.codes(), [1] * 4)
        self.ran()
        self.model(2)
        self.assert_all_say("4 points come from an earlier model.py")
        self.assertEqual((self.ran(), self.values()), ([], [0, 1, 2, 3]))
        self.run_all("--rerun-changed")
        self.assertEqual((self.ran(), self.values()), (["0", "1", "2", "3"], [0, 2, 4, 6]))
        self.assertEqual(self.codes(), [2] * 4)
        self.assert_none_says_anything()
        self.run_all("--rerun-changed")
        self.assertEqual(self.ran(), [])
        self.ok("verify", "s.sweep")

    def test_an_edited_argument_of_a_program_is_told(self):
        self.write("lmp", "#!/bin/sh\nexec cat in.lj\n").chmod(0o755)
        self.write("in.lj", "run 2000\n")
        self.write("s.yaml", LAMMPS)
        self.run_all()
        self.write("in.lj", "run 1000\n")
        self.assert_all_say("2 points come from an earlier in.lj")
        self.run_all("--rerun-changed")
        self.assertEqual(self.values(), ["run 1000", "run 1000"])
        self.write("lmp", "#!/bin/sh\nexec cat in.lj #\n").chmod(0o755)
        self.assert_all_say("2 points come from an earlier ./lmp")

    def test_a_file_behind_the_equals_sign_of_an_option_is_an_argument(self):
        self.write("s.yaml", "task: {command: ['true', '--config=conf.ini', '{n}']}\nparameters: {grid: {n: [1]}}\n")
        self.write("conf.ini", "1")
        self.run_all()
        self.write("conf.ini", "2")
        self.assert_all_say("1 point comes from an earlier conf.ini")

    def test_a_program_is_looked_for_as_it_is_run(self):
        for folder in "old", "new":
            self.write(f"{folder}/prog", f"#!/bin/sh\necho {folder}\n").chmod(0o755)
        self.write("s.yaml", "task: {command: [prog, '{n}'], result: text}\nparameters: {grid: {n: [1]}}\n")
        self.run_all(env={"PATH": f"{self.folder}/old:/usr/bin:/bin"})
        said = self.run_all(env={"PATH": f"{self.folder}/new:/usr/bin:/bin"})
        self.assertIn(f"1 point comes from an earlier {self.folder}/new/prog", said)

    def test_declared_inputs_are_noticed_when_they_change_come_and_go(self):
        self.sweep(task=', inputs: [helper.py, "data/*.csv"]')
        for name in "helper.py", "data/a.csv", "data/b.csv":
            self.write(name, "1")
        self.run_all()
        self.write("helper.py", "2")
        self.assert_all_say("4 points come from an earlier helper.py")
        self.write("helper.py", "1")
        self.assert_none_says_anything()
        self.write("data/c.csv", "1")
        self.assertEqual(self.status(), {"points": 4, "files": ["data/c.csv"]})
        (self.folder / "data/c.csv").unlink()
        (self.folder / "data/a.csv").unlink()
        self.assertEqual(self.status(), {"points": 4, "files": ["data/a.csv"]})

    def test_inputs_of_shell_text_are_noticed(self):
        self.write("s.yaml", "task: {shell: 'cat table', result: json, inputs: table}\nparameters: {grid: {n: [1]}}\n")
        self.write("table", "1")
        self.run_all()
        self.write("table", "2")
        self.assert_all_say("1 point comes from an earlier table")

    def test_inputs_decide_nothing_about_identity(self):
        self.run_all()
        self.ran()
        ids = [record["id"] for record in self.records("s.sweep")]
        self.sweep(task=", inputs: [s.yaml]")
        self.assertNotIn("earlier", self.run_all())
        self.assertEqual(self.ran(), [])
        self.assertEqual([record["id"] for record in self.records("s.sweep")], ids)

    def test_a_file_of_the_same_size_and_time_is_noticed_all_the_same(self):
        self.run_all()
        path = self.folder / "model.py"
        times = (path.stat().st_atime_ns, path.stat().st_mtime_ns)
        self.model(3)
        os.utime(path, ns=times)
        self.assert_all_say("4 points come from an earlier model.py")

    def test_a_file_that_was_only_touched_or_moved_with_its_sweep_is_the_same(self):
        self.run_all()
        (self.folder / "model.py").touch()
        self.assert_none_says_anything()
        shutil.copytree(self.folder, self.folder.parent / (self.folder.name + "-moved"))
        self.addCleanup(shutil.rmtree, self.folder.parent / (self.folder.name + "-moved"))
        moved = self.ok("run", "s.yaml", cwd=self.folder.parent / (self.folder.name + "-moved"))
        self.assertNotIn("earlier", moved.stdout + moved.stderr)

    def test_another_file_of_the_same_size_and_time_is_another(self):
        self.write("s.yaml", "task: {shell: 'cat now/data', result: json, inputs: now/data}\nparameters: {grid: {n: [1, 2]}}\n")
        for number in "12":
            self.write(f"{number}/data", number)
        (self.folder / "now").symlink_to("1")
        self.run_all()
        manifest = self.folder / "s.sweep/manifest.json"
        changed = self.manifest()
        (known,) = changed["codes"][0]["files"]
        (self.folder / "now").unlink()
        (self.folder / "now").symlink_to("2")
        known["changed_ns"] = (self.folder / "2/data").stat().st_ctime_ns
        manifest.write_text(json.dumps(changed))
        self.assert_all_say("2 points come from an earlier now/data")

    def test_points_from_before_there_was_a_code_are_not_counted(self):
        self.write("h", "1")
        for count, inputs in ((4, ""), (4, ", inputs: [h]"), (6, ", inputs: [h]")):
            self.write("s.yaml", f"task: {{shell: 'cat h', result: json{inputs}}}\nparameters: {{grid: {{n: {{range: [{count}]}}}}}}\n")
            self.run_all()
        self.write("h", "3")
        self.assert_all_say("2 points come from an earlier h")
        self.run_all("--rerun-changed")
        self.assertEqual(self.values(), [1] * 4 + [3] * 2)

    def test_an_input_that_is_declared_when_it_was_missed_is_noticed_from_then_on(self):
        self.run_all()
        self.write("h", "1")
        self.sweep(task=", inputs: [h]")
        self.assertNotIn("earlier", self.run_all())
        self.write("h", "2")
        self.assert_all_say("4 points come from an earlier h")

    def test_a_copied_project_is_looked_at_where_it_is(self):
        self.run_all()
        copy = self.folder.parent / (self.folder.name + "-copy")
        shutil.copytree(self.folder, copy)
        self.addCleanup(shutil.rmtree, copy)
        (copy / "model.py").write_text(MODEL.replace("FACTOR", "2"))
        for _ in range(2):
            for command in ["run", "s.yaml"], ["status", "s.sweep"], ["results", "s.sweep"]:
                run = self.ok(*command, cwd=copy)
                self.assertIn("4 points come from an earlier model.py", run.stdout + run.stderr, command)
        said = self.ok("run", "s.yaml", "--rerun-changed", cwd=copy)
        self.assertNotIn("earlier", said.stdout + said.stderr)
        self.assertIn("no point comes from earlier code", self.ok("run", "s.yaml", "--rerun-changed", cwd=copy).stderr)
        self.assertNotIn("earlier", self.ok("status", "s.sweep", cwd=copy).stdout)
        self.assert_none_says_anything()

    # ---- what is written ----------------------------------------------------------------------------------------

    def test_the_manifest_lists_codes_with_their_files_and_the_merged_results_show_none(self):
        self.run_all()
        before = self.merged_bytes("s.sweep")
        (code,) = self.manifest()["codes"]
        self.assertEqual((code["code"], code["points"]), (1, 4))
        self.assertEqual([file["name"] for file in code["files"]], ["python3", "model.py"])
        model = code["files"][1]
        self.assertEqual((model["path"], model["bytes"]), ("model.py", (self.folder / "model.py").stat().st_size))
        self.assertRegex(model["hash"], "^[0-9a-f]{32}$")
        self.write("model.py", MODEL.replace("FACTOR", "1") + "# no difference\n")
        self.run_all("--rerun-changed")
        self.assertEqual([code["points"] for code in self.manifest()["codes"]], [0, 4])
        self.assertEqual(self.merged_bytes("s.sweep"), before)

    def test_kernels_have_no_code(self):
        self.write("pi.yaml", "task: pi\nparameters: {grid: {darts: [10]}}\n")
        self.ok("run", "pi.yaml")
        self.assertNotIn("code", self.records("pi.sweep")[0]["run"])
        self.assertEqual(json.loads((self.folder / "pi.sweep/manifest.json").read_text())["codes"], [])
        self.ok("run", "pi.yaml", "--rerun-changed")

    def test_spawned_workers_and_ranks_tell_the_code_as_well(self):
        self.run_all("--start", "spawn")
        self.assertEqual(self.codes(), [1] * 4)
        mpirun = shutil.which("mpirun.mpich")
        if mpirun is None or len(frame.allowed_cores()) < 2:
            raise unittest.SkipTest("needs mpirun.mpich and 2 cores")
        self.model(2)
        run = self.finish(self.start("run", "s.yaml", "--rerun-changed", under=[mpirun, "-np", "2"]))
        self.assertEqual(run.status, 0, run)
        self.assertEqual((self.codes(), self.values()), ([2] * 4, [0, 2, 4, 6]))

    # ---- with all else that a sweep can do ----------------------------------------------------------------------

    def test_a_grown_sweep_runs_only_new_points_and_tells_which_are_earlier(self):
        self.run_all()
        self.ran()
        self.model(10)
        self.sweep(6)
        self.assertIn("4 points come from an earlier model.py", self.run_all())
        self.assertEqual((self.ran(), self.values()), (["4", "5"], [0, 1, 2, 3, 40, 50]))
        self.assertEqual(self.codes(), [1] * 4 + [2] * 2)
        self.sweep(5)
        self.assertIn("4 points come from an earlier model.py", self.run_all())
        self.sweep(6)
        self.run_all("--rerun-changed")
        self.assertEqual((self.ran(), self.values()), (["0", "1", "2", "3"], [0, 10, 20, 30, 40, 50]))

    def test_code_that_comes_back_has_its_number_again(self):
        self.run_all()
        self.model(2)
        self.sweep(5)
        self.run_all()
        self.model(1)
        self.assert_all_say("1 point comes from an earlier model.py")
        self.ran()
        self.run_all("--rerun-changed")
        self.assertEqual((self.ran(), self.codes()), (["4"], [1] * 5))

    def test_a_run_that_carries_on_with_other_code_says_so_before_it_runs(self):
        self.write("model.py", MODEL.replace("FACTOR", "1") + "import os, time\nos.path.exists('fast') or time.sleep(1000)\n")
        self.write("s.yaml", SWEEP.replace("COUNT", "3").replace("{n}'", "{n}', '#'"))
        self.write("fast", "")
        self.run_all()
        (self.folder / "fast").unlink()
        self.write("s.yaml", SWEEP.replace("COUNT", "4").replace("{n}'", "{n}', '#'"))
        self.ran()
        killed = self.start("run", "s.yaml", "-j1")
        self.wait_until(lambda: (self.folder / "ran").exists(), "nothing runs")
        os.kill(killed.pid, signal.SIGKILL)
        self.finish(killed)
        self.model(5)
        self.assertEqual(self.status(), {"points": 3, "files": ["model.py"]})
        said = self.run_all()
        self.assertLess(said.index("3 points come from an earlier model.py"), said.rindex("carrying on"))
        self.assertEqual(self.values(), [0, 1, 2, 15])

    def test_an_edit_while_the_sweep_runs_is_told_at_its_end(self):
        self.write("model.py", MODEL.replace("FACTOR", "1") + "import os, time\nwhile not os.path.exists('go'): time.sleep(0.01)\n")
        self.sweep(2)
        run = self.start("run", "s.yaml", "-j1")
        self.wait_until(lambda: (self.folder / "ran").exists(), "nothing runs")
        self.model(2)
        self.write("go", "")
        self.assertIn("2 points come from an earlier model.py", self.finish(run).stderr)
        self.run_all("--rerun-changed")
        self.assertEqual(self.values(), [0, 2])

    def test_failed_points_can_be_retried_without_those_of_earlier_code_and_with_them(self):
        self.write("model.py", "import sys\nopen('ran', 'a').write(sys.argv[1] + '\\n')\nprint(1 if int(sys.argv[1]) else 1 / 0)\n")
        self.assertEqual(self.sweepd("run", "s.yaml").status, 1)
        self.ran()
        self.model(2)
        self.run_all("--retry-failed")
        self.assertEqual((self.ran(), self.codes()), (["0"], [2, 1, 1, 1]))
        self.run_all("--retry-failed", "--rerun-changed")
        self.assertEqual((self.ran(), self.codes()), (["1", "2", "3"], [2] * 4))

    def test_runs_that_share_a_sweep_have_each_their_own_code(self):
        self.write("model.py", "import os, sys, time\nopen('ran', 'a').write(sys.argv[1] + '\\n')\n"
                               "while not os.path.exists('go'): time.sleep(0.01)\nprint(1)\n")
        self.sweep(40)
        first = self.start("run", "s.yaml", "-j1", "--pin", "none", "--join")
        self.wait_until(lambda: (self.folder / "ran").exists(), "nothing runs")
        self.write("model.py", (self.folder / "model.py").read_text() + "# other\n")
        refused = self.sweepd("run", "s.yaml", "--join", "--rerun-changed")
        self.assertEqual(refused.status, 2)
        self.assertIn("--rerun-changed", refused.stderr)
        second = self.start("run", "s.yaml", "-j1", "--pin", "none", "--join")
        self.wait_until(lambda: (self.folder / "ran").read_text().count("\n") >= 2, "the second has not begun")
        self.write("go", "")
        for run in first, second:
            self.assertEqual(self.finish(run).status, 0)
        codes = self.codes()
        self.assertEqual(set(codes), {1, 2})
        self.assertEqual([code["points"] for code in self.manifest()["codes"]], [codes.count(1), codes.count(2)])
        self.assertEqual(self.status(), {"points": codes.count(1), "files": ["model.py"]})

    def test_results_that_were_copied_elsewhere_are_not_earlier(self):
        self.run_all()
        (self.folder / "model.py").unlink()
        self.assertEqual(self.status(), {"points": 0, "files": []})

    # ---- errors -------------------------------------------------------------------------------------------------

    def assert_refused(self, inputs, *words):
        self.write("bad.yaml", f"task:\n  command: ['true', '{{n}}']\n  inputs: [{inputs}]\nparameters: {{grid: {{n: [1]}}}}\n")
        for command in "check", "plan", "run":
            run = self.sweepd(command, "bad.yaml")
            self.assertEqual(run.status, 2, run)
            for word in ["bad.yaml:3:", *words]:
                self.assertIn(word, run.stderr)
        self.assertFalse((self.folder / "bad.sweep").exists())

    def test_inputs_that_cannot_be_hashed_are_errors_at_their_place(self):
        self.assert_refused("s.yaml, none.py", "bad.yaml:3:20", "there is no", "none.py")
        self.assert_refused('"*.nothing"', "*.nothing", "finds no file")
        self.assert_refused('"data/{n}.csv"', "same for all points", "data/*.csv")
        self.assert_refused('"**/*.nothing"', "finds no file")
        self.write("folder/a.py", "")
        self.assert_refused("folder", "is a folder", "folder/*")
        with open(self.folder / "huge", "wb") as huge:
            huge.truncate(1 << 40)
        self.assert_refused("huge", "1048576 MiB", "1024 MiB")
        for number in range(1001):
            self.write(f"many/{number}", "")
        self.assert_refused('"many/*"', "1000 files")
        os.mkfifo(self.folder / "pipe")
        self.assert_refused("pipe", "no regular file")
        self.assert_refused("none.py, other.py", "none.py", "other.py")


if __name__ == "__main__":
    frame.main()
