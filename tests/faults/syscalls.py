"""Every system call of a small sweep that makes, writes, syncs or names a file or makes a process fails once in turn.

shim.c does it, preloaded into the binary's processes. Whatever fails: the run says so and ends with 3, or copes with
it; the same command, undisturbed, then finishes with the results of an undisturbed sweep.
"""
import json
import pathlib
import random
import shutil
import tempfile

import shim
import sweeps
from report import CannotRun, Fault, Faults, memory_folder
from running import expect, in_parallel, run
from scenarios import SCENARIOS

WORKERS = 2
QUICK_SHARE = 16         # of the calls, every so-manieth
MOST_CALLS = 2000        # then a run is no small sweep


class Trial:
    """One scenario with one call failing, in a folder of its own."""

    def __init__(self, scenario, template, expected, library):
        self.scenario, self.template, self.expected, self.library = scenario, template, expected, library
        self.to_run = self.points_to_run()

    def points_to_run(self):
        """Those that a run from the template on begins."""
        with tempfile.TemporaryDirectory(prefix="sweepd-faults-") as folder:
            place = shutil.copytree(self.template, pathlib.Path(folder) / "place")
            expect(run(place, *self.scenario.command()), (0,), "a run with nothing in its way")
            self.compare(place, "with nothing in its way")
            return set(sweeps.begun(place))

    def play(self, folder, failing, at):
        """The page after it: `failed` is 0 where the run makes fewer calls."""
        shutil.copytree(self.template, folder, dirs_exist_ok=True)
        ended, page = self.run_shimmed(folder, failing, at)
        if page.failed:
            self.judge(folder, failing, ended, page)
        again = run(folder, *self.scenario.command())
        expect(again, (0,), f"the run after {page}, which ended so: {ended}\n--- again:")
        when = f"after {page}, which ended so: {ended}\n--- and, again, so: {again}"
        self.compare(folder, when)
        if failing.kills:
            self.assert_repeats(folder, when)
        return page

    def assert_repeats(self, folder, when):
        """At most what the two workers had in hand."""
        begun = sweeps.begun(folder)
        repeated = sum(count - 1 for count in begun.values())
        if repeated > WORKERS or set(begun) - self.to_run:
            raise Fault("double", f"points begun {dict(begun)}, {sorted(self.to_run)} were to run {when}")

    def run_shimmed(self, folder, failing, at):
        page = shim.Page(at=at, forever=failing.forever, variant=failing.variant,
                         only=f" {failing.only} ".encode() if failing.only else b"")
        path = folder / "page"
        path.write_bytes(bytes(page))
        try:
            ended = run(folder, *self.scenario.command(), env=shim.environment(self.library, path))
        except Fault as fault:
            raise Fault(fault.kind, f"{shim.Page.read(path)}: {fault}") from None
        return ended, shim.Page.read(path)

    def judge(self, folder, failing, ended, page):
        self.assert_none_failed(folder, ended, page)
        allowed = [0, 3] + [2] * self.nothing_could_begin(folder, page) + [-9] * failing.kills
        expect(ended, allowed, str(page))
        if ended.status == 0:
            self.compare(folder, f"exit status 0, {page}: {ended}")
        elif ended.status > 0 and not ended.stderr.strip():
            raise Fault("other", f"{page}: not a word on standard error: {ended}")

    def assert_none_failed(self, folder, ended, page):
        """No point of these sweeps fails of itself."""
        path = folder / "out/results.json"
        if ended.status == 1 or (ended.status == 3 and self.scenario.state != "failed" and path.exists()):
            errors = [record["error"] for record in json.loads(path.read_bytes())["results"] if "error" in record]
            if errors:
                raise Fault("other", f"{page}: {len(errors)} points were recorded as failed: {errors[0]['kind']}: "
                            f"{errors[0]['message']}: {ended}")

    def nothing_could_begin(self, folder, page):
        cannot_read = page.name == b"open" and page.what.endswith(b"sweep.yaml")
        return cannot_read or sweeps.records_written(folder / "out") == 0

    def compare(self, folder, when):
        path = folder / "out/results.json"
        if not path.exists():
            raise Fault("lost", f"no results.json {when}")
        if path.read_bytes() != self.expected:
            records = json.loads(path.read_bytes())["results"]
            fewer = len({record["index"] for record in records}) < self.scenario.sweep().points
            raise Fault("lost" if fewer else "other", f"results.json differs {when}")


class Calls:
    """All calls of one scenario, failing in turn."""

    def __init__(self, scenario, folder, library, report, chance, quick):
        self.scenario, self.folder, self.report, self.chance, self.quick = scenario, folder, report, chance, quick
        sweep = scenario.sweep()
        undisturbed = folder / "undisturbed"
        undisturbed.mkdir()
        (undisturbed / "mended").touch()
        expected = sweeps.undisturbed(sweep, undisturbed).results
        template = folder / "template"
        template.mkdir()
        scenario.prepare(template)
        self.trial = Trial(scenario, template, expected, library)
        self.faults = Faults("calls")

    def numbers(self):
        step = QUICK_SHARE if self.quick else 1
        return range(1 + self.chance.randrange(step), MOST_CALLS, step)

    def play(self, failing):
        for at, page in in_parallel(lambda at: self.play_one(failing, at), self.numbers()):
            if page is not None and page.failed == 0:
                return
            if page is not None:
                self.report.calls[page.name.decode()] += 1
            self.report.rounds["syscalls"] += 1
            self.report.progress(f"syscalls: {self.scenario}: {failing.name}: call {at}")
        raise Fault("hang", f"{self.scenario} makes more than {MOST_CALLS} calls")

    def play_one(self, failing, at):
        """The page; None where it ended in a fault, which is noted."""
        folder = self.folder / f"{failing.name.replace(' ', '-').replace(',', '')}-{at}"
        folder.mkdir()
        try:
            page = self.trial.play(folder, failing, at)
        except Fault as fault:
            self.faults.add(fault.kind, f"{failing.name}: {fault}\nin {folder}")
            return None
        shutil.rmtree(folder)
        return page


def play_scenario(scenario, folder, library, report, seed, quick):
    calls = Calls(scenario, folder, library, report, random.Random(f"{seed} {scenario}"), quick)
    for failing in shim.FAILINGS:
        calls.play(failing)
    calls.faults.raise_all()


def play_all(report, seed, quick):
    report.say("syscalls: each call fails in turn")
    with tempfile.TemporaryDirectory(prefix="sweepd-faults-") as folder:
        try:
            library = shim.compiled(pathlib.Path(folder))
        except CannotRun as reason:
            return report.skip("syscalls", reason)
        for scenario in SCENARIOS:
            report.case(f"syscalls: {scenario}", "--only syscalls",
                        lambda place: play_scenario(scenario, place, library, report, seed, quick), memory_folder())
            report.progress(f"syscalls: {scenario} done, {report.rounds['syscalls']} runs")
