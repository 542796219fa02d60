"""The small sweeps whose system calls fail, and what their folders hold when they begin."""
import dataclasses

import sweeps
from running import expect, run


@dataclasses.dataclass(frozen=True)
class Scenario:
    """A small sweep, how its workers start, and what is there already: a fresh one, one half done, one with a damaged
    chunk file, one with points that failed and are to run again."""
    kind: str
    start: str
    state: str = "fresh"

    def __str__(self):
        return f"{self.kind}, {self.start}, {self.state}"

    def sweep(self):
        if self.kind == "pi":
            return sweeps.Sweep("pi", sweeps.pi_text([10, 1000, 10**6, 10**7, 20, 10]), 6)
        besides = ["nothing", "mend", "nothing", "nothing", "mend"]
        return sweeps.Sweep("command", sweeps.command_text([0.012, 0, 0.015, 0, 0.012], besides), 5)

    def command(self):
        command = ["run", "sweep.yaml", "-o", "out", "-j2", "--pin", "none", "--start", self.start, "--chunk-size", "2"]
        return command + (["--retry-failed"] if self.state == "failed" else [])

    def prepare(self, folder):
        """Makes what is there already."""
        self.sweep().write(folder)
        if self.state == "failed":
            expect(run(folder, *self.command()), (1,), "the run with failing points")
        (folder / "mended").touch()
        if self.state in ("half done", "damaged"):
            sweeps.leave_half_done(folder, self.command())
        if self.state == "damaged":
            first = min((folder / "out/chunks").iterdir())
            first.write_bytes(first.read_bytes().replace(b'"index":1', b'"index":7'))
        for left in (*folder.glob("run-*"), *folder.glob("ran")):
            left.unlink()


SCENARIOS = [Scenario(kind, start, state)
             for state in ("fresh", "half done") for kind in ("pi", "command") for start in ("fork", "spawn")] \
    + [Scenario("command", "fork", "damaged"), Scenario("command", "fork", "failed")]
