"""Power fails at any moment, and what was not synced is lost in any combination: the same command carries on.

The calls of a run are recorded; from them directories are made as a disk may be found after it. Each is carried on as
after a start of the machine: not refused, the results of an undisturbed sweep, no point again whose record was synced.
"""
import os
import pathlib
import random
import shutil
import subprocess
import time

import hosts
import recording
import sweeps
from report import CannotRun, Fault, Faults, memory_folder
from running import expect, in_parallel, run
from stalls import OPTIONS, POINTS, text

STATES, QUICK_STATES = 400, 24     # of each sort
DAY_S = 86_400
BOOT = "/proc/sys/kernel/random/boot_id"


class Sort:
    """What the run does whose power fails: a new sweep, or a changed one, or failed points again, or one set aside."""

    def __init__(self, name, seed_before=None, failing=False, fresh=False):
        self.name, self.seed_before, self.failing, self.fresh = name, seed_before, failing, fresh

    def command(self, first=False):
        return [*self.carry_on_command(first), *(["--fresh"] if self.fresh and not first else [])]

    def carry_on_command(self, first=False):
        return ["run", "sweep.yaml", *OPTIONS, "-j2", *(["--retry-failed"] if self.failing and not first else [])]

    def sweep_text(self, seed):
        if self.failing:
            return f"name: stalls\nseed: {seed}\n" + sweeps.command_text([0] * POINTS, ["nothing", "mend"] * (POINTS // 2))
        return text(seed, pause=0)

    def prepare(self, folder):
        (folder / "step.sh").write_text(sweeps.STEP)
        if self.seed_before is not None or self.failing:
            (folder / "sweep.yaml").write_text(self.sweep_text(1 if self.failing else self.seed_before))
            expect(run(folder, *self.command(first=True)), (0, 1), "the sweep before")
        (folder / "mended").touch()
        (folder / "sweep.yaml").write_text(self.sweep_text(1))
        (folder / "ran").unlink(missing_ok=True)


SORTS = [Sort("new"), Sort("changed", seed_before=3), Sort("with failed points", failing=True),
         Sort("that sets another aside", seed_before=3, fresh=True)]


def started_anew(folder):
    """What starts a command as after the next start of this machine."""
    boot = folder / "boot_id"
    boot.write_text("00000000-0000-4000-8000-000000000000\n")
    as_user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    return ["unshare", *as_user, "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
            "sh", "-c", f'mount --bind "$0" {BOOT} && exec "$@"', str(boot)]


def need_new_start(folder):
    try:
        done = subprocess.run([*started_anew(folder), "cat", BOOT], capture_output=True, text=True)
    except FileNotFoundError:
        raise CannotRun("there is no unshare (package util-linux)") from None
    if done.returncode != 0 or not done.stdout.startswith("00000000-"):
        raise CannotRun(f"cannot start as after a start of the machine: {done.stderr.strip()}")


class Failures:
    """One sort of run, recorded once."""

    def __init__(self, sort, folder, report, seed, states):
        self.sort, self.folder, self.report, self.seed, self.states = sort, folder, report, seed, states
        self.faults = Faults("states")
        self.template = folder / "template"
        self.template.mkdir()
        sort.prepare(self.template)
        recorded = shutil.copytree(self.template, folder / "recorded")
        self.disk = recording.Disk(recorded, "out")
        for name, arguments in recording.record(recorded, *sort.command()):
            self.disk.do(name, arguments)
        self.expected = (recorded / "out/results.json").read_bytes()
        self.check_model(recorded)

    def check_model(self, recorded):
        """Where nothing is lost, the model has what the run left."""
        folder = self.folder / "whole"
        folder.mkdir()
        self.disk.lay_out(self.disk.after_failure(len(self.disk.operations), lambda _: True), folder)
        done = subprocess.run(["diff", "-r", recorded / "out", folder / "out"], capture_output=True, text=True)
        if done.returncode != 0:
            raise Fault("other", f"the recording is not what was done: {done.stdout[:2000]}")

    def play(self):
        for number, _ in in_parallel(self.play_one, range(self.states)):
            self.report.rounds["power"] += 1
            self.report.progress(f"power: a sweep {self.sort.name}: state {number}")
        self.faults.raise_all()

    def play_one(self, number):
        chance = random.Random(f"{self.seed} {self.sort.name} {number}")
        folder = shutil.copytree(self.template, self.folder / f"state-{number}")
        at = chance.randrange(self.disk.first, len(self.disk.operations) + 1)
        share = chance.choice([0, 0, 0.2, 0.5, 0.8, 1])
        shutil.rmtree(folder / "out", ignore_errors=True)
        self.disk.lay_out(self.disk.after_failure(at, lambda _: chance.random() < share), folder)
        when = self.set_clock(folder, chance)
        try:
            self.carry_on(folder, self.safe_points(at), f"operation {at} of {len(self.disk.operations)}, {share:.0%} kept of "
                          f"what was not synced, {when}")
        except Fault as fault:
            self.faults.add(fault.kind, f"power failed before {fault}\nin {folder}")
            return
        shutil.rmtree(folder)

    def set_clock(self, folder, chance):
        """The clock may have been set since."""
        days = chance.choice([0, 0, 1, -1])
        for path in [folder / "out", *(folder / "out").rglob("*")]:
            if path.exists():
                os.utime(path, (time.time() + days * DAY_S,) * 2)
        return f"files of {days:+} days"

    def safe_points(self, at):
        """Those whose records were synced, and so was the name of the file that has them: then the folders above must be."""
        def is_of_folder(operation):
            return any(node in self.disk.folders for _, _, node in operation.names)

        with_nothing = self.folder / f"safe-{at}-{time.monotonic_ns()}"
        with_nothing.mkdir()
        self.disk.lay_out(self.disk.after_failure(at, is_of_folder), with_nothing)
        manifest = with_nothing / "out/manifest.json"
        points = set()
        if manifest.exists() and '"seed": 1' in manifest.read_text():
            for path in (with_nothing / "out/chunks").glob("*.ndjson"):
                points |= {int(line.split(b":")[1].split(b",")[0]) for line in path.read_bytes().splitlines()
                           if b'"status":"ok"' in line}
        shutil.rmtree(with_nothing)
        return points

    def carry_on(self, folder, safe, when):
        ended = run(folder, *self.sort.carry_on_command(), env=hosts.SILENT, under=started_anew(folder))
        expect(ended, (0,), when)
        path = folder / "out/results.json"
        if not path.exists() or path.read_bytes() != self.expected:
            raise Fault("lost", f"{when}: no results, or others: {ended}")
        again = safe & set(sweeps.begun(folder))
        if again:
            raise Fault("lost", f"{when}: points {sorted(again)} ran again, whose records were synced: {ended}")


def play_all(report, seed, quick):
    report.say("power: what was not synced is lost, in any combination")
    states = QUICK_STATES if quick else STATES

    def play(sort, folder):
        need_new_start(folder)
        recording.need_strace()
        Failures(sort, folder, report, seed, states).play()

    for sort in SORTS:
        report.case(f"power: a sweep {sort.name}", "--only power", lambda folder: play(sort, folder), memory_folder())
