"""Several ranks on this machine, started by MPICH's mpirun. Several nodes are in tests/cluster."""
import os
import pathlib
import shutil
import signal
import unittest

import frame

MPIRUN = shutil.which("mpirun.mpich")
MODULE = pathlib.Path(frame.SWEEPD).parent / "sweepd_mpi.so"

PI = """
task: pi
parameters: {grid: {darts: [1e4, 1e5, 1e6, 1e7], trial: {range: [0, 100]}}}
seed: 42
reduce: {by: [darts], fields: {pi: [mean, std], hits: sum}}
"""
SLOW = "task: {shell: 'echo $n >> ran; sleep 0.3; echo $n', result: json}\nparameters: {grid: {n: {range: [30]}}}\n"
SCALING = """
task: {kernel: scaling}
parameters: {grid: {workers: [1, 2], mode: [strong, weak], darts: [3e6]}}
"""
ENDLESS = """
task: {kernel: scaling}
parameters: [{workers: 2, darts: 9e14}, {workers: 1, darts: 1e6}, {workers: 2, darts: 1e6}]
"""


@frame.needs_cores(2)
class RankTest(frame.SweepTest):
    def mpirun(self, ranks, *arguments, **how):
        return self.start("run", *arguments, under=[MPIRUN, "-np", str(ranks)], **how)

    def below(self, pid, name):
        """The processes of this name below another one."""
        found = []
        for other in filter(str.isdigit, os.listdir("/proc")):
            try:
                comm = pathlib.Path(f"/proc/{other}/comm").read_text().strip()
            except OSError:
                continue
            parent = int(other)
            while parent and parent != pid:
                parent = frame.parent_of(parent)
            if comm == name and parent == pid:
                found.append(int(other))
        return sorted(found)


