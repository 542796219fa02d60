#!/usr/bin/env python3
"""Limits hold for all processes of a point, and no process outlives the point, its worker or the sweep."""
import os
import signal

import frame
from frame import with_workers

PYTHON = "/usr/bin/python3"

# Allocates without end, in pieces that are touched.
GREEDY = "held = []\nwhile True: held.append(bytearray(8 << 20))\n"

# Three processes of 90 MiB each, of which none is over 200 MiB alone.
FAMILY = """import os, time
for i in range(3):
    if os.fork() == 0:
        held = bytearray(90 << 20)  # zeros are written, so it is resident
        time.sleep(1000)
time.sleep(1000)
"""

# Four processes that have the same 150 MiB.
SHARING = """import os, time
held = bytearray(150 << 20)
children = []
for i in range(3):
    pid = os.fork()
    if pid == 0:
        time.sleep(0.5)
        os._exit(0)
    children.append(pid)
for pid in children:
    os.waitpid(pid, 0)
print(len(held) >> 20)
"""

# Leaves a daemon: a session of its own, a dead parent, no output held, deaf to SIGTERM. Its number is in the file `daemons`.
DAEMON = """import os, signal, sys, time
ready, told = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() != 0:
        os._exit(0)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    null = os.open("/dev/null", os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    with open("daemons", "a") as file:
        file.write(f"{os.getpid()}\\n")
    os.write(told, b"x")
    while True:
        time.sleep(1)
os.read(ready, 1)
"""


def is_gone(pid):
    try:
        os.kill(pid, 0)
        return False
    except ProcessLookupError:
        return True


