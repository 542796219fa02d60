"""What lies in a sweep directory is not trusted, and what cannot be read is not said not to be there."""
import json
import os
import pathlib
import pty
import shutil
import stat
import subprocess
import time

import frame

SWEEP = "task: {kernel: pi}\nparameters: {grid: {darts: [10], trial: {range: [COUNT]}}}\n"
STRANGER = 54321
# What every reader and every run must not wait for: each within a few seconds.
SOON = 20


def as_stranger(*more):
    return ["setpriv", f"--reuid={STRANGER}", f"--regid={STRANGER}", "--clear-groups", *more]


def can_be_a_stranger():
    try:
        return os.geteuid() == 0 and subprocess.run(as_stranger(frame.SWEEPD, "--version"), capture_output=True).returncode == 0
    except OSError:
        return False


as_root = frame.unittest.skipUnless(can_be_a_stranger(), "needs root, for another user's files, and a sweepd that others may run")


class TrustTest(frame.SweepTest):
    def setUp(self):
        super().setUp()
        self.folder.chmod(0o755)
        self.sweep(4)

    def sweep(self, count, name="s.yaml"):
        self.write(name, SWEEP.replace("COUNT", str(count)))

    def give_away(self, path, user=STRANGER):
        for each in [path, *path.rglob("*")]:
            os.chown(each, user, user)

    def unfinished(self, directory="s.sweep"):
        """The directory of a sweep of which points are missing."""
        self.ok("run", "s.yaml", "--chunk-size", "1", "-o", directory)
        manifest = self.folder / directory / "manifest.json"
        manifest.write_text(manifest.read_text().replace('"complete": true', '"complete": false'))
        return self.folder / directory

    def run_names(self, run, *parts, status=None):
        for part in parts:
            self.assertIn(part, run.stderr, run)
        self.assertNotIn("bug in sweepd", run.stderr)
        if status is not None:
            self.assertEqual(run.status, status, run)


class NoLinks(TrustTest):
    def test_a_link_to_another_sweeps_chunks_is_not_followed_and_that_sweep_is_left_alone(self):
        self.ok("run", "s.yaml", "-o", "other.sweep")
        before = sorted((path.name, path.read_bytes()) for path in (self.folder / "other.sweep/chunks").iterdir())
        mine = self.unfinished()
        shutil.rmtree(mine / "chunks")
        (mine / "chunks").symlink_to(self.folder / "other.sweep/chunks")
        for arguments in (["run", "s.yaml"], ["results", "s.sweep"], ["status", "s.sweep"], ["merge", "s.sweep"]):
            run = self.sweepd(*arguments)
            self.run_names(run, "s.sweep/chunks is a symbolic link")
            self.assertNotEqual(run.status, 0, run)
        self.assertEqual(sorted((path.name, path.read_bytes()) for path in (self.folder / "other.sweep/chunks").iterdir()), before)

    def test_a_link_in_the_place_of_a_chunk_file_is_set_aside_and_its_points_run_again(self):
        mine = self.unfinished()
        chunk = sorted((mine / "chunks").iterdir())[1]
        elsewhere = self.folder / "elsewhere"
        chunk.rename(elsewhere)
        chunk.symlink_to(elsewhere)
        run = self.ok("run", "s.yaml")
        self.run_names(run, chunk.name, "symbolic link")
        self.assertTrue(elsewhere.exists())
        self.assert_whole(self.merged("s.sweep"), 4)

    def test_a_sweep_directory_that_is_the_users_own_link_to_scratch_works_wholly(self):
        for dangling in (False, True):
            scratch = self.folder / f"scratch{dangling}"
            scratch.mkdir()
            target = scratch / "real"
            if not dangling:
                target.mkdir()
            link = self.folder / "link"
            link.unlink(missing_ok=True)
            link.symlink_to(os.path.relpath(target, self.folder))
            self.sweep(4)
            self.ok("run", "s.yaml", "-o", "link")
            self.sweep(6)
            run = self.ok("run", "s.yaml", "-o", "link")
            self.assertIn("4 of 6 points can be kept", run.stderr)
            self.sweep(2)
            self.ok("run", "s.yaml", "-o", "link/")
            self.assert_whole(self.merged("link"), 2)
            self.assertTrue(list(target.glob("archive.*")))
            self.ok("run", "s.yaml", "-o", "link", "--fresh")
            self.assertTrue(link.is_symlink())
            self.assertEqual(sorted(path.name for path in scratch.iterdir()), ["real", "real.before-1"])
            self.assertFalse(list(target.glob("archive.*")))
            self.ok("status", "link/")
            self.ok("results", "link")
            self.ok("merge", "link")


