"""kill -9 at random moments: after each, the same command finishes the sweep and its results do not show it.

Moments and targets come from the seed; what exactly runs at that moment is up to the machine, so a failing round may
need some tries to fail again.
"""
import json
import random
import tempfile
import pathlib

import processes
import sweeps
from report import Fault
from running import GONE_WITHIN_S, Running, run, wait_until

MOST_FAILURES = 20          # then there is nothing new to learn
MOST_RUNS = 12              # of one sweep, to its end
ROUNDS_FOR_ONE_SWEEP = 8
TARGETS = {"pi": processes.ROLES[:3], "command": processes.ROLES, "mixed": processes.ROLES,
           "families": processes.ROLES[:3]}


def failed_points(folder):
    """Index and kind of error of the points that failed."""
    merged = json.loads((folder / "out/results.json").read_text())
    return {record["index"]: record["error"]["kind"] for record in merged["results"] if record["status"] == "failed"}


class Round:
    def __init__(self, folder, sweep, expected, chance, report):
        self.folder, self.sweep, self.expected, self.chance, self.report = folder, sweep, expected, chance, report
        self.options, self.workers = sweeps.worker_options(chance, sweep.points)
        self.command = ["run", "sweep.yaml", "-o", "out", *self.options]
        self.kills_left = chance.choices([1, 2, 3, 5], [6, 2, 1, 1])[0]
        self.killed = dict.fromkeys(processes.ROLES, 0)
        self.runs = []
        self.may_repeat = 0     # points that may begin once more than undisturbed

    def play(self):
        self.sweep.write(self.folder)
        try:
            self.finish(self.command)
            self.settle_failures()
            if self.chance.random() < 0.2:
                self.kills_left = self.chance.randrange(2)
                self.retry_failed()
                self.settle_failures()
        except Fault as fault:
            raise Fault(fault.kind, f"killed were {self.killed}: {fault}") from None
        finally:
            for running in self.runs:
                running.kill()
        self.compare()
        self.count_repeats()

    # ---- disturbing ---------------------------------------------------------------------------------------------

    def start(self, command):
        return Running(self.folder, *command)

    def finish(self, command):
        """The same command until it ends of itself."""
        for _ in range(MOST_RUNS):
            self.runs.append(self.start(command))
            if self.run_disturbed(self.runs[-1]):
                break
        else:
            raise Fault("hang", f"not finished after {MOST_RUNS} times {self.runs[-1]}: {self.runs[-1].said()}")
        for running in self.runs:
            running.assert_gone()

    def run_disturbed(self, running):
        """One run with its kills; whether the sweep is finished."""
        ends_it = None
        while ends_it is None and self.kills_left > 0 and self.wait_for_moment(running):
            target = self.kill_one(running)
            ends_it = target if target in ("coordinator", "starter") else None
        ended = running.wait()
        if ends_it == "coordinator" and self.chance.random() < 0.5:
            return False  # carried on at once: the workers of the dead may still be dying
        running.assert_gone()
        allowed = {None: (0, 1), "coordinator": (-9, 0, 1), "starter": (0, 1, 3)}[ends_it]
        if ended.status not in (*allowed, 3 if self.killed["worker"] else 0):
            raise Fault("other", f"{running}, the last kill of {ends_it}: {ended}")
        return ended.status in (0, 1)

    def wait_for_moment(self, running):
        """False where the run ended before."""
        if self.chance.random() < 0.5:
            wait_until(running.has_ended, self.chance.uniform(0, 1.1 * self.expected.seconds + 0.02))
        else:
            wanted = self.chance.randrange(self.sweep.points)
            wait_until(lambda: running.has_ended() or sweeps.records_written(self.folder / "out") >= wanted,
                       5 + self.expected.seconds)
        return not running.has_ended()

    def kill_one(self, running):
        """Kills one of a random role, as soon as there is one; the role, None where the run ended before."""
        role = self.chance.choice(TARGETS[self.sweep.kind])
        killed = []

        def try_to_kill():
            if running.has_ended() or processes.kill_one(running.pid, role, self.chance):
                killed.append(not running.has_ended() or role == "coordinator")
            return bool(killed)

        self.kills_left -= 1
        if not wait_until(try_to_kill, 0.3) or not killed[0]:
            return None
        self.killed[role] += 1
        self.report.kills[role] += 1
        self.may_repeat += self.in_flight(role)
        return role

    def in_flight(self, role):
        """Attempts that may be made again: of a point in hand those before this one count no more."""
        points = {"coordinator": self.workers, "starter": self.workers, "worker": 1, "task": 1}[role]
        return points * self.sweep.attempts

    # ---- judging ------------------------------------------------------------------------------------------------

    def settle_failures(self):
        """What our kills made of points (signal, lost) is recorded as such, and runs again when asked."""
        for _ in range(3):
            unexpected = {index: kind for index, kind in failed_points(self.folder).items()
                          if index not in self.sweep.failing or kind in ("signal", "lost")}
            self.check_are_ours(unexpected)
            if not unexpected:
                return
            self.retry_failed()
        raise Fault("other", f"points still fail after --retry-failed: {unexpected}")

    def check_are_ours(self, failed):
        kinds = list(failed.values())
        if kinds.count("signal") + kinds.count("lost") < len(kinds) or kinds.count("signal") > self.killed["task"] \
                or 2 * kinds.count("lost") > self.killed["worker"]:
            raise Fault("other", f"points failed: {failed}")

    def retry_failed(self):
        """Each run of it tries again all that failed until then."""
        failed = len(set(failed_points(self.folder)) | self.sweep.failing)
        before = len(self.runs)
        self.finish([*self.command, "--retry-failed"])
        self.may_repeat += (len(self.runs) - before) * failed * self.sweep.attempts

    def compare(self):
        results = (self.folder / "out/results.json").read_bytes()
        if results == self.expected.results:
            return
        indices = [record["index"] for record in json.loads(results)["results"]]
        missing = set(range(self.sweep.points)) - set(indices)
        kind = "lost" if missing else "double" if len(indices) > len(set(indices)) else "other"
        (self.folder / "expected.json").write_bytes(self.expected.results)
        raise Fault(kind, f"out/results.json differs from expected.json; missing: {sorted(missing)[:9]}")

    def count_repeats(self):
        if not self.sweep.is_command:
            return
        begun = sweeps.begun(self.folder)
        repeated = sum(begun.values()) - self.expected.begun
        self.report.repeated += max(0, repeated)
        self.report.in_flight += self.may_repeat
        if set(begun) != set(range(self.sweep.points)):
            raise Fault("lost", f"points never begun: {set(range(self.sweep.points)) - set(begun)}")
        if repeated > self.may_repeat:
            often = {index: count for index, count in begun.items() if count > 1}
            raise Fault("double", f"{repeated} points were begun again, {self.may_repeat} were in flight at the kills "
                        f"{self.killed} or tried again on demand; with {self.workers} workers; begun: {often}")


