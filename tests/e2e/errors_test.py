#!/usr/bin/env python3
"""Bad input gets one clear message with its place, exit status 2, and leaves nothing behind."""
import os
import unittest

import frame

GOOD = "task: pi\nparameters: {grid: {darts: [10, 20]}}\n"


class Errors(frame.SweepTest):
    def refused(self, *arguments, place=None, says=(), **how):
        """Runs and wants: exit status 2, nothing created, nothing on standard output, the place and these words."""
        before = self.names_here()
        run = self.sweepd(*arguments, **how)
        self.assertEqual(run.status, 2, f"{arguments}: {run}")
        self.assertEqual(self.names_here(), before, "something was created")
        self.assertEqual(run.stdout, "")
        self.assertRegex(run.stderr, r"(?m)^sweepd: error: ")
        if place:
            self.assertIn(f"bad.yaml:{place[0]}:{place[1]}: ", run.stderr)
        for text in says:
            self.assertIn(text, run.stderr)
        return run

    def bad(self, content, place=None, says=()):
        self.write("bad.yaml", content)
        return self.refused("run", "bad.yaml", place=place, says=says)

    def test_a_worker_is_not_started_by_hand(self):
        self.refused("worker", says=["--start spawn"])

    # ---- the file itself ----------------------------------------------------------------------------------------

    def test_a_missing_file_is_named(self):
        self.refused("run", "nowhere.yaml", says=["nowhere.yaml"])

    def test_a_folder_is_not_a_sweep_file(self):
        (self.folder / "folder.yaml").mkdir()
        self.refused("run", "folder.yaml", says=["folder.yaml", "directory"])

    def test_an_empty_file_is_told(self):
        self.bad("", says=["bad.yaml", "empty"])
        self.bad("# only a comment\n", says=["bad.yaml"])

    def test_what_is_not_yaml_is_told_with_its_place(self):
        self.bad("task: pi\nparameters: {grid: {darts: [1, 2}}\n", says=["bad.yaml:2:"])

    def test_a_nul_byte_is_told(self):
        self.bad(b"task: pi\nname: a\0b\nparameters: {grid: {darts: [1]}}\n", place=(2, 8))

    def test_bytes_that_are_not_utf_8_are_told(self):
        self.bad(b"task: pi\nname: a\xff\nparameters: {grid: {darts: [1]}}\n", place=(2, 8), says=["UTF-8"])

    def test_a_tab_for_indentation_is_told(self):
        self.bad("task: pi\nparameters:\n\tgrid: {darts: [1]}\n", says=["bad.yaml:3:1", "tab"])

    def test_windows_line_ends_are_accepted(self):
        self.write("good.yaml", GOOD.replace("\n", "\r\n"))
        self.ok("run", "good.yaml")
        self.assert_whole(self.merged("good.sweep"), 2)

    def test_a_byte_order_mark_is_accepted(self):
        self.write("good.yaml", b"\xef\xbb\xbf" + GOOD.encode())
        self.ok("run", "good.yaml")
        self.assert_whole(self.merged("good.sweep"), 2)

    def test_an_alias_bomb_is_refused(self):
        lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
        lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
        self.bad("task: pi\nparameters: {grid: {darts: [1], x: *a11}}\n" + "\n".join(lines))
        self.bad("\n".join(lines) + "\ntask: pi\nparameters: {grid: {darts: [1], x: *a11}}\n")

    def test_absurd_depth_is_refused(self):
        self.bad("task: pi\nparameters: " + "[" * 100000 + "]" * 100000 + "\n")
        self.bad("task: pi\nparameters: " + "{concat: [" * 5000 + "]}" * 5000 + "\n")

    # ---- what it says -------------------------------------------------------------------------------------------

    def test_an_unknown_key_is_told_with_its_place_and_the_nearest_name(self):
        self.bad("task: pi\nparamters: {grid: {darts: [1]}}\n", place=(2, 1), says=["paramters", "parameters"])
        self.bad(GOOD + "workers: {cout: 2}\n", place=(3, 11), says=["cout", "count"])

    def test_task_and_parameters_are_required(self):
        self.bad("task: pi\n", says=["parameters"])
        self.bad("parameters: {grid: {darts: [1]}}\n", says=["task"])

    def test_a_wrong_type_is_told_with_its_place(self):
        self.bad(GOOD + "seed: lucky\n", place=(3, 7), says=["seed"])
        self.bad(GOOD + "workers: 2\n", place=(3, 10), says=["workers"])
        self.bad(GOOD + "workers: {count: -1}\n", place=(3, 18))
        self.bad(GOOD + "limits: {timeout: 30}\n", place=(3, 19))

    def test_unequal_lists_of_a_zip_are_told_with_their_lengths(self):
        run = self.bad("task: pi\nparameters:\n  zip:\n    darts: [1, 2, 3]\n    x: [1, 2]\n", says=["darts", "x"])
        self.assertRegex(run.stderr, r"bad\.yaml:[345]:\d+: ")
        self.assertRegex(run.stderr, r"\b3\b")
        self.assertRegex(run.stderr, r"\b2\b")

    def test_empty_lists_are_told(self):
        self.bad("task: pi\nparameters: []\n", place=(2, 13))
        self.bad("task: pi\nparameters: {grid: {darts: []}}\n", place=(2, 28), says=["darts"])

    def test_a_range_that_never_ends_is_told(self):
        self.bad("task: pi\nparameters: {grid: {darts: {range: [1, 10, 0]}}}\n", says=["bad.yaml:2:", "step"])

    def test_an_integer_that_does_not_fit_is_told(self):
        self.bad("task: pi\nparameters:\n  - {darts: 9223372036854775808}\n", place=(3, 13))

    def test_darts_that_cannot_be_thrown_are_told(self):
        for darts in ("0", "1.5", "many", "9007199254740993"):
            self.bad(f"task: pi\nparameters: {{grid: {{darts: [{darts}]}}}}\n", place=(2, 29), says=["darts"])
            self.bad(f"task: pi\nparameters:\n  - {{darts: 5}}\n  - {{darts: {darts}}}\n", says=["bad.yaml:4:", "darts"])

    def test_an_unknown_name_in_a_command_is_told(self):
        self.bad('task: {command: ["true", "{bpm}"]}\nparameters: [{bmp: 1}]\n', place=(1, 26), says=["bpm"])

    def test_a_program_that_is_not_there_is_found_before_the_first_point(self):
        self.bad("task: {command: [no-such-program-here]}\nparameters: [{a: 1}]\n", place=(1, 18),
                 says=["no-such-program-here"])

    def test_what_this_version_does_not_have_is_said(self):
        self.bad('task: {python: "module:function"}\nparameters: [{a: 1}]\n', says=["bad.yaml:1:", "version"])

    def test_ranks_that_find_themselves_alone_do_not_run_one_sweep_at_once(self):
        """Without a module for MPI, or with one for another MPI than the launcher's."""
        self.write("good.yaml", GOOD)
        self.refused("run", "good.yaml", says=["4 ranks", "MPI"],
                     env={"OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "0"})
        run = self.sweepd("run", "good.yaml", env={"OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "1"})
        self.assertEqual((run.status, run.stderr), (2, ""), "one of them says it")
        self.assertFalse((self.folder / "good.sweep").exists())

    def test_a_launchers_variables_without_its_socket_are_another_jobs_and_not_believed(self):
        self.write("good.yaml", GOOD)
        run = self.sweepd("run", "good.yaml", env={"PMI_SIZE": "4", "PMI_RANK": "1", "PMI_FD": "77"})
        self.assertEqual(run.status, 0, run)

    def test_the_start_method_mpi_needs_a_launcher(self):
        self.write("good.yaml", GOOD)
        self.refused("run", "good.yaml", "--start=mpi", says=["mpirun -np 8", "srun --mpi=pmi2"])

    def test_a_statistic_of_an_unknown_parameter_is_told(self):
        self.bad(GOOD + "reduce: {by: [dart], fields: {pi: mean}}\n", place=(3, 15), says=["dart"])

    def test_every_error_is_told_at_once_by_check(self):
        self.write("bad.yaml", "task: pi\nparameters: {grid: {darts: [1]}}\nseed: x\nworkers: {cors: 1}\nlimit: {}\n")
        run = self.sweepd("check", "bad.yaml")
        self.assertEqual(run.status, 2, run)
        told = run.stdout + run.stderr
        for place in ("3:7", "4:11", "5:1"):
            self.assertIn(f"bad.yaml:{place}: ", told)

    # ---- the command line and the output ------------------------------------------------------------------------

    def test_a_wrong_command_line_is_told(self):
        self.write("good.yaml", GOOD)
        self.refused("run", "good.yaml", "--worker", "2", says=["--worker"])
        self.refused("run", "good.yaml", "-j", "0")
        self.refused("run", "good.yaml", "-j", "two")
        self.refused("run", "good.yaml", "--schedule", "fair", says=["fair"])
        self.refused("run")
        self.refused("rum", "good.yaml", says=["rum"])

    def test_more_workers_than_cores_are_told_with_the_number_of_cores(self):
        self.write("good.yaml", GOOD)
        run = self.refused("run", "good.yaml", "-j", "4096", says=["4096"])
        self.assertRegex(run.stderr, rf"\b{len(frame.allowed_cores())}\b")

    def test_an_output_that_cannot_be_made_is_told(self):
        self.write("good.yaml", GOOD)
        self.write("file", "")
        self.refused("run", "good.yaml", "-o", "file", says=["file"])
        self.refused("run", "good.yaml", "-o", "file/out", says=["file/out"])

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_a_folder_that_may_not_be_written_is_told(self):
        self.write("good.yaml", GOOD)
        (self.folder / "locked").mkdir(mode=0o555)
        self.refused("run", "good.yaml", "-o", "locked/out", says=["locked/out"])

    def test_a_directory_of_another_sweep_is_not_touched(self):
        self.write("good.yaml", GOOD)
        self.ok("run", "good.yaml", "-o", "out")
        before = self.merged_bytes("out")
        self.write("bad.yaml", GOOD.replace("20", "30"))
        self.refused("run", "bad.yaml", "-o", "out", says=["out", "--fresh"])
        self.assertEqual(self.merged_bytes("out"), before)

    def test_a_folder_with_other_things_in_it_is_not_touched(self):
        self.write("good.yaml", GOOD)
        self.write("thesis/chapter-1.txt", "precious")
        self.refused("run", "good.yaml", "-o", "thesis", says=["thesis"])
        self.refused("run", "good.yaml", "-o", ".")

    def test_a_sweep_directory_that_is_not_one_is_told(self):
        (self.folder / "empty").mkdir()
        for command in ("status", "results", "merge"):
            self.refused(command, "nowhere", says=["nowhere"])
            self.refused(command, "empty", says=["empty"])


if __name__ == "__main__":
    frame.main()
