"""Starts the sweepd binary in a folder and sees to it that every wait ends and that nothing is left running.

What a run says goes to files in the folder (run-1.out, run-1.err, …), so that a kept folder tells the whole story and
no pipe can be held open by a process that outlives the run.
"""
import concurrent.futures
import dataclasses
import itertools
import os
import pathlib
import select
import signal
import subprocess
import time
import uuid

import frame
from report import Fault

frame.MARK = "TEST_MARK"               # commands get nothing that begins with SWEEPD_, and are to be found as well
AT_A_TIME = 1 + os.cpu_count()
RUN_LIMIT_S = 20 * frame.PATIENCE
GONE_WITHIN_S = 1.0 * frame.PATIENCE   # after kill -9 of the coordinator


@dataclasses.dataclass
class Ended:
    """How a run ended and what it said."""
    status: int
    stdout: str
    stderr: str

    def __str__(self):
        return f"exit status {self.status}\n--- stdout\n{self.stdout}\n--- stderr\n{self.stderr}"


def wait_until(condition, within):
    """Whether the condition came true within so many seconds."""
    end = time.monotonic() + within
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.003)
    return True


def ends_within(pid, seconds):
    """Whether our child becomes a zombie within so many seconds; Popen.wait would look only every 50 ms."""
    handle = os.pidfd_open(pid)
    try:
        return bool(select.select([handle], [], [], seconds)[0])
    finally:
        os.close(handle)


def send_to_all(mark, number):
    for pid in frame.processes_with(mark):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def command_lines(pids):
    lines = []
    for pid in pids:
        try:
            text = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        lines.append(f"{pid}: {text}")
    return "\n".join(lines)


def in_parallel(function, items):
    """Pairs of item and function(item), in order, a few at a time: most of a small run is waiting."""
    items = iter(items)
    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        while batch := list(itertools.islice(items, AT_A_TIME)):
            yield from zip(batch, pool.map(function, batch))


class Running:
    """One run of the binary; `under` is a command that starts it, such as prlimit."""

    def __init__(self, folder, *arguments, env=None, under=()):
        self.mark = uuid.uuid4().hex
        self.arguments = arguments
        number = 1 + len(list(folder.glob("run-*.err")))
        self.out, self.err = folder / f"run-{number}.out", folder / f"run-{number}.err"
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            self.process = subprocess.Popen(
                [*under, frame.SWEEPD, *map(str, arguments)], cwd=folder, env=frame.environment(self.mark, env),
                stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True)
        self.pid = self.process.pid

    def has_ended(self):
        return self.process.poll() is not None

    def wait(self, within=RUN_LIMIT_S):
        """The end; where it does not come, all is killed and it counts as a hang."""
        if not self.has_ended() and not ends_within(self.pid, within):
            left = command_lines(frame.processes_with(self.mark))
            self.kill()
            raise Fault("hang", f"{self} did not end within {within:g} s; it ran\n{left}\n{self.said()}")
        return Ended(self.process.wait(), self.out.read_text(errors="replace"), self.said())

    def said(self):
        return self.err.read_text(errors="replace")

    def assert_gone(self, within=GONE_WITHIN_S):
        """Nothing that this run started may be alive any more."""
        if wait_until(lambda: not frame.processes_with(self.mark), within):
            return
        left = command_lines(frame.processes_with(self.mark))
        self.kill()
        if left:
            raise Fault("other", f"{within:g} s after the end of {self} there still ran\n{left}")

    def stop(self):
        """All its processes stand still; none is missed that another one started meanwhile."""
        before = None
        while before != (before := set(frame.processes_with(self.mark))):
            send_to_all(self.mark, signal.SIGSTOP)

    def wake(self):
        send_to_all(self.mark, signal.SIGCONT)

    def kill(self):
        send_to_all(self.mark, signal.SIGKILL)
        self.process.wait()

    def __str__(self):
        return "sweepd " + " ".join(map(str, self.arguments))


def run(folder, *arguments, env=None, under=(), within=RUN_LIMIT_S):
    """Runs to the end; nothing may be left running."""
    running = Running(folder, *arguments, env=env, under=under)
    try:
        ended = running.wait(within)
        running.assert_gone(5 * frame.PATIENCE)
    finally:
        running.kill()
    return ended


def expect(ended, statuses, what):
    if ended.status not in statuses:
        raise Fault("other", f"{what}: expected exit status {' or '.join(map(str, statuses))}: {ended}")
    return ended
