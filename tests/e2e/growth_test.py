"""A sweep file that changes meets the sweep directory that an earlier shape of it has left."""
import json

import frame

SWEEP = """task:
  shell: 'echo "$a $b" >> log; echo $((a * 100 + b))'
  result: json
parameters: {{grid: {{a: [{a}], b: [{b}]}}}}
"""


class Growth(frame.SweepTest):
    def run_grid(self, a, b, *options, text=SWEEP):
        """Runs the grid and gives what it ran, as 'a b' lines in order, and the run."""
        (self.folder / "log").unlink(missing_ok=True)
        self.write("s.yaml", text.format(a=a, b=b))
        run = self.ok("run", "s.yaml", *options)
        log = self.folder / "log"
        return sorted(log.read_text().splitlines()) if log.exists() else [], run

    def assert_as_if_run_alone(self):
        self.ok("run", "s.yaml", "-o", "alone")
        self.assertEqual(self.merged_bytes("s.sweep"), self.merged_bytes("alone"))

    def test_values_put_into_the_middle_of_an_axis_run_and_nothing_else_does(self):
        self.assertEqual(len(self.run_grid("1, 2", "1, 3")[0]), 4)
        ran, run = self.run_grid("1, 2", "1, 2, 3, 4")
        self.assertEqual(ran, ["1 2", "1 4", "2 2", "2 4"])
        self.assertIn("4 of 8 points can be kept", run.stderr)
        self.assert_as_if_run_alone()

    def test_the_same_with_spawned_workers_and_fixed_chunks(self):
        self.run_grid("1, 2, 3", "1, 3", "--start", "spawn")
        ran, _ = self.run_grid("3, 2, 5, 1", "1, 2, 3", "--start", "spawn", "--chunk-size", "3")
        self.assertEqual(ran, ["1 2", "2 2", "3 2", "5 1", "5 2", "5 3"])
        self.assert_as_if_run_alone()

    def test_points_no_longer_asked_for_go_to_an_archive_and_come_back_from_it(self):
        self.run_grid("1, 2", "1, 2, 3")
        ran, run = self.run_grid("1, 2", "1, 3")
        self.assertEqual(ran, [])
        self.assertIn("2 results that it does not ask for are in", run.stderr)
        archive = self.folder / "s.sweep/archive.0.ndjson"
        self.assertEqual([json.loads(line)["params"]["b"] for line in archive.read_text().splitlines()], [2, 2])
        self.assert_as_if_run_alone()
        self.assertEqual(self.run_grid("1, 2", "1, 2, 3")[0], [])
        self.assert_as_if_run_alone()

    def test_reordering_the_file_runs_nothing_and_reorders_the_results(self):
        self.run_grid("1, 2", "1, 2, 3")
        reordered = SWEEP.replace("{{a: [{a}], b: [{b}]}}", "{{b: [{b}], a: [{a}]}}")
        ran, _ = self.run_grid("2, 1", "3, 1, 2", text=reordered)
        self.assertEqual(ran, [])
        self.assert_as_if_run_alone()

    def test_a_changed_command_keeps_nothing_and_says_so_before_it_starts(self):
        self.run_grid("1, 2", "1, 2")
        changed = SWEEP.replace("* 100", "* 1000")
        ran, run = self.run_grid("1, 2", "1, 2", text=changed)
        self.assertEqual(len(ran), 4)
        self.assertIn("0 of 4 points can be kept, since the command changed:", run.stderr)
        self.assertIn("--fresh sets the old results aside", run.stderr)
        self.assert_as_if_run_alone()
        self.assertEqual(self.run_grid("1, 2", "1, 2")[0], [])  # as it was before

    def test_a_directory_of_another_sweep_file_is_left_alone(self):
        self.run_grid("1", "1")
        before = self.merged_bytes("s.sweep")
        self.write("other.yaml", "task: {kernel: pi}\nparameters: [{darts: 10}]\n")
        run = self.sweepd("run", "other.yaml", "-o", "s.sweep")
        self.assertEqual(run.status, 2)
        self.assertIn("belongs to another sweep", run.stderr)
        self.assertEqual(self.merged_bytes("s.sweep"), before)

    def test_grown_failed_and_retried_and_interrupted_it_ends_as_if_run_at_once(self):
        failing = """task: {{shell: '[ -e ok ] || [ "$b" != 2 ] || exit 1; echo "$a $b" >> log', result: none}}
parameters: {{grid: {{a: [{a}], b: [{b}]}}}}
"""
        self.write("s.yaml", failing.format(a="1, 2, 3", b="1, 2"))
        self.assertEqual(self.sweepd("run", "s.yaml").status, 1)
        self.write("s.yaml", failing.format(a="1, 2, 3", b="0, 1, 2"))
        self.assertEqual(self.sweepd("run", "s.yaml").status, 1)
        self.write("ok", "")
        (self.folder / "log").unlink()
        self.ok("run", "s.yaml", "--retry-failed")
        self.assertEqual(sorted((self.folder / "log").read_text().splitlines()), ["1 2", "2 2", "3 2"])
        self.assert_as_if_run_alone()


if __name__ == "__main__":
    frame.main()