class NoWaiting(TrustTest):
    def assert_no_wait(self, name, *arguments):
        began = time.monotonic()
        run = self.sweepd(*arguments, timeout=SOON)
        self.assertLess(time.monotonic() - began, SOON, name)
        self.assertNotIn("bug in sweepd", run.stderr)
        return run

    def fifo(self, path):
        path.unlink(missing_ok=True)
        os.mkfifo(path)

    def test_a_fifo_in_the_place_of_any_file_is_not_waited_for(self):
        for name in ("manifest.json", "sweep.yaml", "results.json", "progress.json", "summary.json", "lock", "wanted",
                     "archive.0.ndjson", "chunks/kept.ndjson", "chunks/000000000001-000000000002.ndjson",
                     "chunks/000000000001-000000000002.part"):
            with self.subTest(name=name):
                shutil.rmtree(self.folder / "s.sweep", ignore_errors=True)
                self.sweep(4)
                directory = self.unfinished()
                self.fifo(directory / name)
                for command in ("status", "results", "merge"):
                    self.assert_no_wait(name, command, "s.sweep")
                self.assert_no_wait(name, "run", "s.yaml")
                self.sweep(5)
                run = self.assert_no_wait(name, "run", "s.yaml")
                if name == "manifest.json":
                    self.assertIn("is a FIFO", run.stderr)
                elif name not in ("lock", "archive.0.ndjson", "chunks/kept.ndjson"):
                    self.assertEqual(run.status, 0, run)
                    self.assert_whole(self.merged("s.sweep"), 5)

    def test_nor_are_a_folder_and_a_device(self):
        for name in ("sweep.yaml", "chunks/000000000001-000000000002.ndjson"):
            directory = self.unfinished(f"d.{name.replace('/', '.')}")
            (directory / name).unlink()
            (directory / name).mkdir()
            run = self.assert_no_wait(name, "run", "s.yaml", "-o", directory)
            self.assertIn(name, run.stderr)


