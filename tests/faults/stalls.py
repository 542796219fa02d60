"""A run stalls before each call that changes its directory; another host takes that over; then it wakes.

Run A is stopped, all its processes with it, just before its N-th such call. On another host (namespaces for the
host's name and the processes), with a sweep file of another seed, the sweep is then run to its end. A is
woken: it ends with 3, and what lies in the directory stays what the other run left. Only where A did not have the
directory yet may it take it afterwards, and only where it had given it up may it end with 0.
"""
import dataclasses
import json
import pathlib
import random
import re
import shutil
import tempfile
import time

import hosts
import shim
import sweeps
from report import CannotRun, Fault, Faults, memory_folder
from running import RUN_LIMIT_S, Running, expect, in_parallel, run, wait_until

POINTS = 4
QUICK_SHARE = 20         # of the calls, every so-manieth
MOST_CALLS = 1000        # then a run is no small sweep
OPTIONS = ["-o", "out", "--pin", "none", "--chunk-size", "1"]


def text(seed, points=POINTS, pause=0.02):
    return f"name: stalls\nseed: {seed}\n" + sweeps.command_text([pause] * points, ["nothing"] * points)


@dataclasses.dataclass(frozen=True)
class Sort:
    """What A does when it stalls, and what there is before. One that shares has to last until it was let in."""
    name: str
    seed_before: int = None
    joined: bool = False
    fresh: bool = False

    @property
    def points(self):
        return 60 if self.joined else POINTS

    def text(self, seed):
        return text(seed, self.points, 0.1 if self.joined else 0.02)

    def command(self):
        return ["run", "sweep.yaml", *OPTIONS, "-j2", *(["--join"] if self.joined else []),
                *(["--fresh"] if self.fresh else [])]

    def changed_command(self):
        return ["run", "changed/sweep.yaml", *OPTIONS, "-j8" if self.joined else "-j2"]

    def prepare(self, folder):
        """The folder before A runs: perhaps with what a run of another seed left."""
        (folder / "step.sh").write_text(sweeps.STEP)
        if self.seed_before is not None:
            (folder / "sweep.yaml").write_text(self.text(self.seed_before))
            expect(run(folder, *self.command()), (0,), "the sweep before")
        (folder / "sweep.yaml").write_text(self.text(1))
        (folder / "changed").mkdir()
        (folder / "changed/sweep.yaml").write_text(self.text(2))
        (folder / "changed/step.sh").write_text(sweeps.STEP)

    def expected_results(self, folder):
        """Of each seed, undisturbed."""
        results = {}
        for seed in (1, 2):
            place = folder / f"undisturbed-{seed}"
            place.mkdir()
            results[seed] = sweeps.undisturbed(sweeps.Sweep("command", self.text(seed), self.points), place).results
        return results


SORTS = [Sort("alone"), Sort("that adopts another sweep's directory", seed_before=3),
         Sort("that sets another sweep aside", seed_before=3, fresh=True), Sort("that shares it", joined=True)]


def contents(directory):
    """What counts: the merged files, the manifest, and the records with all that tells who made them."""
    return {str(path.relative_to(directory)): path.read_bytes()
            for path in sorted(directory.rglob("*")) if path.is_file() and counts(path.relative_to(directory))}


def counts(path):
    return path.parts[0] in ("results.json", "manifest.json", "sweep.yaml", "summary.json", "chunks")


def holders(out):
    """Process ids of the runs that hold the directory, or work in it with others."""
    pids = set()
    for path in (*out.glob("lock*"), *out.glob("claims/*.member")):
        if path.suffix == ".tmp":
            continue
        told = path.name + path.read_text()
        runs = [out / f"staging.{token}/run" for token in re.findall(r"\b[0-9a-f]{16}\b", told)]
        for text in (told, *(run.read_text() for run in runs if run.exists())):
            pids.update(int(pid) for pid in re.findall(r'"pid": ?(\d+)', text))
    return pids


