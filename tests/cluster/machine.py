"""A machine played by Linux namespaces: a host name, processes, network interfaces, /sys and /dev/shm of its own, and
everything else (above all the file system) shared with the machine it is on.

An init process holds the namespaces. It is found by a mark in its environment, so nothing has to be remembered about
it; when it is killed, the kernel ends everything in the machine. Until `keep` is called it also ends with the program
that started it, however that ends. Knows unshare, nsenter, mount and ip; knows nothing of Slurm.
"""
import os
import pathlib
import signal
import subprocess
import sys
import time

MARK = "CLUSTER_MACHINE"

# The init: tells that it is there, waits for the word to stay, then only sleeps. Ended children it adopts are
# reaped by the kernel, since it ignores SIGCHLD (a shell would not).
INIT = """
import signal
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
print("ready", flush=True)
try:
    stay = input() == "keep"
except EOFError:
    stay = False
while stay:
    signal.pause()
"""

# UCX, below MPICH, looks for interfaces in /sys/class/net, which shows those of the namespace that mounted /sys. A new
# /sys has no control groups, which slurmd and sweepd look at.
FURNISH = """
set -e
hostname "$1"
mkdir "$2"
if [ -d /sys/fs/cgroup ]; then
  mount --rbind /sys/fs/cgroup "$2"
  mount -t sysfs sysfs /sys
  mount --rbind "$2" /sys/fs/cgroup
  umount --recursive "$2"
else
  mount -t sysfs sysfs /sys
fi
rmdir "$2"
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
if [ ! -e /etc/hosts ]; then  # a bare root: this machine's /etc is a copy that has one
  cp -a /etc "$4"
  : > "$4/hosts"
  mount --bind "$4" /etc
fi
mount --bind "$3" /etc/hosts
ip link set lo up
"""


class NoMachine(Exception):
    """What cannot be had here, and the first line of what was said to it."""

    def __init__(self, what, said):
        first = said.strip().splitlines()[:1]
        super().__init__(": ".join([what, *first]))


class Machine:
    """One machine, running or not. `folder` (of its own) tells it from all others."""

    def __init__(self, name, folder):
        self.name, self.folder = name, pathlib.Path(folder)
        self._starting = None

    # ---- beginning and end --------------------------------------------------------------------------------------

    def start(self, hosts):
        """Makes it, with the file `hosts` as its /etc/hosts. It ends with this program unless `keep` is called."""
        self.folder.mkdir(mode=0o755, exist_ok=True)
        namespaces = ["--pid", "--fork", "--kill-child", "--mount-proc", "--mount", "--propagation=slave", "--uts", "--ipc",
                      "--net"]
        init = ["env", f"{MARK}={self.folder}", sys.executable, "-I", "-S", "-c", INIT]
        with open(self.folder / "init.log", "wb") as log:
            self._starting = subprocess.Popen(["unshare", *namespaces, *init], stdin=subprocess.PIPE, stderr=log, cwd="/",
                                              stdout=subprocess.PIPE, start_new_session=True)
        if self._starting.stdout.readline() != b"ready\n":
            self._starting.communicate()
            raise NoMachine("no namespaces can be made", (self.folder / "init.log").read_text())
        done = self.run("sh", "-c", FURNISH, "sh", self.name, self.folder / "cgroup", hosts, self.folder / "etc")
        if done.returncode != 0:
            raise NoMachine("a namespace's mounts, host name or network cannot be set", done.stderr)

    def keep(self):
        """From here on it stays when this program ends."""
        if self._starting:
            self._starting.stdin.write(b"keep\n")
            self._starting.stdin.close()
            self._starting.stdout.close()
            self._starting = None

    def init(self):
        """The id of its init, as seen from outside; None where it is not running."""
        wanted = f"{MARK}={self.folder}".encode()
        for entry in pathlib.Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and wanted in (entry / "environ").read_bytes().split(b"\0"):
                    return int(entry.name)
            except OSError:
                pass
        return None

    def kill(self):
        """Ends everything in it, at once; when this returns, all of it has ended."""
        init = self.init()
        if init is None:
            return
        os.kill(init, signal.SIGKILL)
        # The kernel lets an init become a zombie only after all other processes of its namespace are gone.
        while _alive(init):
            time.sleep(0.002)
        if self._starting:
            self._starting.communicate()
            self._starting = None

    # ---- within -------------------------------------------------------------------------------------------------

    def enter(self, *command, cwd="/"):
        """The command line that runs `command` in it, in the folder `cwd`."""
        init = self.init()
        if init is None:
            raise NoMachine(f"{self.name} is not running", "")
        return ["nsenter", f"--target={init}", "--pid", "--mount", "--uts", "--ipc", "--net", "--",
                "env", f"--chdir={cwd}", *map(str, command)]

    def run(self, *command, **how):
        """Runs it in the machine, with nothing to read, and gives what subprocess.run does."""
        return subprocess.run(self.enter(*command), stdin=subprocess.DEVNULL, capture_output=True, text=True, **how)

    def network(self, *arguments, missing_ok=False):
        """`ip ARGUMENTS` for its interfaces. Ids of processes are those outside."""
        done = subprocess.run(["nsenter", f"--target={self.init()}", "--net", "ip", *map(str, arguments)],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0 and not missing_ok:
            raise NoMachine("no network interfaces can be made", f"ip {' '.join(map(str, arguments))}: {done.stderr}")


def _alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except OSError:
        return False
