"""Damage to a sweep that is finished: the same command finds and mends it, `verify` tells it, and no reader hides it."""
import json
import os
import shutil

import frame

SWEEP = """task: {shell: 'echo x >> ran; echo "{\\"y\\":$i}"', result: json}
parameters: {grid: {i: {range: [7]}}}
output: {formats: [json, csv]}
reduce: {by: [], fields: {y: sum}}
"""


class Damage(frame.SweepTest):
    def setUp(self):
        super().setUp()
        self.write("s.yaml", SWEEP)
        self.ok("run", "s.yaml", "-j1", "--chunk-size", "2")
        self.directory = self.folder / "s.sweep"
        self.whole = {name: (self.directory / name).read_bytes() for name in ("results.json", "results.csv")}
        self.chunks = sorted((self.directory / "chunks").iterdir())

    def ran(self):
        """How many points have run since it was asked last."""
        log = self.folder / "ran"
        count = len(log.read_text().splitlines()) if log.exists() else 0
        log.unlink(missing_ok=True)
        return count

    def edit(self, path, before, after):
        text = path.read_text()
        self.assertIn(before, text)
        path.write_text(text.replace(before, after, 1))

    def assert_mended_by_running(self, points):
        """The same command runs so many points again, and all is as it was."""
        self.ran()
        run = self.ok("run", "s.yaml")
        self.assertEqual(self.ran(), points, run)
        for name, content in self.whole.items():
            self.assertEqual((self.directory / name).read_bytes(), content)
        self.ok("verify", "s.sweep")
        self.assertIn("finished before, nothing to run", self.ok("run", "s.yaml").stdout)

    def assert_told(self, *words, missing=0):
        """verify, status and results say what is wrong."""
        verified = self.sweepd("verify", "s.sweep")
        self.assertEqual(verified.status, 1, verified)
        for word in words:
            self.assertIn(word, verified.stderr)
        if missing:
            status = self.ok("status", "s.sweep")
            self.assertNotIn("7 of 7", status.stdout)
            self.assertIn(f"{7 - missing} of 7", status.stdout)
            shown = json.loads(self.ok("status", "s.sweep", "--json").stdout)
            self.assertEqual((shown["state"], shown["done"], shown["total"]), ("damaged", 7 - missing, 7))
            for form in ("json", "ndjson", "csv", "table"):
                results = self.sweepd("results", "s.sweep", "--format", form)
                self.assertEqual(results.status, 4, results)
                self.assertIn("sweepd run", results.stderr)

    def test_a_finished_sweep_is_whole_and_nothing_runs(self):
        self.assertIn("finished before, nothing to run", self.ok("run", "s.yaml").stdout)
        verified = self.ok("verify", "s.sweep")
        self.assertIn("7 of 7 points have a record", verified.stdout)
        self.assertIn("the merged files are what they come to", verified.stdout)
        self.assertIn("finished", self.ok("status", "s.sweep").stdout)

    def test_a_deleted_chunk_file(self):
        self.chunks[1].unlink()
        self.assert_told("the records of 2 of the points 2 to 3 are missing", missing=2)
        self.assert_mended_by_running(2)

    def test_the_first_and_the_last_chunk_file_deleted(self):
        self.chunks[0].unlink(), self.chunks[-1].unlink()
        self.assert_told("the points 0 to 1 are missing", "the points 6 to 6 are missing", missing=3)
        self.assert_mended_by_running(3)

    def test_all_chunk_files_deleted(self):
        for chunk in self.chunks:
            chunk.unlink()
        self.assert_told("the records of 7 of the points 0 to 6 are missing", missing=7)
        self.assert_mended_by_running(7)

    def test_the_whole_folder_of_chunks_deleted(self):
        shutil.rmtree(self.directory / "chunks")
        verified = self.sweepd("verify", "s.sweep")
        self.assertEqual(verified.status, 1)
        self.assertIn("chunks: the folder is missing", verified.stderr)
        self.assertIn("0 of 7", self.ok("status", "s.sweep").stdout)
        self.assertEqual(self.sweepd("results", "s.sweep").status, 4)
        self.assert_mended_by_running(7)

    def test_damage_that_changed_neither_size_nor_time_is_told_with_what_to_do_about_it(self):
        times = self.chunks[1].stat()
        self.edit(self.chunks[1], '{"y":3}', '{"y":4}')
        os.utime(self.chunks[1], ns=(times.st_atime_ns, times.st_mtime_ns))
        for command, status in ("verify", 1), ("results", 4), ("merge", 4):
            run = self.sweepd(command, "s.sweep")
            self.assertEqual(run.status, status, run)
            self.assertIn("before it, give: touch s.sweep/chunks/*.ndjson", run.stderr)
        self.chunks[1].touch()
        self.assert_mended_by_running(1)

    def test_records_of_another_sweep_put_beside_its_own(self):
        self.write("o.yaml", "seed: 5\n" + SWEEP)
        self.ok("run", "o.yaml", "-j1", "--chunk-size", "7")
        stranger, = (self.folder / "o.sweep/chunks").glob("*-*.ndjson")
        shutil.copy(stranger, self.directory / "chunks")
        verified = self.sweepd("verify", "s.sweep")
        self.assertEqual(verified.status, 1)
        self.assertEqual(verified.stderr.count("this record belongs to another sweep"), 7)
        self.assertEqual(self.sweepd("results", "s.sweep").status, 4)
        self.assert_mended_by_running(0)

    def test_a_value_edited_in_a_chunk_file(self):
        self.edit(self.chunks[1], '{"y":3}', '{"y":4}')
        self.assert_told(f"{self.chunks[1].name}:2: this line is not a whole record", missing=1)
        self.assert_mended_by_running(1)

    def test_a_truncated_chunk_file(self):
        os.truncate(self.chunks[0], self.chunks[0].stat().st_size - 10)
        self.assert_told(f"{self.chunks[0].name}", missing=1)
        self.assert_mended_by_running(1)

    def test_an_empty_chunk_file(self):
        os.truncate(self.chunks[2], 0)
        self.assert_told("the file ends before the record of point 4", missing=2)
        self.assert_mended_by_running(2)

    def test_a_renamed_chunk_file(self):
        self.chunks[0].rename(self.chunks[0].with_name("000000000000-000000000003.ndjson"))
        self.assertEqual(self.sweepd("verify", "s.sweep").status, 1)
        self.assert_mended_by_running(0)

    def test_a_value_edited_in_results_json(self):
        self.edit(self.directory / "results.json", '{"y":3}', '{"y":4}')
        self.assert_told("results.json:5: this is not what the records come to")
        self.assert_mended_by_running(0)

    def test_the_reduced_part_edited_and_the_csv_file_cut_short(self):
        self.edit(self.directory / "results.json", '"sum":21', '"sum":22')
        os.truncate(self.directory / "results.csv", 30)
        self.assert_told("results.json:10: this is not what", "results.csv")
        self.assert_mended_by_running(0)

    def test_results_json_deleted(self):
        (self.directory / "results.json").unlink()
        self.assert_told("results.json")
        self.assert_mended_by_running(0)

    def test_a_lying_summary_and_a_lying_manifest(self):
        self.edit(self.directory / "summary.json", '"ok": 7', '"ok": 6')
        self.assert_told("summary.json: this is not what the records come to")
        self.ok("merge", "s.sweep")
        self.edit(self.directory / "manifest.json", '"ok": 7', '"ok": 6')
        self.assert_told("manifest.json: this is not what the records come to")

    def test_two_things_at_once_are_both_told(self):
        self.chunks[0].unlink()
        self.edit(self.chunks[2], '{"y":5}', '{"y":4}')
        self.assert_told("the points 0 to 1 are missing", f"{self.chunks[2].name}:2:", missing=3)
        self.assert_mended_by_running(3)

    def test_kept_records_are_looked_at_as_well(self):
        self.write("s.yaml", SWEEP.replace("[7]", "[9]"))
        self.ok("run", "s.yaml")
        self.whole = {name: (self.directory / name).read_bytes() for name in self.whole}
        kept = self.directory / "chunks/kept.ndjson"
        self.edit(kept, '{"y":3}', '{"y":4}')
        verified = self.sweepd("verify", "s.sweep")
        self.assertEqual(verified.status, 1)
        self.assertIn("kept.ndjson:4: this line is not a whole record", verified.stderr)
        self.assertIn("8 of 9", self.ok("status", "s.sweep").stdout)
        self.assertEqual(self.sweepd("results", "s.sweep").status, 4)
        self.assert_mended_by_running(1)
        kept.unlink()
        self.assert_mended_by_running(6)  # the seventh has its record elsewhere now

    def test_a_copy_with_other_times_is_whole(self):
        shutil.copytree(self.directory, self.folder / "copy", copy_function=shutil.copy)
        self.assertIn("7 of 7", self.ok("status", "copy").stdout)
        self.assertEqual(len(self.records("copy")), 7)
        self.ok("verify", "copy")
        self.ran()
        self.ok("run", "s.yaml", "-o", "copy")
        self.assertEqual(self.ran(), 0)
        self.assertEqual(self.merged_bytes("copy"), self.whole["results.json"])
        self.assertIn("finished before", self.ok("run", "s.yaml", "-o", "copy").stdout)

    def test_one_that_was_moved_is_not_even_read_again(self):
        self.directory.rename(self.folder / "moved")
        self.assertIn("finished before", self.ok("run", "s.yaml", "-o", "moved").stdout)

    def test_a_sweep_that_an_earlier_version_finished_is_merged_again_once(self):
        manifest = json.loads((self.directory / "manifest.json").read_text())
        del manifest["merged_files"]
        (self.directory / "manifest.json").write_text(json.dumps(manifest))
        self.assertIn("7 of 7", self.ok("status", "s.sweep").stdout)
        self.assert_mended_by_running(0)

    def test_a_sweep_that_is_not_finished_can_be_verified_as_far_as_it_is(self):
        self.write("u.yaml", SWEEP.replace("echo x", 'sleep 0.05; echo x').replace("[7]", "[2000]"))
        process = self.start("run", "u.yaml", "-j1", "--chunk-size", "2")
        self.wait_until(lambda: list((self.folder / "u.sweep/chunks").glob("*.ndjson")), "no chunk is finished")
        verified = self.ok("verify", "u.sweep")
        self.assertIn("of 2,000 points have a record", verified.stdout)
        self.assertIn("not finished", verified.stdout)
        process.send_signal(2)
        self.finish(process)
        self.ok("verify", "u.sweep")

    def test_no_sweep_directory_is_a_wrong_request(self):
        self.assertEqual(self.sweepd("verify", "nothing").status, 2)


if __name__ == "__main__":
    frame.main()
