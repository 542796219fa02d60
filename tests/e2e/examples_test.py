#!/usr/bin/env python3
"""Every example gives the result that its own text promises."""
import csv
import math
import os
import shutil
import subprocess

import frame
from frame import PROJECT, with_workers


def distance_squared(a, b):
    return sum((x - y) ** 2 for x, y in zip(a, b))


def inertia_of(rows, labels):
    total = 0.0
    for label in set(labels):
        group = [row for row, other in zip(rows, labels) if other == label]
        centre = [sum(column) / len(group) for column in zip(*group)]
        total += sum(distance_squared(row, centre) for row in group)
    return total


def silhouette_of(rows, labels):
    """Rousseeuw's, from all pairs of distances; written apart from kmeans.py's."""
    widths = []
    for i, row in enumerate(rows):
        distances = {}
        for j, other in enumerate(rows):
            if i != j:
                distances.setdefault(labels[j], []).append(math.sqrt(distance_squared(row, other)))
        if labels[i] not in distances:
            widths.append(0.0)
            continue
        own = sum(distances[labels[i]]) / len(distances[labels[i]])
        nearest = min(sum(d) / len(d) for label, d in distances.items() if label != labels[i])
        widths.append((nearest - own) / max(nearest, own))
    return sum(widths) / len(widths)


