"""What is played on a shared file system, round by round: which runs and commands are given on which host, and how they have
to end. Each round has a sweep directory of its own.
"""
import dataclasses
import pathlib
import subprocess
import time

import frame
from hosts import CannotBeHad, Lab

POINTS, MORE = 60, 70
# $RAN is a file on a disk of this machine, beyond the file system that is tried: a line for every point begun, and where.
SWEEP = """name: s
task:
  shell: 'echo $n $HOST >> $RAN; sleep $PAUSE; echo "{\\"square\\": $((n * n))}"'
  result: json
parameters: {grid: {n: {range: [%d]}}}
"""
LEFT = ["chunks", "manifest.json", "results.json", "summary.json", "sweep.yaml"]


@dataclasses.dataclass
class Outcome:
    """What the rounds of one play came to."""
    play: str
    rounds: int = 0
    runs: int = 0
    wrong: int = 0       # statuses (or what was printed) that are not those expected
    differing: int = 0   # rounds whose results are not those of an undisturbed run
    repeated: int = 0    # points begun again that were not in hand
    left: int = 0        # rounds that left a file behind

    def holds(self):
        return self.wrong + self.differing + self.repeated + self.left == 0


class Round:
    def __init__(self, lab, expected, outcome, folder, number):
        self.pause = 0.03     # seconds, of a point
        self.silence = "60s"  # after which a run on the other host counts as dead
        self.lab, self.outcome, self.expected = lab, outcome, expected
        self.folder, self.number, self.out = folder, number, f"{folder}/out.{number}"
        self.ran = lab.folder / f"{folder}.{number}.ran"
        # Each host begins every other round.
        self.one, self.other = lab.hosts if number % 2 == 0 else lab.hosts[::-1]

    # ---- running ------------------------------------------------------------------------------------------------

    def begin(self, host, command, *options):
        self.outcome.runs += 1
        env = frame.environment("filesystems", {"RAN": str(self.ran), "HOST": host.name, "PAUSE": str(self.pause),
                                                "SWEEPD_SILENCE": self.silence})
        return host.start_program(frame.SWEEPD, command, *options, env=env)

    def run(self, host, *options, file="s.yaml", workers=1):
        return self.begin(host, "run", f"{self.folder}/{file}", "-o", self.out, f"-j{workers}", "--pin", "none", *options)

    def ends(self, process, what, statuses=(0,), says=""):
        status, stdout, stderr = process.ended()
        if status not in statuses or says not in stdout:
            self.outcome.wrong += 1
            self.say(f"{what} on {process.host.name}: status {status} and not {statuses[0]}"
                     + (f", or does not print '{says}'" if says else "") + f"\n{stdout[-600:]}{stderr[-1500:]}")
        return status

    def results_are_shown(self, host):
        """All of them; by a command that writes nothing, so that it sees what the host remembers of a folder."""
        time.sleep(self.lab.kind.listings_last_s)
        self.ends(self.begin(host, "results", self.out, "--format", "ndjson"), "results", says=f'"index":{POINTS - 1},')

    def say(self, text):
        indented = "\n".join("    " + line for line in text.rstrip().splitlines())
        print(f"  {self.outcome.play}, round {self.number}:\n{indented}", flush=True)

    def begun(self):
        """Of each point begun the host it was begun on."""
        return self.ran.read_text().split()[1::2] if self.ran.exists() else []

    def wait_for_points(self, count, hosts=1, within=60):
        """Begun on so many hosts."""
        end = time.monotonic() + within
        while (len(self.begun()) < count or len(set(self.begun())) < hosts) and time.monotonic() < end:
            time.sleep(0.01)

    # ---- what is left -------------------------------------------------------------------------------------------

    def check(self, host, most_repeated=0, points=POINTS, left=LEFT):
        """All points have run, once but for those in hand; the results are the expected ones; nothing else is left."""
        if soon(lambda: host.read(f"{self.out}/results.json")) != self.expected:
            self.outcome.differing += 1
            self.say("the results are not those of an undisturbed run")
        repeated = len(self.begun()) - points - most_repeated
        if repeated > 0:
            self.outcome.repeated += repeated
            self.say(f"{repeated} points ran again")
        names = soon(lambda: host.names(self.out), until=lambda names: names == left)
        if names != left:
            self.outcome.left += 1
            self.say(f"left behind: {sorted(set(names or []) ^ set(left))}")


def soon(look, until=lambda found: True, within=3):
    """What is found, also where this machine's cache is behind at first; None where it cannot be read."""
    end, found = time.monotonic() + within, None
    while True:
        try:
            found = look()
            if until(found):
                return found
        except OSError:
            pass
        if time.monotonic() > end:
            return found
        time.sleep(0.1)


# ---- the plays ------------------------------------------------------------------------------------------------------

def six_start_at_once(play):
    for process in [play.run(host, "--join") for host in play.lab.hosts * 3]:
        play.ends(process, "run --join")
    play.check(play.other)


def the_other_host_looks(play):
    """While a run is at work, and directly after it has ended."""
    play.pause = 0.1
    first = play.run(play.one, workers=2)
    play.wait_for_points(30)   # and until it has told its progress
    play.ends(play.begin(play.other, "status", play.out), "status", says="running")
    play.ends(play.run(play.other), "run beside a run", (2,))
    play.ends(first, "run")
    play.ends(play.begin(play.other, "status", play.out), "status", says=f"{POINTS} of {POINTS}")
    play.results_are_shown(play.other)
    play.ends(play.run(play.other), "run after a run")
    play.ends(play.run(play.one), "run after a run")
    play.check(play.other)


