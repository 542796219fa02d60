"""A disk of one megabyte that is full: while points run, while results are merged, before anything began; and one that
has become read-only.

The disk is a tmpfs in a mount namespace of this process's own, so that nothing of it is left when this process ends.
"""
import ctypes
import os
import re
import subprocess

import sweeps
from report import CannotRun, Fault
from running import expect, run

NEW_MOUNTS, NEW_USER = 0x00020000, 0x10000000   # CLONE_NEWNS and CLONE_NEWUSER of <sched.h>
PAGE = 4096
ADVICE = re.compile(r"; \w")


def system(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise CannotRun(f"{' '.join(map(str, command))}: {done.stderr.strip()}")


def own_mounts():
    """From here on this process may mount what it likes."""
    user, group = os.geteuid(), os.getegid()
    if ctypes.CDLL(None, use_errno=True).unshare(NEW_MOUNTS | (NEW_USER if user != 0 else 0)) != 0:
        raise CannotRun(f"no mount namespace of its own: {os.strerror(ctypes.get_errno())}")
    if user != 0:
        for name, text in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
    system("mount", "--make-rprivate", "/")


class Disk:
    """A tmpfs of 1 MiB in `folder`/disk, with `out` on it; the sweep file lies beside it."""

    def __init__(self, folder, sweep):
        self.folder, self.mount, self.filler = folder, folder / "disk", folder / "disk/filler"
        self.mount.mkdir()
        undisturbed = folder / "undisturbed"
        undisturbed.mkdir()
        self.expected = sweeps.undisturbed(sweep, undisturbed)
        sweep.write(folder)
        system("mount", "-t", "tmpfs", "-o", "size=1m", "none", self.mount)
        self.command = ["run", "sweep.yaml", "-o", "disk/out", "-j2", "--pin", "none"]

    def fill(self, but=0):
        """Leaves that many bytes free."""
        with open(self.filler, "wb", buffering=0) as file:
            try:
                while file.write(bytes(PAGE)):
                    pass
            except OSError:
                pass
            file.truncate(max(0, file.tell() - but))

    def free(self):
        self.remount("rw,size=64m")
        self.filler.unlink(missing_ok=True)

    def remount(self, options):
        system("mount", "-o", f"remount,{options}", self.mount)

    def run_full(self, statuses=(3,)):
        """A run that cannot go on says where, and what to do."""
        ended = expect(run(self.folder, *self.command), statuses, "with a full disk")
        if not re.search(r"disk/out", ended.stderr) or not ADVICE.search(ended.stderr):
            raise Fault("other", f"the message names no folder or nothing to do: {ended}")
        return ended

    def run_again(self):
        ended = expect(run(self.folder, *self.command), (0,), "with space again")
        results = (self.mount / "out/results.json").read_bytes()
        if results != self.expected.results:
            raise Fault("lost" if len(results) < len(self.expected.results) else "other", f"results differ: {ended}")

    def assert_repeated(self, most):
        repeated = sum(sweeps.begun(self.folder).values()) - self.expected.begun
        if repeated > most:
            raise Fault("double", f"{repeated} commands ran again, at most {most} were in flight")


def commands(count=30):
    return sweeps.Sweep("command", sweeps.command_text([0.012] * count, ["nothing"] * count), count)


def tiny_points(count=20_000):
    return sweeps.Sweep("pi", sweeps.pi_text([10] * count), count)


def fills_while_commands_run(folder):
    disk = Disk(folder, commands())
    disk.fill(but=6 * PAGE)
    disk.run_full()
    disk.run_full()
    disk.free()
    disk.run_again()
    disk.assert_repeated(2 * 2)


def fills_while_many_points_run(folder):
    disk = Disk(folder, tiny_points())
    disk.run_full()
    disk.run_full()
    disk.free()
    disk.run_again()


def is_full_when_merging(folder):
    disk = Disk(folder, commands())
    run(folder, *disk.command)
    sweeps.leave_unmerged(folder, disk.mount / "out")
    disk.fill()
    disk.run_full()
    disk.free()
    before = sum(sweeps.begun(folder).values())
    disk.run_again()
    if sum(sweeps.begun(folder).values()) != before:
        raise Fault("double", "commands ran again, with all records on the disk")


def is_full_from_the_beginning(folder):
    disk = Disk(folder, commands(6))
    disk.fill()
    disk.run_full((2, 3))
    disk.free()
    disk.run_again()
    disk.assert_repeated(0)


def has_become_read_only(folder):
    disk = Disk(folder, commands(6))
    run(folder, *disk.command, "--chunk-size", "2")
    sweeps.leave_unmerged(folder, disk.mount / "out")
    disk.remount("ro")
    disk.run_full()
    disk.free()
    disk.run_again()


SCENARIOS = (fills_while_commands_run, fills_while_many_points_run, is_full_when_merging, is_full_from_the_beginning,
             has_become_read_only)


def play_all(report):
    report.say("disk: a disk of 1 MiB")
    try:
        own_mounts()
    except (CannotRun, OSError) as reason:
        return report.skip("disk", reason)
    for scenario in SCENARIOS:
        report.case(f"disk: {scenario.__name__.replace('_', ' ')}", "--only disk", scenario)
        report.rounds["disk"] += 1
