"""Another host, as far as sweepd can tell: namespaces of its own for the host's name and the processes."""
import os
import subprocess

from report import CannotRun

SILENCE = "2s"
SILENT = {"SWEEPD_SILENCE": SILENCE}   # after which a run that cannot be seen counts as dead


def host(name):
    """What starts a command there; its end ends all that it started."""
    as_user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    return ["unshare", *as_user, "--uts", "--pid", "--fork", "--kill-child", "--mount-proc",
            "sh", "-c", 'hostname "$0" && exec "$@"', name]


def need_hosts():
    try:
        done = subprocess.run([*host("other"), "hostname"], capture_output=True, text=True)
    except FileNotFoundError:
        raise CannotRun("there is no unshare (package util-linux)") from None
    if done.returncode != 0:
        raise CannotRun(f"no second host by namespaces: {done.stderr.strip()}")
