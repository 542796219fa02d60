#!/usr/bin/env python3
"""What a kind of task is asked, is answered alike by check, plan, point and run."""
import json
import subprocess
import unittest

import frame

SHOW = "import json, os; print(json.dumps([sorted(os.sched_getaffinity(0)), os.environ['SWEEPD_CORES'], os.environ['SWEEPD_ATTEMPT']]))"


class Tasks(frame.SweepTest):
    def test_check_refuses_what_a_worker_of_the_scaling_kernel_would_refuse(self):
        for parameters, says in (("{workers: [5000], darts: [1]}", "'workers' must be a whole number from 1 to 4096"),
                                 ("{workers: [1], darts: [1], repeats: [1001]}", "'repeats' must be a whole number from 1 to 1000"),
                                 ("{workers: [1], darts: [1], mode: [both]}", "'mode' must be strong or weak"),
                                 ("{workers: [1, 2], darts: [8e15], mode: [weak]}", "point 1: all workers together throw more than 2^53")):
            self.write("s.yaml", f"task: {{kernel: scaling, oversubscribe: true}}\nparameters: {{grid: {parameters}}}\n")
            for command in "check", "run":
                run = self.sweepd(command, "s.yaml")
                self.assertEqual(run.status, 2, run)
                self.assertIn(says, run.stderr)
        self.write("s.yaml", "task: {kernel: scaling, oversubscribe: true}\nparameters: {grid: {workers: [1], darts: [9007199254740992]}}\n")
        self.ok("check", "s.yaml")

    @frame.needs_cores(2)
    def test_cores_are_those_of_the_worker_in_plan_point_and_run(self):
        self.write("s.yaml", "task: {command: [echo, '{cores}'], result: json}\nparameters: {grid: {n: [1]}}\nworkers: {pin: numa}\n")
        self.ok("run", "s.yaml")
        cores = self.merged("s.sweep")["results"][0]["result"]
        self.assertGreater(cores, 1)
        self.assertIn(f"echo {cores}\n", self.ok("plan", "s.yaml").stdout)
        self.assertEqual(self.ok("point", "s.yaml", "0").stdout, f"{cores}\n")

    @frame.needs_cores(2)
    def test_a_point_alone_stands_on_the_cores_that_a_worker_has(self):
        self.write("s.yaml", frame.as_yaml({"task": {"command": ["/usr/bin/python3", "-c", SHOW], "result": "json"},
                                            "parameters": {"grid": {"n": [1]}}, "workers": {"count": 1}}))
        self.ok("run", "s.yaml")
        in_run = self.merged("s.sweep")["results"][0]["result"]
        self.assertEqual(len(in_run[0]), len(frame.allowed_cores()[0]))
        self.assertEqual(json.loads(self.ok("point", "s.yaml", "0").stdout), in_run)

    @unittest.skipIf(subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode != 0,
                     "no mount namespace can be made here")
    def test_programs_are_found_alike_where_path_is_not_set(self):
        """Also in /usr/local/bin, which has one of this test's here."""
        self.write("local/only-here", "#!/bin/sh\necho $1\n").chmod(0o755)
        self.write("s.yaml", "task: {command: [only-here, '{n}'], result: json}\nparameters: {grid: {n: [1]}}\n")
        mounted = f"mount --bind '{self.folder}/local' /usr/local/bin && unset PATH && exec \"$@\""
        for command in (["run", "s.yaml", "-q"], ["point", "s.yaml", "0"], ["plan", "s.yaml"]):
            done = self.finish(self.start(*command, under=["unshare", "--mount", "sh", "-c", mounted, "sh"]))
            self.assertEqual(done.status, 0, done)

    def test_commands_know_which_attempt_they_are(self):
        self.write("s.yaml", "task: {shell: 'echo $SWEEPD_ATTEMPT $SWEEPD_CORES; test $SWEEPD_ATTEMPT -gt 2', result: text}\n"
                             "parameters: {grid: {n: [1]}}\nretries: {max: 2}\n")
        self.ok("run", "s.yaml")
        self.assertEqual(self.merged("s.sweep")["results"][0]["result"], "3 1")
        self.write("a.yaml", "task: {command: [test, '{attempt}', -gt, '1']}\nparameters: {grid: {n: [1]}}\nretries: {max: 1}\n")
        self.ok("run", "a.yaml")
        self.assertEqual(self.records("a.sweep")[0]["run"]["attempt"], 2)

    def test_a_failed_record_has_the_end_of_standard_output(self):
        for result in "none", "text", "json":
            with self.subTest(result=result):
                self.write("s.yaml", "task: {shell: 'seq 10000; echo ERROR: no atoms; exit 1', RESULT}\nparameters: {grid: {n: [1]}}\n"
                           .replace("RESULT", f"result: {result}"))
                self.assertEqual(self.sweepd("run", "s.yaml", "--fresh").status, 1)
                printed = self.merged("s.sweep")["results"][0]["error"]["stdout"]
                self.assertTrue(printed.endswith("9999\n10000\nERROR: no atoms\n"), printed[-50:])
                self.assertRegex(printed, r"\A9\d+\n")
                self.assertLessEqual(len(printed), 4096)


if __name__ == "__main__":
    frame.main()
