#!/usr/bin/env python3
"""What Slurm granted, as its variables tell it: cores that are not exceeded, memory shared out, and what to ask for next
time. The job is made up; a real cluster is in tests/cluster."""
import json
import math

import frame
from frame import allowed_cpus, needs_cores

# What is asked for above what was used, see slurm/right_size.cc.
MEMORY_ROOM = 1.2

SCONTROL = """#!/bin/sh
[ "$1" = show ] || exit 0
printf 'JobId=12 JobName=s.yaml\\n   Requeue=1 Restarts=0 BatchFlag=1\\n   RunTime=00:00:10 TimeLimit=01:00:00\\n   EndTime=Unknown\\n'
"""

SLEEP = """task: {shell: 'sleep "$s"'}
parameters: {grid: {s: [0.1, 0.1, 0.1, 1.5]}}
chunks: {size: 1}
"""

# Touches so many MiB.
EAT = """task: {command: [/usr/bin/python3, -c, "x = b'x' * (int('{mib}') << 20)"]}
parameters: {grid: {mib: [1, 2, 400, 3]}}
"""


class Allocation(frame.SweepTest):
    def setUp(self):
        super().setUp()
        self.write("bin/scontrol", SCONTROL).chmod(0o755)
        self.write("sleep.yaml", SLEEP)
        self.write("eat.yaml", EAT)

    def in_job(self, *arguments, cpus=len(allowed_cpus()), **variables):
        """Runs it as a batch script of job 12 would, on n1 of as many nodes as `cpus` is for."""
        nodes = len(str(cpus).split(","))
        return self.sweepd(*arguments, env={
            "PATH": f"{self.folder}/bin:/usr/bin:/bin", "SLURM_JOB_ID": "12", "SLURM_JOB_NODELIST": f"n[1-{nodes}]",
            "SLURM_JOB_CPUS_PER_NODE": str(cpus), "SLURMD_NODENAME": "n1", "SLURM_SUBMIT_DIR": str(self.folder), **variables})

    def summary(self, directory):
        return json.loads((self.folder / directory / "summary.json").read_text())

    # ---- cores --------------------------------------------------------------------------------------------------

    @needs_cores(2)
    def test_a_grant_below_the_mask_is_a_number_of_workers_that_are_not_bound(self):
        run = self.in_job("run", "sleep.yaml", cpus=1)
        self.assertEqual(run.status, 0, run)
        self.assertEqual(run.stderr.count("job 12 was granted 1 core on n1, but Slurm lets it use more"), 1, run)
        records = self.records("sleep.sweep")
        self.assertEqual({record["run"]["worker"] for record in records}, {0})
        self.assertEqual({frozenset(frame.cpus_of(record["run"]["cpus"])) for record in records}, {frozenset(allowed_cpus())})

    @needs_cores(2)
    def test_a_pin_that_was_chosen_binds_all_the_same(self):
        run = self.in_job("run", "sleep.yaml", "--pin", "core", cpus=1)
        self.assertEqual(run.status, 0, run)
        self.assertIn("bound all the same", run.stderr)
        self.assertEqual({len(frame.cpus_of(record["run"]["cpus"])) for record in self.records("sleep.sweep")}, {1})

    def test_a_mask_that_is_no_wider_than_the_grant_is_used_as_outside_of_a_job(self):
        last = str(allowed_cpus()[-1])
        run = self.finish(self.start("run", "sleep.yaml", under=("/usr/bin/taskset", "-c", last), env={
            "SLURM_JOB_ID": "12", "SLURM_JOB_NODELIST": "n1", "SLURM_JOB_CPUS_PER_NODE": "1", "SLURMD_NODENAME": "n1",
            "PATH": f"{self.folder}/bin:/usr/bin:/bin"}))
        self.assertEqual(run.status, 0, run)
        self.assertNotIn("granted", run.stderr)
        self.assertEqual({record["run"]["cpus"] for record in self.records("sleep.sweep")}, {last})

    def test_more_workers_than_were_granted_are_an_error_with_both_numbers_and_the_place(self):
        self.write("many.yaml", SLEEP + "workers:\n  count: 8\n")
        run = self.in_job("run", "many.yaml", cpus=4)
        self.assertEqual(run.status, 2, run)
        self.assertIn("many.yaml:5:10: workers.count: 8 asks for 8 cores on n1, and job 12 was granted 4 cores there; submit it "
                      "with --cpus-per-task=8", run.stderr)
        self.assertFalse((self.folder / "many.sweep").exists())
        run = self.in_job("run", "sleep.yaml", "-j9", cpus=4)
        self.assertEqual(run.status, 2, run)
        self.assertIn("error: -j9 asks for 9 cores on n1, and job 12 was granted 4 cores there", run.stderr)

    def test_a_command_line_wins_over_a_count_of_the_file_that_is_too_large(self):
        self.write("many.yaml", SLEEP + "workers:\n  count: 8\n")
        self.assertEqual(self.in_job("run", "many.yaml", "-j1", cpus=1).status, 0)

    def test_a_task_of_a_step_has_its_part_of_the_node(self):
        step = {"SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "1", "SLURM_STEP_NODELIST": "n1",
                "SLURM_STEP_TASKS_PER_NODE": "1", "SLURM_PROCID": "0", "SLURM_CPUS_ON_NODE": "3"}
        run = self.in_job("cpus", "-j4", cpus=8, **step)
        self.assertEqual(run.status, 2, run)
        self.assertIn("-j4 asks for 4 cores on n1, and job 12 was granted 3 cores there", run.stderr)

    # ---- what is shown ------------------------------------------------------------------------------------------

    def test_cpus_shows_what_was_granted_on_all_nodes(self):
        run = self.in_job("cpus", "-j1", cpus="1,4,4,2", SLURM_MEM_PER_CPU="100")
        self.assertEqual(run.status, 0, run)
        self.assertRegex(run.stdout, r"job 12 was granted, by node:\n +n1 +1 \(here\)\n +n\[2-3\] +4 each\n +n4 +2\n")
        self.assertIn("for this process: 1 core on n1, 100 MiB of memory", run.stdout)

    def test_plan_shows_cores_and_memory_that_were_granted(self):
        run = self.in_job("plan", "eat.yaml", "-j1", cpus=1, SLURM_MEM_PER_CPU="1000")
        self.assertEqual(run.status, 0, run)
        self.assertRegex(run.stdout, r"(?m)^granted +1 core on n1 \(job 12\)$")
        self.assertRegex(run.stdout, r"(?m)^memory +at most 950 MiB a worker, of the 1000 MiB that job 12 was granted on n1$")

    def test_outside_of_a_job_nothing_of_it_is_heeded(self):
        loose = {"SLURM_JOB_CPUS_PER_NODE": "1", "SLURM_MEM_PER_CPU": "10", "SLURM_CPUS_ON_NODE": "x"}
        run = self.sweepd("run", "eat.yaml", env=loose)
        self.assertEqual(run.status, 0, run)
        self.assertNotIn("job", self.summary("eat.sweep"))
        self.assertIsNone(self.summary("eat.sweep")["memory_limit_mib"])
        self.assertNotIn("granted", self.sweepd("cpus", env=loose).stdout)

    # ---- memory -------------------------------------------------------------------------------------------------

    def test_a_point_that_outgrows_its_workers_part_of_the_memory_is_ended_and_no_other(self):
        self.ok("run", "eat.yaml", "-o", "outside")
        for start in ("fork", "spawn"):
            run = self.in_job("run", "eat.yaml", "-j1", "--start", start, "-o", start, SLURM_MEM_PER_NODE="200")
            self.assertEqual(run.status, 1, run)
            records = self.merged(start)["results"]
            self.assertEqual([record["status"] for record in records], ["ok", "ok", "failed", "ok"])
            self.assertEqual(records[2]["error"]["kind"], "memory")
            self.assertIn("more than the 190 MiB that a worker has of the job's memory", records[2]["error"]["message"])
            self.assertEqual(self.summary(start)["memory_limit_mib"], 190)
            self.assertEqual([record["id"] for record in records], [record["id"] for record in self.merged("outside")["results"]])

    @needs_cores(2)
    def test_workers_share_the_memory_and_fewer_workers_have_more_each(self):
        for workers, part in ((1, 380), (2, 190)):
            run = self.in_job("plan", "eat.yaml", f"-j{workers}", cpus=2, SLURM_MEM_PER_CPU="200")
            self.assertIn(f"at most {part} MiB a worker", run.stdout, run)

    def test_a_limit_of_the_file_stays_and_one_above_the_grant_is_warned_of(self):
        self.write("own.yaml", EAT + "limits: {memory: 1GiB}\n")
        run = self.in_job("run", "own.yaml", "-j1", cpus=1, SLURM_MEM_PER_NODE="500")
        self.assertEqual(run.status, 0, run)
        self.assertIn("limits.memory lets 1 worker use 1024 MiB, and job 12 was granted 500 MiB on n1", run.stderr)
        self.assertNotIn("limits.memory", self.in_job("plan", "own.yaml", "-j1", SLURM_MEM_PER_NODE="2000").stderr)

    # ---- right-sizing -------------------------------------------------------------------------------------------

    @needs_cores(2)
    def test_at_the_end_it_says_what_was_used_and_what_to_ask_for_next_time(self):
        run = self.in_job("run", "sleep.yaml", cpus=2, SLURM_MEM_PER_CPU="500")
        self.assertEqual(run.status, 0, run)
        used, ask = run.stdout.splitlines()[-2:]
        self.assertRegex(used, r"^job 12: \d+ % of 2 cores busy, memory peak \d+ MiB a core \(granted 500\), \d+s of 1h00m used, "
                               r"idle tail 0.00 core-hours$")
        job = self.summary("sleep.sweep")["job"]
        memory = 64 * math.ceil(job["memory_peak_mib"] * MEMORY_ROOM / 64)
        self.assertEqual(ask, f"next time: #SBATCH --nodes=1 --ntasks-per-node=1 --cpus-per-task=2 --mem-per-cpu={memory}M "
                              "--time=00:05:00")
        self.assertEqual((job["id"], job["nodes"], job["cores"], job["time_limit_s"]), ("12", 1, 2, 3600))
        self.assertEqual(job["ask"], ask.removeprefix("next time: #SBATCH ").split())
        self.assertGreater(job["busy_core_s"], 1.5)
        # One worker slept on while the other had nothing left to do.
        self.assertGreater(job["idle_tail_core_s"], 0.5)
        self.assertLess(job["idle_tail_core_s"], job["elapsed_s"] + 0.2)

    def test_what_was_used_stays_in_the_summary_when_it_is_merged_again(self):
        self.assertEqual(self.in_job("run", "sleep.yaml", "-j1").status, 0)
        before = self.summary("sleep.sweep")["job"]
        self.ok("merge", "sleep.sweep")
        self.assertEqual(self.summary("sleep.sweep")["job"], before)

    def test_nodes_that_nothing_ran_on_count_as_idle(self):
        run = self.in_job("run", "sleep.yaml", "-j1", "--start", "fork", cpus="2,2,2,2")
        self.assertEqual(run.status, 0, run)
        job = self.summary("sleep.sweep")["job"]
        self.assertEqual((job["nodes"], job["cores"]), (4, 8))
        self.assertLess(job["busy_share"], 0.2)

    # ---- malformed variables ------------------------------------------------------------------------------------

    def test_a_malformed_variable_is_told_with_its_value_by_every_command_that_needs_it(self):
        for name, value in (("SLURM_JOB_NODELIST", "n[1-"), ("SLURM_JOB_CPUS_PER_NODE", "2(x"), ("SLURM_CPUS_ON_NODE", "two"),
                            ("SLURM_MEM_PER_CPU", "1G"), ("SLURM_MEM_PER_NODE", "-1"), ("SLURM_JOB_ID", "12a"),
                            ("SLURM_TASKS_PER_NODE", "1(x"), ("SLURM_CPUS_PER_TASK", "0x2"), ("SLURM_NTASKS", "1.5")):
            for command in (("run", "sleep.yaml"), ("plan", "sleep.yaml"), ("cpus",)):
                run = self.in_job(*command, **{name: value})
                self.assertEqual(run.status, 2, f"{name} {command}: {run}")
                self.assertIn(f"{name}='{value}' is malformed", run.stderr)
                self.assertEqual(run.stdout, "")
        self.assertFalse((self.folder / "sleep.sweep").exists())


if __name__ == "__main__":
    frame.main()
