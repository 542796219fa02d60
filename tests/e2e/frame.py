"""Runs the sweepd binary as a user does and looks at what it leaves behind.

The binary is $SWEEPD, else the release build's. Every test gets an empty folder of its own and every run a time limit
(seconds, multiplied by $SWEEPD_TEST_PATIENCE, for slow builds). After every run that ended, no process that it
started may be alive. A test's name is a sentence: the method's name with spaces for underscores.
"""
import dataclasses
import functools
import json
import math
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import unittest
import uuid

PROJECT = pathlib.Path(__file__).resolve().parents[2]
SWEEPD = os.environ.get("SWEEPD", str(PROJECT / "build/release/runner/cli/sweepd"))
PATIENCE = float(os.environ.get("SWEEPD_TEST_PATIENCE", "1"))
MARK = "TEST_OF_SWEEPD"  # no name beginning with SWEEPD_, which commands would not be given


@dataclasses.dataclass
class Run:
    """What one run of the binary came to."""
    status: int
    stdout: str
    stderr: str

    def __str__(self):
        return f"exit status {self.status}\n--- stdout\n{self.stdout}\n--- stderr\n{self.stderr}"


@functools.cache
def has_sanitizer():
    libraries = subprocess.run(["ldd", SWEEPD], capture_output=True, text=True).stdout
    return "libasan" in libraries or "libtsan" in libraries


def environment(mark, extra=None):
    """The same for every run: nothing of a Slurm job, an MPI launcher or a thread setting that the tests run under."""
    kept = {name: value for name, value in os.environ.items()
            if name in ("LD_LIBRARY_PATH", "TMPDIR") or name.endswith("SAN_OPTIONS")}
    fixed = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8", MARK: mark}
    return {**kept, **fixed, **(extra or {})}


def processes_with(mark):
    """Ids of the living processes (zombies do not count) that were started with this mark."""
    wanted, found = f"{MARK}={mark}".encode(), []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if wanted in (entry / "environ").read_bytes().split(b"\0"):
                if (entry / "stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X"):
                    found.append(int(entry.name))
        except OSError:
            pass
    return found