def the_hosts_take_turns(play):
    """Each stops the sweep, and the other carries it on."""
    for turn in range(4):
        process = play.run([play.one, play.other][turn % 2])
        play.wait_for_points(12 * (turn + 1))
        process.send("TERM")
        play.ends(process, f"turn {turn}", (3,))
    play.ends(play.run(play.one), "last turn")
    play.check(play.one, most_repeated=4)


def the_file_changes(play):
    """On the other host, and back: what was computed is kept, or comes back."""
    play.ends(play.run(play.one, workers=2), "run")
    play.ends(play.run(play.other, file="more.yaml"), "run of more points", says=f"{MORE - POINTS} points")
    play.ends(play.run(play.one), "run of the points of before")
    play.results_are_shown(play.other)
    play.check(play.other, points=MORE, left=["archive.0.ndjson", *LEFT])


def a_host_dies(play):
    """With all that runs on it, its mount included; what it had in hand is taken over a minute later, or sooner."""
    play.pause = 0.2
    if play.number > 0:
        play.silence = "8s"
    runs = [play.run(host, "--join") for host in (play.one, play.other)]
    play.wait_for_points(20 if play.number % 2 == 0 else 45, hosts=2)   # with work left for the other one, and almost none
    play.other.machine.kill()
    runs[1].ended()
    play.ends(runs[0], "the run on the other host")
    play.check(play.one, most_repeated=1)
    play.other.start()
    play.ends(play.run(play.other), "run on the host that is back")


def a_brick_dies(play):
    play.pause = 0.2
    runs = [play.run(host, "--join") for host in (play.one, play.other)]
    play.wait_for_points(20, hosts=2)
    play.lab.kind.kill_brick(play.lab)
    for process in runs:
        play.ends(process, "run --join")
    play.lab.kind.restore_brick(play.lab)
    play.ends(play.run(play.other), "run after all runs")
    play.check(play.one)


def it_becomes_full(play):
    process = play.run(play.one, "--chunk-size", "2")
    play.wait_for_points(20)
    play.lab.kind.fill(play.lab)
    status = play.ends(process, "run on a full file system", (3,))
    play.lab.kind.free(play.lab)
    play.lab.wait_for_room()
    if status == 3:
        play.ends(play.run(play.other), "run with space again")
    play.check(play.other, most_repeated=4)


def plays_of(kind, rounds):
    """With the number of rounds of each."""
    yield six_start_at_once, rounds
    yield the_other_host_looks, rounds
    yield the_hosts_take_turns, rounds
    yield the_file_changes, rounds
    yield it_becomes_full, 1
    if hasattr(kind, "kill_brick"):
        yield a_brick_dies, max(1, rounds // 3)
    yield a_host_dies, max(1, rounds // 2)


def play_all(kind, folder, chosen):
    """The outcomes of all plays on one kind of file system; none where it cannot be had."""
    try:
        with Lab(kind, folder / kind.name) as lab:
            expected = undisturbed(lab.folder)
            return [play_rounds(lab, play, rounds, expected) for play, rounds in plays_of(kind, chosen.rounds)
                    if play.__name__.replace("_", " ").startswith(chosen.play or "")]
    except CannotBeHad as reason:
        print(f"skipped: {kind.name}: {reason}", flush=True)
        return []


def play_rounds(lab, play, rounds, expected):
    outcome, began = Outcome(f"{lab.kind.name}: {play.__name__.replace('_', ' ')}"), time.monotonic()
    folder = play.__name__
    lab.hosts[0].outside(folder).mkdir()
    for name, points in (("s", POINTS), ("more", MORE)):
        lab.hosts[0].outside(f"{folder}/{name}.yaml").write_text(SWEEP % points)
    time.sleep(2)   # the sweep file is there for every host
    for number in range(rounds):
        play(Round(lab, expected, outcome, folder, number))
        outcome.rounds += 1
    print(f"{outcome.play}: {rounds} rounds in {time.monotonic() - began:.0f} s", flush=True)
    return outcome


def undisturbed(folder):
    """The results of one run on a disk of this machine."""
    own = folder / "undisturbed"
    own.mkdir()
    (own / "s.yaml").write_text(SWEEP % POINTS)
    env = frame.environment("filesystems", {"RAN": "/dev/null", "HOST": "", "PAUSE": "0"})
    subprocess.run([frame.SWEEPD, "run", "s.yaml", "-j2", "--pin", "none", "-q"], cwd=own, env=env, check=True)
    return (own / "s.sweep/results.json").read_bytes()


def table(outcomes):
    lines = [f"{'':<36} rounds   runs  wrong statuses  identical  ran again  left behind"]
    for each in outcomes:
        identical = "yes" if each.differing == 0 else f"no ({each.differing})"
        lines.append(f"{each.play:<36} {each.rounds:>6} {each.runs:>6} {each.wrong:>15}  {identical:>9} {each.repeated:>10}"
                     f" {each.left:>12}")
    return "\n".join(lines)
