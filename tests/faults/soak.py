"""A soak: sweeps that are started under odd conditions and disturbed in every way a person, a shell or a batch system
can, at random moments, until they are finished. Nothing is lost, nothing is done twice, nothing hangs or aborts.

What a round starts under (signals ignored or blocked, descriptors closed, readers gone, full disks, a small stack, a
link, a second run beside it) and what is done to it comes from the seed.
"""
import json
import os
import random
import signal

import kills
import processes
import sweeps
from conditions import Conditions, KINDS, Planted, STOP, answers_signals
from report import Fault
from running import Running, wait_until

ABORTED = {-signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS, -signal.SIGFPE, -signal.SIGILL}


class Round(kills.Round):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.done = []          # what was done to it, for a report
        self.beside = None      # another run of the sweep at the same time
        self.planted = []       # what stays in the place of chunk files

    def start(self, command):
        if not self.beside and self.is_begun() and not self.is_finished():
            self.chance.choice([self.run_planted, self.plant_chunk, lambda: None])()
        conditions = Conditions(self.chance)
        self.done.append(f"started with {conditions}")
        running = Running(self.folder, *command, under=conditions.command())
        running.conditions = conditions
        return running

    def play(self):
        if self.chance.random() < 0.2:
            (self.folder / "scratch").mkdir()
            (self.folder / "out").symlink_to("scratch")
            self.done.append("out is a link")
        try:
            super().play()
            for planted in self.planted:
                planted.check()
        except Fault as fault:
            raise Fault(fault.kind, "; ".join(self.done) + f": {fault}") from None

    def run_disturbed(self, running):
        """One run and what is done to it; whether the sweep is finished."""
        if self.kills_left > 0 and self.chance.random() < 0.3:
            self.start_beside(running)
        both, expected = list(filter(None, (running, self.beside))), {0, 1}
        while self.kills_left > 0 and self.wait_for_moment(running):
            self.kills_left -= 1
            expected |= self.disturb(self.chance.choice(both))
        for each in both:
            self.judge(each, each.wait(), expected)
        for each in both:
            each.assert_gone()
        self.beside = None
        return self.is_finished()

    def start_beside(self, running):
        self.done.append("another run beside it")
        self.beside = running
        self.beside = self.start([*self.command, "--join"])
        self.runs.append(self.beside)

    def judge(self, running, ended, expected):
        if ended.status in ABORTED or "bug in sweepd" in ended.stderr:
            raise Fault("abort", f"{running}: {ended}")
        # Who asks for a directory that is in use without --join, and whose peer was killed, may be refused or carry on.
        allowed = expected | ({2, 3} if self.beside else set()) | ({3} if self.killed["worker"] else set())
        if ended.status not in allowed:
            raise Fault("other", f"{running}, expected one of {sorted(allowed)}: {ended}")

    def is_begun(self):
        return (self.folder / "out/manifest.json").exists() and (self.folder / "out/chunks").is_dir()

    def plant(self, path):
        kind = self.chance.choice(KINDS if os.geteuid() == 0 else [kind for kind in KINDS if kind != "owner"])
        planted = Planted(path, kind, self.folder / f"aside-{len(self.runs)}-{path.name}")
        self.done.append(str(planted))
        self.report.disturbances[planted.kind] += 1
        return planted

    def run_planted(self):
        """It is refused, and goes on when that is gone."""
        out = self.folder / "out"
        planted = self.plant(self.chance.choice([out / "chunks", out / "manifest.json"]))
        self.runs.append(Running(self.folder, *self.command))
        ended = self.runs[-1].wait()
        self.judge(self.runs[-1], ended, {2, 3, 4})
        if ended.status in (0, 1) or not ended.stderr.strip():
            raise Fault("other", f"{planted}: expected a refusal: {ended}")
        planted.take_back()

    def plant_chunk(self):
        """Its points run again."""
        chunks = sorted((self.folder / "out/chunks").glob("0*.ndjson"))
        if chunks:
            self.planted.append(self.plant(self.chance.choice(chunks)))
            self.may_repeat += self.sweep.points * self.sweep.attempts

    def is_finished(self):
        try:
            return json.loads((self.folder / "out/manifest.json").read_text())["complete"]
        except OSError:
            return False

    # ---- disturbing ---------------------------------------------------------------------------------------------

    def disturb(self, running):
        """Does one thing to it; the statuses it may end with for that."""
        if not wait_until(lambda: running.has_ended() or answers_signals(running.pid), 2) or running.has_ended():
            return set()
        what = self.chance.choice(["stop", "stop", "stop all", "stop twice", "held off", "pause", "freeze", "kill",
                                   "kill", "kill all"])
        self.done.append(what)
        self.report.disturbances[what] += 1
        return getattr(self, what.replace(" ", "_"))(running)

    def send(self, pids, number):
        for pid in pids:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def ours(self, running):
        roles = processes.by_role(running.pid)
        return roles["coordinator"] + roles["starter"] + roles["worker"]

    def interrupt(self, running, pids, times=1):
        numbers = [number for number in STOP if not running.conditions.holds_off(number)]
        for _ in range(times if numbers else 0):
            self.send(pids, self.chance.choice(numbers))
        self.may_repeat += self.in_flight("starter")
        return {3}

    def stop(self, running):
        return self.interrupt(running, [running.pid])

    def stop_twice(self, running):
        return self.interrupt(running, [running.pid], times=2)

    def stop_all(self, running):
        roles = processes.by_role(running.pid)
        return self.interrupt(running, [pid for pids in roles.values() for pid in pids])

    def held_off(self, running):
        for number in STOP:
            if running.conditions.holds_off(number):
                self.send(self.ours(running), number)
        return set()

    def pause(self, running):
        self.send([running.pid], signal.SIGTSTP)
        wait_until(running.has_ended, self.chance.uniform(0.02, 0.3))
        self.send([running.pid], signal.SIGCONT)
        return set()

    def freeze(self, running):
        """A stall of one of them; the others have to wait."""
        pids = self.ours(running)
        if pids:
            pid = self.chance.choice(pids)
            self.send([pid], signal.SIGSTOP)
            wait_until(running.has_ended, self.chance.uniform(0.02, 0.3))
            self.send([pid], signal.SIGCONT)
        return set()

    def kill(self, running):
        target = self.kill_one(running)
        return {"coordinator": {-9}, "starter": {3}}.get(target, set())

    def kill_all(self, running):
        """In one instant: none of them sees another one die."""
        pids = self.ours(running)
        for number in (signal.SIGSTOP, signal.SIGKILL):
            self.send(pids, number)
        self.may_repeat += self.in_flight("coordinator")
        return {-9}


def play_all(report, seed, first, rounds):
    report.say(f"soak: {rounds} rounds")
    drawn, failures = kills.Sweeps(f"{seed} soak"), 0
    for number in range(first, first + rounds):
        chance = random.Random(f"{seed} soak {number}")
        sweep, expected = drawn.of_round(number)
        failures += not report.case(f"soak, round {number} ({sweep.kind})", f"--only soak --from {number} --rounds 1",
                                    lambda folder: Round(folder, sweep, expected, chance, report).play())
        report.rounds["soak"] += 1
        report.progress(f"soak: {number + 1 - first} of {rounds} rounds, {failures} failed")
        if failures >= kills.MOST_FAILURES:
            return report.say(f"soak: given up after {failures} failing rounds")