class Examples(frame.SweepTest):
    def setUp(self):
        super().setUp()
        shutil.copytree(PROJECT / "examples", self.folder, dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns("*.sweep", "*.before-*", "__pycache__"))

    def test_pi_comes_out_as_pi_for_every_number_of_darts(self):
        self.ok("run", "pi.yaml")
        merged = self.merged("pi.sweep")
        self.assert_whole(merged, 400)
        self.assert_reduced(merged, ["darts"])
        for record in merged["results"]:
            result = record["result"]
            self.assertEqual(result["darts"], record["params"]["darts"])
            self.assertEqual(result["pi"], 4 * result["hits"] / result["darts"])
            share = result["hits"] / result["darts"]
            expected = 4 * math.sqrt(share * (1 - share) / result["darts"])
            self.assertTrue(math.isclose(result["standard_error"], expected, rel_tol=1e-3), record)
        self.assertEqual([row["by"]["darts"] for row in merged["reduced"]], [1e4, 1e5, 1e6, 1e7])
        for row in merged["reduced"]:
            spread = math.sqrt(math.pi * (4 - math.pi) / row["by"]["darts"])  # of one estimate, in theory
            self.assertLess(abs(row["fields"]["pi"]["mean"] - math.pi), 5 * spread / math.sqrt(row["count"]))
            self.assertTrue(0.7 < row["fields"]["pi"]["std"] / spread < 1.4, row)

    def test_pi_is_the_same_however_it_is_run(self):
        self.ok("run", "pi.yaml", "-o", "one", "--start", "fork", "-j1", "--chunk-size", "1")
        self.ok("run", "pi.yaml", "-o", "two", "--start", "spawn", *with_workers(2), "--schedule", "static")
        self.assertEqual(self.merged_bytes("one"), self.merged_bytes("two"))

    def test_scaling_ends_with_a_table_of_speedups(self):
        self.ok("run", "scaling.yaml", timeout=120)
        merged = self.merged("scaling.sweep")
        self.assert_whole(merged, 2)
        for record in merged["results"]:
            result = record["result"]
            self.assertTrue(0 < result["seconds_min"] <= result["seconds"] <= result["seconds_max"], record)
            self.assertLess(abs(result["pi"] - math.pi), 0.001)
        self.assert_scaling_table(merged)

    def assert_scaling_table(self, merged):
        (table,) = merged["scaling"]  # one for each mode and number of darts
        rows = table["rows"]
        self.assertEqual((table["mode"], table["darts"]), ("strong", 2e9))
        self.assertEqual([row["workers"] for row in rows], [1, 2])
        for row, record in zip(rows, merged["results"]):
            self.assertEqual(row["seconds"], record["result"]["seconds"])
            speedup = rows[0]["seconds"] / row["seconds"]
            self.assertTrue(math.isclose(row["speedup"], speedup, rel_tol=1e-6), rows)
            self.assertTrue(math.isclose(row["efficiency"], speedup / row["workers"], rel_tol=1e-6), rows)
        self.assertTrue(0 <= table["p"] <= 1, table)
        if isinstance(table["limit"], float):
            self.assertTrue(math.isclose(table["limit"], 1 / (1 - table["p"]), rel_tol=1e-6), table)

    def test_iris_names_three_kinds_and_its_figures_are_right(self):
        run = self.ok("run", "iris/sweep.yaml", timeout=120)
        merged = self.merged("iris/iris-kmeans.sweep")
        self.assert_whole(merged, 70)
        self.assert_reduced(merged, ["k"])
        with open(self.folder / "iris/iris.csv", newline="") as file:
            rows = [[float(x) for x in row[:-1]] for row in list(csv.reader(file))[1:]]
        for record in merged["results"]:
            labels = record["result"]["labels"].split()
            self.assertTrue(math.isclose(record["result"]["inertia"], inertia_of(rows, labels), rel_tol=1e-9), record)
            if record["params"]["trial"] == 0:
                self.assertTrue(math.isclose(record["result"]["silhouette"], silhouette_of(rows, labels), rel_tol=1e-9))
        self.assert_known_inertias(merged)
        best = max(merged["reduced"], key=lambda row: row["fields"]["variance_ratio"]["max"])
        self.assertEqual(best["by"], {"k": 3})
        self.assertIn("variance_ratio", run.stdout)

    def assert_known_inertias(self, merged):
        """The smallest sums of squares that exist for these data, as published (and found by R's kmeans)."""
        lowest = {row["by"]["k"]: row["fields"]["inertia"]["min"] for row in merged["reduced"]}
        self.assertAlmostEqual(lowest[2], 152.348, places=3)
        self.assertAlmostEqual(lowest[3], 78.851, delta=0.005)
        for k, best in {4: 57.228, 5: 46.446, 6: 39.040}.items():
            self.assertGreater(lowest[k], best - 0.001)

    def test_the_iris_file_holds_fishers_figures(self):
        with open(self.folder / "iris/iris.csv", newline="") as file:
            table = list(csv.reader(file))
        self.assertEqual(table[0], ["sepal_length", "sepal_width", "petal_length", "petal_width", "species"])
        self.assertEqual(len(table), 151)
        means = [sum(float(row[column]) for row in table[1:]) / 150 for column in range(4)]
        for mean, published in zip(means, [5.8433, 3.0573, 3.7580, 1.1993]):
            self.assertAlmostEqual(mean, published, places=4)
        self.assertEqual({row[4] for row in table[1:]}, {"setosa", "versicolor", "virginica"})

    def test_files_are_counted_one_by_one_and_in_groups(self):
        self.ok("run", "files.yaml")
        merged = self.merged("files.sweep")
        self.assert_whole(merged, 3)
        self.assert_reduced(merged, ["form"])
        for record in merged["results"]:
            text = (self.folder / record["params"]["text"]).read_text()
            self.assertEqual(record["result"], {"lines": text.count("\n"), "words": len(text.split())})

    def test_the_environment_is_what_the_documents_say(self):
        self.ok("run", "environment.yaml")
        merged = self.merged("environment.sweep")
        self.assert_whole(merged, 2)
        for record, fruit in zip(merged["results"], ["apple", "passion fruit"]):
            variables = dict(line.split("=", 1) for line in record["result"].splitlines())
            self.assertEqual(variables["fruit"], fruit)
            self.assertEqual(variables["SWEEPD_INDEX"], str(record["index"]))
            self.assertEqual(variables["SWEEPD_ID"], record["id"])
            self.assertEqual(variables["SWEEPD_PARAMS"], '{"fruit":"%s"}' % fruit)
            self.assertEqual(int(variables["SWEEPD_SEED"]), 1 + int(variables["SWEEPD_SEED64"]) % 899_999_999)
            self.assertIn("SWEEPD_WORKER", variables)
            frame.cpus_of(variables["SWEEPD_CPUS"])
            for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR"):
                self.assertEqual(variables[f"{name}_NUM_THREADS"], "1")

    def test_every_example_is_run_by_these_tests_and_by_its_own_name(self):
        known = {"pi.yaml", "scaling.yaml", "files.yaml", "environment.yaml", "iris/sweep.yaml"}
        found = {str(path.relative_to(self.folder)) for path in self.folder.rglob("*.yaml")}
        self.assertEqual(found, known)
        for name in sorted(found):
            path = self.folder / name
            self.assertTrue(path.read_text().startswith("#!/usr/bin/env -S sweepd run\n"), name)
            self.assertTrue(path.stat().st_mode & 0o111, f"{name} is not executable")
            self.ok("check", name)

    def test_an_example_can_be_started_by_its_own_name(self):
        (self.folder / "bin").mkdir()
        (self.folder / "bin/sweepd").symlink_to(os.path.abspath(frame.SWEEPD))
        variables = frame.environment("own-name")
        variables["PATH"] = f"{self.folder}/bin:{variables['PATH']}"
        subprocess.run([self.folder / "files.yaml"], env=variables, check=True, capture_output=True, timeout=60)
        self.assert_whole(self.merged("files.sweep"), 3)


if __name__ == "__main__":
    frame.main()