class Ranks(RankTest):
    def ran(self):
        file = self.folder / "ran"
        return file.read_text().split() if file.exists() else []

    def slow_sweep(self):
        """In the middle of it, with its relays, one a rank."""
        self.write("s.yaml", SLOW)
        process = self.mpirun(2, "s.yaml")
        self.wait_until(lambda: len(self.ran()) > 6, "the sweep has not begun")
        return process, self.below(process.pid, "sweepd-relay")

    def assert_carries_on(self, most_repeated=2):
        run = self.finish(self.mpirun(2, "s.yaml"))
        self.assertEqual(run.status, 0, run)
        self.assert_whole(self.merged("s.sweep"), 30)
        self.assertEqual(len(set(self.ran())), 30)
        self.assertLessEqual(len(self.ran()), 30 + most_repeated)

    def test_ranks_find_a_sweep_in_a_folder_whose_name_is_no_utf_8(self):
        folder = self.folder / os.fsdecode(b"M\xfcller")
        folder.mkdir()
        (folder / "s.yaml").write_text("task: {shell: 'echo $n', result: json}\nparameters: {file: points.csv}\n")
        (folder / "points.csv").write_text("n\n" + "".join(f"{n}\n" for n in range(20)))
        run = self.finish(self.mpirun(2, folder / "s.yaml"))
        self.assertEqual(run.status, 0, run)
        self.assert_whole(self.merged(folder / "s.sweep"), 20)

    def test_any_number_of_ranks_gives_the_bytes_of_one_worker(self):
        self.write("s.yaml", PI)
        self.ok("run", "s.yaml", "-j1", "-o", "one.sweep")
        for ranks in (1, 2):
            with self.subTest(ranks=ranks):
                run = self.finish(self.mpirun(ranks, "s.yaml", "-o", f"{ranks}.sweep"))
                self.assertEqual(run.status, 0, run)
                self.assertEqual(self.merged_bytes(f"{ranks}.sweep"), self.merged_bytes("one.sweep"))

    def test_ranks_that_are_not_bound_divide_the_cores(self):
        self.write("s.yaml", frame.meeting_of(len(frame.allowed_cores()), points=100))
        self.finish(self.mpirun(2, "s.yaml"))
        workers = {(record["run"]["worker"], record["run"]["cpus"]) for record in self.records("s.sweep")}
        self.assertEqual({worker for worker, _ in workers}, set(range(len(frame.allowed_cores()))))
        self.assertEqual(len({cpus for _, cpus in workers}), len(workers))

    def test_more_ranks_than_cores_are_refused_with_both_numbers(self):
        self.write("s.yaml", PI)
        cores = len(frame.allowed_cores())
        run = self.finish(self.mpirun(cores + 1, "s.yaml"))
        self.assertEqual(run.status, 2, run)
        self.assertIn(f"{cores + 1} ranks on this node have {cores} cores", run.stderr)
        self.assertFalse((self.folder / "s.sweep").exists())

    def test_a_rank_may_be_without_workers(self):
        self.write("s.yaml", SLOW.replace("sleep 0.3; ", ""))
        run = self.finish(self.mpirun(2, "s.yaml", "-j1"))
        self.assertEqual(run.status, 0, run)
        self.assert_whole(self.merged("s.sweep"), 30)

    def test_what_is_wrong_with_the_file_is_said_once(self):
        self.write("s.yaml", "task: pi\nparametres: {}\n")
        run = self.finish(self.mpirun(2, "s.yaml"))
        self.assertEqual(run.status, 2, run)
        self.assertEqual(run.stderr.count("s.yaml:2:1:"), 1, run.stderr)

    def test_a_finished_sweep_is_only_looked_at(self):
        self.write("s.yaml", PI)
        self.finish(self.mpirun(2, "s.yaml"))
        run = self.finish(self.mpirun(2, "s.yaml"))
        self.assertEqual(run.status, 0, run)
        self.assertIn("finished before", run.stdout)

    def test_failed_points_are_told_by_the_status_of_rank_0(self):
        self.write("s.yaml", "task: {shell: 'exit $n'}\nparameters: {grid: {n: [0, 1, 0, 1]}}\n")
        self.assertEqual(self.finish(self.mpirun(2, "s.yaml")).status, 1)

    def test_without_the_module_mpirun_gets_a_clear_error_and_one_process_works(self):
        program = self.folder / "bin/sweepd"
        program.parent.mkdir()
        shutil.copy(frame.SWEEPD, program)
        self.write("s.yaml", PI)
        run = self.finish(self.start("run", "s.yaml", under=[MPIRUN, "-np", "2", "sh", "-c", 'shift; exec bin/sweepd "$@"', "sh"]))
        self.assertEqual(run.status, 2, run)
        self.assertEqual(run.stderr.count("sweepd: error:"), 1, run.stderr)
        self.assertIn("MPI cannot be used", run.stderr)

    def test_interrupted_it_merges_what_there_is_and_carries_on(self):
        process, _ = self.slow_sweep()
        process.send_signal(signal.SIGTERM)
        run = self.finish(process)  # with a status that is mpirun's own affair, after a signal to it
        self.assertIn("carry on with", run.stderr)
        self.assertTrue(0 < len(self.merged("s.sweep")["results"]) < 30)
        self.assert_carries_on()

    def test_a_rank_that_is_killed_ends_the_run_with_all_that_was_finished(self):
        for rank in (0, 1):
            with self.subTest(rank=rank):
                process, relays = self.slow_sweep()
                os.kill(relays[rank], signal.SIGKILL)
                run = self.finish(process)
                self.assertNotEqual(run.status, 0, run)
                self.assertIn("nothing finished is lost", run.stderr)
                self.assertTrue(0 < len(self.merged("s.sweep")["results"]) < 30)
                self.assert_carries_on()
                shutil.rmtree(self.folder / "s.sweep")
                (self.folder / "ran").unlink()

    def test_the_others_go_on_when_an_agent_is_killed(self):
        process, relays = self.slow_sweep()
        agent, = [pid for pid in self.below(relays[1], "sweepd") if frame.parent_of(pid) == relays[1]]
        os.kill(agent, signal.SIGKILL)
        run = self.finish(process)
        self.assertEqual(run.status, 0, run)
        self.assertIn("rank 1 on", run.stderr)
        self.assert_whole(self.merged("s.sweep"), 30)
        self.assertLessEqual(len(self.ran()), 31)

    def test_a_worker_of_another_rank_that_is_killed_is_replaced(self):
        waiting = "echo $n >> ran; until [ -e go ]; do sleep 0.05; done; echo $n"  # killed between two points, it is not missed
        self.write("s.yaml", f"task: {{shell: '{waiting}', result: json}}\nparameters: {{grid: {{n: {{range: [30]}}}}}}\n")
        process = self.mpirun(2, "s.yaml")
        self.wait_until(lambda: len(self.ran()) == 2, "the two workers have no points")
        relays = self.below(process.pid, "sweepd-relay")
        os.kill(self.below(relays[1], "sweepd-worker")[0], signal.SIGKILL)
        self.wait_until(lambda: len(self.ran()) == 3, "no worker has taken its place")
        self.write("go", "")
        run = self.finish(process)
        self.assertEqual(run.status, 0, run)
        self.assertIn("another takes its place", run.stderr)
        self.assert_whole(self.merged("s.sweep"), 30)

    def test_a_command_may_be_an_mpi_program_itself(self):
        self.write("s.yaml", f"task: {{command: [{MPIRUN}, -np, '2', sh, -c, 'echo $PMI_SIZE'], result: text}}\n"
                             "parameters: {grid: {n: {range: [4]}}}\n")
        run = self.finish(self.mpirun(2, "s.yaml"))
        self.assertEqual(run.status, 0, run)
        self.assertEqual([record["result"] for record in self.merged("s.sweep")["results"]], ["2\n2"] * 4)


