#!/usr/bin/env python3
"""Parameters of shell tasks: each arrives in the shells that are here, or is refused for its name before anything runs."""
import re
import shutil
import subprocess

import frame

# In the manuals of dash and bash; what else shells set is asked of them.
KNOWN = """BASH_ENV CDPATH COLUMNS ENV EUID FUNCNAME GLOBIGNORE GROUPS HISTCMD HOME IFS LINENO LINES OLDPWD OPTARG OPTERR OPTIND PATH
PIPESTATUS POSIXLY_CORRECT PPID PS1 PS2 PS4 PWD RANDOM REPLY SECONDS SHELLOPTS SHLVL SRANDOM TIMEFORMAT TMOUT UID _""".split()
PRINT = "{ printenv NAME; printf '%s\\n' \"$NAME\"; (printf '%s\\n' \"$NAME\"); printf '%s\\n' \"$NAME\" | cat; }"


class ShellNames(frame.SweepTest):
    def setUp(self):
        super().setUp()
        self.shells = list(filter(None, map(shutil.which, ("sh", "dash", "bash"))))
        (self.folder / "sh").symlink_to(self.shells[-1])  # bash works differently under this name
        self.shells.append(str(self.folder / "sh"))

    def set_by_shells(self):
        names = set()
        for shell in self.shells:
            for text in ("set", "compgen -v"):
                listed = subprocess.run([shell, "-c", text], env={}, capture_output=True, text=True, check=False).stdout
                names |= set(re.findall(r"^([A-Za-z_]\w*)(?:=|$)", listed, re.MULTILINE))
        return names

    def write_sweep(self, text, point):
        self.write("s.yaml", frame.as_yaml({"task": {"shell": text, "result": "text"}, "parameters": [point]}))

    def test_names_that_shells_set_or_heed_are_refused(self):
        names = self.set_by_shells() | set(KNOWN)
        for name in sorted(names):
            self.write_sweep("true", {name: 7})
            check = self.sweepd("check", "s.yaml")
            self.assertEqual(check.status, 2, f"{name}: {check}")
            self.assertIn(f"the parameter '{name}' has the name of a variable that shells", check.stderr)
            self.assertIn("rename it", check.stderr)

    def test_other_names_arrive_in_every_shell(self):
        names = [name.lower() for name in KNOWN if name != "_"] + ["USER", "LOGNAME", "TZ", "EDITOR", "x", "_x", "X1", "BASHFUL"]
        point = {name: f"7 of '{name}'" for name in names}
        texts = [PRINT.replace("NAME", name) for name in names]
        self.write("text.sh", "cd /; cd - > /dev/null; : | :\n" + "\n".join(texts))
        self.write_sweep(". ./text.sh; " + "; ".join(f"{shell} ./text.sh" for shell in self.shells), point)
        self.ok("run", "s.yaml")
        printed = self.merged("s.sweep")["results"][0]["result"].splitlines()
        expected = [value for value in point.values() for _ in range(4)]
        self.assertEqual(printed, expected * (1 + len(self.shells)))


if __name__ == "__main__":
    frame.main()
