"""Limits that users and systems set: on the size of a file, on open descriptors, stacks, memory and processes.

A run under one that is too low says so and ends with 3; without it the same command completes.
"""
import json
import os
import shutil
import subprocess

import frame
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


def run_limited(folder, limit, expected, statuses, *options):
    """One run under the limit, one without."""
    ended = expect(run(folder, *COMMAND, *options, under=["prlimit", limit]), statuses, f"under prlimit {limit}")
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
    if frame.has_sanitizer():
        raise CannotRun("sanitizers want descriptors of their own")
    expected = prepared(folder, sweeps.Sweep("command", sweeps.command_text([0] * 6, ["nothing"] * 6), 6))
    for count in range(4, 40):
        ended = run_limited(folder, f"--nofile={count}", expected, (0, 2, 3))
        shutil.rmtree(folder / "out")
        if ended.status == 0:
            return
    raise Fault("other", "40 descriptors are not enough for two workers")


def no_point_is_blamed(folder, sweep, limits, statuses):
    """Under each of these limits a run completes or says what is short."""
    if frame.has_sanitizer():
        raise CannotRun("sanitizers want memory of their own")
    expected = prepared(folder, sweep)
    for limit in limits:
        for start in ("fork", "spawn"):
            ended = run_limited(folder, limit, expected, statuses, "--start", start)
            shutil.rmtree(folder / "out", ignore_errors=True)
    if ended.status != 0:
        raise Fault("other", f"{limit} is not enough for two workers: {ended}")


def small_stacks(folder):
    """From where the system starts programs at all."""
    sweep = sweeps.Sweep("command", sweeps.command_text([0] * 6, ["nothing"] * 6), 6)
    no_point_is_blamed(folder, sweep, [f"--stack={kilobytes << 10}" for kilobytes in (32, 48, 64, 96, 512)], (0,))


def little_memory(folder):
    """From enough to start to enough for results of some MiB."""
    (folder / "large").write_text(json.dumps(list(range(500_000))))
    text = f"task: {{command: [cat, '{folder}/{{file}}'], result: json}}\nparameters: [{{file: large}}, {{file: ./large}}]\n"
    sweep = sweeps.Sweep("command", text, 2)
    no_point_is_blamed(folder, sweep, [f"--as={mebibytes << 20}" for mebibytes in (16, 24, 32, 128)], (0, 3))


def few_processes(folder):
    """For a user who has no others, since root has no such limit."""
    as_nobody = ["setpriv", "--reuid", "54321", "--regid", "54321", "--clear-groups"]
    if os.geteuid() != 0 or subprocess.run([*as_nobody, frame.SWEEPD, "version"], capture_output=True).returncode != 0:
        raise CannotRun("this user cannot start sweepd as one who has no other processes")
    folder.chmod(0o777)
    sweeps.Sweep("pi", sweeps.pi_text([10] * 20), 20).write(folder)
    for count in (1, 2, 3, 4, 8):
        under = [*as_nobody, "prlimit", f"--nproc={count}"]
        ended = expect(run(folder, *COMMAND, under=under), (0, 3, 4), f"with {count} processes")
        shutil.rmtree(folder / "out", ignore_errors=True)
    expect(ended, (0,), "8 processes are enough for two workers")


SCENARIOS = (files_may_not_grow, few_descriptors, small_stacks, little_memory, few_processes)


def play_all(report):
    for scenario in SCENARIOS:
        report.case(f"limits: {scenario.__name__.replace('_', ' ')}", "--only syscalls", scenario)
        report.rounds["limits"] += 1
