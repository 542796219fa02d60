#!/usr/bin/env python3
"""results.json is the same, byte for byte, however a sweep was run."""
import itertools
import json

import frame
from frame import with_workers

# Exits with the point's number where that is odd: failures have to be the same, too.
SOME_FAIL = "import sys; n = int(sys.argv[1]); print(n * n); sys.stderr.write(f'point {n}\\n'); sys.exit(n % 2 * n)"

SWEEPS = {
    "pi": {"task": "pi", "seed": 7, "parameters": {"grid": {"darts": [1, 1e3, 12345], "trial": {"range": [41]}}},
           "reduce": {"by": ["darts"], "fields": {"pi": ["mean", "std", "median", "min", "max"], "hits": ["sum", "count"]}},
           "output": {"formats": ["json", "csv"]}},
    "sample": {"task": "pi", "parameters": {"sample": {"count": 53, "method": "lhs", "space": {
        "darts": {"integers": [1, 1000]}, "x": {"uniform": [0, 1]}, "y": {"loguniform": [1e-5, 1e-1]},
        "kind": {"choice": ["a", "b"]}}}}},
    "replicates": {"task": "pi", "parameters": {"grid": {"darts": [100, 200]}, "repeat": 20}},
    "commands": {"task": {"command": ["/usr/bin/python3", "-c", SOME_FAIL, "{n}"], "result": "json"},
                 "parameters": {"grid": {"n": {"range": [12]}}}},
}


class Identical(frame.SweepTest):
    def setUp(self):
        super().setUp()
        for name, sweep in SWEEPS.items():
            self.write(f"{name}.yaml", frame.as_yaml(sweep))

    def assert_same(self, name, ways, status=0):
        first = None
        for number, options in enumerate(ways):
            directory = f"{name}-{number}"
            run = self.sweepd("run", f"{name}.yaml", "-o", directory, *options)
            self.assertEqual(run.status, status, f"{options}: {run}")
            merged = self.merged_bytes(directory)
            first = first or merged
            self.assertTrue(merged == first, f"results.json differs with {options} from {ways[0]}")
        return json.loads(first)

    def test_start_methods_worker_counts_chunk_sizes_and_schedules_do_not_show(self):
        ways = [[*start, *workers, *chunks] for start, workers, chunks in itertools.product(
            (["--start", "fork"], ["--start", "spawn"]),
            (["-j1"], with_workers(2)),
            (["--chunk-size", "1"], ["--chunk-size", "7"], ["--schedule", "static"], ["--schedule", "dynamic"],
             ["--schedule", "guided"], []))]
        self.assert_whole(self.assert_same("pi", ways), 123)

    def test_the_csv_file_is_the_same_too(self):
        self.ok("run", "pi.yaml", "-o", "a", "-j1", "--chunk-size", "5")
        self.ok("run", "pi.yaml", "-o", "b", *with_workers(2), "--schedule", "dynamic")
        self.assertEqual((self.folder / "a/results.csv").read_bytes(), (self.folder / "b/results.csv").read_bytes())

    def test_samples_are_drawn_from_the_seed_alone(self):
        self.assert_whole(self.assert_same("sample", [["-j1", "--chunk-size", "1"], [*with_workers(2)]]), 53)

    def test_replicates_each_have_an_id_and_a_result_of_their_own(self):
        merged = self.assert_same("replicates", [["-j1"], [*with_workers(2), "--chunk-size", "3"]])
        self.assert_whole(merged, 40)
        self.assertEqual([record["params"]["replicate"] for record in merged["results"]][:20], list(range(20)))
        self.assertGreater(len({record["result"]["hits"] for record in merged["results"][:20]}), 1)

    def test_failures_are_the_same_records_too(self):
        merged = self.assert_same("commands", [
            ["-j1", "--chunk-size", "1"], [*with_workers(2), "--start", "spawn"], [*with_workers(2), "--chunk-size", "5"],
        ], status=1)
        for record in merged["results"]:
            number = record["params"]["n"]
            if number % 2 == 0:
                self.assertEqual((record["status"], record["result"]), ("ok", number * number))
            else:
                self.assertEqual(record["status"], "failed")
                self.assertEqual((record["error"]["kind"], record["error"]["exit_code"]), ("exit", number))
                self.assertIn(f"point {number}", record["error"]["stderr"])

    def test_the_folder_and_the_name_of_the_output_do_not_show(self):
        self.ok("run", "pi.yaml", "-o", "a")
        self.write("elsewhere/pi.yaml", (self.folder / "pi.yaml").read_text())
        self.ok("run", "pi.yaml", cwd=self.folder / "elsewhere")
        self.assertEqual(self.merged_bytes("a"), self.merged_bytes("elsewhere/pi.sweep"))

    def test_another_seed_gives_other_results_and_the_same_ids(self):
        self.ok("run", "pi.yaml", "-o", "a")
        self.write("pi.yaml", frame.as_yaml({**SWEEPS["pi"], "seed": 8}))
        self.ok("run", "pi.yaml", "-o", "b")
        a, b = self.merged("a")["results"], self.merged("b")["results"]
        self.assertEqual([record["id"] for record in a], [record["id"] for record in b])
        self.assertNotEqual([record["result"]["hits"] for record in a], [record["result"]["hits"] for record in b])

    def test_a_grown_and_reordered_grid_keeps_its_results(self):
        self.ok("run", "pi.yaml", "-o", "a")
        grown = {"grid": {"trial": {"range": [50]}, "darts": [12345, 1e3, 1, 77]}}
        self.write("pi.yaml", frame.as_yaml({**SWEEPS["pi"], "parameters": grown}))
        self.ok("run", "pi.yaml", "-o", "b")
        after = {record["id"]: record["result"] for record in self.merged("b")["results"]}
        for record in self.merged("a")["results"]:
            self.assertEqual(after[record["id"]], record["result"])


if __name__ == "__main__":
    frame.main()
