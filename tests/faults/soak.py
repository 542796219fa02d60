"""A soak: sweeps that are started under odd conditions and disturbed in every way a person, a shell or a batch system
can, at random moments, until they are finished. Nothing is lost, nothing is done twice, nothing hangs or aborts.

What a round starts under (signals ignored or blocked, descriptors closed, readers gone, full disks, a small stack, a
link, a second run beside it) and what is done to it comes from the seed.
"""
import json
import os
import random
import signal
import sys

import kills
import processes
import sweeps
from report import Fault
from running import Running, wait_until

STOP = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2]
IGNORABLE = [*STOP, signal.SIGTSTP, signal.SIGQUIT, signal.SIGPIPE, signal.SIGALRM, signal.SIGCHLD]
FOREIGN = 54321    # a user who is nobody here
ABORTED = {-signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS, -signal.SIGFPE, -signal.SIGILL}

# Starts a program with these signals ignored, those blocked, all others as they are by default, and a limit.
STARTED_WITH = """import os, resource, signal, sys
ignored, blocked = ({int(number) for number in text.split(",") if number} for text in sys.argv[1:3])
for number in sorted(signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}):
    signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)
signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
if sys.argv[3]:
    resource.setrlimit(resource.RLIMIT_STACK, (int(sys.argv[3]), int(sys.argv[3])))
os.execvp(sys.argv[4], sys.argv[4:])
"""
REDIRECTIONS = {"closed input": "<&-", "closed output": ">&-", "closed error": "2>&-", "all closed": "<&- >&- 2>&-",
                "full output": ">/dev/full", "full output and error": ">/dev/full 2>&1"}


class Conditions:
    """What a run is started under; drawn anew for every run of a round."""

    def __init__(self, chance):
        self.ignored = chance.sample(IGNORABLE, chance.choice([1, 1, 2, 4])) if chance.random() < 0.4 else []
        self.blocked = chance.sample(IGNORABLE, chance.choice([1, 2])) if chance.random() < 0.2 else []
        self.redirection = chance.choice(list(REDIRECTIONS)) if chance.random() < 0.4 else None
        self.small_stack = chance.random() < 0.1

    def command(self):
        """Starts another command under them."""
        shell = 'exec "$@" ' + REDIRECTIONS.get(self.redirection, "")
        numbers = [",".join(str(int(number)) for number in each) for each in (self.ignored, self.blocked)]
        # The shell comes first, since it may unblock what is blocked.
        return ["sh", "-c", shell, "-", sys.executable, "-c", STARTED_WITH, *numbers,
                "65536" if self.small_stack else ""]

    def holds_off(self, number):
        return number in self.ignored or number in self.blocked

    def __str__(self):
        names = {"ignored": [each.name for each in self.ignored], "blocked": [each.name for each in self.blocked]}
        return f"{names}, {self.redirection or 'open descriptors'}{', small stack' if self.small_stack else ''}"


def answers_signals(pid):
    """Whether it is past its first moments, in which it dies of signals as any program does."""
    try:
        with open(f"/proc/{pid}/status") as file:
            lines = dict(line.split(":\t", 1) for line in file.read().splitlines())
    except (OSError, ValueError):
        return False
    caught = int(lines["SigCgt"], 16) | int(lines["SigIgn"], 16) | int(lines["SigBlk"], 16)
    return lines["Name"] == "sweepd" and all(caught >> (number - 1) & 1 for number in STOP)


class Planted:
    """Something in the sweep directory that is not what a run left there; the original lies aside meanwhile."""

    def __init__(self, folder, chance):
        self.out, self.aside = folder / "out", folder / "aside"
        names = [name for name in ("manifest.json",) if (self.out / name).exists()]
        kinds = ["link", "pipe"] + (["owner"] if os.geteuid() == 0 else [])
        self.kind, self.name = chance.choice(kinds), chance.choice(names)

    def __enter__(self):
        path = self.out / self.name
        if self.kind == "owner":
            os.chown(path, FOREIGN, FOREIGN)
            return self
        path.rename(self.aside)
        if self.kind == "link":
            path.symlink_to(self.aside)
        else:
            os.mkfifo(path)
        self.before = self.content()
        return self

    def __exit__(self, *fault):
        path = self.out / self.name
        if self.kind == "owner":
            os.chown(path, os.geteuid(), os.getegid())
            return
        if fault[0] is None and self.content() != self.before:
            raise Fault("other", f"{self}: what lies elsewhere was changed")
        if not (path.is_symlink() or path.is_fifo()):
            raise Fault("other", f"{self}: it was replaced")
        path.unlink()
        self.aside.rename(path)

    def content(self):
        files = sorted(self.aside.iterdir()) if self.aside.is_dir() else [self.aside]
        return [(file.name, file.read_bytes()) for file in files]

    def __str__(self):
        return f"{self.name} is {'of another user' if self.kind == 'owner' else 'a ' + self.kind}"


class Round(kills.Round):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.done = []          # what was done to it, for a report
        self.beside = None      # another run of the sweep at the same time

    def start(self, command):
        if not self.beside and self.is_begun() and not self.is_finished() and self.chance.random() < 0.5:
            self.run_planted()
        conditions = Conditions(self.chance)
        self.done.append(f"started with {conditions}")
        running = Running(self.folder, *command, under=conditions.command())
        running.conditions = conditions
        return running

    def play(self):
        try:
            super().play()
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

    def run_planted(self):
        """It is refused, or goes on without what was planted."""
        with Planted(self.folder, self.chance) as planted:
            self.done.append(str(planted))
            self.report.disturbances[planted.kind] += 1
            self.runs.append(Running(self.folder, *self.command))
            ended = self.runs[-1].wait()
            self.judge(self.runs[-1], ended, {2, 3, 4})
            if not ended.stderr.strip():
                raise Fault("other", f"{planted}: not a word: {ended}")

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
