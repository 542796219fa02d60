"""Input that is large, endless or no file: a limit with a name in a moment, in little memory."""
import os

import frame

LITTLE = 2_000_000_000  # bytes of address space


class InputScale(frame.SweepTest):
    def check(self, *arguments, under=(), timeout=30):
        # Sanitizers want address space of their own.
        limited = [] if frame.has_sanitizer() else ["prlimit", f"--as={LITTLE}"]
        return self.sweepd("check", *arguments, under=[*limited, *under], timeout=timeout)

    def assert_refused(self, name, *words):
        self.write("s.yaml", f"task: pi\nparameters: {{file: {name}}}\n")
        run = self.check("s.yaml")
        self.assertEqual(run.status, 2, f"{name}: {run}")
        for word in words:
            self.assertIn(word, run.stderr)

    def test_points_files_that_are_no_regular_files_are_told(self):
        for ending in ("csv", "ndjson", "jsonl", "json", "yaml", "yml"):
            os.mkfifo(self.folder / f"pipe.{ending}")
            self.assert_refused(f"pipe.{ending}", "s.yaml:2:", "this is a pipe (FIFO); name a regular file")
            (self.folder / f"zero.{ending}").symlink_to("/dev/zero")
            self.assert_refused(f"zero.{ending}", "s.yaml:2:", "this is a device; name a regular file")
            (self.folder / f"folder.{ending}").mkdir()
            self.assert_refused(f"folder.{ending}", "s.yaml:2:", "this is a directory; name a file")

    def test_points_files_that_are_too_large_are_told_with_the_limit(self):
        for ending in ("csv", "ndjson", "jsonl", "json", "yaml"):
            self.write(f"p.{ending}", "a,b\n")
            os.truncate(self.folder / f"p.{ending}", 64 << 30)
            self.assert_refused(f"p.{ending}", "s.yaml:2:", "GiB, the limit of points files")

    def test_points_files_full_of_zeros_are_not_read_to_their_end(self):
        for ending in ("csv", "ndjson", "jsonl", "json", "yaml"):
            self.write(f"p.{ending}", "")
            os.truncate(self.folder / f"p.{ending}", 1 << 30)
            self.assert_refused(f"p.{ending}", f"p.{ending}:1:1:", "NUL byte")

    def test_a_csv_file_larger_than_the_memory_it_may_take_as_a_text_is_read(self):
        rows = "1,2\n" * 2_000_000
        self.write("p.csv", "darts,\"" + "x" * 200 + "\"\n" + rows)
        self.write("s.yaml", "task: pi\nparameters: {file: p.csv}\n")
        run = self.check("s.yaml", timeout=120)
        self.assertEqual(run.status, 0, run)
        self.assertIn("2,000,000 points", run.stdout)

    def test_sweep_files_without_an_end_are_told(self):
        endless = self.check("/dev/stdin", under=["sh", "-c", 'yes "# no end" | "$@"', "sh"])
        self.assertEqual(endless.status, 2, endless)
        self.assertIn("the file is larger than 64 MiB, the limit of sweep files that come from a pipe", endless.stderr)
        zeros = self.check("/dev/zero")
        self.assertEqual(zeros.status, 2, zeros)
        self.assertIn("NUL byte", zeros.stderr)
        self.write("large.yaml", "task: pi\n")
        os.truncate(self.folder / "large.yaml", 64 << 30)
        large = self.check("large.yaml")
        self.assertEqual(large.status, 2, large)
        self.assertIn("the file is larger than 1 GiB, the limit of sweep files", large.stderr)

    def test_a_sweep_file_from_a_pipe_works(self):
        text = "task: pi\nparameters: [{darts: 10}]\n"
        run = self.check("/dev/stdin", under=["sh", "-c", f"printf '{text}' | \"$@\"", "sh"])
        self.assertEqual(run.status, 0, run)

    def test_many_columns_take_a_time_that_grows_with_them(self):
        for count, rows in ((200_000, 2), (1000, 1000)):
            names = [f"c{i}" for i in range(count)]
            lines = [",".join(names)] + [",".join([str(row)] * count) for row in range(rows)]
            self.write("p.csv", "\n".join(lines) + "\n")
            self.write("s.yaml", "task: {command: [\"true\", \"{c1}\"]}\nparameters: {file: p.csv}\n")
            run = self.sweepd("check", "s.yaml", timeout=30)
            self.assertEqual(run.status, 0, run)

    def test_as_many_names_as_rows_take_no_longer(self):
        self.write("p.ndjson", "".join(f'{{"c{i}":1}}\n' for i in range(100_000)))
        self.write("s.yaml", "task: {command: [\"true\"]}\nparameters: {file: p.ndjson}\n")
        run = self.sweepd("check", "s.yaml", timeout=30)
        self.assertEqual(run.status, 0, run)

    def test_many_columns_of_ragged_records_are_merged_and_printed_as_csv(self):
        count = 4000
        lines = ["{" + ",".join(f'"c{i}":1' for i in range(part, count, 2)) + "}" for part in (0, 1, 0, 1)]
        self.write("p.ndjson", "\n".join(lines) + "\n")
        self.write("s.yaml", "task: {command: [\"true\"]}\nparameters: {file: p.ndjson}\noutput: {formats: [json, csv]}\n")
        self.sweepd("run", "s.yaml", timeout=60)
        printed = self.ok("results", "s.sweep", "--format", "csv", timeout=30).stdout
        self.assertEqual(printed, (self.folder / "s.sweep/results.csv").read_text())
        header, first, *_ = printed.splitlines()
        self.assertEqual(len(header.split(",")), 3 + count + 1)  # and the result
        cells = dict(zip(header.split(","), first.split(",")))
        self.assertEqual((cells["c0"], cells["c1"]), ("1", ""))


if __name__ == "__main__":
    frame.main()
