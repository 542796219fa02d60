"""Two runs on two hosts share a sweep; one is killed and never comes back: the other ends with all of it.

The hosts are namespaces for the host's name and the processes, so neither sees that the other is dead but by its silence.
"""
import random

import hosts
import sweeps
from report import CannotRun, Fault
from running import RUN_LIMIT_S, Running, expect, in_parallel, run, wait_until

ROUNDS, QUICK_ROUNDS = 20, 2
POINTS, PAUSE_S = 400, 0.02
COMMAND = ["run", "sweep.yaml", "-o", "out", "-j1", "--pin", "none", "--join"]
LEFT = ("staging.*", "lock*", "claims", "wanted", "*.tmp", "chunks/*.part", "chunks/*.tmp")


def sweep():
    return sweeps.Sweep("command", sweeps.command_text([PAUSE_S] * POINTS, ["nothing"] * POINTS), POINTS)


class Pair:
    """One round: who is killed, and when, comes from `chance`."""

    def __init__(self, folder, expected, chance):
        self.folder, self.expected, self.chance = folder, expected, chance
        self.out, self.runs = folder / "out", []

    def play(self):
        sweep().write(self.folder)
        try:
            self.start_both()
            after = self.chance.uniform(0, POINTS * PAUSE_S / 2)
            victim = self.chance.choice(self.runs)
            wait_until(lambda: any(running.has_ended() for running in self.runs), after)
            ended_before = victim.has_ended()
            victim.kill()
            self.judge(next(running for running in self.runs if running is not victim),
                       f"{'the first' if victim is self.runs[0] else 'the second'} killed {after:.2f} s after it had joined"
                       + (" (it had ended)" if ended_before else ""))
        finally:
            for running in self.runs:
                running.kill()

    def start_both(self):
        self.runs.append(Running(self.folder, *COMMAND, env=hosts.SILENT, under=hosts.host("first")))
        wait_until(lambda: (self.out / "progress.json").exists(), RUN_LIMIT_S)
        self.runs.append(Running(self.folder, *COMMAND, env=hosts.SILENT, under=hosts.host("second")))
        wait_until(lambda: len(list(self.out.glob("claims/*.member"))) == 2, RUN_LIMIT_S)

    def judge(self, survivor, what):
        ended = expect(survivor.wait(3 * RUN_LIMIT_S), (0,), what)
        path = self.out / "results.json"
        if not path.exists():
            raise Fault("lost", f"no results.json, {what}: {ended}")
        if path.read_bytes() != self.expected:
            raise Fault("lost", f"results.json differs, {what}: {ended}")
        # One that dies with nothing in hand is not known to be dead yet: what it left goes with the next that takes the lock.
        if not wait_until(lambda: not self.left() or self.merge() and not self.left(), RUN_LIMIT_S):
            raise Fault("other", f"left behind are {self.left()}, {what}: {ended}")

    def left(self):
        return [str(each.relative_to(self.out)) for pattern in LEFT for each in self.out.glob(pattern)]

    def merge(self):
        return run(self.folder, "merge", "out", env=hosts.SILENT).status == 0


def play_all(report, seed, quick):
    report.say("peers: one of two runs that share a sweep is killed and never comes back")
    try:
        hosts.need_hosts()
    except CannotRun as reason:
        return report.skip("peers", reason)

    def play(folder):
        undisturbed = folder / "undisturbed"
        undisturbed.mkdir()
        expected = sweeps.undisturbed(sweep(), undisturbed).results

        def play_one(number):
            place = folder / f"round-{number}"
            place.mkdir()
            try:
                Pair(place, expected, random.Random(f"{seed} peers {number}")).play()
            except Fault as fault:
                return fault

        for number, fault in in_parallel(play_one, range(QUICK_ROUNDS if quick else ROUNDS)):
            report.rounds["peers"] += 1
            report.progress(f"peers: round {number}")
            if fault:
                raise Fault(fault.kind, f"round {number}: {fault}")

    report.case("peers: the survivor ends with everything done", "--only peers", play)