class Bounds(TrustTest):
    def test_zeros_at_the_end_of_a_chunk_file_are_set_aside_once(self):
        for name in ("chunk", "part"):
            with self.subTest(name=name):
                directory = self.unfinished(name)
                chunk = sorted((directory / "chunks").iterdir())[1]
                if name == "part":
                    chunk = chunk.rename(chunk.with_suffix(".part"))
                with open(chunk, "r+b") as file:
                    file.truncate(300_000_000)
                began = time.monotonic()
                run = self.ok("run", "s.yaml", "-o", directory)
                self.assertLess(time.monotonic() - began, SOON)
                if name == "chunk":
                    self.assertIn("is set aside as", run.stderr)
                self.assert_whole(self.merged(name), 4)
                self.assertEqual(json.loads(self.ok("status", directory, "--json").stdout)["done"], 4)
                self.ok("run", "s.yaml", "-o", directory)

    def test_names_of_chunk_files_that_no_run_makes_count_nothing(self):
        directory = self.unfinished()
        (directory / "chunks/000000000001-000000000002.ndjson").unlink()
        for name in ("000000000000-18446744073709551615.ndjson", "000000000007-9007199254740993.part", "000000000004-000000009999.part",
                     f"{10**25}-{10**26}.ndjson", "000000000003-000000000002.ndjson", "0-1.ndjson"):
            (directory / "chunks" / name).touch()
        status = json.loads(self.ok("status", "s.sweep", "--json").stdout)
        self.assertEqual((status["done"], status["total"]), (3, 4))
        self.assertEqual(len(self.records("s.sweep")), 3)
        self.ok("run", "s.yaml")
        self.assert_whole(self.merged("s.sweep"), 4)

    def test_files_of_many_gigabytes_are_not_read(self):
        directory = self.unfinished()
        for name in ("manifest.json", "sweep.yaml", "progress.json", "results.json", "summary.json"):
            with self.subTest(name=name):
                before = (directory / name).read_bytes() if (directory / name).exists() else None
                with open(directory / name, "ab") as file:
                    file.truncate(1 << 40)
                began = time.monotonic()
                self.sweepd("status", "s.sweep", timeout=SOON)
                self.sweepd("merge", "s.sweep", timeout=SOON)
                run = self.sweepd("run", "s.yaml", timeout=SOON)
                self.assertLess(time.monotonic() - began, SOON)
                if name == "manifest.json":
                    self.run_names(run, "is larger than", status=2)
                    (directory / name).write_bytes(before)
                else:
                    self.assertEqual(run.status, 0, run)

    def test_fields_of_a_manifest_that_no_run_writes_are_damage(self):
        directory = self.unfinished()
        text = (directory / "manifest.json").read_text()
        whole = json.loads(text)
        deep = "[" * 200_000 + "]" * 200_000
        for changed in ({"fingerprint": "../../victim"}, {"fingerprint": "a" * 300}, {"points": -1}, {"points": 1e300},
                        {"ok": "many"}, {"parameters": [1]}, {"sessions": {"a": 1}}, {"sessions": [{"host": 5}]},
                        {"task": None}, {"file": "/a\0b"}, {"complete": 1}, {"name": ["x"]}, {"sessions": [[]]}):
            with self.subTest(changed=changed):
                (directory / "manifest.json").write_text(json.dumps({**whole, **changed}))
                for arguments in (["status", "s.sweep"], ["run", "s.yaml"], ["results", "s.sweep"]):
                    self.run_names(self.sweepd(*arguments), "manifest.json is damaged", status=2)
        (directory / "manifest.json").write_text(text.replace('"sessions"', f'"deep": {deep}, "sessions"'))
        self.run_names(self.sweepd("status", "s.sweep"), "manifest.json is damaged", status=2)

    def test_a_progress_file_that_no_run_writes_is_not_shown(self):
        directory = self.unfinished()
        whole = {"done": 1, "failed": 0, "total": 4, "rate": 1.0, "eta": 3.0, "elapsed": 1.0}
        for text in (json.dumps({**whole, "done": -5}), json.dumps({**whole, "total": 1e300}), json.dumps({**whole, "done": 9}),
                     json.dumps({**whole, "eta": "soon"}), '{"a":' * 30_000, "[]", json.dumps({**whole, "x": "y" * 70_000})):
            (directory / "progress.json").write_text(text)
            status = json.loads(self.ok("status", "s.sweep", "--json").stdout)
            self.assertEqual((status["state"], status["done"]), ("unfinished", 4), text[:60])


