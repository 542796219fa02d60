"""Bytes of chunk files flipped, files cut at every offset, foreign bytes in them.

The same command then says which file is damaged and where, runs again the points whose records were hurt and no others,
and the results are those of an undisturbed sweep.
"""
import dataclasses
import pathlib
import random
import re
import shutil
import tempfile

import sweeps
from report import Fault, Faults, memory_folder
from running import expect, in_parallel, run

QUICK_SHARE = 16         # of the offsets, every so-manieth
POINTS = 5
PLACE = re.compile(r"(line|offset|byte) \d")


@dataclasses.dataclass
class Damage:
    """What was done to a file: the lines (from 0) whose records it may have hurt, and whether it has to be told."""
    what: str
    content: bytes
    lines: range
    is_told: bool


def line_at(content, offset):
    return content.count(b"\n", 0, offset)


def flipped(content, offset, chance):
    change = chance.randrange(1, 256)
    line = line_at(content, offset)
    both = content[offset] == 10  # the end of a line joins it with the next
    return Damage(f"byte {offset} flipped with {change}",
                  content[:offset] + bytes([content[offset] ^ change]) + content[offset + 1:],
                  range(line, line + 1 + both), True)


def cut(content, offset):
    return Damage(f"cut at {offset}", content[:offset], range(line_at(content, offset), content.count(b"\n")), True)


def foreign(content, chance):
    """Lines and blocks that do not belong there."""
    lines = content.splitlines(keepends=True)
    at = chance.randrange(len(content))
    last = len(lines)
    noise = chance.randbytes(100).replace(b"\n", b" ") + b"\n"
    yield Damage("a line of noise before all", noise + content, range(0), True)
    yield Damage("a line of noise after all", content + noise, range(0), True)
    line = line_at(content, at)
    yield Damage(f"noise at {at}", content[:at] + noise + content[at:], range(line, line + 1), True)
    yield Damage(f"zeros from {at} on", content[:at] + bytes(len(content) - at), range(line, last), True)
    yield Damage("a block of zeros after all", content + bytes(512), range(0), True)
    yield Damage("the first line twice", lines[0] + content, range(0), True)
    yield Damage("the lines the other way round", b"".join(reversed(lines)), range(last), True)
    yield Damage("a line of 3 MB", b"x" * 3_000_000 + b"\n" + content, range(0), True)
    yield Damage("deeply nested", b"[" * 100_000 + b"\n" + content, range(0), True)
    yield Damage("nothing", b"", range(last), True)


class Patient:
    """A sweep directory whose chunk files are read again: half done, or done but not merged."""

    def __init__(self, folder, half_done):
        self.folder, self.template = folder, folder / "template"
        self.template.mkdir()
        sweep = sweeps.Sweep("command", sweeps.command_text([0] * POINTS, ["nothing"] * POINTS), POINTS)
        sweep.write(self.template)
        self.command = ["run", "sweep.yaml", "-o", "out", "-j1", "--chunk-size", "2"]
        if half_done:
            sweeps.leave_half_done(self.template, self.command)
        else:
            expect(run(self.template, *self.command), (0,), "the run to be damaged")
            sweeps.leave_unmerged(self.template, self.template / "out")
        undisturbed = folder / "undisturbed"
        undisturbed.mkdir()
        self.expected = sweeps.undisturbed(sweep, undisturbed).results
        self.files = sorted(path.name for path in (self.template / "out/chunks").iterdir())
        self.recorded = set().union(*(self.indices(name) for name in self.files))

    def content(self, name):
        return (self.template / "out/chunks" / name).read_bytes()

    def indices(self, name):
        """Of the whole lines of a chunk file."""
        first = int(name.partition("-")[0])
        return range(first, first + self.content(name).count(b"\n"))

    def try_damage(self, name, damage):
        trial = pathlib.Path(tempfile.mkdtemp(prefix="trial-", dir=self.folder))
        shutil.copytree(self.template, trial, dirs_exist_ok=True)
        (trial / "out/chunks" / name).write_bytes(damage.content)
        what = f"chunks/{name}: {damage.what}"
        ended = expect(run(trial, *self.command), (0,), what)
        if (trial / "out/results.json").read_bytes() != self.expected:
            raise Fault("other", f"{what}: results differ: {ended}")
        self.assert_only_hurt_points_ran(trial, name, damage, f"{what}: {ended}")
        if damage.is_told and not name.endswith(".part") and not self.is_told(name, ended):
            raise Fault("other", f"{what}: the damage is not reported with file and place: {ended}")
        shutil.rmtree(trial)

    def assert_only_hurt_points_ran(self, trial, name, damage, what):
        first, until = self.indices(name).start, max(damage.lines.stop, damage.lines.start)
        hurt = {first + line for line in damage.lines}
        if name.endswith(".part"):  # counts up to the first line that is not intact
            hurt |= set(range(first + min(damage.lines.start, until), POINTS))
            hurt |= set(self.indices(name)) if not damage.lines else set()
        ran = sweeps.begun(trial)
        unasked = set(ran) - hurt - (set(range(POINTS)) - self.recorded)
        if unasked or max(ran.values(), default=0) > 1:
            raise Fault("double", f"ran again without need: {sorted(unasked)}; begun: {dict(ran)}; {what}")

    @staticmethod
    def is_told(name, ended):
        return any(name in line and PLACE.search(line) for line in ended.stderr.splitlines())


def damages(content, chance, quick):
    step = QUICK_SHARE if quick else 1
    for offset in range(chance.randrange(step), len(content), step):
        yield flipped(content, offset, chance)
        yield cut(content, offset)
    yield from (damage for damage in foreign(content, chance) if damage.content != content)


def play_file(patient, name, report, chance, quick):
    def fault_of(damage):
        try:
            return patient.try_damage(name, damage)
        except Fault as fault:
            return fault

    faults = Faults("damages")
    for damage, fault in in_parallel(fault_of, damages(patient.content(name), chance, quick)):
        if fault:
            faults.add(fault.kind, str(fault))
        report.rounds["bytes"] += 1
        report.progress(f"bytes: {name}: {damage.what}")
    faults.raise_all()


def play_patient(report, seed, quick, half_done):
    state = "half done" if half_done else "not merged"

    def play(folder):
        chance = random.Random(f"{seed} bytes {state}")
        patient = Patient(folder, half_done)
        for name in patient.files:
            report.case(f"bytes: {state}: {name}", "--only bytes",
                        lambda _, name=name: play_file(patient, name, report, chance, quick), memory_folder())

    report.case(f"bytes: a sweep {state} to damage", "--only bytes", play, memory_folder())


def play_all(report, seed, quick):
    report.say("bytes: chunk files are damaged")
    for half_done in (True, False):
        play_patient(report, seed, quick, half_done)
