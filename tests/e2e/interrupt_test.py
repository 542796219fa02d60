#!/usr/bin/env python3
"""A sweep that is stopped loses nothing: the same command carries on, and the results do not show it."""
import os
import pathlib
import signal
import time

import frame
from frame import with_workers

# Slow enough (some seconds) to be caught in the middle; `ran` has a line for every attempt that ended.
SWEEP = """task:
  shell: '""" + frame.held_from(50) + """sleep 0.03; echo $n >> ran; echo "{\\"square\\": $((n * n))}"'
  result: json
parameters: {grid: {n: {range: [100]}}}
chunks: {size: 4}
"""
COUNT = 100


class Interrupt(frame.SweepTest):
    def setUp(self):
        super().setUp()
        self.write("slow.yaml", SWEEP)
        self.command = ["run", "slow.yaml", "-o", "out", *with_workers(2)]

    def lines_run(self):
        path = self.folder / "ran"
        return path.read_text().split() if path.exists() else []

    def start_and_wait_for(self, points):
        process = self.start(*self.command)
        self.wait_until(lambda: len(self.lines_run()) >= points or process.poll() is not None, "no point was run")
        self.assertIsNone(process.poll(), "ended before it could be stopped")
        return process

    def undisturbed(self):
        self.ok("run", "slow.yaml", "-o", "undisturbed", *with_workers(2))
        return self.merged_bytes("undisturbed")

    def test_one_interrupt_stops_cleanly_and_the_same_command_carries_on(self):
        process = self.start_and_wait_for(10)
        process.send_signal(signal.SIGINT)
        run = self.finish(process)
        self.assertEqual(run.status, 3, run)
        self.assertRegex(run.stderr, "carr(y|ies) on|carry it on")
        before = len(self.lines_run())
        self.assertLess(before, COUNT)
        self.ok(*self.command)
        self.assertEqual(len(self.lines_run()), COUNT, "points were run twice or not at all")
        self.assert_whole(self.merged("out"), COUNT)
        self.assertEqual(self.merged_bytes("out"), self.undisturbed())

    def test_termination_is_as_good_as_an_interrupt(self):
        process = self.start_and_wait_for(5)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(self.finish(process).status, 3)
        self.ok(*self.command)
        self.assertEqual(self.merged_bytes("out"), self.undisturbed())

    def test_a_second_run_in_the_same_directory_is_refused_while_the_first_runs(self):
        self.hold()
        process = self.start_and_wait_for(1)
        second = self.sweepd(*self.command)
        self.release()
        self.assertEqual(second.status, 2, second)
        self.assertIn(f"process {process.pid}", second.stderr)
        self.assertEqual(self.finish(process).status, 0)
        self.assertEqual(len(self.lines_run()), COUNT)

    def test_two_interrupts_stop_at_once(self):
        self.write("slow.yaml", "task: {shell: 'echo $n >> ran; sleep 1000'}\nparameters: {grid: {n: {range: [9]}}}\n")
        process = self.start_and_wait_for(1)
        process.send_signal(signal.SIGINT)
        self.wait_until(lambda: process.poll() is not None or self.reported(process), "nothing was said")
        process.send_signal(signal.SIGINT)
        self.assertEqual(self.finish(process, timeout=20).status, 3)

    def reported(self, process):
        """Whether the first interrupt has been answered on standard error."""
        os.set_blocking(process.stderr.fileno(), False)
        try:
            return bool(os.read(process.stderr.fileno(), 65536))
        except BlockingIOError:
            return False
        finally:
            os.set_blocking(process.stderr.fileno(), True)

    def test_a_killed_coordinator_leaves_no_process_and_the_same_command_carries_on(self):
        process = self.start_and_wait_for(30)
        process.kill()
        self.assertEqual(self.finish(process).status, -signal.SIGKILL)
        self.ok(*self.command)
        # Only the point that each worker had in hand when the coordinator died may have run twice.
        self.assertLessEqual(len(self.lines_run()) - COUNT, 2)
        self.assert_whole(self.merged("out"), COUNT)
        self.assertEqual(self.merged_bytes("out"), self.undisturbed())

    def test_a_kernel_killed_in_the_middle_carries_on_to_the_same_results(self):
        self.write("pi.yaml", "task: pi\nparameters: {grid: {darts: [3e7], trial: {range: [200]}}}\nchunks: {size: 3}\n")
        self.ok("run", "pi.yaml", "-o", "whole")
        for times in range(3):
            process = self.start("run", "pi.yaml", "-o", "out", *with_workers(2))
            chunks = self.folder / "out/chunks"
            wanted = 6 * (times + 1)
            self.wait_until(lambda: process.poll() is not None or chunks.exists() and len(list(chunks.iterdir())) >= wanted,
                            "no chunk was written")
            process.kill()
            self.finish(process)
        self.ok("run", "pi.yaml", "-o", "out", *with_workers(2))
        self.assertEqual(self.merged_bytes("out"), self.merged_bytes("whole"))

    def state_of(self, pid):
        try:
            return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return "X"

    def test_a_pause_stops_everything_and_costs_no_point_its_time(self):
        self.write("slow.yaml", "task: {shell: 'sleep 2; echo $n >> ran'}\nparameters: {grid: {n: {range: [4]}}}\n"
                                "limits: {timeout: 4s}\n")
        process = self.start(*self.command)
        self.wait_until(lambda: len([pid for pid in frame.processes_with(process.mark)]) >= 6, "nothing runs")
        process.send_signal(signal.SIGTSTP)
        self.wait_until(lambda: self.state_of(process.pid) == "T", "it did not stop")
        # All but the starter, which watches over the others. Those that were told to stop do so when it is their turn.
        def awake():
            return [pid for pid in frame.processes_with(process.mark) if self.state_of(pid) != "T"]
        self.wait_until(lambda: len(awake()) <= 1, "not all of them stopped")
        before = self.lines_run()
        began = time.monotonic()
        while time.monotonic() < began + 5:  # longer than the timeout
            self.assertEqual(self.lines_run(), before)
            self.assertLessEqual(len(awake()), 1)
            time.sleep(0.1)
        process.send_signal(signal.SIGCONT)
        self.assertEqual(self.finish(process).status, 0)
        self.assertEqual(sorted(self.lines_run()), ["0", "1", "2", "3"])

    def test_a_pause_that_is_taken_back_at_once_leaves_nothing_stopped(self):
        process = self.start_and_wait_for(1)
        for pause in range(20):
            process.send_signal(signal.SIGTSTP)
            time.sleep(pause * 0.002)
            process.send_signal(signal.SIGCONT)
        self.assertEqual(self.finish(process, timeout=20).status, 0)
        self.assertEqual(len(self.lines_run()), COUNT)

    def test_an_unfinished_sweep_can_be_looked_at(self):
        process = self.start_and_wait_for(20)
        process.kill()
        self.finish(process)
        self.ok("status", "out")
        self.ok("merge", "out")
        merged = self.merged("out")
        self.assertTrue(0 < len(merged["results"]) < COUNT)
        self.assertGreater(len(self.records("out")), 0)

    def test_a_killed_starter_loses_nothing(self):
        process = self.start_and_wait_for(10)
        children = [pid for pid in frame.processes_with(process.mark) if pid != process.pid]
        victims = [pid for pid in children if frame.parent_of(pid) == process.pid]
        self.assertTrue(victims, "the coordinator has no child")
        os.kill(victims[0], signal.SIGKILL)
        run = self.finish(process)
        self.assertEqual(run.status, 3, run)
        self.assertEqual(self.sweepd(*self.command).status, 0)
        self.assert_whole(self.merged("out"), COUNT)


if __name__ == "__main__":
    frame.main()