class Fresh(TrustTest):
    def test_fresh_moves_away_nothing_but_sweeps(self):
        for name, files in (("thesis", ["thesis.tex"]), ("app", ["manifest.json", "index.html"])):
            self.write(f"{name}/{files[0]}", "{}")
            for file in files:
                self.write(f"{name}/{file}", "{}")
            run = self.sweepd("run", "s.yaml", "--fresh", "-o", name)
            self.run_names(run, "is no sweep directory", status=2)
            self.assertEqual(sorted(path.name for path in (self.folder / name).iterdir()), sorted(files))

    def test_fresh_respects_a_run_that_holds_the_directory_and_has_no_manifest_yet(self):
        self.write("slow.yaml", "task: {shell: sleep 30}\nparameters: {grid: {x: {range: [3]}}}\n")
        process = self.start("run", "slow.yaml", "-o", "s.sweep", "-j1", "--grace", "0")
        manifest = self.folder / "s.sweep/manifest.json"
        self.wait_until(manifest.exists, "the sweep does not begin")
        manifest.unlink()
        run = self.sweepd("run", "s.yaml", "--fresh", "-o", "s.sweep", timeout=SOON)
        self.run_names(run, f"process {process.pid} on", status=2)
        self.assertEqual([path.name for path in self.folder.glob("s.sweep*")], ["s.sweep"])
        process.terminate()
        self.finish(process)

    def test_fresh_takes_a_damaged_sweep_and_lets_an_empty_folder_be(self):
        (self.folder / "empty").mkdir()
        self.ok("run", "s.yaml", "--fresh", "-o", "empty")
        self.assertEqual(len(list(self.folder.glob("empty*"))), 1)
        (self.folder / "empty/manifest.json").write_text("{")
        self.run_names(self.sweepd("run", "s.yaml", "-o", "empty"), "damaged", status=2)
        self.ok("run", "s.yaml", "--fresh", "-o", "empty")
        self.assertEqual(len(list(self.folder.glob("empty*"))), 2)


class Names(TrustTest):
    def on_a_terminal(self, *arguments):
        ours, theirs = pty.openpty()
        process = subprocess.Popen([frame.SWEEPD, *arguments], cwd=self.folder, stdin=theirs, stdout=theirs, stderr=theirs,
                                   env=frame.environment("terminal"))
        os.close(theirs)
        text = b""
        while True:
            try:
                text += (read := os.read(ours, 65536))
            except OSError:
                break
            if not read:
                break
        os.close(ours)
        process.wait(timeout=60 * frame.PATIENCE)
        return text

    def test_names_from_files_are_no_commands_to_a_terminal(self):
        evil = "\x1b]0;owned\x07\x9b2J"
        directory = self.unfinished()
        whole = json.loads((directory / "manifest.json").read_text())
        whole["name"] = whole["file"] = evil
        whole["sessions"][-1].update(host=evil, started=evil, slurm_job=evil)
        (directory / "manifest.json").write_text(json.dumps(whole))
        self.sweep(3)
        for arguments in (["status", "s.sweep"], ["status", "s.sweep", "--json"], ["merge", "s.sweep"], ["run", "s.yaml"],
                          ["run", "s.yaml", "-o", "s.sweep", "-v"]):
            shown = self.on_a_terminal(*arguments)
            for control in (b"\x1b]", b"\x07", b"\xc2\x9b"):
                self.assertNotIn(control, shown, arguments)
        self.assertIn(b"owned", self.on_a_terminal("status", "s.sweep"))


