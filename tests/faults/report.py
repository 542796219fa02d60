"""What the rounds came to: faults found, kills by target, work repeated; told while it goes and as a table at the end.

A case is one thing that has to hold (a round of kills, a scenario with every call failing in turn). The folder of a
case that failed is kept, and all that is needed to have it again is printed.
"""
import collections
import os
import pathlib
import re
import shutil
import tempfile
import time
import traceback

PROGRESS_EVERY_S = 10
TOLD_IN_FULL = 3
KINDS = ("lost", "double", "hang", "abort", "other")


def memory_folder():
    """Where syncing takes no time, for thousands of runs; None for the usual place."""
    return "/dev/shm" if "TMPDIR" not in os.environ and os.access("/dev/shm", os.W_OK) else None


class Fault(Exception):
    """The product did what it must never do. `kind` is one of KINDS."""

    def __init__(self, kind, text):
        super().__init__(text)
        self.kind = kind


class CannotRun(Exception):
    """This machine lacks what the case needs."""


class Faults:
    """Those of one case, told as one: the first ones in full, of the others what is new in them."""

    def __init__(self, of_what):
        self.of_what, self.kinds, self.texts = of_what, [], []

    def add(self, kind, text):
        self.kinds.append(kind)
        self.texts.append(text)

    def raise_all(self):
        if not self.texts:
            return
        others = collections.Counter(re.sub(r"\d{2,}|[0-9a-f]{12,}", "…", text.splitlines()[0])
                                     for text in self.texts[TOLD_IN_FULL:])
        raise Fault(next(kind for kind in KINDS if kind in self.kinds), "\n".join(
            [f"{len(self.texts)} {self.of_what} led to a fault", *self.texts[:TOLD_IN_FULL],
             *(f"and {count} times {text}" for text, count in others.items())]))


class Report:
    def __init__(self, again):
        self.again = again                      # the command line up to the area, such as "tests/faults/run --seed 3"
        self.passed, self.failed, self.skipped = 0, 0, 0
        self.rounds = collections.Counter()     # by area; a round is one disturbed sweep, brought to its end
        self.kills = collections.Counter()      # by target
        self.disturbances = collections.Counter()   # of the soak, by what was done
        self.calls = collections.Counter()      # failed calls, by name
        self.stalls = collections.Counter()     # calls before which a run stalled, by name
        self.faults = collections.Counter()     # by kind
        self.repeated = 0                       # points begun again
        self.in_flight = 0                      # ... of so many that were in flight
        self.said_at = time.monotonic()

    def say(self, text):
        print(text, flush=True)
        self.said_at = time.monotonic()

    def progress(self, text):
        """A line now and then."""
        if time.monotonic() - self.said_at >= PROGRESS_EVERY_S:
            self.say(f"  … {text}")

    def case(self, name, options, body, where=None):
        """Runs body(folder), a folder below `where`. `options` have the same case again. True where it passed."""
        folder = pathlib.Path(tempfile.mkdtemp(prefix="sweepd-faults-", dir=where))
        try:
            body(folder)
        except CannotRun as reason:
            self.skip(name, reason)
        except Fault as fault:
            return self.fail(name, options, fault.kind, str(fault), folder)
        except Exception:  # a fault of the test itself is no pass either
            return self.fail(name, options, "other", traceback.format_exc(), folder)
        else:
            self.passed += 1
        shutil.rmtree(folder, ignore_errors=True)
        return True

    def skip(self, name, reason):
        self.skipped += 1
        self.say(f"skipped: {name}: {reason}")

    def fail(self, name, options, kind, text, folder):
        self.failed += 1
        self.faults[kind] += 1
        indented = "\n".join("    " + line for line in text.rstrip().splitlines())
        self.say(f"FAILED ({kind}): {name}\n{indented}\n  folder: {folder}\n  again:  {self.again} {options}")
        return False

    def holds(self):
        return self.failed == 0

    def table(self):
        def counted(counter):
            return ", ".join(f"{name} {count}" for name, count in sorted(counter.items())) or "none"

        rows = [("rounds", counted(self.rounds)),
                ("kills by target", counted(self.kills)),
                ("soak", counted(self.disturbances)),
                ("failed calls", counted(self.calls)),
                ("stalled before", counted(self.stalls)),
                ("points repeated", f"{self.repeated} (in flight at the time: {self.in_flight})"),
                ("result", f"{self.faults['lost']} lost, {self.faults['double']} double, {self.faults['hang']} hangs, "
                 f"{self.faults['abort']} aborts"
                 + (f", {self.faults['other']} other faults" if self.faults["other"] else ""))]
        return "\n".join(f"{name:<16} {value}" for name, value in rows)

    def last_line(self):
        return f"cases: {self.passed} passed, {self.failed} failed, {self.skipped} skipped"
