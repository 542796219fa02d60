#!/usr/bin/env python3
"""What sweeps give is frozen: golden/NAME.yaml run by any later version gives golden/NAME.results.json and NAME.results.csv,
and leaves chunk files of the same records."""
import pathlib
import shutil

import frame
from frame import with_workers

GOLDEN = pathlib.Path(__file__).resolve().parent / "golden"
STATUS = {"commands": 0, "pi": 0, "results": 1, "sampled": 0, "shell": 1, "silent": 0}


class Golden(frame.SweepTest):
    def setUp(self):
        super().setUp()
        shutil.copytree(GOLDEN, self.folder, dirs_exist_ok=True)

    def records_without_run(self, directory):
        lines = []
        for file in sorted((self.folder / directory / "chunks").glob("*.ndjson")):
            lines += [line[:line.rindex(b',"run":{')] + b"}" for line in file.read_bytes().splitlines()]
        return lines

    def assert_golden(self, *options):
        for name, status in STATUS.items():
            with self.subTest(sweep=name):
                run = self.sweepd("run", f"{name}.yaml", "-o", name, *options)
                self.assertEqual(run.status, status, run)
                golden = (GOLDEN / f"{name}.results.json").read_bytes()
                self.assertEqual(self.merged_bytes(name).decode(), golden.decode())
                rows = [line.rstrip(b",") for line in golden.splitlines() if line.startswith(b'{"index":')]
                self.assertEqual(self.records_without_run(name), rows)
                csv = GOLDEN / f"{name}.results.csv"
                if csv.exists():
                    self.assertEqual((self.folder / name / "results.csv").read_bytes().decode(), csv.read_bytes().decode())
                shutil.rmtree(self.folder / name)

    def test_every_sweep_is_there(self):
        self.assertEqual(set(STATUS), {file.stem for file in GOLDEN.glob("*.yaml")})

    def test_one_worker_gives_what_every_version_gave(self):
        self.assert_golden("-j1")

    def test_spawned_workers_with_small_chunks_give_the_same(self):
        self.assert_golden(*with_workers(2), "--start", "spawn", "--chunk-size", "2")


if __name__ == "__main__":
    frame.main()
