"""For test programs: a Slurm cluster to run commands in, submit jobs to and take nodes from.

    class Jobs(ClusterTest): …            has self.cluster; skip_where_there_is_none() before frame.main()

    with Cluster() as cluster:
        job = cluster.submit("--nodes=3", script, cwd=folder)
        tasks = cluster.wait(job)
        text = cluster.output(job)

It uses the cluster that tests/cluster/up started, else one of its own that ends with the program, however that ends. Every
wait has a deadline (seconds, multiplied by $SWEEPD_TEST_PATIENCE); what is missed is told with the cluster's logs.
"""
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import uuid

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e")]
import frame  # noqa: E402
import lab  # noqa: E402
from configuration import NODES  # noqa: E402
from lab import CannotBeHad  # noqa: E402

ENDED = {"BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY", "PREEMPTED", "TIMEOUT"}


class Cluster:
    def __enter__(self):
        """Raises CannotBeHad with the reason."""
        self.lab, self._own = lab.up(stays=False)
        self._taken = set()
        if not self._own:
            for name in NODES:
                self.lab.restore_node(name)
        return self

    def __exit__(self, *_):
        if self._own:
            lab.down()

    @property
    def folder(self):
        """Where its configuration, state and logs are."""
        return self.lab.folder

    # ---- commands -----------------------------------------------------------------------------------------------

    def start(self, *command, cwd="/", env=None):
        """Starts it on the head, as tests/cluster/shell does, and gives its Popen; `.mark` is that of all it starts, jobs too."""
        mark = uuid.uuid4().hex
        process = subprocess.Popen(
            self.lab.head.enter(*command, cwd=cwd), env=self.lab.environment(frame.environment(mark, env)),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
        process.mark = mark
        return process

    def finish(self, process, timeout=60):
        """Waits for its end and gives a frame.Run."""
        try:
            stdout, stderr = process.communicate(timeout=timeout * frame.PATIENCE)
        except subprocess.TimeoutExpired:
            for pid in frame.processes_with(process.mark):
                kill(pid)
            stdout, stderr = process.communicate()
            raise AssertionError(f"did not end within {timeout * frame.PATIENCE:g} s: {process.args}\n--- stdout\n{stdout}\n"
                                 f"--- stderr\n{stderr}\n{self.state()}") from None
        return frame.Run(process.returncode, stdout, stderr)

    def run(self, *command, timeout=60, **how):
        """Runs it on the head and gives a frame.Run."""
        return self.finish(self.start(*command, **how), timeout)

    def ok(self, *command, **how):
        """Runs it, wants exit status 0, and gives what it printed."""
        run = self.run(*command, **how)
        if run.status != 0:
            raise AssertionError(f"{command}: {run}\n{self.state()}")
        return run.stdout

    # ---- jobs ---------------------------------------------------------------------------------------------------

    def submit(self, *arguments, **how):
        """`sbatch ARGUMENTS`; gives the job's id."""
        return self.ok("sbatch", "--parsable", *arguments, **how).strip().partition(";")[0]

    def job(self, job):
        """What scontrol shows of it: a dictionary for every array task, or one."""
        return [fields(line) for line in self.ok("scontrol", "--oneliner", "show", "job", job).splitlines() if line]

    def wait(self, job, timeout=60):
        """Waits until all of it has ended, and gives what `job` does. A job that is requeued has not ended."""
        return self.wait_until(lambda: all_in(self.job(job), ENDED), f"job {job} has not ended", timeout)

    def wait_for_job(self, job, *states, timeout=60):
        """Waits until all of it is in one of these states, and gives what `job` does."""
        return self.wait_until(lambda: all_in(self.job(job), states), f"job {job} is not {' or '.join(states)}", timeout)

    def wait_for_output(self, job, text, timeout=60):
        """Waits until the job has printed this."""
        return self.wait_until(lambda: text in self.output(job), f"job {job} has not printed {text!r}", timeout)

    def output(self, job):
        """All that it has written to its output files so far."""
        files = dict.fromkeys(task["StdOut"] for task in self.job(job) if "StdOut" in task)
        return "".join(pathlib.Path(file).read_text(errors="replace") for file in files if os.path.exists(file))

    def cancel(self, job):
        self.ok("scancel", job)
        return self.wait(job)

    def reset(self):
        """Brings back every node that was taken, and ends every job."""
        for name in sorted(self._taken):
            self.restore(name)
        self.ok("scancel", "--user=root")
        self.wait_until(lambda: not self.ok("squeue", "--noheader").strip(), "jobs are left")

    # ---- nodes --------------------------------------------------------------------------------------------------

    def lose(self, name):
        self._taken.add(name)
        self.lab.lose_node(name)

    def cut(self, name):
        self._taken.add(name)
        self.lab.cut_node(name)

    def restore(self, name):
        self.lab.restore_node(name)
        self._taken.discard(name)

    def wait_until_lost(self, name, timeout=60):
        """Waits until Slurm has noticed that it does not answer, and gives the state that it is in then."""
        def lost():
            state = self.lab.node_state(name)
            return state if state.startswith("DOWN") else None
        return self.wait_until(lost, f"Slurm still thinks that {name} is there", timeout)

    # ---- waiting ------------------------------------------------------------------------------------------------

    def wait_until(self, condition, otherwise, timeout=60):
        """Gives what the condition does, once that is true."""
        end = time.monotonic() + timeout * frame.PATIENCE
        while not (found := condition()):
            if time.monotonic() > end:
                raise AssertionError(f"{otherwise} after {timeout * frame.PATIENCE:g} s\n{self.state()}")
            time.sleep(0.1)
        return found

    def state(self):
        """Jobs, nodes and the last lines of the logs, for whoever has to find out what went wrong."""
        commands = (("squeue", "--long"), ("sinfo", "--long", "--Node"))
        return "\n".join([*(self.lab.slurm(*command).stdout for command in commands), self.lab.logs()])


class ClusterTest(frame.SweepTest):
    """Tests with a cluster, `self.cluster`, that has all its nodes and no job when a test begins."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cluster = cls.enterClassContext(Cluster())

    def setUp(self):
        super().setUp()
        self.addCleanup(self.cluster.reset)

    def script(self, name, text):
        """Writes a program into the test's folder."""
        path = self.write(name, text)
        path.chmod(0o755)
        return path

    def run_here(self, *command, **how):
        """Runs it on the head, in the test's folder; wants exit status 0 and gives what it printed."""
        return self.cluster.ok(*command, cwd=self.folder, **how)

    def submit(self, *arguments, **how):
        """`sbatch ARGUMENTS` in the test's folder; gives the job's id."""
        return self.cluster.submit(*arguments, **{"cwd": self.folder, **how})

    def assert_job(self, job, state="COMPLETED", **how):
        """Waits until all of it has ended, wants that it ended so, and gives what Cluster.job does."""
        tasks = self.cluster.wait(job, **how)
        self.assertEqual({task["JobState"] for task in tasks}, {state}, f"{self.cluster.output(job)}\n{self.cluster.state()}")
        return tasks


def skip_where_there_is_none():
    """Ends a test program, with the reason, where no cluster can be had."""
    try:
        with Cluster():
            pass
    except CannotBeHad as reason:
        frame.skip_all(reason)


def fields(line):
    """'A=1 B=two words C:D=3' as a dictionary; names begin with a capital letter."""
    parts = re.split(r"(?:^| )([A-Z][A-Za-z:/]*)=", line)
    return {name: value.strip() for name, value in zip(parts[1::2], parts[2::2])}


def all_in(tasks, states):
    """The tasks, where each is in one of the states; else None."""
    return tasks if tasks and all(task["JobState"] in states for task in tasks) else None


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