class Trial:
    """One run of A that stalls before its call `at`."""

    def __init__(self, folder, sort, library, expected, at):
        self.folder, self.sort, self.expected, self.at = folder, sort, expected, at
        self.out, self.page = folder / "out", folder / "page"
        self.page.write_bytes(bytes(shim.Page(at=at, variant=shim.STALLED, only=f" {shim.CHANGES} ".encode(),
                                              below=b"/out")))
        self.shimmed = {**shim.environment(library, self.page), **hosts.SILENT}
        self.runs = []

    def play(self):
        """The page; its `failed` is 0 where A makes fewer calls."""
        try:
            return self.play_runs()
        finally:
            for running in self.runs:
                running.kill()

    def play_runs(self):
        if self.sort.joined:
            self.start_peer()
        a = self.start(*self.sort.command(), env=self.shimmed)
        wait_until(lambda: shim.Page.read(self.page).failed or a.has_ended(), RUN_LIMIT_S)
        page = shim.Page.read(self.page)
        if not page.failed:
            a.wait()
            return page
        for running in self.runs:
            running.stop()
        had = holders(self.out)
        self.take_over(page)
        self.wake_and_judge(page, had)
        self.carry_on(page)
        return page

    def start(self, *arguments, **how):
        self.runs.append(Running(self.folder, *arguments, **how))
        return self.runs[-1]

    def start_peer(self):
        """Another run on this host that is at work and will let A in; it stalls with it."""
        self.start(*self.sort.command(), env=hosts.SILENT)
        wait_until(lambda: (self.out / "progress.json").exists(), RUN_LIMIT_S)

    def is_done(self, seed):
        path = self.out / "results.json"
        return path.exists() and path.read_bytes() == self.expected[seed]

    def take_over(self, page):
        """It is refused until the silence has lasted."""
        until = time.monotonic() + RUN_LIMIT_S
        while True:
            ended = run(self.folder, *self.sort.changed_command(), env=hosts.SILENT, under=hosts.host("other"))
            if ended.status == 0 or time.monotonic() > until:
                break
            time.sleep(0.1)
        expect(ended, (0,), f"the run on another host, {page.where()} of the first")
        self.assert_done(2, f"after the run on another host, {page.where()} of the first: {ended}")

    def assert_done(self, seed, when):
        if not self.is_done(seed):
            raise Fault("lost", f"no results of seed {seed}, or wrong ones, {when}")

    def wake_and_judge(self, page, had):
        left = contents(self.out)
        for running in self.runs:
            running.wake()
        ends = [(running.pid in had, running.wait()) for running in self.runs]
        for had_it, ended in ends:
            expect(ended, (3,) if had_it else (0, 2, 3), f"{page.where()} and woken, "
                   + ("its directory taken over" if had_it else "before or after it had the directory"))
        if any(ended.status == 0 for _, ended in ends) and self.is_done(1):
            return  # it took the directory afterwards
        now = contents(self.out)
        if now != left:
            names = sorted(name for name in {**left, **now} if left.get(name) != now.get(name))
            raise Fault("other", f"{page.where()} and woken, it changed {names} of the run that had taken the directory "
                        "over: " + "; ".join(str(ended) for _, ended in ends))

    def carry_on(self, page):
        ended = run(self.folder, *self.sort.changed_command(), env=hosts.SILENT)
        expect(ended, (0,), f"carried on, after {page.where()}")
        self.assert_done(2, f"carried on, after {page.where()}: {ended}")
        manifest = json.loads((self.out / "manifest.json").read_bytes())
        if manifest["seed"] != 2:
            raise Fault("other", f"the manifest is for seed {manifest['seed']}, after {page.where()}")


class Sorts:
    """All calls of one sort of run, stalled in turn."""

    def __init__(self, sort, folder, library, report, chance, share):
        self.sort, self.folder, self.library, self.report, self.chance = sort, folder, library, report, chance
        self.share, self.faults = share, Faults("stalls")
        self.expected = sort.expected_results(folder)
        self.template = folder / "template"
        self.template.mkdir()
        sort.prepare(self.template)

    def play(self):
        numbers = range(1 + self.chance.randrange(self.share), MOST_CALLS, self.share)
        for at, page in in_parallel(self.play_one, numbers):
            if page is not None and not page.failed:
                break
            if page is not None:
                self.report.stalls[page.name.decode()] += 1
            self.report.rounds["stalls"] += 1
            self.report.progress(f"stalls: a run {self.sort.name}: call {at}")
        self.faults.raise_all()

    def play_one(self, at):
        folder = self.folder / f"stalled-{at}"
        shutil.copytree(self.template, folder)
        try:
            page = Trial(folder, self.sort, self.library, self.expected, at).play()
        except Fault as fault:
            self.faults.add(fault.kind, f"{fault}\nin {folder}")
            return None
        shutil.rmtree(folder)
        return page


def play_all(report, seed, quick):
    report.say("stalls: a run stalls before each call that changes its directory, another host takes that over")
    with tempfile.TemporaryDirectory(prefix="sweepd-faults-") as folder:
        try:
            hosts.need_hosts()
            library = shim.compiled(pathlib.Path(folder))
        except CannotRun as reason:
            return report.skip("stalls", reason)
        for sort in SORTS:
            chance = random.Random(f"{seed} {sort.name}")
            report.case(f"stalls: a run {sort.name}", "--only stalls",
                        lambda place: Sorts(sort, place, library, report, chance, QUICK_SHARE if quick else 1).play(),
                        memory_folder())
