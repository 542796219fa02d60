#!/usr/bin/env python3
"""Replicates get seeds that programs take: all of them compute different things, and the same ones in the next run."""
import shutil
import subprocess
import unittest

import frame

REPLICATES = 8
MOST = 899_999_999

SRAND = r"""
#include <stdio.h>
#include <stdlib.h>
int main(int count, char** words) {
  srand(atoi(words[1]));
  printf("%d\n", rand());
  return count - 2;
}
"""

FORTRAN = """
program seeded
  integer :: number, length
  integer, allocatable :: state(:)
  character(len=32) :: word
  real :: drawn
  call get_command_argument(1, word)
  read (word, *) number
  call random_seed(size=length)
  allocate (state(length))
  state = number
  call random_seed(put=state)
  call random_number(drawn)
  print '(f12.9)', drawn
end program
"""

# A double, cut off where the generator's seed ends, as Octave does.
SATURATED = "import random, sys; random.seed(min(int(float(sys.argv[1])), {most})); print(random.random())"
LAMMPS = "import sys; seed = int(sys.argv[1]); assert 0 < seed <= 900_000_000; print(seed)"


def needs(program):
    return unittest.skipUnless(shutil.which(program), f"there is no {program}")


def has_numpy():
    return subprocess.run(["/usr/bin/python3", "-c", "import numpy"], stderr=subprocess.DEVNULL).returncode == 0


