"""What lies in chunks/ and is not this sweep's: records of another one, in every place where they can lie."""
import json
import shutil

import frame

SWEEP = """task: {{shell: 'echo "{{\\"y\\":$SWEEPD_SEED}}"', result: json}}
parameters: {{grid: {{i: {{range: [{points}]}}}}}}
seed: {seed}
"""


class Records(frame.SweepTest):
    def run_sweep(self, name, seed=1, points=6):
        self.write(f"{name}.yaml", SWEEP.format(seed=seed, points=points))
        self.ok("run", f"{name}.yaml", "-j1", "--chunk-size", "2")
        return self.folder / f"{name}.sweep"

    def unmerge(self, directory):
        """As a run leaves it that was killed before it merged."""
        manifest = json.loads((directory / "manifest.json").read_text())
        (directory / "manifest.json").write_text(json.dumps({**manifest, "complete": False}))
        (directory / "results.json").unlink()

    def chunk_files(self, directory):
        return sorted((directory / "chunks").glob("*-*.ndjson"))

    def test_every_record_tells_the_sweep_it_is_of(self):
        directory = self.run_sweep("s")
        fingerprint = json.loads((directory / "manifest.json").read_text())["fingerprint"]
        self.assertEqual({record["run"]["sweep"] for record in self.records("s.sweep")}, {fingerprint[:8]})
        self.run_sweep("s", points=8)  # six of them move
        grown = json.loads((directory / "manifest.json").read_text())["fingerprint"]
        self.assertNotEqual(grown, fingerprint)
        self.assertEqual({record["run"]["sweep"] for record in self.records("s.sweep")}, {grown[:8]})

    def test_a_chunk_file_of_the_same_points_with_another_seed_is_set_aside_and_its_points_run(self):
        directory, other = self.run_sweep("s"), self.run_sweep("other", seed=2)
        alone = self.merged_bytes("s.sweep")
        self.unmerge(directory)
        shutil.copy(self.chunk_files(other)[1], self.chunk_files(directory)[1])
        refused = self.sweepd("results", "s.sweep")
        self.assertEqual(refused.status, 4)
        self.assertIn("belongs to another sweep", refused.stderr)
        self.assertEqual(self.sweepd("merge", "s.sweep").status, 4)
        run = self.ok("run", "s.yaml")
        self.assertIn("has a record of another sweep at line 1 (byte 0); it is set aside as", run.stderr)
        self.assertIn("2 of its 2 points run again", run.stderr)
        self.assertEqual(self.merged_bytes("s.sweep"), alone)

    def test_so_is_one_where_only_some_of_the_points_are_the_same(self):
        directory, other = self.run_sweep("s"), self.run_sweep("other", points=7)
        alone = self.merged_bytes("s.sweep")
        self.unmerge(directory)
        for ours, theirs in zip(self.chunk_files(directory), self.chunk_files(other)):
            shutil.copy(theirs, ours)
        run = self.ok("run", "s.yaml")
        self.assertEqual(run.stderr.count("has a record of another sweep"), 3)
        self.assertEqual(self.merged_bytes("s.sweep"), alone)

    def test_kept_records_of_another_sweep_do_not_count(self):
        directory, other = self.run_sweep("s", points=4), self.run_sweep("other", seed=2, points=4)
        self.run_sweep("s"), self.run_sweep("other", seed=2)  # four points are kept
        alone = self.merged_bytes("s.sweep")
        self.unmerge(directory)
        shutil.copy(other / "chunks/kept.ndjson", directory / "chunks/kept.ndjson")
        run = self.ok("run", "s.yaml")
        self.assertIn("kept.ndjson has a record of another sweep at line 1", run.stderr)
        self.assertEqual(self.merged_bytes("s.sweep"), alone)

    def test_a_changed_file_takes_no_records_over_that_were_not_of_the_earlier_one(self):
        directory, other = self.run_sweep("s"), self.run_sweep("other", seed=2)
        shutil.copy(self.chunk_files(other)[0], self.chunk_files(directory)[0])
        self.write("s.yaml", SWEEP.format(seed=1, points=9))
        run = self.ok("run", "s.yaml")
        self.assertIn("has a record of another sweep at line 1", run.stderr)
        self.assertIn("4 of 9 points can be kept", run.stderr)
        self.ok("run", "s.yaml", "-o", "alone")
        self.assertEqual(self.merged_bytes("s.sweep"), self.merged_bytes("alone"))


if __name__ == "__main__":
    frame.main()
