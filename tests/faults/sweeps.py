"""The sweeps that are disturbed, drawn from a seed: kernels and commands, of even and of very mixed lengths.

A command appends `begin INDEX` and `end INDEX`, each with one write, to the file `ran` beside the sweep file, so that
work done twice can be counted. All are short: a second or less, undisturbed.
"""
import collections
import dataclasses
import json
import pathlib

import frame
from running import expect, run

FAILS_WITH = 3

# The last background process tells whether descendants of a task die with us; it ends with the task otherwise.
STEP = f"""# index, pause, what to do besides: nothing, fail, fail unless mended, or have a child
echo "begin $1" >> ran
if [ "$3" = child ]; then sleep 20 > /dev/null 2>&1 & child=$!; fi
[ "$2" = 0 ] || sleep "$2"
[ "$3" = child ] && kill "$child"
echo "end $1" >> ran
if [ "$3" = fail ] || [ "$3" = mend -a ! -e mended ]; then echo "as it was told" >&2; exit {FAILS_WITH}; fi
echo "{{\\"square\\": $(($1 * $1)), \\"seed\\": $SWEEPD_SEED}}"
"""


@dataclasses.dataclass
class Sweep:
    """What to run. `failing` are the indices that fail each time; `attempts` is how often one is tried in a run."""
    kind: str
    text: str
    points: int
    failing: frozenset = frozenset()
    attempts: int = 1

    @property
    def is_command(self):
        return self.kind != "pi"

    def write(self, folder):
        (folder / "sweep.yaml").write_text(self.text)
        (folder / "step.sh").write_text(STEP)


@dataclasses.dataclass
class Undisturbed:
    """How a sweep ends when nobody disturbs it."""
    results: bytes
    status: int
    seconds: float
    begun: int


def pi_text(darts):
    return f"task: pi\nparameters: {{zip: {{darts: {json.dumps(darts)}, trial: {{range: [{len(darts)}]}}}}}}\n"


def command_text(pauses, besides, retries=0):
    """One command for every pause; pauses[i] and besides[i] are its arguments."""
    return ("task: {command: [sh, step.sh, '{index}', '{pause}', '{besides}'], result: json}\n"
            f"parameters: {{zip: {{pause: {json.dumps(pauses)}, besides: {json.dumps(besides)}}}}}\n"
            + (f"retries: {{max: {retries}, backoff: 1ms}}\n" if retries else ""))


def draw_pi(random):
    """From a few slow points to tens of thousands that take no time; 1e9 darts are some 40 ms."""
    shape = random.choice(["slow", "mixed", "tiny"])
    if shape == "slow":
        darts = [random.randrange(10**8, 10**9) for _ in range(random.randrange(5, 25))]
    elif shape == "mixed":
        darts = [int(10 ** random.uniform(0, 9)) for _ in range(random.randrange(20, 120))]
    else:
        darts = [random.randrange(1, 1000)] * random.randrange(20_000, 60_000)
    return Sweep("pi", pi_text(darts), len(darts))


def draw_command(random):
    count = random.randrange(6, 30)
    pauses = [round(random.uniform(0.012, 0.05), 3) for _ in range(count)]
    besides = ["nothing"] * count
    failing, retries = frozenset(), 0
    if random.random() < 0.4:
        failing = frozenset(random.sample(range(count), random.randrange(1, 4)))
        for index in failing:
            besides[index] = "fail"
    if random.random() < 0.3:
        retries = random.randrange(1, 3)
    return Sweep("command", command_text(pauses, besides, retries), count, failing, 1 + retries)


def draw_mixed(random):
    """Most take a few milliseconds, some a hundred times as long."""
    count = random.randrange(10, 50)
    pauses = [0 if random.random() < 0.8 else round(random.uniform(0.05, 0.25), 3) for _ in range(count)]
    return Sweep("mixed", command_text(pauses, ["nothing"] * count), count)


def draw_families(random):
    count = random.randrange(4, 12)
    pauses = [round(random.uniform(0.03, 0.1), 3) for _ in range(count)]
    return Sweep("families", command_text(pauses, ["child"] * count), count)


DRAWS = (draw_pi, draw_command, draw_mixed, draw_families)


def begun(folder):
    """How often each point was begun."""
    try:
        lines = (folder / "ran").read_text().split("\n")
    except FileNotFoundError:
        return collections.Counter()
    return collections.Counter(int(line.split()[1]) for line in lines if line.startswith("begin "))


def records_written(directory):
    """Lines in chunk files, committed or not."""
    count = 0
    try:
        for path in pathlib.Path(directory / "chunks").iterdir():
            if path.is_file():   # and no pipe that was planted and set aside
                count += path.read_bytes().count(b"\n")
    except OSError:
        pass  # not made yet, or renamed under our eyes
    return count


def undisturbed(sweep, folder):
    sweep.write(folder)
    ended = expect(run(folder, "run", "sweep.yaml", "-o", "out", "-j2", "--pin", "none"), (0, 1), "undisturbed")
    summary = json.loads((folder / "out/manifest.json").read_text())
    return Undisturbed((folder / "out/results.json").read_bytes(), ended.status, summary["sessions"][-1]["elapsed_s"],
                       sum(begun(folder).values()))


def leave_half_done(folder, command):
    """Runs the sweep in chunks of two and leaves `out` as a killed run does: the last chunk never begun, the one before
    it torn in its second record, and nothing merged."""
    expect(run(folder, *command), (0,), "the run to be half undone")
    chunks = sorted((folder / "out/chunks").iterdir())
    chunks[-1].unlink()
    torn = chunks[-2]
    torn.write_bytes(torn.read_bytes()[:-40])
    torn.rename(torn.with_suffix(".part"))
    leave_unmerged(folder, folder / "out")


def leave_unmerged(folder, out):
    """Leaves the sweep directory `out` as a run that was killed before it merged."""
    manifest = (out / "manifest.json").read_text()
    (out / "manifest.json").write_text(manifest.replace('"complete": true', '"complete": false'))
    for name in ("results.json", "summary.json"):
        (out / name).unlink()
    for left in (*folder.glob("run-*"), *folder.glob("ran")):
        left.unlink()


def worker_options(random, points):
    """Options that must not show in the results, and the number of workers in them. At most some dozen chunks: each
    costs a sync."""
    workers = random.randrange(1, 4)
    options = [f"-j{workers}", "--start", random.choice(["fork", "spawn"])]
    if workers > len(frame.allowed_cores()) or random.random() < 0.3:
        options += ["--pin", "none"]
    if random.random() < 0.6:
        options += ["--schedule", random.choice(["static", "dynamic", "guided"])]
    if random.random() < 0.4:
        options += ["--chunk-size", str(random.choice([1, 2, 3, 5, 17]) * max(1, points // 60))]
    return options, workers