class Owners(TrustTest):
    @as_root
    def test_a_sweep_directory_that_another_user_made_is_refused_by_name(self):
        sticky = self.folder / "tmp"
        sticky.mkdir()
        sticky.chmod(0o1777)
        self.ok("run", "s.yaml", "-o", "tmp/s")
        self.give_away(sticky / "s")
        for mode in (0o755, 0o777):
            (sticky / "s").chmod(mode)
            for arguments in (["run", "s.yaml", "-o", "tmp/s"], ["run", "s.yaml", "-o", "tmp/s", "--fresh"], ["merge", "tmp/s"],
                              ["run", "s.yaml", "-o", "tmp/s", "--mode", "0750"], ["run", "s.yaml", "-o", "tmp/s", "--mode", "0777"]):
                self.run_names(self.sweepd(*arguments), f"belongs to user {STRANGER}", status=2)
        self.assertEqual(len(list(sticky.iterdir())), 1)

    @as_root
    def test_reading_it_is_fine_and_says_whose_it_is(self):
        self.ok("run", "s.yaml")
        self.give_away(self.folder / "s.sweep")
        for arguments in (["status", "s.sweep"], ["results", "s.sweep"]):
            self.run_names(self.ok(*arguments), f"belongs to user {STRANGER}")

    @as_root
    def test_a_link_of_another_user_that_leads_to_ones_own_sweep_is_refused(self):
        self.ok("run", "s.yaml")
        (self.folder / "link").symlink_to("s.sweep")
        os.lchown(self.folder / "link", STRANGER, STRANGER)
        self.run_names(self.sweepd("run", "s.yaml", "-o", "link"), f"belongs to user {STRANGER}", status=2)

    @as_root
    def test_records_of_another_user_are_not_counted_in_ones_own_directory(self):
        for name in ("000000000001-000000000002.ndjson", "000000000001-000000000002.part"):
            directory = self.unfinished(f"s.{name[-4:]}")
            chunk = directory / "chunks/000000000001-000000000002.ndjson"
            planted = directory / "chunks" / name
            chunk.rename(planted)
            os.chown(planted, STRANGER, STRANGER)
            self.run_names(self.sweepd("results", directory), f"belongs to user {STRANGER}", status=4)
            run = self.ok("run", "s.yaml", "-o", directory)
            self.run_names(run, f"belongs to user {STRANGER}", "set aside")
            self.assert_whole(self.merged(directory), 4)

    @as_root
    def test_a_group_directory_that_both_asked_for_is_shared(self):
        self.ok("run", "s.yaml", "--mode", "0770", "--chunk-size", "1")
        directory = self.folder / "s.sweep"
        self.give_away(directory)
        self.sweep(6)
        before = os.umask(0o007)
        try:
            self.assertEqual(self.sweepd("run", "s.yaml").status, 2)
            run = self.ok("run", "s.yaml", "--mode", "0770")
        finally:
            os.umask(before)
        self.assertIn("4 of 6 points can be kept", run.stderr)
        self.assert_whole(self.merged("s.sweep"), 6)
        # The owner goes on there without a word: the mode of its folder says that it is shared.
        for each in [self.folder, directory]:
            os.chown(each, STRANGER, 0)
        self.sweep(8)
        run = self.ok("run", "s.yaml", "--log-file", "/dev/null",
                      under=["setpriv", f"--reuid={STRANGER}", "--regid=0", "--clear-groups"])
        self.assertIn("6 of 8 points can be kept", run.stderr)
        self.assertEqual(stat.S_IMODE((directory / "chunks").stat().st_mode), 0o770)

    @as_root
    def test_two_users_of_a_group_share_a_sweep(self):
        self.folder.chmod(0o777)
        self.write("slow.yaml", f"task: {{shell: '{frame.held_from(20)}sleep 0.05; echo $n', result: json}}\n"
                                "parameters: {grid: {n: {range: [60]}}}\n")

        def start(user, *options):
            under = ["setpriv", f"--reuid={user}", f"--regid={STRANGER}", "--clear-groups", "sh", "-c", 'umask 007; exec "$@"', "sh"]
            return self.start("run", "slow.yaml", "-j1", "--join", "--log-file", "/dev/null", *options, under=under)

        self.hold()
        first = start(STRANGER, "--mode", "0770")
        self.wait_until((self.folder / "slow.sweep/manifest.json").exists, "the sweep does not begin")
        stranger = self.finish(start(STRANGER + 1))
        self.run_names(stranger, f"belongs to user {STRANGER}", status=2)
        runs = [first, start(STRANGER + 1, "--mode", "0770")]
        def users_at_work():
            try:
                return {path.stat().st_uid for path in (self.folder / "slow.sweep").glob("staging.*/*.part")}
            except FileNotFoundError:  # it has just become a finished file
                return set()
        self.wait_until(lambda: users_at_work() == {STRANGER, STRANGER + 1}, "the second does not take part")
        self.release()
        self.assertEqual([self.finish(run).status for run in runs], [0, 0])
        self.assert_whole(self.merged("slow.sweep"), 60)
        owners = {path.stat().st_uid for path in (self.folder / "slow.sweep/chunks").iterdir()}
        self.assertEqual(owners, {STRANGER, STRANGER + 1})

    def test_folders_made_in_a_group_directory_are_the_groups(self):
        self.ok("run", "s.yaml", "--mode", "0770")
        self.sweep(6)
        self.ok("run", "s.yaml")  # makes chunks/ anew
        self.assertEqual(stat.S_IMODE((self.folder / "s.sweep/chunks").stat().st_mode), 0o770)


