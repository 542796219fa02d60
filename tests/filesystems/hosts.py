"""Two hosts and a server, each a machine of tests/cluster: both hosts have the server's file system in the same place.

Knows namespaces and processes in them; knows no file system and no sweep.
"""
import os
import shutil
import subprocess
import time

from machine import Machine, NoMachine

ADDRESS = "10.77.0.1"   # of the server, in its own network


class CannotBeHad(Exception):
    """Why something cannot be tried on this machine."""


def need(*programs):
    missing = [program for program in programs if not shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin")]
    if missing:
        raise CannotBeHad(f"there is no {', '.join(missing)}; tests/filesystems/setup installs it")
    if os.geteuid() != 0:
        raise CannotBeHad("only root can make the namespaces of two hosts")
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        raise CannotBeHad("/dev/fuse cannot be opened, so nothing can be mounted")


def do(machine, *command, within=60):
    """Runs it in the machine; what fails here is no fault of sweepd's."""
    done = machine.run(*command, timeout=within)
    if done.returncode != 0:
        raise CannotBeHad(f"{' '.join(map(str, command))}: {(done.stderr + done.stdout).strip()}")
    return done.stdout


def wait_until(condition, otherwise, within=30):
    end = time.monotonic() + within
    while not condition():
        if time.monotonic() > end:
            raise CannotBeHad(otherwise)
        time.sleep(0.05)


class Process:
    """A program that runs on a host."""

    def __init__(self, host, command, cwd, pid_file, env):
        self.host, self.pid_file = host, pid_file
        begin = ["sh", "-c", 'echo $$ > "$0"; exec "$@"', pid_file, *command]
        self.process = subprocess.Popen(host.machine.enter(*begin, cwd=cwd), env=env, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace")

    def send(self, signal):
        self.host.machine.run("kill", f"-{signal}", self.pid_file.read_text().strip())

    def ended(self, within=200):
        """(exit status, standard output, standard error); the status "hangs" where it did not end."""
        try:
            stdout, stderr = self.process.communicate(timeout=within)
        except subprocess.TimeoutExpired:
            self.send("KILL")
            stdout, stderr = self.process.communicate()
            return "hangs", stdout, stderr
        return self.process.returncode, stdout, stderr


class Host:
    """A machine with the shared folder at `folder`/shared, mounted by itself."""

    def __init__(self, name, folder, server, mount):
        self.machine, self.server, self._mount = Machine(name, folder / name), server, mount
        self.name, self.folder, self.shared = name, folder, folder / "shared"
        self._started = 0

    def start(self):
        self.machine.start(self.folder / "hosts")
        self._mount(self)

    def with_network(self, *command, within=60):
        """Runs a command on it that can reach the server."""
        entered = self.machine.enter(*command)
        entered.insert(entered.index("--net"), f"--net=/proc/{self.server.init()}/ns/net")
        entered.remove("--net")
        done = subprocess.run(entered, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=within)
        if done.returncode != 0:
            raise CannotBeHad(f"{' '.join(map(str, command))}: {(done.stderr + done.stdout).strip()}")

    def start_program(self, *command, env):
        self._started += 1
        return Process(self, [*map(str, command)], self.shared, self.folder / f"{self.name}.{self._started}.pid", env)

    def names(self, folder):
        """The names in a folder of the shared one, as this host sees them."""
        return sorted(os.listdir(self.outside(folder)))

    def read(self, path):
        return self.outside(path).read_bytes()

    def outside(self, path):
        """How this program reaches a path of the shared folder that this host sees."""
        return self.folder.__class__(f"/proc/{self.machine.init()}/root{self.shared / path}")


class Lab:
    """The server and its two hosts, for one kind of file system."""

    def __init__(self, kind, folder):
        self.kind, self.folder = kind, folder
        self.server = Machine("server", folder / "server")
        self.hosts = [Host(name, folder, self.server, lambda host: kind.mount(self, host)) for name in ("a", "b")]

    def __enter__(self):
        need(*self.kind.programs)
        (self.folder / "shared").mkdir(parents=True)
        (self.folder / "hosts").write_text(f"127.0.0.1 localhost a b\n{ADDRESS} server\n")
        try:
            self.server.start(self.folder / "hosts")
            self.server.network("address", "add", f"{ADDRESS}/24", "dev", "lo")
            self.kind.start(self)
            for host in self.hosts:
                host.start()
            self.wait_for_room()
        except (CannotBeHad, NoMachine, subprocess.TimeoutExpired) as reason:
            self.__exit__()
            raise CannotBeHad(str(reason)) from None
        return self

    def wait_for_room(self):
        """Until a file can be written from each host."""
        def can_write():
            try:
                for host in self.hosts:
                    host.outside(f"from-{host.name}").write_text("here")
            except OSError:
                return False
            return True
        wait_until(can_write, f"nothing can be written to {self.kind.name}")

    def __exit__(self, *_):
        for host in self.hosts:
            host.machine.kill()
        self.server.kill()
