"""The coordinator's core alone, in simulated time: very many seeded schedules with deaths, stops and restarts.

The simulation is a unit test (tests/core/simulation_test.cc), in the build folder that the binary is in.
"""
import os
import pathlib
import re
import subprocess

import frame
from report import CannotRun, Fault

SEEDS, QUICK_SEEDS = 100_000, 20_000
LIMIT_S = 1800


def play(report, quick):
    program = pathlib.Path(frame.SWEEPD).resolve().parents[2] / "tests/test_core"
    if not os.access(program, os.X_OK):
        raise CannotRun(f"there is no {program}; build the target test_core")
    seeds = QUICK_SEEDS if quick else SEEDS
    try:
        done = subprocess.run([program, "--test-case=simulation:*"], capture_output=True, text=True, timeout=LIMIT_S,
                              env={**os.environ, "SWEEPD_SIMULATION_SEEDS": str(seeds)})
    except subprocess.TimeoutExpired:
        raise Fault("hang", f"{program} did not end within {LIMIT_S} s") from None
    told = re.search(r"(\d+) seeds, \d+ of them with restarts", done.stdout)
    if done.returncode != 0 or not told:
        raise Fault("other", done.stdout[-4000:] + done.stderr[-4000:])
    report.say(f"simulation: {told[0]}")
    if int(told[1]) != seeds:
        raise Fault("other", f"asked for {seeds} seeds, simulated {told[1]}")
    report.rounds["simulation"] += seeds


def play_all(report, quick):
    report.case("simulation: every point once, whatever happens", "--only simulation", lambda _: play(report, quick))
