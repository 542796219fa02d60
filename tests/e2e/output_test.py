#!/usr/bin/env python3
"""Descriptors that are closed, and streams that take nothing, change nothing of how a run goes and ends."""
import itertools
import json
import os
import signal
import subprocess

import frame
from frame import with_workers

SLOW = """task: {shell: 'echo $n >> ran; sleep 0.05; echo "{\\"square\\": $((n * n))}"', result: json}
parameters: {grid: {n: {range: [20]}}}
"""
COUNT = 20


class Output(frame.SweepTest):
    def setUp(self):
        super().setUp()
        self.write("slow.yaml", SLOW)
        self.command = ["run", "slow.yaml", "-o", "out", *with_workers(2)]

    def without(self, closed):
        """A command that starts another one with these descriptors closed."""
        redirections = " ".join(f"{number}>&-" for number in closed)
        return ["sh", "-c", f'exec "$@" {redirections}', "-"]

    def workers_of(self, process):
        return [pid for starter in frame.processes_with(process.mark) if frame.parent_of(starter) == process.pid
                for pid in frame.processes_with(process.mark) if frame.parent_of(pid) == starter]

    def test_with_any_standard_descriptors_closed_a_worker_that_is_killed_is_replaced(self):
        for start in ("fork", "spawn"):
            for count in (1, 2, 3):
                for closed in itertools.combinations(range(3), count):
                    with self.subTest(start=start, closed=closed):
                        self.run_with_a_killed_worker("--start", start, under=self.without(closed))

    def run_with_a_killed_worker(self, *options, under):
        out = f"out-{len(list(self.folder.glob('out-*')))}"
        process = self.start(*self.command[:2], "-o", out, *self.command[4:], *options, under=under)
        ran = self.folder / "ran"
        self.wait_until(lambda: ran.exists() and len(self.workers_of(process)) == 2, "no worker came")
        os.kill(self.workers_of(process)[0], signal.SIGKILL)
        run = self.finish(process, timeout=20)
        self.assertEqual(run.status, 0, run)
        self.assert_whole(self.merged(out), COUNT)
        ran.unlink()

    def test_what_prints_results_fails_where_standard_output_is_closed(self):
        self.ok(*self.command)
        for arguments in (["results", "out"], ["status", "out"], ["plan", "slow.yaml"]):
            self.assertEqual(self.sweepd(*arguments, under=self.without([1])).status, 4)

    # ---- streams that take nothing ------------------------------------------------------------------------------

    def run_with(self, out, err, *options):
        done = subprocess.run([frame.SWEEPD, *self.command, *options], cwd=self.folder, stdin=subprocess.DEVNULL,
                              stdout=out, stderr=err, timeout=60 * frame.PATIENCE,
                              env=frame.environment("of a run whose output goes nowhere"))
        return done.returncode

    def assert_same_statuses(self, out, err):
        """Finished, finished before, with a bad line, with points that fail, stopped."""
        self.assertEqual(self.run_with(out, err), 0)
        self.assert_whole(self.merged("out"), COUNT)
        self.assertEqual(self.run_with(out, err), 0)
        self.assertEqual(self.run_with(out, err, "--no-such-option"), 2)
        self.assertEqual(self.run_with(out, err, "--fresh", "-v"), 0)
        self.write("slow.yaml", SLOW.replace("sleep", "exit $((n == 3)); sleep"))
        self.assertEqual(self.run_with(out, err), 1)

    def test_a_full_disk_behind_both_streams_changes_no_status(self):
        with open("/dev/full", "wb") as full:
            self.assert_same_statuses(full, full)

    def test_readers_that_have_gone_change_no_status(self):
        for_reading, for_writing = os.pipe()
        os.close(for_reading)
        self.addCleanup(os.close, for_writing)
        self.assert_same_statuses(for_writing, for_writing)

    def test_a_reader_that_goes_in_the_middle_ends_no_run(self):
        process = self.start(*self.command, "-v")
        self.wait_until(lambda: (self.folder / "ran").exists(), "no point was run")
        process.stderr.close()
        process.stdout.close()
        os.kill(self.workers_of(process)[0], signal.SIGKILL)  # worth a message
        self.assertEqual(process.wait(60 * frame.PATIENCE), 0)
        self.assert_whole(self.merged("out"), COUNT)

    def test_a_point_in_the_foreground_runs_where_nobody_reads_messages(self):
        for_reading, for_writing = os.pipe()
        os.close(for_reading)
        done = subprocess.run([frame.SWEEPD, "point", "slow.yaml", "3"], cwd=self.folder, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=for_writing, timeout=60 * frame.PATIENCE,
                              env=frame.environment("of a point"))
        os.close(for_writing)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(json.loads(done.stdout), {"square": 9})

    def test_printed_results_end_with_their_reader(self):
        self.ok(*self.command)
        for_reading, for_writing = os.pipe()
        os.close(for_reading)
        done = subprocess.run([frame.SWEEPD, "results", "out"], cwd=self.folder, stdout=for_writing, stderr=subprocess.PIPE,
                              timeout=60 * frame.PATIENCE, env=frame.environment("of results"))
        os.close(for_writing)
        self.assertEqual((done.returncode, done.stderr), (-signal.SIGPIPE, b""))


if __name__ == "__main__":
    frame.main()
