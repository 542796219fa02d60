"""What the runs of the soak are started under, and what they find planted in the sweep directory."""
import os
import signal
import sys

import frame
from report import Fault

STOP = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2]
IGNORABLE = [*STOP, signal.SIGTSTP, signal.SIGQUIT, signal.SIGPIPE, signal.SIGALRM, signal.SIGCHLD]
FOREIGN = 54321    # a user who is nobody here
KINDS = ("link", "pipe", "owner")       # of what is planted

# Starts a program with these signals ignored, those blocked, all others as they are by default, and a limit.
STARTED_WITH = """import os, resource, signal, sys
ignored, blocked = ({int(number) for number in text.split(",") if number} for text in sys.argv[1:3])
for number in sorted(signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}):
    signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)
signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
if sys.argv[3]:
    resource.setrlimit(resource.RLIMIT_STACK, (int(sys.argv[3]), int(sys.argv[3])))
os.execvp(sys.argv[4], sys.argv[4:])
"""
REDIRECTIONS = {"closed input": "<&-", "closed output": ">&-", "closed error": "2>&-", "all closed": "<&- >&- 2>&-",
                "full output": ">/dev/full", "full output and error": ">/dev/full 2>&1"}


class Conditions:
    """What a run is started under; drawn anew for every run of a round."""

    def __init__(self, chance):
        self.ignored = chance.sample(IGNORABLE, chance.choice([1, 1, 2, 4])) if chance.random() < 0.4 else []
        self.blocked = chance.sample(IGNORABLE, chance.choice([1, 2])) if chance.random() < 0.2 else []
        self.redirection = chance.choice(list(REDIRECTIONS)) if chance.random() < 0.4 else None
        self.small_stack = chance.random() < 0.1 and not frame.has_sanitizer()

    def command(self):
        """Starts another command under them."""
        shell = 'exec "$@" ' + REDIRECTIONS.get(self.redirection, "")
        numbers = [",".join(str(int(number)) for number in each) for each in (self.ignored, self.blocked)]
        # The shell comes first, since it may unblock what is blocked.
        return ["sh", "-c", shell, "-", sys.executable, "-c", STARTED_WITH, *numbers,
                "65536" if self.small_stack else ""]

    def holds_off(self, number):
        return number in self.ignored or number in self.blocked

    def __str__(self):
        names = {"ignored": [each.name for each in self.ignored], "blocked": [each.name for each in self.blocked]}
        return f"{names}, {self.redirection or 'open descriptors'}{', small stack' if self.small_stack else ''}"


def answers_signals(pid):
    """Whether it is past its first moments, in which it dies of signals as any program does."""
    try:
        with open(f"/proc/{pid}/status") as file:
            lines = dict(line.split(":\t", 1) for line in file.read().splitlines())
    except (OSError, ValueError):
        return False
    caught = int(lines["SigCgt"], 16) | int(lines["SigIgn"], 16) | int(lines["SigBlk"], 16)
    return lines["Name"] == "sweepd" and all(caught >> (number - 1) & 1 for number in STOP)


class Planted:
    """In the place of a file or folder stands what no run left there; the original lies aside meanwhile."""

    def __init__(self, path, kind, aside):
        self.path, self.kind, self.aside = path, kind, aside
        if kind == "owner":
            os.chown(path, FOREIGN, FOREIGN)
        else:
            path.rename(aside)
            path.symlink_to(aside) if kind == "link" else os.mkfifo(path)
            self.before = self.content()

    def take_back(self):
        if self.kind == "owner":
            os.chown(self.path, os.geteuid(), os.getegid())
            return
        self.check()
        if not (self.path.is_symlink() or self.path.is_fifo()):
            raise Fault("other", f"{self}: it was replaced")
        self.path.unlink()
        self.aside.rename(self.path)

    def check(self):
        """What a link leads to is nobody's to change."""
        if self.kind != "owner" and self.content() != self.before:
            raise Fault("other", f"{self}: what lies elsewhere was changed")

    def content(self):
        files = sorted(self.aside.iterdir()) if self.aside.is_dir() else [self.aside]
        return [(file.name, file.read_bytes()) for file in files]

    def __str__(self):
        return f"{self.path.name} is {'of another user' if self.kind == 'owner' else 'a ' + self.kind}"
