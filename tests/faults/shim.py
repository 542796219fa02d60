"""How shim.c is told what to do: the page of memory that it shares with us, and the ways in which calls fail."""
import ctypes
import dataclasses
import pathlib
import shutil
import subprocess

import frame
from report import CannotRun

SOURCE = pathlib.Path(__file__).with_name("shim.c")
CHANGES = "create write pwrite writev fsync fdatasync ftruncate fallocate rename renameat link linkat symlinkat unlink " \
          "unlinkat mkdir rmdir"          # what changes a directory
FILES = "create write pwrite writev fallocate mkdir link linkat symlinkat"


class Page(ctypes.Structure):
    """What the processes of a run share; the same in shim.c."""
    _fields_ = [("count", ctypes.c_ulong), ("at", ctypes.c_ulong), ("forever", ctypes.c_ulong),
                ("variant", ctypes.c_ulong), ("failed", ctypes.c_ulong), ("only", ctypes.c_char * 256),
                ("below", ctypes.c_char * 128), ("name", ctypes.c_char * 32), ("process", ctypes.c_char * 32), ("what", ctypes.c_char * 256)]

    @classmethod
    def read(cls, path):
        return cls.from_buffer_copy(path.read_bytes())

    def where(self):
        return f"stalled before {self}"

    def __str__(self):
        what = f" {self.what.decode(errors='replace').rpartition('/')[2]}" if self.what else ""
        return f"call {self.at} ({self.name.decode()}{what}, in {self.process.decode(errors='replace')})" \
            + (" and all after it" if self.forever else "")


FIRST_ERROR, SECOND_ERROR, KILLED_BEFORE, KILLED_IN_THE_MIDDLE, STALLED = range(5)


@dataclasses.dataclass(frozen=True)
class Failing:
    """Which calls fail (all kinds or some, once or from there on) and how; or the process is killed there."""
    name: str
    variant: int = FIRST_ERROR
    forever: bool = False
    only: str = ""

    @property
    def kills(self):
        return self.variant >= KILLED_BEFORE


FAILINGS = [Failing("once"), Failing("once, other error", SECOND_ERROR),
            Failing("killed there", KILLED_BEFORE), Failing("killed in a write", KILLED_IN_THE_MIDDLE, only="write"),
            Failing("full disk", forever=True, only=FILES),
            Failing("failing disk", SECOND_ERROR, True, FILES + " fsync fdatasync rename renameat unlink unlinkat"),
            Failing("no descriptors", forever=True, only="pipe2 socketpair memfd_create open"),
            Failing("no processes", forever=True, only="fork clone exec")]


def environment(library, page_path):
    """Of a run with the shim in it."""
    return {"LD_PRELOAD": str(library), "SWEEPD_FAULT_PAGE": str(page_path),
            "SWEEPD_FAULT_PROGRAM": str(pathlib.Path(frame.SWEEPD).resolve())}


def compiled(folder):
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise CannotRun("there is no C compiler (cc)")
    library = folder / "shim.so"
    subprocess.run([compiler, "-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", library,
                    SOURCE, "-ldl"], check=True)
    if frame.has_sanitizer():
        raise CannotRun("sanitizers do not go with LD_PRELOAD")
    return library