class Sweeps:
    """The sweep of each round, and how it ends undisturbed: made when first asked for, the same for every seed."""

    def __init__(self, seed):
        self.seed, self.made = seed, {}

    def of_round(self, number):
        kinds = len(sweeps.DRAWS)
        kind, generation = number % kinds, number // (kinds * ROUNDS_FOR_ONE_SWEEP)
        if (kind, generation) not in self.made:
            sweep = sweeps.DRAWS[kind](random.Random(f"{self.seed} sweep {kind} {generation}"))
            with tempfile.TemporaryDirectory(prefix="sweepd-faults-") as folder:
                self.made[kind, generation] = sweep, sweeps.undisturbed(sweep, pathlib.Path(folder))
        return self.made[kind, generation]


def play_all(report, seed, first, rounds):
    report.say(f"kills: {rounds} rounds of kill -9")
    drawn, failures = Sweeps(seed), 0
    for number in range(first, first + rounds):
        chance = random.Random(f"{seed} round {number}")
        sweep, expected = drawn.of_round(number)
        passed = report.case(f"kills, round {number} ({sweep.kind})", f"--only kills --from {number} --rounds 1",
                             lambda folder: Round(folder, sweep, expected, chance, report).play())
        report.rounds["kills"] += 1
        failures += not passed
        report.progress(f"kills: {number + 1 - first} of {rounds} rounds, {failures} failed")
        if failures >= MOST_FAILURES:
            return report.say(f"kills: given up after {failures} failing rounds")