class Seeds(frame.SweepTest):
    def run_replicates(self, task, *options):
        sweep = {"task": {**task, "result": "text"}, "parameters": [{"k": 1}] * REPLICATES}
        self.write("sweep.yaml", frame.as_yaml(sweep))
        self.ok("run", "sweep.yaml", *options)

    def assert_all_different(self, **task):
        self.run_replicates(task, "-o", "one")
        self.run_replicates(task, "-o", "two", "--start", "spawn", "--chunk-size", "1")
        self.assertEqual(self.merged_bytes("one"), self.merged_bytes("two"))
        merged = self.merged("one")
        self.assert_whole(merged, REPLICATES)
        drawn = [record["result"] for record in merged["results"]]
        self.assertEqual(len(set(drawn)), REPLICATES, drawn)
        self.assertNotIn("", drawn)

    def assert_compiled(self, compiler, name, source):
        self.write(name, source)
        subprocess.run([compiler, name, "-o", "seeded"], cwd=self.folder, check=True)
        self.assert_all_different(command=["./seeded", "{seed}"])

    def test_awk_draws_different_numbers(self):
        for awk in filter(shutil.which, ("awk", "mawk", "gawk", "busybox")):
            with self.subTest(awk):
                program = "busybox awk" if awk == "busybox" else awk
                # Without + 0, mawk 1.3.4 has no number of it and draws the same for every seed, 1 and 2 too.
                draw = "BEGIN { srand(ENVIRON[\"SWEEPD_SEED\"] + 0); print rand() }"
                self.assert_all_different(shell=f"{program} '{draw}'")
                self.assert_all_different(command=[*program.split(), "-v", "s={seed}", "BEGIN {{ srand(s); print rand() }}"])
                self.assert_all_different(command=[*program.split(), "BEGIN {{ srand({seed}); print rand() }}"])

    @needs("cc")
    def test_srand_of_atoi_draws_different_numbers(self):
        self.assert_compiled("cc", "seeded.c", SRAND)

    @needs("gfortran")
    def test_fortran_draws_different_numbers(self):
        self.assert_compiled("gfortran", "seeded.f90", FORTRAN)

    def test_a_program_that_cuts_seeds_off_draws_different_numbers(self):
        for most in (2**31 - 1, 2**32 - 1):
            self.assert_all_different(command=["/usr/bin/python3", "-c", SATURATED.format(most=most), "{seed}"])

    def test_a_program_that_takes_900_million_seeds_takes_all(self):
        self.assert_all_different(command=["/usr/bin/python3", "-c", LAMMPS, "{seed}"])

    def test_python_draws_different_numbers_from_either_seed(self):
        draw = "import random, sys; random.seed(int(sys.argv[1])); print(random.random())"
        for seed in ("{seed}", "{seed64}"):
            self.assert_all_different(command=["/usr/bin/python3", "-c", draw, seed])

    @unittest.skipUnless(has_numpy(), "there is no NumPy")
    def test_numpy_draws_different_numbers_with_old_and_new_generators(self):
        legacy = "import numpy, sys; numpy.random.seed(int(sys.argv[1])); print(numpy.random.random())"
        generator = "import numpy, sys; print(numpy.random.default_rng(int(sys.argv[1])).random())"
        for draw, seed in ((legacy, "{seed}"), (generator, "{seed}"), (generator, "{seed64}")):
            self.assert_all_different(command=["/usr/bin/python3", "-c", draw, seed])

    @needs("perl")
    def test_perl_draws_different_numbers(self):
        self.assert_all_different(shell="perl -e 'srand($ENV{SWEEPD_SEED}); print rand()'")

    @needs("Rscript")
    def test_r_draws_different_numbers(self):
        self.assert_all_different(command=["Rscript", "-e", "set.seed({seed}); cat(runif(1))"])

    @needs("octave-cli")
    def test_octave_draws_different_numbers(self):
        for draw in ("rand('seed', {seed}); disp(rand())", "rand('twister', {seed}); disp(rand())"):
            self.assert_all_different(command=["octave-cli", "--quiet", "--no-init-file", "--eval", draw])

    @needs("gnuplot")
    def test_gnuplot_draws_different_numbers(self):
        self.assert_all_different(command=["gnuplot", "-e", "set print '-'; print rand({seed})"])

    def test_shells_count_with_either_seed(self):
        for shell in filter(shutil.which, ("dash", "bash", "busybox")):
            with self.subTest(shell):
                start = [shell, "sh"] if shell == "busybox" else [shell]
                count = "echo $((SWEEPD_SEED % 1000003)) $((SWEEPD_SEED64 / 2))"
                self.assert_all_different(command=[*start, "-c", count])

    @needs("bash")
    def test_bash_draws_different_numbers(self):
        self.assert_all_different(command=["bash", "-c", "RANDOM=$SWEEPD_SEED; echo $RANDOM $RANDOM"])

    def test_arguments_and_environment_agree_and_one_seed_is_computed_from_the_other(self):
        show = 'echo "$SWEEPD_SEED $SWEEPD_SEED64 $*"'
        self.run_replicates({"command": ["sh", "-c", show, "sh", "{seed}", "{seed64}"]})
        for record in self.merged("sweep.sweep")["results"]:
            seed, seed64, *arguments = map(int, record["result"].split())
            self.assertEqual(arguments, [seed, seed64])
            self.assertTrue(1 <= seed <= MOST and 0 <= seed64 < 2**63, record)
            self.assertEqual(seed, 1 + seed64 % MOST)

    def test_plan_and_point_show_the_seeds_that_a_run_gives(self):
        self.run_replicates({"command": ["echo", "{seed}", "{seed64}"]})
        seed, seed64 = self.merged("sweep.sweep")["results"][2]["result"].split()
        self.assertIn(f"echo {seed} {seed64}\n", self.ok("plan", "sweep.yaml").stdout)
        run = self.ok("point", "sweep.yaml", "2")
        self.assertEqual(run.stdout, f"{seed} {seed64}\n")
        self.assertIn(f"seed {seed}, seed64 {seed64}\n", run.stderr)

    def test_a_parameter_named_as_a_seed_wins_in_arguments(self):
        self.write("sweep.yaml", frame.as_yaml({"task": {"command": ["echo", "{seed64} {seed}"], "result": "text"},
                                                "parameters": {"grid": {"seed": [5], "seed64": [6]}}}))
        self.ok("run", "sweep.yaml")
        self.assertEqual(self.merged("sweep.sweep")["results"][0]["result"], "6 5")


if __name__ == "__main__":
    frame.main()
