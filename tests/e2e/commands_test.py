#!/usr/bin/env python3
"""Every command does what its line in the documents says."""
import csv
import io
import json
import re

import frame

COMMANDS = ["run", "plan", "check", "status", "results", "merge", "verify", "point", "cpus", "version"]

SWEEP = """name: squares
task:
  command: [/usr/bin/python3, -c, "import sys; n = int(sys.argv[1]); print(n * n); sys.exit(3 if n == 5 else 0)", "{n}"]
  result: json
parameters: {grid: {n: {range: [8]}}}
output: {formats: [json, csv]}
"""


class Commands(frame.SweepTest):
    def setUp(self):
        super().setUp()
        self.write("squares.yaml", SWEEP)
        self.write("pi.yaml", "task: pi\nparameters: {grid: {darts: [10, 20], trial: {range: [5]}}}\n")

    # ---- run ----------------------------------------------------------------------------------------------------

    def test_run_leaves_a_sweep_directory_with_all_its_files(self):
        self.ok("run", "pi.yaml")
        out = self.folder / "pi.sweep"
        self.assertEqual((out / "sweep.yaml").read_bytes(), (self.folder / "pi.yaml").read_bytes())
        for name in ("manifest.json", "results.json", "summary.json"):
            self.assertIsInstance(json.loads((out / name).read_text()), dict)
        indices = []
        for path in sorted((out / "chunks").iterdir()):
            for line in path.read_text().splitlines():
                record = json.loads(line)
                self.assertEqual({"attempt", "elapsed_s", "cpu_s", "max_rss_mib", "host", "worker", "cpus", "started", "sweep", "check"},
                                 set(record["run"]))
                indices.append(record["index"])
        self.assertEqual(indices, list(range(10)))

    def test_run_says_where_the_results_are(self):
        run = self.ok("run", "pi.yaml")
        self.assertIn("pi.sweep", run.stdout + run.stderr)

    def test_the_sweep_file_alone_is_run(self):
        self.ok("pi.yaml")
        self.assert_whole(self.merged("pi.sweep"), 10)

    def test_failed_points_give_exit_status_1_and_the_rest_goes_on(self):
        run = self.sweepd("run", "squares.yaml")
        self.assertEqual(run.status, 1, run)
        records = self.merged("squares.sweep")["results"]
        self.assertEqual([record["status"] for record in records], ["ok"] * 5 + ["failed"] + ["ok"] * 2)
        self.assertEqual((records[5]["error"]["kind"], records[5]["error"]["exit_code"]), ("exit", 3))
        self.assertNotIn("result", records[5])

    def test_a_signal_is_told_from_an_exit_status(self):
        self.write("killed.yaml", "task: {shell: 'kill -SEGV $$'}\nparameters: [{a: 1}]\n")
        self.assertEqual(self.sweepd("run", "killed.yaml").status, 1)
        error = self.merged("killed.sweep")["results"][0]["error"]
        self.assertEqual(error["kind"], "signal")
        self.assertRegex(error["message"], r"SIGSEGV|\b11\b")

    def test_output_that_is_not_json_is_a_failure_of_its_own_kind(self):
        self.write("text.yaml", "task: {shell: echo hello, result: json}\nparameters: [{a: 1}]\n")
        self.assertEqual(self.sweepd("run", "text.yaml").status, 1)
        self.assertEqual(self.merged("text.sweep")["results"][0]["error"]["kind"], "result")

    def test_a_point_that_takes_too_long_is_stopped_with_all_its_children(self):
        self.write("slow.yaml", "task: {shell: 'sleep 1000 & sleep 1000'}\nparameters: [{a: 1}]\nlimits: {timeout: 300ms}\n")
        self.assertEqual(self.sweepd("run", "slow.yaml").status, 1)
        self.assertEqual(self.merged("slow.sweep")["results"][0]["error"]["kind"], "timeout")

    def test_a_finished_sweep_is_not_run_again(self):
        self.write("once.yaml", "task: {shell: 'echo $a >> ran'}\nparameters: [{a: 1}, {a: 2}]\n")
        self.ok("run", "once.yaml")
        before = self.merged_bytes("once.sweep")
        self.ok("run", "once.yaml")
        self.assertEqual(sorted((self.folder / "ran").read_text().split()), ["1", "2"])
        self.assertEqual(self.merged_bytes("once.sweep"), before)

    def test_fresh_sets_the_earlier_directory_aside(self):
        self.ok("run", "pi.yaml")
        self.ok("run", "pi.yaml", "--fresh")
        kept = [name for name in self.names_here() if re.fullmatch(r"pi\.sweep\.before-[^/]*", name)]
        self.assertEqual(len(kept), 1, self.names_here())
        self.assertEqual(self.merged_bytes(kept[0]), self.merged_bytes("pi.sweep"))

    def test_results_go_to_standard_output_and_messages_to_standard_error(self):
        self.write("reduce.yaml", (self.folder / "pi.yaml").read_text() + "reduce: {by: [darts], fields: {hits: sum}}\n")
        run = self.ok("run", "reduce.yaml")
        self.assertIn("hits", run.stdout)
        self.assertNotIn("\x1b", run.stdout + run.stderr)
        quiet = self.ok("run", "pi.yaml", "-q")
        self.assertEqual(quiet.stderr, "")

    def test_progress_is_plain_lines_with_believable_rates_where_there_is_no_terminal(self):
        run = self.ok("run", "pi.yaml", "--progress", "plain")
        self.assertNotIn("\r", run.stderr)
        self.assertNotRegex(run.stderr, r"\d{5,}(\.\d+)? million/s")
        self.assertEqual(self.ok("run", "pi.yaml", "--fresh", "--progress", "none").stderr, "")

    # ---- plan, check, point, cpus, version --------------------------------------------------------------------------

    def test_plan_says_what_would_run_and_runs_nothing(self):
        before = self.names_here()
        run = self.ok("plan", "squares.yaml")
        for word in ("8", "/usr/bin/python3", "results.json", "squares.sweep"):
            self.assertIn(word, run.stdout)
        self.assertEqual(self.names_here(), before)

    def test_plan_of_a_thousand_million_points_does_not_list_them(self):
        self.write("huge.yaml", "task: pi\nparameters: {grid: {darts: [10], a: {range: [1000000]}, b: {range: [1000]}}}\n")
        run = self.ok("plan", "huge.yaml", timeout=5)
        self.assertRegex(run.stdout, r"1[, ']?000[, ']?000[, ']?000")
        self.assertLess(len(run.stdout.splitlines()), 100)

    def test_check_accepts_a_good_file(self):
        self.ok("check", "squares.yaml")

    def test_point_runs_one_point_in_the_foreground(self):
        before = self.names_here()
        run = self.ok("point", "squares.yaml", "7")
        self.assertIn("49", run.stdout)
        self.assertEqual(self.names_here(), before)

    def test_point_fails_as_the_point_fails(self):
        self.assertEqual(self.sweepd("point", "squares.yaml", "5").status, 1)

    def test_a_point_that_does_not_exist_is_told(self):
        run = self.sweepd("point", "squares.yaml", "8")
        self.assertEqual(run.status, 2, run)
        self.assertRegex(run.stderr, r"\b(7|8)\b")

    def test_version_is_told(self):
        for arguments in (["version"], ["--version"]):
            self.assertRegex(self.ok(*arguments).stdout, r"\b\d+\.\d+\.\d+\b")

    def test_help_of_every_command_shows_an_example(self):
        for command in COMMANDS:
            run = self.ok(command, "--help")
            self.assertRegex(run.stdout, rf"(?m)^ *\$? *sweepd {command}", f"{command}: {run}")
        overview = self.ok("--help").stdout
        for command in COMMANDS:
            self.assertIn(command, overview)

    # ---- status, results, merge -----------------------------------------------------------------------------------

    def test_status_tells_the_counts(self):
        self.sweepd("run", "squares.yaml")
        self.ok("status", "squares.sweep")
        status = json.loads(self.ok("status", "squares.sweep", "--json").stdout)
        self.assertEqual((status["total"], status["done"], status["failed"]), (8, 8, 1))

    def test_results_are_printed_in_every_format(self):
        self.sweepd("run", "squares.yaml")
        records = self.records("squares.sweep")
        self.assertEqual([record["index"] for record in records], list(range(8)))
        merged = json.loads(self.ok("results", "squares.sweep", "--format", "json").stdout)
        listed = merged["results"] if isinstance(merged, dict) else merged
        self.assertEqual([record["index"] for record in listed], list(range(8)))
        rows = list(csv.DictReader(io.StringIO(self.ok("results", "squares.sweep", "--format", "csv").stdout)))
        self.assertEqual([row["n"] for row in rows], [str(n) for n in range(8)])
        table = self.ok("results", "squares.sweep", "--format", "table").stdout
        self.assertIn("index", table)
        self.assertIn("49", table)

    def test_results_can_be_chosen_by_status_and_parameter(self):
        self.sweepd("run", "squares.yaml")
        self.assertEqual([r["index"] for r in self.records("squares.sweep", "--status", "failed")], [5])
        self.assertEqual(len(self.records("squares.sweep", "--status", "ok")), 7)
        self.assertEqual([r["index"] for r in self.records("squares.sweep", "--where", "n=6")], [6])

    def test_the_csv_file_has_a_column_for_everything(self):
        self.sweepd("run", "squares.yaml")
        rows = list(csv.DictReader(io.StringIO((self.folder / "squares.sweep/results.csv").read_text())))
        self.assertEqual(list(rows[0])[:4], ["index", "id", "status", "n"])
        self.assertEqual([row["status"] for row in rows].count("failed"), 1)
        self.ok("run", "--fresh", "pi.yaml")

    def test_numbers_that_json_does_not_have_become_strings_with_a_warning(self):
        self.write("nan.yaml", "task: {command: [echo, '{x}'], result: json}\nparameters: {grid: {x: ['NaN', '1.5', '-Infinity']}}\n")
        run = self.ok("run", "nan.yaml")
        self.assertIn("the results of 2 points have a NaN or an infinity", run.stderr)
        self.assertEqual([record["result"] for record in self.merged("nan.sweep")["results"]], ["NaN", 1.5, "-Infinity"])

    def test_merge_finds_the_data_file_from_any_folder(self):
        self.write("points.csv", "darts\n10\n20\n")
        self.write("data.yaml", "task: pi\nparameters: {file: points.csv}\n")
        self.ok("run", "data.yaml")
        self.ok("merge", self.folder / "data.sweep", cwd="/")

    def test_merge_makes_the_same_file_again(self):
        self.ok("run", "pi.yaml")
        before = self.merged_bytes("pi.sweep")
        (self.folder / "pi.sweep/results.json").unlink()
        self.ok("merge", "pi.sweep")
        self.assertEqual(self.merged_bytes("pi.sweep"), before)

    def test_retry_failed_runs_only_what_failed(self):
        self.write("once.yaml", "task: {shell: 'echo $a >> ran; test $a = 1 -o -e fixed'}\nparameters: [{a: 1}, {a: 2}]\n")
        self.assertEqual(self.sweepd("run", "once.yaml").status, 1)
        self.write("fixed", "")
        self.ok("run", "once.yaml", "--retry-failed")
        self.assertEqual(sorted((self.folder / "ran").read_text().split()), ["1", "2", "2"])
        self.assert_whole(self.merged("once.sweep"), 2)

    def test_retries_give_a_point_another_chance(self):
        self.write("second.yaml", "task: {shell: 'test -e tried || { touch tried; exit 1; }'}\nparameters: [{a: 1}]\n"
                                  "retries: {max: 2, backoff: 1ms}\n")
        self.ok("run", "second.yaml")
        self.assertEqual(self.records("second.sweep")[0]["run"]["attempt"], 2)


if __name__ == "__main__":
    frame.main()
