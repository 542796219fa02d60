#!/usr/bin/env python3
"""What the parent decided about signals holds for the run and for its commands, and a run that is asked to stop stops."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
import unittest

import frame
from frame import with_workers

MPIRUN = shutil.which("mpirun.mpich")
HAS_MPI = MPIRUN is not None and (pathlib.Path(frame.SWEEPD).parent / "sweepd_mpi.so").exists()

# Starts a program with these signals ignored, those blocked, and all others as they are by default.
STARTED_WITH = """import os, signal, sys
ignored, blocked = ({int(number) for number in text.split(",") if number} for text in sys.argv[1:3])
for number in sorted(signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}):
    signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)
signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
os.execvp(sys.argv[3], sys.argv[3:])
"""
LOOK = ["grep", "-E", "^Sig(Blk|Ign):", "/proc/self/status"]
SEEN = f"task: {{command: {LOOK}, result: text}}\nparameters: {{grid: {{n: [1, 2, 3, 4]}}}}\n"
SLOW = """task: {shell: 'sleep 0.05; echo $n >> ran; echo "{\\"square\\": $((n * n))}"', result: json}
parameters: {grid: {n: {range: [40]}}}
chunks: {size: 2}
"""
COUNT = 40
FAMILY = "task: {shell: '(sleep 1000 & sleep 1000 & echo >> begun); sleep 1000'}\nparameters: {grid: {n: [1, 2]}}\n"


def started_with(ignored=(), blocked=()):
    return [sys.executable, "-c", STARTED_WITH,
            *(",".join(str(int(number)) for number in numbers) for numbers in (ignored, blocked))]


class SignalsTest(frame.SweepTest):
    def setUp(self):
        super().setUp()
        self.write("slow.yaml", SLOW)
        self.command = ["run", "slow.yaml", "-o", "out", *with_workers(2)]

    def lines_run(self):
        path = self.folder / "ran"
        return path.read_text().split() if path.exists() else []

    def processes_of_sweepd(self, process):
        """All but the commands, which come and go, and are copies of a worker until they are executed."""
        def is_ours(pid):
            try:
                is_of_worker = "worker" in pathlib.Path(f"/proc/{frame.parent_of(pid)}/comm").read_text()
                return not is_of_worker and os.readlink(f"/proc/{pid}/exe") == os.path.realpath(frame.SWEEPD)
            except OSError:
                return False
        return list(filter(is_ours, frame.processes_with(process.mark)))

    def start_slow(self, *options, points=4, **how):
        process = self.start(*self.command, *options, **how)
        self.wait_until(lambda: len(self.lines_run()) >= points or process.poll() is not None, "no point was run")
        self.assertIsNone(process.poll(), "ended before it was sent anything")
        return process


class Inherited(SignalsTest):
    def assert_goes_on(self, process, *numbers):
        """To the end, whatever all its processes are sent."""
        for number in numbers:
            for pid in self.processes_of_sweepd(process):
                os.kill(pid, number)
        run = self.finish(process)
        self.assertEqual(run.status, 0, run)
        self.assertNotIn("stopping", run.stderr)
        self.assert_whole(self.merged("out"), COUNT)
        self.assertEqual(len(self.lines_run()), COUNT, "points were run twice")
        shutil.rmtree(self.folder / "out")
        (self.folder / "ran").unlink()

    def test_under_nohup_a_hang_up_stops_nothing(self):
        for start in ("fork", "spawn"):
            with self.subTest(start=start):
                self.assert_goes_on(self.start_slow("--start", start, under=["nohup"]), signal.SIGHUP)

    def test_an_interrupt_stops_no_run_in_the_background_of_a_script(self):
        # What `sweepd run … &` in a script gets from its shell.
        script = self.write("script.sh", '"$@" & echo $! > pid; wait $!\n')
        process = self.start_slow(under=["sh", script])
        pid = int((self.folder / "pid").read_text())
        self.assertEqual(frame.parent_of(pid), process.pid)
        for number in (signal.SIGINT, signal.SIGQUIT):
            os.kill(pid, number)
        run = self.finish(process)
        self.assertEqual(run.status, 0, run)
        self.assert_whole(self.merged("out"), COUNT)

    def test_no_signal_that_is_ignored_or_blocked_stops_a_run(self):
        numbers = [signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2, signal.SIGTSTP,
                   signal.SIGQUIT, signal.SIGPIPE, signal.SIGALRM]
        for how in ({"ignored": numbers}, {"blocked": numbers}, {"ignored": numbers[:4], "blocked": numbers[4:]}):
            with self.subTest(**how):
                self.assert_goes_on(self.start_slow(under=started_with(**how)), *numbers)

    def test_what_is_not_ignored_stops_it_all_the_same(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1):
            process = self.start_slow(points=len(self.lines_run()) + 1, under=["nohup"])
            process.send_signal(signal.SIGHUP)
            process.send_signal(number)
            self.assertEqual(self.finish(process).status, 3)
        self.ok(*self.command)
        self.assertEqual(len(self.lines_run()), COUNT)

    def test_a_run_whose_parent_ignores_the_end_of_children_knows_how_its_commands_end(self):
        self.write("s.yaml", "task: {shell: 'exit $n'}\nparameters: {grid: {n: [0, 3, 0, 0]}}\n")
        for start in ("fork", "spawn"):
            run = self.sweepd("run", "s.yaml", "-o", start, "--start", start, *with_workers(2),
                              under=started_with(ignored=[signal.SIGCHLD]))
            self.assertEqual(run.status, 1, run)
            self.assertEqual([record["status"] for record in self.merged(start)["results"]],
                             ["ok", "failed", "ok", "ok"])

    # ---- what commands get ------------------------------------------------------------------------------------

    SETTINGS = [((), ()), ((signal.SIGHUP,), ()), ((signal.SIGINT, signal.SIGQUIT), ()),
                ((signal.SIGPIPE, signal.SIGTERM, signal.SIGUSR1, signal.SIGTSTP, signal.SIGCHLD, 40), (signal.SIGUSR2, 50)),
                ((), (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD, signal.SIGTSTP))]

    def assert_commands_see_the_same(self, *arguments, launcher=()):
        self.write("seen.yaml", SEEN)
        for number, (ignored, blocked) in enumerate(self.SETTINGS):
            with self.subTest(ignored=ignored, blocked=blocked):
                under = started_with(ignored, blocked)
                plain = subprocess.run([*under, *LOOK], capture_output=True, text=True).stdout
                run = self.sweepd("run", "seen.yaml", "-o", f"seen-{number}", *arguments, under=[*launcher, *under])
                self.assertEqual(run.status, 0, run)
                seen = {record["result"] for record in self.merged(f"seen-{number}")["results"]}
                self.assertEqual(len(seen), 1)
                self.assertEqual(set(seen.pop().splitlines()), set(plain.splitlines()))

    def test_commands_of_forked_workers_get_signals_as_sweepd_got_them(self):
        self.assert_commands_see_the_same("--start", "fork", *with_workers(2))

    def test_commands_of_spawned_workers_get_signals_as_sweepd_got_them(self):
        self.assert_commands_see_the_same("--start", "spawn", *with_workers(2))

    @unittest.skipUnless(HAS_MPI, "needs MPICH's mpirun and the module for MPI")
    @frame.needs_cores(2)
    def test_commands_of_ranks_get_signals_as_the_ranks_got_them(self):
        self.assert_commands_see_the_same(launcher=[MPIRUN, "-np", "2"])

    def test_a_point_in_the_foreground_gets_signals_as_sweepd_got_them(self):
        self.write("seen.yaml", SEEN)
        for ignored, blocked in self.SETTINGS:
            under = started_with(ignored, blocked)
            plain = subprocess.run([*under, *LOOK], capture_output=True, text=True).stdout
            self.assertEqual(self.ok("point", "seen.yaml", "0", under=under).stdout, plain)

    @unittest.skipUnless(HAS_MPI, "needs MPICH's mpirun and the module for MPI")
    @frame.needs_cores(2)
    def test_a_hang_up_that_ranks_ignore_stops_nothing(self):
        process = self.start("run", "slow.yaml", "-o", "out", under=[MPIRUN, "-np", "2", "nohup"])
        self.wait_until(lambda: len(self.lines_run()) >= 4, "no point was run")
        for pid in self.processes_of_sweepd(process):
            os.kill(pid, signal.SIGHUP)
        run = self.finish(process)
        self.assertEqual(run.status, 0, run)
        self.assertEqual(len(self.lines_run()), COUNT)


class Early(SignalsTest):
    def answers(self, process):
        """Whether it catches SIGTERM."""
        try:
            status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
        except OSError:
            return False
        return int(status.partition("SigCgt:")[2].split()[0], 16) >> (signal.SIGTERM - 1) & 1

    def test_a_run_that_is_stopped_before_its_first_point_ends_with_3_all_the_same(self):
        for pause in range(10):
            process = self.start("run", "slow.yaml", "-o", f"out-{pause}", *with_workers(2))
            self.wait_until(lambda: process.poll() is not None or self.answers(process), "it catches no signal")
            time.sleep(pause * 0.003)
            process.send_signal(signal.SIGTERM)
            self.assertEqual(self.finish(process).status, 3)

    def test_a_run_that_waits_to_see_whether_another_lives_stops_when_asked(self):
        token = "00000000000000ff"
        self.write(f"out/staging.{token}/run", json.dumps(
            {"host": "elsewhere", "pid": 1, "start_ticks": 1, "pid_space": "of another machine", "slurm_job": "",
             "since": "2026-11-22T15:56:14Z", "token": token}))
        self.write(f"out/lock.{token}", "")
        waiting = self.start(*self.command)
        self.wait_until(lambda: len(list(self.folder.glob("out/staging.*"))) == 2, "it did not look")
        waiting.send_signal(signal.SIGTERM)
        run = self.finish(waiting, timeout=5)
        self.assertEqual(run.status, 3, run)
        self.assertIn("stopped before it could take part", run.stderr)
        self.assertEqual(len(list(self.folder.glob("out/staging.*"))), 1)


class Waiting(SignalsTest):
    """A run that waits until the one that holds the directory lets it in."""

    def setUp(self):
        super().setUp()
        # Asked while it is stopped itself, it lets nobody in.
        self.holder = self.start_slow("--join")
        os.kill(self.holder.pid, signal.SIGSTOP)

    def start_waiting(self, *options):
        waiting = self.start(*self.command, "--join", *options)
        self.wait_until(lambda: (self.folder / "out/wanted").exists(), "it does not ask")
        return waiting

    def assert_holder_goes_on_alone(self):
        os.kill(self.holder.pid, signal.SIGCONT)
        run = self.finish(self.holder)
        self.assertEqual(run.status, 0, run)
        self.assertNotIn("takes part", run.stderr)
        self.assertFalse((self.folder / "out/claims").exists())
        self.assertFalse((self.folder / "out/wanted").exists())
        self.assertEqual(len(self.lines_run()), COUNT)

    def test_a_run_that_waits_to_be_let_in_stops_when_asked_and_takes_its_request_back(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1):
            with self.subTest(number=number):
                waiting = self.start_waiting()
                waiting.send_signal(number)
                run = self.finish(waiting, timeout=5)
                self.assertEqual(run.status, 3, run)
                self.assertFalse((self.folder / "out/wanted").exists())
        self.assert_holder_goes_on_alone()

    def test_a_run_that_was_killed_while_it_waited_is_let_in_by_nobody(self):
        waiting = self.start_waiting()
        waiting.kill()
        self.finish(waiting)
        self.assert_holder_goes_on_alone()

    def test_a_run_that_waits_pauses_and_goes_on(self):
        waiting = self.start_waiting()
        waiting.send_signal(signal.SIGTSTP)
        self.wait_until(lambda: pathlib.Path(f"/proc/{waiting.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T",
                        "it did not stop")
        waiting.send_signal(signal.SIGCONT)
        os.kill(self.holder.pid, signal.SIGCONT)
        self.assertEqual(self.finish(self.holder).status, 0)
        self.assertEqual(self.finish(waiting).status, 0)


class KilledAtOnce(SignalsTest):
    def test_kill_9_of_all_processes_of_sweepd_at_once_leaves_nothing(self):
        self.write("family.yaml", FAMILY)
        for start in ("fork", "spawn"):
            with self.subTest(start=start):
                process = self.start("run", "family.yaml", "-o", start, "--start", start, *with_workers(2))
                begun = self.folder / "begun"
                self.wait_until(lambda: begun.exists() and begun.read_text().count("\n") == 2, "no point was begun")
                begun.unlink()
                ours = self.processes_of_sweepd(process)
                self.assertEqual(len(ours), 4)
                # In one instant: none of them sees another one die.
                for number in (signal.SIGSTOP, signal.SIGKILL):
                    for pid in ours:
                        os.kill(pid, number)
                self.finish(process)


if __name__ == "__main__":
    frame.main()
