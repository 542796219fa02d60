#!/usr/bin/env python3
"""What CONTRIBUTING.md says of the sources holds: a kind of task is one folder, and a line in a few files."""
import re

import frame

SOURCES = [path for folder in ("configs", "runner", "slurm", "workers")
           for path in (frame.PROJECT / folder).rglob("*") if path.suffix in (".cc", ".h")]
NAME_KINDS = {"runner/core/task.h", "runner/core/task_traits.cc", "workers/tasks/make_runner.cc", "configs/task_section.cc"}


def kinds():
    task = (frame.PROJECT / "runner/core/task.h").read_text()
    return re.findall(r"\w+Task", re.search(r"using Task = std::variant<(.*?)>;", task, re.DOTALL).group(1))


class House(frame.SweepTest):
    def test_a_kind_of_task_is_named_in_a_few_files_only(self):
        names = re.compile(r"\b(" + "|".join(kinds()) + r")\b")
        found = {str(path.relative_to(frame.PROJECT)) for path in SOURCES if names.search(path.read_text())}
        self.assertEqual({name for name in found if not name.startswith("workers/tasks/")} | {"workers/tasks/make_runner.cc"}, NAME_KINDS)

    def test_nobody_asks_which_kind_a_task_is(self):
        asks = re.compile(r"(get_if|holds_alternative|std::get)<[A-Za-z:]*Task>")
        allowed = {"runner/core/task_traits.cc", "configs/task_section.cc"}
        for path in SOURCES:
            name = str(path.relative_to(frame.PROJECT))
            if name not in allowed and not re.match(r"workers/tasks/\w+/", name):
                self.assertIsNone(asks.search(path.read_text()), name)

    def test_every_kind_has_its_folder_and_the_table_of_files_is_true(self):
        for kind in kinds():
            self.assertTrue((frame.PROJECT / "workers/tasks" / kind.removesuffix("Task").lower()).is_dir(), kind)
        contributing = (frame.PROJECT / "CONTRIBUTING.md").read_text()
        for name in NAME_KINDS:
            self.assertIn(f"`{name}`", contributing)
        for name in re.findall(r"`((?:configs|runner|tests|workers)/[\w./]+)`", contributing):
            self.assertTrue((frame.PROJECT / name).exists(), name)


if __name__ == "__main__":
    frame.main()
