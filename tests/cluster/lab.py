"""A Slurm cluster on one machine: munged, slurmctld and three slurmd, each with a host name and address of its own.

Everything it writes is in one private folder, which build/cluster names while the cluster is there. Its processes,
interfaces and mounts are in the namespaces of its machines (machine.py) and go with them, so nothing of the machine it
runs on is touched and nothing is left. Only root can have one: namespaces with a network need CAP_SYS_ADMIN and
CAP_NET_ADMIN, and slurmd wants to be root to start jobs.
"""
import contextlib
import fcntl
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

import configuration
from configuration import HEAD, NODES
from machine import Machine, NoMachine

PROJECT = pathlib.Path(__file__).resolve().parents[2]
REMEMBERED = PROJECT / "build/cluster"
SBIN = "/usr/local/sbin:/usr/sbin:/sbin"
PROGRAMS = {"unshare": "util-linux", "nsenter": "util-linux", "ip": "iproute2", "munged": "munge", "slurmctld": "slurmctld",
            "slurmd": "slurmd", "srun": "slurm-client", "mpiexec.hydra": "mpich"}


class CannotBeHad(Exception):
    """Why there can be no cluster on this machine."""


class Failed(Exception):
    """What did not work, and what the logs say."""


class Lab:
    """The cluster in `folder`, running or not."""

    def __init__(self, folder, stays=False):
        self.folder, self._stays = pathlib.Path(folder), stays
        self.machines = {name: Machine(name, self.folder / name) for name in (HEAD, *NODES)}
        self.head = self.machines[HEAD]

    # ---- the whole ----------------------------------------------------------------------------------------------

    def start(self):
        """Starts it all and waits until every node is idle. Without `keep` all of it ends when this program does."""
        self._configure()
        try:
            self._start_head()
            for name in NODES:
                self.start_node(name)
        except NoMachine as error:
            raise CannotBeHad(str(error)) from None
        for name in NODES:
            self.wait_for_node(name)

    def keep(self):
        self._stays = True
        for machine in self.machines.values():
            machine.keep()

    def is_running(self):
        return self.head.init() is not None

    def end(self):
        """Ends every process of it, with its namespaces, interfaces and mounts, and removes the folder."""
        for machine in self.machines.values():
            machine.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def logs(self, lines=15):
        """The last lines of every log."""
        texts = []
        for log in sorted(self.folder.glob("*/*.log")):
            last = log.read_text(errors="replace").splitlines()[-lines:]
            texts += [f"--- {log.relative_to(self.folder)}", *last] if last else []
        return "\n".join(texts)

    # ---- nodes --------------------------------------------------------------------------------------------------

    def start_node(self, name):
        node = self.machines[name]
        node.start(self.folder / "hosts")
        self._connect(name)
        self._start(name, "slurmd", "-N", name)
        if self._stays:
            node.keep()

    def lose_node(self, name):
        """Ends everything on it at once. Who talks to it sees connections end, then an address that does not answer."""
        self.machines[name].kill()
        self.head.network("link", "delete", name, missing_ok=True)

    def cut_node(self, name):
        """Takes it off the network: whatever is sent to it or by it is lost without a word. Its processes go on."""
        self.head.network("link", "set", name, "down")

    def restore_node(self, name):
        """Brings back a node that was lost or cut, until Slurm takes jobs for it again."""
        if self.machines[name].init() is None:
            self.start_node(name)
        else:
            self.head.network("link", "set", name, "up")
            # Whoever asks for an address while nobody answers is told after seconds that there is no way to it, also
            # where there is one again by then.
            for machine in self.machines.values():
                if machine.init() is not None:
                    machine.network("neigh", "flush", "all")
        self.wait_for_node(name)

    def node_state(self, name):
        """As scontrol tells it: "IDLE", "DOWN*+NOT_RESPONDING" and so on; "" where slurmctld does not answer."""
        shown = self.slurm("scontrol", "--oneliner", "show", "node", name)
        fields = dict(word.partition("=")[::2] for word in shown.stdout.split())
        return fields.get("State", "")

    def wait_for_node(self, name, wanted=("IDLE", "MIXED", "ALLOCATED"), within=60):
        end = time.monotonic() + within
        while (state := self.node_state(name)) not in wanted:
            if time.monotonic() > end:
                raise Failed(f"{name} is {state or 'unknown'} and not {' or '.join(wanted)} after {within} s\n{self.logs()}")
            time.sleep(0.05)

    # ---- commands -----------------------------------------------------------------------------------------------

    def environment(self, base=None):
        """For whoever talks to this cluster: nothing of another cluster or job, and the sweepd that was built."""
        base = os.environ if base is None else base
        kept = {name: value for name, value in base.items() if not name.startswith(("SLURM", "SBATCH_", "SRUN_", "PMI"))}
        sweepd = pathlib.Path(os.environ.get("SWEEPD", PROJECT / "build/release/runner/cli/sweepd"))
        path = f"{self.folder}/bin:{sweepd.parent}:{base.get('PATH', '/usr/local/bin:/usr/bin:/bin')}:{SBIN}"
        return {**kept, "SLURM_CONF": str(self.folder / "slurm.conf"), "PATH": path}

    def slurm(self, *command):
        return self.head.run(*command, env=self.environment())

    # ---- starting -----------------------------------------------------------------------------------------------

    def _configure(self):
        self.folder.chmod(0o711)  # jobs of any user have to reach munge's socket
        for name in (HEAD, *NODES, "bin", "munge", f"{HEAD}/state", *(f"{name}/spool" for name in NODES)):
            (self.folder / name).mkdir(mode=0o755)
        # Where Open MPI is there as well, the plain names are its own. Hydra looks for its proxy beside itself.
        for name in ("mpirun", "mpiexec"):
            program = self.folder / "bin" / name
            program.write_text(f'#!/bin/sh\nexec {shutil.which("mpiexec.hydra")} "$@"\n')
            program.chmod(0o755)
        (self.folder / "slurm.conf").write_text(configuration.slurm_conf(self.folder))
        (self.folder / "cgroup.conf").write_text(configuration.CGROUP_CONF)
        (self.folder / "hosts").write_text(configuration.hosts())
        key = os.open(self.folder / "munge/key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(key, "wb") as file:
            file.write(os.urandom(128))

    def _start_head(self):
        self.head.start(self.folder / "hosts")
        self.head.network("link", "add", configuration.DEVICE, "type", "bridge")
        self._give_address(HEAD)
        munge = self.folder / "munge"
        self._start(HEAD, "munged", f"--key-file={munge}/key", f"--socket={munge}/socket", f"--seed-file={munge}/seed",
                    f"--log-file={munge}/munged.log", f"--pid-file={munge}/pid")
        self._start(HEAD, "slurmctld", "-c")

    def _connect(self, name):
        """A cable from the node to a bridge on the head, where its end has the node's name."""
        node = self.machines[name]
        self.head.network("link", "add", name, "type", "veth", "peer", "name", configuration.DEVICE, "netns", node.init())
        self.head.network("link", "set", name, "master", configuration.DEVICE, "up")
        self._give_address(name)

    def _give_address(self, name):
        machine, device = self.machines[name], configuration.DEVICE
        machine.network("address", "add", f"{configuration.ADDRESSES[name]}/{configuration.PREFIX}", "dev", device)
        machine.network("link", "set", device, "up")

    def _start(self, name, program, *options):
        """Starts a daemon, which goes into the background by itself once it serves."""
        with open(self.folder / name / "daemons.log", "ab") as log:
            done = subprocess.run(self.machines[name].enter(program, *options), stdin=subprocess.DEVNULL, stdout=log,
                                  stderr=log, env=self.environment())
        if done.returncode != 0:
            raise Failed(f"{program} on {name} ended with exit status {done.returncode}\n{self.logs()}")


# ---- the one cluster of this clone ----------------------------------------------------------------------------------

def why_not():
    """Why there can be no cluster here, as far as it can be known without trying; None where nothing speaks against it."""
    if os.geteuid() != 0:
        return "only root can make network namespaces and run slurmd"
    missing = {package for program, package in PROGRAMS.items() if not shutil.which(program, path=f"{os.environ['PATH']}:{SBIN}")}
    if missing:
        return f"these packages are not installed: {' '.join(sorted(missing))}"
    if not {0, 1} <= os.sched_getaffinity(0):
        return "the nodes' two cores are processors 0 and 1, which this program may not use"
    return None


@contextlib.contextmanager
def _alone():
    """One program at a time starts or ends the cluster."""
    REMEMBERED.parent.mkdir(exist_ok=True)
    with open(REMEMBERED.with_name("cluster.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def remembered():
    """The cluster of this clone, running or left behind; None where there is none."""
    try:
        return Lab(REMEMBERED.read_text().strip(), stays=True)
    except FileNotFoundError:
        return None


def running():
    """The cluster of this clone, if it runs."""
    lab = remembered()
    return lab if lab and lab.is_running() else None


def up(folder=None, stays=True):
    """Starts the cluster of this clone, in a new private folder or in `folder` (which must not exist). Gives (cluster,
    True), or (the one that runs, False). One that does not stay ends with this program, however that ends."""
    if reason := why_not():
        raise CannotBeHad(reason)
    with _alone():
        if found := running():
            return found, False
        _end_remembered()
        if folder is None:
            folder = tempfile.mkdtemp(prefix="sweepd-cluster-")
        else:
            folder = os.path.abspath(folder)
            os.mkdir(folder, 0o711)
        REMEMBERED.write_text(f"{folder}\n")
        lab = Lab(folder)
        try:
            lab.start()
        except BaseException:
            _end_remembered()
            raise
        if stays:
            lab.keep()
        return lab, True


def down():
    """Ends the cluster of this clone, or clears up what is left of one. Says whether there was any."""
    with _alone():
        return _end_remembered()


def _end_remembered():
    lab = remembered()
    if lab is None:
        return False
    lab.end()
    REMEMBERED.unlink()
    return True
