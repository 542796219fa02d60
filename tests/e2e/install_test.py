"""`cmake --install` of what examples/quickstart builds, which is the target sweepd only, gives a tree that works."""
import json
import pathlib
import shutil
import subprocess
import unittest

import frame

BUILD = next((folder for folder in pathlib.Path(frame.SWEEPD).resolve().parents if (folder / "CMakeCache.txt").exists()), None)
MPI_MODULE = "sweepd_mpi.so"


def has_module():
    return (pathlib.Path(frame.SWEEPD).parent / MPI_MODULE).exists()


class Install(frame.SweepTest):
    def install(self):
        subprocess.run(["cmake", "--install", BUILD, "--prefix", self.folder / "X"], check=True, capture_output=True)
        return self.folder / "X"

    def run_installed(self, *arguments, under=()):
        ended = subprocess.run([*under, self.folder / "X/bin/sweepd", *map(str, arguments)], cwd=self.folder, timeout=60 * frame.PATIENCE,
                               env=frame.environment("install"), stdin=subprocess.DEVNULL, capture_output=True, text=True)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        return ended.stdout

    def test_the_target_sweepd_builds_all_that_is_installed(self):
        if shutil.which("ninja") is None or not (BUILD / "build.ninja").exists():
            self.skipTest("the build tree is not ninja's")
        ninja = (BUILD / "build.ninja").read_text()
        inputs = subprocess.run(["ninja", "-C", BUILD, "-t", "inputs", "sweepd"], check=True, capture_output=True, text=True).stdout
        self.assertEqual(MPI_MODULE in inputs, MPI_MODULE in ninja)

    def test_the_installed_program_runs_the_installed_examples(self):
        share = self.install() / "share/sweepd"
        self.assertIn("s.yaml: valid", self.run_installed("check", self.write("s.yaml", "task: pi\nparameters: [{darts: 10}]\n").name))
        examples = sorted(path.relative_to(share) for path in share.rglob("*.yaml"))
        self.assertIn(pathlib.Path("examples/pi.yaml"), examples)
        for example in examples:
            self.run_installed("check", share / example)
        self.run_installed("run", share / "examples/files.yaml", "-o", "files.sweep", "-j1")
        self.assertEqual(self.run_installed("merge", "files.sweep").splitlines()[-1], "results: files.sweep/results.json")

    def test_schema_and_slurm_scripts_are_there_and_nothing_that_is_not_for_users(self):
        share = self.install() / "share/sweepd"
        json.loads((share / "sweep.schema.json").read_text())
        scripts = sorted(path.name for path in (frame.PROJECT / "slurm").glob("*.sbatch"))
        self.assertEqual(sorted(path.name for path in (share / "slurm").glob("*.sbatch")), scripts)
        self.assertTrue((share / "slurm/administrators.md").exists())
        for path in share.rglob("*"):
            self.assertNotIn(path.suffix, (".cc", ".h", ".sweep", ".pyc"))
            self.assertNotEqual(path.name, "quickstart")

    @unittest.skipUnless(has_module() and shutil.which("mpirun.mpich"), "sweepd is built without the module for MPI")
    def test_the_installed_program_finds_its_module_for_mpi(self):
        self.install()
        self.write("s.yaml", "task: pi\nparameters: {grid: {darts: [100], trial: {range: [20]}}}\n")
        self.run_installed("run", "s.yaml", "--pin", "none", under=["mpirun.mpich", "-n", "2"])
        hosts = json.loads((self.folder / "s.sweep/manifest.json").read_text())["sessions"][0]
        self.assertEqual(hosts["start_method"], "mpi")
        self.assert_whole(self.merged("s.sweep"), 20)


if __name__ == "__main__":
    if BUILD is None or shutil.which("cmake") is None:
        frame.skip_all("the program is not in a build tree of CMake")
    frame.main()