class CannotRead(TrustTest):
    @as_root
    def test_a_directory_that_may_not_be_read_is_not_called_no_sweep_directory(self):
        self.ok("run", "s.yaml")
        self.give_away(self.folder / "s.sweep", STRANGER + 1)
        for arguments in (["status", "s.sweep"], ["results", "s.sweep"], ["merge", "s.sweep"],
                          ["run", "s.yaml", "--log-file", "/dev/null"]):
            run = self.sweepd(*arguments, under=as_stranger())
            self.assertNotEqual(run.status, 0, run)
            self.assertNotIn("not a sweep directory", run.stderr)
            self.assertNotIn("does not exist", run.stderr)
            self.run_names(run, f"belongs to user {STRANGER + 1}")
        run = self.sweepd("status", "s.sweep", under=as_stranger())
        self.run_names(run, "Permission denied")
        self.folder.chmod(0o700)
        run = self.sweepd("status", self.folder / "s.sweep", under=as_stranger(), cwd="/")
        self.run_names(run, "Permission denied")
        self.assertNotIn("does not exist", run.stderr)

    @as_root
    def test_a_sweep_file_and_a_program_that_may_not_be_read_are_not_called_missing(self):
        hidden = self.write("hidden/s.yaml", SWEEP.replace("COUNT", "2"))
        hidden.parent.chmod(0o700)
        for command in ("run", "check", "plan", "submit", "point"):
            run = self.sweepd(command, hidden, *(["0"] if command == "point" else []), under=as_stranger())
            self.run_names(run, "Permission denied", status=2)
        run = self.sweepd(hidden, under=as_stranger())
        self.run_names(run, "Permission denied", status=2)
        program = self.write("hidden/program", "#!/bin/sh\n")
        program.chmod(0o755)
        self.write("open/s.yaml", "task: {command: ['" + str(program) + "']}\nparameters: [{x: 1}]\n")
        (self.folder / "open").chmod(0o777)
        self.run_names(self.sweepd("run", "open/s.yaml", under=as_stranger()), "Permission denied", status=2)

    def test_what_is_no_folder_and_what_leads_in_circles_have_their_words(self):
        self.write("file", "")
        (self.folder / "circle").symlink_to("circle")
        for name, words in (("file/s.sweep", "Not a directory"), ("circle/s.sweep", "Too many levels"), ("n" * 300, "File name too long"),
                            ("circle", "symbolic link leads in a circle"), ("file", "is not a folder")):
            for arguments in (["status", name], ["results", name], ["merge", name], ["run", "s.yaml", "-o", name]):
                with self.subTest(arguments=arguments):
                    run = self.sweepd(*arguments)
                    self.run_names(run, words)
                    self.assertNotEqual(run.status, 0)
                    self.assertNotIn("does not exist", run.stderr)
        self.run_names(self.sweepd("status", "none"), "does not exist", status=2)

    @as_root
    def test_chunks_that_may_not_be_read_are_no_points_that_are_missing(self):
        self.unfinished()
        os.chown(self.folder / "s.sweep/chunks", 0, 0)
        (self.folder / "s.sweep").chmod(0o755)
        run = self.sweepd("status", "s.sweep", under=as_stranger())
        self.run_names(run, "Permission denied", status=4)


if __name__ == "__main__":
    frame.main()
