"""On a machine that is shared with others: who may read what, and what a planted file or text can do."""
import os
import pathlib
import pty
import stat
import subprocess

import frame

SWEEP = "task: {kernel: pi}\nparameters: {grid: {darts: [10], trial: {range: [4]}}}\n"


def mode_of(path):
    return stat.S_IMODE(os.lstat(path).st_mode)


class Security(frame.SweepTest):
    def setUp(self):
        super().setUp()
        self.write("s.yaml", SWEEP)

    def run_with_umask(self, umask, *options):
        before = os.umask(umask)
        try:
            return self.ok("run", "s.yaml", *options)
        finally:
            os.umask(before)

    def folders(self):
        return [self.folder / "s.sweep", self.folder / "s.sweep/chunks"]

    def test_others_may_not_look_into_a_sweep_directory(self):
        self.run_with_umask(0o022)
        self.assertEqual([oct(mode_of(folder)) for folder in self.folders()], ["0o700", "0o700"])

    def test_a_mode_that_is_asked_for_is_given_and_the_umask_holds_for_files(self):
        self.run_with_umask(0o027, "--mode", "0750")
        self.assertEqual([oct(mode_of(folder)) for folder in self.folders()], ["0o750", "0o750"])
        files = [path for path in (self.folder / "s.sweep").rglob("*") if path.is_file()]
        self.assertTrue(files)
        for path in files:
            self.assertEqual(oct(mode_of(path)), "0o640", path)

    def test_a_mode_the_owner_cannot_work_with_is_refused(self):
        for mode in ("0070", "888", "rwx", "07000"):
            run = self.sweepd("run", "s.yaml", "--mode", mode)
            self.assertEqual(run.status, 2, run)
            self.assertIn("octal", run.stderr)

    def test_nothing_is_left_in_the_folder_for_temporary_files(self):
        scratch = self.folder / "scratch"
        scratch.mkdir()
        self.ok("run", "s.yaml", "--start", "spawn", env={"TMPDIR": str(scratch)})
        self.assertEqual(list(scratch.iterdir()), [])

    def plant(self, name, target):
        path = self.folder / "s.sweep" / name
        if path.exists():
            path.unlink()
        path.symlink_to(target)
        return path

    def test_links_planted_where_files_are_written_are_replaced_and_not_followed(self):
        victim = self.write("victim", "precious")
        self.run_with_umask(0o022)
        for name in ("results.json", "summary.json", "progress.json", "sweep.yaml"):
            self.plant(name, victim)
        self.write("s.yaml", SWEEP.replace("[4]", "[5]"))
        self.ok("run", "s.yaml")
        self.assertEqual(victim.read_text(), "precious")

    def test_a_link_in_the_place_of_the_lock_is_refused(self):
        victim = self.write("victim", "precious")
        self.run_with_umask(0o022)
        self.write("s.yaml", SWEEP.replace("[4]", "[5]"))
        self.plant("lock", victim)
        run = self.sweepd("run", "s.yaml")
        self.assertEqual(run.status, 2, run)
        self.assertIn("symbolic link", run.stderr)
        self.assertEqual(victim.read_text(), "precious")

    def test_links_planted_where_files_are_read_are_not_followed(self):
        self.run_with_umask(0o022)
        chunk = next((self.folder / "s.sweep/chunks").iterdir())
        secret = self.write("secret", chunk.read_bytes())
        chunk.unlink()
        chunk.symlink_to(secret)
        run = self.sweepd("results", "s.sweep")
        self.assertNotEqual(run.status, 0)
        self.assertIn("symbolic link", run.stderr)
        self.assertNotIn("params", run.stdout)

    def test_a_link_in_the_place_of_the_chunks_folder_is_refused(self):
        elsewhere = self.folder / "elsewhere"
        elsewhere.mkdir()
        (self.folder / "s.sweep").mkdir()
        (self.folder / "s.sweep/chunks").symlink_to(elsewhere)
        run = self.sweepd("run", "s.yaml")
        self.assertNotEqual(run.status, 0, run)
        self.assertEqual(list(elsewhere.iterdir()), [])

    def on_a_terminal(self, *arguments):
        """What a command prints where standard output and error are a terminal."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen([frame.SWEEPD, *arguments], cwd=self.folder, stdin=theirs, stdout=theirs,
                                   stderr=theirs, env=frame.environment("terminal"))
        os.close(theirs)
        text = b""
        while True:
            try:
                read = os.read(ours, 65536)
            except OSError:
                break
            if not read:
                break
            text += read
        os.close(ours)
        process.wait(timeout=60 * frame.PATIENCE)
        return text

    def test_results_are_no_commands_to_a_terminal(self):
        self.write("s.yaml", 'task: {command: [printf, "\\e[2J%b", "\\\\0302\\\\0233x"], result: text}\n'
                             'parameters: [{title: "\\e]0;owned\\a"}]\n')
        self.ok("run", "s.yaml")
        for form in ("table", "csv", "ndjson", "json"):
            shown = self.on_a_terminal("results", "s.sweep", "--format", form)
            self.assertIn(b"owned", shown)
            for control in (b"\x1b", b"\x07", b"\xc2\x9b"):
                self.assertNotIn(control, shown, form)
        self.assertIn(b"owned", self.on_a_terminal("plan", "s.yaml"))
        self.assertNotIn(b"\x1b]", self.on_a_terminal("plan", "s.yaml"))

    def test_a_file_gets_the_results_as_they_are(self):
        self.write("s.yaml", 'task: {command: [printf, "a\\e[2J"], result: text}\nparameters: [{x: 1}]\n')
        self.ok("run", "s.yaml")
        self.assertIn("a\x1b[2J", self.ok("results", "s.sweep", "--format", "csv").stdout)


if __name__ == "__main__":
    frame.main()