def parent_of(pid):
    """None where there is no such process."""
    try:
        return int(pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return None


def allowed_cpus():
    return sorted(os.sched_getaffinity(0))


def cpus_of(text):
    """'0-2,5' as {0, 1, 2, 5}."""
    cpus = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        cpus.update(range(int(first), int(last or first) + 1))
    return cpus


def allowed_cores():
    """The physical cores this process may use: a list of sets of CPU numbers."""
    cores = {}
    for cpu in allowed_cpus():
        try:
            siblings = pathlib.Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list").read_text().strip()
        except OSError:
            siblings = str(cpu)
        cores.setdefault(siblings, set()).add(cpu)
    return list(cores.values())


def as_yaml(value):
    """JSON is YAML, as long as characters beyond U+FFFF are not written as two escapes."""
    return json.dumps(value, ensure_ascii=False)


def with_workers(count):
    """Options for this many workers, also where there are fewer cores."""
    return [f"-j{count}"] + ([] if len(allowed_cores()) >= count else ["--pin", "none"])


def meeting_of(count, points=16):
    """A sweep whose points wait for each other, so that this many workers get some, however late one starts."""
    meet = f"echo >> met; until [ $(wc -l < met) -ge {count} ]; do sleep 0.01; done"
    return as_yaml({"task": {"shell": meet}, "parameters": {"grid": {"n": {"range": [points]}}}})


def held_from(count):
    """Shell text: points whose $n is `count` or more wait as long as SweepTest.hold() holds them."""
    return f"[ $n -lt {count} ] || while [ -e hold ]; do sleep 0.02; done; "


def needs_cores(count):
    have = len(allowed_cores())
    return unittest.skipIf(have < count, f"needs {count} cores, there is {have}")


class SweepTest(unittest.TestCase):
    maxDiff = 4000

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sweepd-test-"))
        self.addCleanup(self.remove_folder)

    def remove_folder(self):
        """With SWEEPD_TEST_KEEP set, that of a test that failed stays."""
        result = self._outcome.result
        has_failed = any(self in (test, getattr(test, "test_case", None)) for test, _ in result.failures + result.errors)
        if has_failed and os.environ.get("SWEEPD_TEST_KEEP"):
            print(f"kept: {self.folder}", file=sys.stderr)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    # ---- running ------------------------------------------------------------------------------------------------

    def start(self, *arguments, cwd=None, env=None, under=()):
        """Starts the binary and gives its Popen, with the mark of its processes as `.mark`."""
        mark = uuid.uuid4().hex
        process = subprocess.Popen(
            [*under, SWEEPD, *map(str, arguments)], cwd=cwd or self.folder, env=environment(mark, env),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
        process.mark = mark
        self.addCleanup(self.kill_all, mark)
        return process

    def finish(self, process, timeout=60):
        """Waits for the end; nothing may be left running."""
        try:
            stdout, stderr = process.communicate(timeout=timeout * PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill_all(process.mark)
            stdout, stderr = process.communicate()
            self.fail(f"did not end within {timeout * PATIENCE:g} s: {process.args}\n--- stdout\n"
                      f"{stdout.decode(errors='replace')}\n--- stderr\n{stderr.decode(errors='replace')}")
        self.assert_nothing_runs(process.mark)
        return Run(process.returncode, stdout.decode(), stderr.decode())

    def sweepd(self, *arguments, timeout=60, **how):
        return self.finish(self.start(*arguments, **how), timeout)

    def ok(self, *arguments, **how):
        """Runs and wants exit status 0."""
        run = self.sweepd(*arguments, **how)
        self.assertEqual(run.status, 0, f"{arguments}: {run}")
        return run

    def kill_all(self, mark):
        for pid in processes_with(mark):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def assert_nothing_runs(self, mark, within=5):
        self.wait_until(lambda: not processes_with(mark), f"processes are left behind: {processes_with(mark)}", within)

    def wait_until(self, condition, otherwise, within=30):
        end = time.monotonic() + within * PATIENCE
        while not condition():
            if time.monotonic() > end:
                self.fail(otherwise)
            time.sleep(0.01)

    def hold(self):
        """So that a sweep whose commands heed the file does not end before release(), however long what the test does takes."""
        self.write("hold", "")

    def release(self):
        (self.folder / "hold").unlink()

    # ---- files --------------------------------------------------------------------------------------------------

    def write(self, name, content):
        """Writes a file (text or bytes) in the test's folder and gives its path."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def merged(self, directory):
        return json.loads((self.folder / directory / "results.json").read_text())

    def merged_bytes(self, directory):
        return (self.folder / directory / "results.json").read_bytes()

    def records(self, directory, *options):
        """The records, with their `run`, as `sweepd results` prints them."""
        lines = self.ok("results", directory, "--format", "ndjson", *options).stdout.splitlines()
        return [json.loads(line) for line in lines]

    def names_here(self):
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*"))

    # ---- expectations -------------------------------------------------------------------------------------------

    def assert_whole(self, merged, count):
        """One ok record for every index, in order."""
        self.assertEqual([record["index"] for record in merged["results"]], list(range(count)))
        self.assertEqual({record["status"] for record in merged["results"]}, {"ok"})
        self.assertEqual(len({record["id"] for record in merged["results"]}), count)
        for record in merged["results"]:
            self.assertNotIn("run", record)

    def assert_reduced(self, merged, by):
        """Every statistic under "reduced" is what Python makes of the records."""
        groups = {}
        for record in merged["results"]:
            groups.setdefault(json.dumps([record["params"].get(name) for name in by]), []).append(record)
        self.assertEqual(len(merged["reduced"]), len(groups))
        for row, members in zip(merged["reduced"], groups.values()):
            self.assertEqual(row["by"], {name: members[0]["params"][name] for name in by})
            self.assertEqual(row["count"], len(members))
            for field, statistics_of_field in row["fields"].items():
                values = [record["result"][field] for record in members]
                for statistic, value in statistics_of_field.items():
                    expected = STATISTICS[statistic](values)
                    self.assertTrue(math.isclose(value, expected, rel_tol=1e-9, abs_tol=1e-12),
                                    f"{row['by']} {field} {statistic}: {value}, expected {expected}")


STATISTICS = {
    "count": len, "sum": math.fsum, "mean": lambda values: math.fsum(values) / len(values), "std": statistics.stdev,
    "min": min, "max": max, "median": statistics.median,
}


class Sentences(unittest.TextTestResult):
    """Prints a line for every test, and for skipped ones the reason in the form that tests/run looks for."""

    def getDescription(self, test):
        topic = pathlib.Path(sys.argv[0]).stem.removesuffix("_test").replace("_", " ")
        name = getattr(test, "_testMethodName", str(test))
        return f"{topic}: {name.removeprefix('test_').replace('_', ' ')}"

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.stream.writeln(f"skipped: {self.getDescription(test)}: {reason}")


def skip_all(reason):
    """Ends a program of which nothing can be run here."""
    print(f"skipped: {pathlib.Path(sys.argv[0]).stem.removesuffix('_test')}: {reason}")
    sys.exit(77)


def main():
    if not os.access(SWEEPD, os.X_OK):
        skip_all(f"there is no {SWEEPD}")
    runner = unittest.TextTestRunner(stream=sys.stdout, verbosity=2, resultclass=Sentences)
    result = unittest.main(module="__main__", testRunner=runner, exit=False).result
    bad, skipped = len(result.failures) + len(result.errors), len(result.skipped)
    print(f"cases: {result.testsRun - bad - skipped} passed, {bad} failed, {skipped} skipped")
    sys.exit(1 if bad else 77 if skipped == result.testsRun else 0)
