"""Limits that users and systems set: on the size of a file, on open descriptors.

A run under one that is too low says so and ends with 3; without it the same command completes.
"""
import shutil

import shim
import sweeps
from report import CannotRun, Fault
from running import expect, run

COMMAND = ["run", "sweep.yaml", "-o", "out", "-j2", "--pin", "none"]


def prepared(folder, sweep):
    """The results of an undisturbed run; the sweep file is in the folder."""
    if shutil.which("prlimit") is None:
        raise CannotRun("there is no prlimit (package util-linux)")
    undisturbed = folder / "undisturbed"
    undisturbed.mkdir()
    sweep.write(folder)
    return sweeps.undisturbed(sweep, undisturbed).results


def run_limited(folder, limit, expected, statuses):
    """One run under the limit, one without."""
    ended = expect(run(folder, *COMMAND, under=["prlimit", limit]), statuses, f"under prlimit {limit}")
    if ended.status != 0 and not ended.stderr.strip():
        raise Fault("other", f"under prlimit {limit}: not a word on standard error: {ended}")
    again = expect(run(folder, *COMMAND), (0,), f"after a run under prlimit {limit} that ended so: {ended}")
    if (folder / "out/results.json").read_bytes() != expected:
        raise Fault("lost", f"results differ after a run under prlimit {limit} that ended so: {ended}; again: {again}")
    return ended


def files_may_not_grow(folder):
    """Chunk files fill first, then results.json."""
    sweep = sweeps.Sweep("pi", sweeps.pi_text([10] * 20_000), 20_000)
    expected = prepared(folder, sweep)
    for kilobytes in (1, 100, 1000, 3000):
        run_limited(folder, f"--fsize={kilobytes * 1024}", expected, (2, 3) if kilobytes == 1 else (3,))
        shutil.rmtree(folder / "out")


def few_descriptors(folder):
    """From too few to begin with to enough."""
    if shim.has_sanitizer():
        raise CannotRun("sanitizers want descriptors of their own")
    expected = prepared(folder, sweeps.Sweep("command", sweeps.command_text([0] * 6, ["nothing"] * 6), 6))
    for count in range(4, 40):
        ended = run_limited(folder, f"--nofile={count}", expected, (0, 2, 3))
        shutil.rmtree(folder / "out")
        if ended.status == 0:
            return
    raise Fault("other", "40 descriptors are not enough for two workers")


SCENARIOS = (files_may_not_grow, few_descriptors)


def play_all(report):
    for scenario in SCENARIOS:
        report.case(f"limits: {scenario.__name__.replace('_', ' ')}", "--only syscalls", scenario)
        report.rounds["limits"] += 1