class Gangs(RankTest):
    """The scaling kernel over two ranks of one core each."""

    def mpirun(self, ranks, *arguments, **how):
        cpus = ",".join(str(min(core)) for core in frame.allowed_cores()[:2])
        return self.start("run", *arguments, under=["taskset", "-c", cpus, MPIRUN, "-np", str(ranks)], **how)

    def endless_gang(self, *options, more=""):
        """In the middle of its first round, with its members by rank."""
        self.write("s.yaml", ENDLESS + more)
        process = self.mpirun(2, "s.yaml", *options)
        self.wait_until(lambda: all(len(workers) == 2 for workers in self.workers(process).values()), "the gang has not formed")
        return process, {rank: max(workers, key=self.depth) for rank, workers in self.workers(process).items()}

    def workers(self, process):
        """By rank: its worker, and the member below that."""
        return {rank: self.below(relay, "sweepd-worker")
                for rank, relay in enumerate(self.below(process.pid, "sweepd-relay"))} or {0: []}

    def depth(self, pid):
        count = 0
        while pid := frame.parent_of(pid):
            count += 1
        return count

    def statuses(self):
        return [(record["status"], record.get("error", {}).get("kind")) for record in self.merged("s.sweep")["results"]]

    def test_members_on_all_ranks_make_the_hits_of_one_process(self):
        self.write("s.yaml", SCALING)
        self.ok("run", "s.yaml", "-o", "one.sweep")
        run = self.finish(self.mpirun(2, "s.yaml", "-o", "two.sweep"))
        self.assertEqual(run.status, 0, run)
        one, two = self.merged("one.sweep"), self.merged("two.sweep")
        self.assert_whole(two, 4)
        self.assertEqual([record["result"]["pi"] for record in two["results"]], [record["result"]["pi"] for record in one["results"]])
        self.assertEqual([[row["workers"] for row in table["rows"]] for table in two["scaling"]], [[1, 2], [1, 2]])
        self.assertEqual(two["sweep"], one["sweep"])

    def test_each_member_has_a_core_of_its_own(self):
        process, members = self.endless_gang()
        cpus = [os.sched_getaffinity(pid) for pid in members.values()]
        self.assertEqual(len(cpus), 2)
        self.assertEqual([len(core) for core in cpus], [1, 1])
        self.assertFalse(cpus[0] & cpus[1])
        self.kill_all(process.mark)
        process.communicate()

    def test_a_gang_larger_than_the_cores_of_all_ranks_is_refused(self):
        self.write("s.yaml", "task: {kernel: scaling}\nparameters: {grid: {workers: [2, 3], darts: [1e6]}}\n")
        run = self.finish(self.mpirun(2, "s.yaml"))
        self.assertEqual(run.status, 2, run)
        self.assertIn("s.yaml:2:34: 3 workers asked for, but the 2 ranks together may use 2 cores", run.stderr)
        self.write("s.yaml", "task: {kernel: scaling, oversubscribe: true}\nparameters: {grid: {workers: [2, 3], darts: [1e6]}}\n")
        self.assertEqual(self.finish(self.mpirun(2, "s.yaml")).status, 0)

    def test_a_member_that_is_killed_loses_its_point_only(self):
        process, members = self.endless_gang()
        os.kill(members[1], signal.SIGKILL)
        run = self.finish(process)
        self.assertEqual(run.status, 1, run)
        self.assertEqual(self.statuses(), [("failed", "lost"), ("ok", None), ("ok", None)])
        self.assertRegex(self.merged("s.sweep")["results"][0]["error"]["message"],
                         "^rank 1 on .*: member 1 of the gang of 2 was killed by signal 9$")

    def test_a_time_limit_ends_the_members_of_all_ranks(self):
        process, _ = self.endless_gang(more=f"limits: {{timeout: {int(3 * frame.PATIENCE)}s}}\n")
        run = self.finish(process)
        self.assertEqual(run.status, 1, run)
        self.assertEqual(self.statuses(), [("failed", "timeout"), ("ok", None), ("ok", None)])

    def test_a_rank_that_is_lost_breaks_the_run_off(self):
        process, members = self.endless_gang()
        agent = members[1]
        while frame.parent_of(agent) not in self.below(process.pid, "sweepd-relay"):
            agent = frame.parent_of(agent)
        os.kill(agent, signal.SIGKILL)
        run = self.finish(process)
        self.assertNotEqual(run.status, 0, run)
        self.assertRegex(run.stderr, "error: rank 1 on .* is lost: its process has ended; a gang of this size needs its cores")
        self.assertIn("nothing finished is lost", run.stderr)
        self.assertEqual(self.merged("s.sweep")["results"], [])

    def test_an_interrupt_ends_the_members_of_all_ranks_after_the_grace(self):
        process, _ = self.endless_gang("--grace", "1s")
        process.send_signal(signal.SIGTERM)
        run = self.finish(process)
        self.assertIn("nothing finished is lost", run.stderr)


if __name__ == "__main__":
    if MPIRUN is None or not MODULE.exists():
        frame.skip_all("mpich and libmpich-dev are not installed, or sweepd is built without MPI")
    frame.main()
