#!/usr/bin/env python3
"""Workers stand on cores of their own, within what the process may use; records tell the truth about it."""
import json
import os

import frame
from frame import allowed_cores, allowed_cpus, cpus_of, needs_cores

SHOW = "import json, os; print(json.dumps([sorted(os.sched_getaffinity(0)), dict(os.environ)]))"
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


class Pinning(frame.SweepTest):
    def setUp(self):
        super().setUp()
        self.write("pi.yaml", "task: pi\nparameters: {grid: {darts: [3e7], trial: {range: [16]}}}\n")
        self.write("meeting.yaml", frame.meeting_of(2))
        self.write("show.yaml", frame.as_yaml({
            "task": {"command": ["/usr/bin/python3", "-c", SHOW], "result": "json"},
            "parameters": {"grid": {"trial": {"range": [4]}}},
        }))

    def cpus_by_worker(self, directory):
        found = {}
        for record in self.records(directory):
            found.setdefault(record["run"]["worker"], set()).add(record["run"]["cpus"])
        return found

    @needs_cores(2)
    def test_two_workers_have_different_cores(self):
        self.ok("run", "meeting.yaml", "-o", "out", "-j2")
        by_worker = self.cpus_by_worker("out")
        self.assertEqual(len(by_worker), 2, by_worker)
        first, second = [cpus_of(*cpus) for cpus in by_worker.values()]  # each was on one and the same place
        self.assertFalse(first & second)
        for cpus in (first, second):
            self.assertIn(cpus, [core & set(allowed_cpus()) for core in allowed_cores()])

    @needs_cores(2)
    def test_cores_used_are_the_cores_planned(self):
        plan = self.ok("plan", "pi.yaml", "-j2").stdout
        self.ok("run", "pi.yaml", "-o", "out", "-j2", "--chunk-size", "1")
        for worker, cpus in self.cpus_by_worker("out").items():
            self.assertRegex(plan, rf"(?m)^.*\b{worker}\b.*\b{'|'.join(cpus)}\b", f"worker {worker} on {cpus}")

    def test_no_worker_leaves_the_mask_it_was_started_under(self):
        last = allowed_cpus()[-1]
        run = self.sweepd("run", "pi.yaml", "-o", "out", under=("/usr/bin/taskset", "-c", str(last)))
        self.assertEqual(run.status, 0, run)
        for record in self.records("out"):
            self.assertEqual(record["run"]["cpus"], str(last))

    def test_more_workers_than_cores_are_refused_by_number(self):
        last = allowed_cpus()[-1]
        run = self.sweepd("run", "pi.yaml", "-o", "out", "-j2", under=("/usr/bin/taskset", "-c", str(last)))
        self.assertEqual(run.status, 2, run)
        self.assertRegex(run.stderr, r"\b2\b.*\b1\b")
        self.assertFalse((self.folder / "out").exists())

    def test_a_command_is_where_its_record_says_it_was(self):
        self.ok("run", "show.yaml", "-o", "out", *frame.with_workers(2))
        for record in self.records("out"):
            affinity, variables = record["result"]
            self.assertEqual(set(affinity), cpus_of(record["run"]["cpus"]))
            self.assertEqual(variables["SWEEPD_CPUS"], record["run"]["cpus"])
            self.assertEqual(variables["SWEEPD_WORKER"], str(record["run"]["worker"]))

    def test_without_pinning_every_allowed_cpu_may_be_used(self):
        self.ok("run", "show.yaml", "-o", "out", "-j2", "--pin", "none")
        for record in self.records("out"):
            self.assertEqual(record["result"][0], allowed_cpus())
            self.assertEqual(cpus_of(record["run"]["cpus"]), set(allowed_cpus()))

    def test_a_list_of_cpus_is_dealt_to_the_workers(self):
        last = allowed_cpus()[-1]
        self.ok("run", "show.yaml", "-o", "out", "-j1", "--pin", str(last))
        for record in self.records("out"):
            self.assertEqual(record["result"][0], [last])

    @needs_cores(2)
    def test_a_worker_of_two_cores_tells_its_programs_to_use_two_threads(self):
        sweep = json.loads((self.folder / "show.yaml").read_text())
        self.write("show.yaml", frame.as_yaml({**sweep, "workers": {"count": 1, "cores": 2}}))
        self.ok("run", "show.yaml", "-o", "out")
        for record in self.records("out"):
            affinity, variables = record["result"]
            self.assertGreaterEqual(len(affinity), 2)
            self.assertEqual([variables[name] for name in THREADS], ["2"] * 4)

    def test_a_thread_count_that_the_user_set_stays(self):
        self.ok("run", "show.yaml", "-o", "out", env={"OMP_NUM_THREADS": "7"})
        for record in self.records("out"):
            self.assertEqual([record["result"][1][name] for name in THREADS], ["7", "1", "1", "1"])

    def test_cpus_lists_what_may_be_used(self):
        last = allowed_cpus()[-1]
        run = self.ok("cpus", under=("/usr/bin/taskset", "-c", str(last)))
        self.assertRegex(run.stdout, rf"\b{last}\b")
        for other in set(range(os.cpu_count())) - {last} if os.cpu_count() < 10 else ():
            self.assertNotRegex(run.stdout, rf"(?i)cpus?\s+{other}\b")


if __name__ == "__main__":
    frame.main()