class Limits(frame.SweepTest):
    def setUp(self):
        super().setUp()
        self.write("greedy.py", GREEDY)
        self.write("family.py", FAMILY)
        self.write("sharing.py", SHARING)
        self.write("daemon.py", DAEMON)

    def errors(self, directory):
        """By index: the `error` of each failed record."""
        return {record["index"]: record["error"] for record in self.merged(directory)["results"] if record["status"] == "failed"}

    def daemons(self):
        path = self.folder / "daemons"
        return [int(line) for line in path.read_text().split()] if path.exists() else []

    # ---- memory -------------------------------------------------------------------------------------------------

    def test_a_point_that_allocates_without_end_fails_with_kind_memory_and_the_others_do_not(self):
        self.write("sweep.yaml", f"""task: {{shell: 'if [ $n = 3 ]; then exec {PYTHON} greedy.py; fi; echo $n', result: json}}
parameters: {{grid: {{n: {{range: [6]}}}}}}
limits: {{memory: 200MiB}}
""")
        self.assertEqual(self.sweepd("run", "sweep.yaml").status, 1)
        errors = self.errors("sweep.sweep")
        self.assertEqual(list(errors), [3])
        self.assertEqual(errors[3]["kind"], "memory")
        self.assertRegex(errors[3]["message"], r"used more than the 200 MiB of limits\.memory")
        self.assertGreater(self.records("sweep.sweep", "--status", "failed")[0]["run"]["max_rss_mib"], 200)

    def test_processes_of_a_point_count_together(self):
        self.write("sweep.yaml", f"task: {{command: [{PYTHON}, family.py]}}\nparameters: [{{a: 1}}]\nlimits: {{memory: 200MiB}}\n")
        self.assertEqual(self.sweepd("run", "sweep.yaml").status, 1)
        self.assertEqual(self.errors("sweep.sweep")[0]["kind"], "memory")

    def test_memory_that_processes_share_counts_once(self):
        self.write("sweep.yaml", f"task: {{command: [{PYTHON}, sharing.py], result: json}}\nparameters: [{{a: 1}}]\n"
                                 "limits: {memory: 200MiB}\n")
        self.ok("run", "sweep.yaml")
        self.assertEqual(self.merged("sweep.sweep")["results"][0]["result"], 150)
        self.assertLess(self.records("sweep.sweep")[0]["run"]["max_rss_mib"], 200)

    def test_the_system_takes_a_task_first_when_memory_runs_out(self):
        self.write("sweep.yaml", "task: {shell: 'cat /proc/self/oom_score_adj', result: json}\nparameters: [{a: 1}]\n")
        for start in ("fork", "spawn"):
            self.ok("run", "sweep.yaml", "--start", start, "-o", start)
            self.assertGreaterEqual(self.merged(start)["results"][0]["result"], 500)

    # ---- what a point leaves behind -------------------------------------------------------------------------------

    def test_a_daemon_of_a_point_that_timed_out_is_gone(self):
        self.write("sweep.yaml", f"task: {{shell: '{PYTHON} daemon.py; exec sleep 1000'}}\nparameters: [{{a: 1}}]\n"
                                 "limits: {timeout: 1s}\n")
        self.assertEqual(self.sweepd("run", "sweep.yaml").status, 1)
        self.assertEqual(self.errors("sweep.sweep")[0]["kind"], "timeout")
        self.assertEqual([is_gone(pid) for pid in self.daemons()], [True])

    def test_a_daemon_of_a_point_that_ended_is_gone_before_the_next_point(self):
        self.write("sweep.yaml", f"""task:
  shell: 'if [ -e daemons ]; then kill -0 $(cat daemons) 2>/dev/null && echo 1 || echo 0; else {PYTHON} daemon.py; echo 0; fi'
  result: json
parameters: {{grid: {{n: [1, 2]}}}}
""")
        self.ok("run", "sweep.yaml", "-j1")
        self.assertEqual(len(self.daemons()), 1)
        self.assertEqual([record["result"] for record in self.merged("sweep.sweep")["results"]], [0, 0])

    # ---- kill -9 --------------------------------------------------------------------------------------------------

    def start_with_daemons(self, start):
        """A sweep with two points in hand, each of which has a daemon; also the ids of its processes, by name."""
        self.write("sweep.yaml", f"task: {{shell: '{PYTHON} daemon.py; sleep 1000 & exec sleep 1000'}}\nparameters: {{grid: {{n: [1, 2]}}}}\n")
        process = self.start("run", "sweep.yaml", "--start", start, *with_workers(2))
        self.wait_until(lambda: len(self.daemons()) == 2 or process.poll() is not None, "the daemons have not begun")
        self.assertIsNone(process.poll())
        starter = [pid for pid in frame.processes_with(process.mark) if frame.parent_of(pid) == process.pid]
        workers = [pid for pid in frame.processes_with(process.mark) if frame.parent_of(pid) in starter]
        self.assertEqual((len(starter), len(workers)), (1, 2))
        return process, starter[0], workers

    def assert_coordinator_takes_all_with_it(self, start):
        process, _, _ = self.start_with_daemons(start)
        process.kill()
        self.assert_nothing_runs(process.mark, within=1)
        self.finish(process)

    def test_a_killed_coordinator_leaves_nothing_with_forked_workers(self):
        self.assert_coordinator_takes_all_with_it("fork")

    def test_a_killed_coordinator_leaves_nothing_with_spawned_workers(self):
        self.assert_coordinator_takes_all_with_it("spawn")

    def test_a_killed_starter_leaves_nothing(self):
        for start in ("fork", "spawn"):
            process, starter, workers = self.start_with_daemons(start)
            daemons = self.daemons()
            os.kill(starter, signal.SIGKILL)
            self.wait_until(lambda: all(is_gone(pid) for pid in [*workers, *daemons]), "something is left", within=1)
            self.assertIn(self.finish(process).status, (3, 4))
            (self.folder / "daemons").unlink()

    def test_a_killed_worker_leaves_nothing_and_the_others_go_on(self):
        process, starter, workers = self.start_with_daemons("fork")
        owners = {pid: self.worker_above(pid, workers) for pid in self.daemons()}
        os.kill(workers[0], signal.SIGKILL)
        for pid, owner in owners.items():
            if owner == workers[0]:
                self.wait_until(lambda: is_gone(pid), "its daemon is left", within=1)
            else:
                self.assertFalse(is_gone(pid))
        self.assertEqual(sorted(owners.values()), sorted(workers))
        process.kill()
        self.assert_nothing_runs(process.mark, within=1)
        self.finish(process)

    def worker_above(self, pid, workers):
        while pid and pid not in workers:
            pid = frame.parent_of(pid)
        return pid

    def test_a_killed_coordinator_leaves_nothing_of_a_kernel(self):
        self.write("pi.yaml", "task: pi\nparameters: {grid: {darts: [1e15], n: [1, 2]}}\n")
        process = self.start("run", "pi.yaml", *with_workers(2))
        self.wait_until(lambda: len(frame.processes_with(process.mark)) >= 4, "the workers have not begun")
        process.kill()
        self.assert_nothing_runs(process.mark, within=1)
        self.finish(process)


if __name__ == "__main__":
    frame.main()
