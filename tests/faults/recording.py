"""What a run does to its sweep directory, call by call, as strace sees it; a model of a disk that loses what was not synced.

An operation is safe once what it changed was synced after it: data by a sync of the file, names by one of a folder
that they are in. Of the others any may be lost, in any combination; a rename is lost or done as a whole.
"""
import dataclasses
import os
import re
import shutil
import subprocess

import frame
from report import CannotRun, Fault

CALLS = "openat,open,creat,write,pwrite64,writev,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat," \
        "rmdir,fsync,fdatasync,ftruncate"
LINE = re.compile(r"(\d+) +(.*)")
CALL = re.compile(r"(\w+)\((.*)\) += (-?\d+)")
ARGUMENT = re.compile(r'"(?P<text>(?:\\x..)*)"|(?P<fd>AT_FDCWD|\d+)<(?P<path>(?:\\x..)*)>(?:\(deleted\))?|(?P<word>[^,\[\]{} ]+)')


def need_strace():
    if shutil.which("strace") is None:
        raise CannotRun("there is no strace")
    done = subprocess.run(["strace", "-qq", "-e", "trace=none", "true"], capture_output=True, text=True)
    if done.returncode != 0:
        raise CannotRun(f"strace may trace nothing: {done.stderr.strip()}")


def record(folder, *command, statuses=(0,)):
    """The calls of a run, in the order in which they ended: pairs of name and arguments."""
    log = folder / "calls"
    environment = frame.environment("recording")
    done = subprocess.run(["strace", "-f", "-qq", "-y", "-xx", "-s", "10000000", "-e", f"trace={CALLS}", "-o", log,
                           frame.SWEEPD, *command], cwd=folder, env=environment, capture_output=True, text=True,
                          timeout=120 * frame.PATIENCE)
    if done.returncode not in statuses:
        raise Fault("other", f"recorded, it ended with {done.returncode}: {done.stderr}")
    return list(calls_in(log))


def calls_in(log):
    begun = {}
    for line in log.read_text().splitlines():
        pid, rest = LINE.match(line).groups()
        if rest.endswith("<unfinished ...>"):
            begun[pid] = rest.removesuffix("<unfinished ...>").rstrip()
            continue
        if rest.startswith("<..."):
            rest = begun.pop(pid, "") + rest.partition("resumed>")[2]
        call = CALL.match(rest)
        if call and int(call[3]) >= 0:
            yield call[1], [argument(found) for found in ARGUMENT.finditer(call[2])]


def argument(found):
    """Bytes for a text, (descriptor, its path) for a descriptor, else the word."""
    if found["text"] is not None:
        return unescape(found["text"])
    if found["path"] is not None:
        return found["fd"], os.fsdecode(unescape(found["path"]))
    return found["word"]


def unescape(text):
    return bytes.fromhex(text.replace("\\x", ""))


@dataclasses.dataclass
class Node:
    """A file or a folder."""
    names: dict = None      # of a folder: names and nodes
    data: bytearray = None  # of a file


@dataclasses.dataclass
class Operation:
    """`nodes`: a sync of one of them makes it safe. `names`: triples of folder, name and node or None."""
    nodes: tuple
    names: tuple = ()
    data: tuple = ()         # offset and bytes; None and a length cuts the file
    syncs: bool = False


class Disk:
    """Nodes by number; 0 is the folder that the sweep directory lies in."""

    def __init__(self, root, inside):
        self.root, self.inside = str(root), inside     # nothing else counts
        self.folders, self.names, self.sizes = {0}, {0: {}}, {}
        self.operations = []
        self.load(root / inside)
        self.first = len(self.operations)              # what was there before is safe

    def load(self, path):
        if not path.exists():
            return
        if path.is_dir():
            self.make(str(path), True)
            for each in sorted(path.iterdir()):
                self.load(each)
        else:
            self.write(self.make(str(path), False), 0, path.read_bytes())

    # ---- paths --------------------------------------------------------------------------------------------------

    def place(self, path):
        """The folder's node and the name in it; None for what does not count."""
        inner = os.path.relpath(os.path.join(self.root, path), self.root).split("/")
        if inner[0] != self.inside:
            return None
        node = 0
        for name in inner[:-1]:
            node = self.names.get(node, {}).get(name)
            if node is None:
                return None
        return node, inner[-1]

    def node(self, path):
        if os.path.normpath(os.path.join(self.root, path)) == self.root:
            return 0
        place = self.place(path)
        return None if place is None else self.names.get(place[0], {}).get(place[1])

    # ---- what is done -------------------------------------------------------------------------------------------

    def make(self, path, is_folder):
        place = self.place(path)
        if place is None:
            return None
        number = len(self.names) + len(self.sizes)
        if is_folder:
            self.names[number] = {}
            self.folders.add(number)
        else:
            self.sizes[number] = 0
        self.rename_to([(*place, number)])
        return number

    def rename_to(self, changes):
        for folder, name, node in changes:
            if node is None:
                self.names[folder].pop(name, None)
            else:
                self.names[folder][name] = node
        self.operations.append(Operation(tuple(folder for folder, _, _ in changes), names=tuple(changes)))

    def write(self, node, offset, content):
        if node is None or node in self.folders:
            return
        offset = self.sizes[node] if offset is None else offset
        self.sizes[node] = max(self.sizes[node], offset + len(content))
        self.operations.append(Operation((node,), data=(offset, content)))

    def do(self, name, arguments):
        if name in ("open", "openat", "creat"):
            self.open(arguments)
        elif name in ("write", "writev", "pwrite64"):
            content = b"".join(each for each in arguments[1:] if isinstance(each, bytes))
            self.write(self.node(arguments[0][1]), int(arguments[-1]) if name == "pwrite64" else None, content)
        elif name == "ftruncate" and (node := self.node(arguments[0][1])) is not None:
            self.sizes[node] = int(arguments[1])
            self.operations.append(Operation((node,), data=(None, int(arguments[1]))))
        elif name in ("fsync", "fdatasync") and (node := self.node(arguments[0][1])) is not None:
            self.operations.append(Operation((node,), syncs=True))
        elif name.startswith("mkdir"):
            self.make(paths_of(arguments)[0], True)
        elif name.startswith(("unlink", "rmdir")) and (place := self.place(paths_of(arguments)[0])):
            self.rename_to([(*place, None)])
        elif name.startswith(("rename", "link")):
            self.move(*paths_of(arguments), stays=name.startswith("link"))

    def open(self, arguments):
        path = paths_of(arguments)[0]
        flags = next((each for each in arguments if isinstance(each, str) and each.startswith("O_")), "")
        if "O_CREAT" in flags and self.node(path) is None:
            self.make(path, False)

    def move(self, old, new, stays):
        before, after, node = self.place(old), self.place(new), self.node(old)
        if node is None:
            return
        if after is None:        # out of what counts, into the folder beside
            self.rename_to([(*before, None)])
            self.operations[-1].nodes += (0,)
            return
        self.rename_to([(*after, node)] + ([] if stays else [(*before, None)]))

    # ---- what is left -------------------------------------------------------------------------------------------

    def after_failure(self, at, keeps):
        """The nodes after power failed before operation `at`; `keeps(operation)` says of each that is not safe."""
        synced, kept = set(), []
        for operation in reversed(self.operations[:at]):
            if operation.syncs:
                synced.update(operation.nodes)
                continue
            kept.append((operation, bool(synced.intersection(operation.nodes))))
        nodes = {}
        for number, (operation, is_safe) in enumerate(reversed(kept)):
            if number < self.first or is_safe or keeps(operation):
                self.apply(nodes, operation)
        return nodes

    def apply(self, nodes, operation):
        for folder, name, node in operation.names:
            names = nodes.setdefault(folder, Node(names={})).names
            names.pop(name, None) if node is None else names.__setitem__(name, node)
        if operation.data:
            offset, content = operation.data
            data = nodes.setdefault(operation.nodes[0], Node(data=bytearray())).data
            if offset is None:
                del data[content:]
            else:
                data.extend(bytes(max(0, offset + len(content) - len(data))))
                data[offset:offset + len(content)] = content

    def lay_out(self, nodes, folder, number=0):
        """Writes what is left below a folder."""
        for name, node in nodes.get(number, Node(names={})).names.items():
            path = folder / name
            if node in self.folders:
                path.mkdir()
                self.lay_out(nodes, path, node)
            else:
                path.write_bytes(nodes[node].data if node in nodes else b"")


def paths_of(arguments):
    """The paths in a call's arguments, each with the folder before it where there is one."""
    paths, folder = [], None
    for each in arguments:
        if isinstance(each, tuple):
            folder = each[1]
        elif isinstance(each, bytes):
            paths.append(os.path.join(folder or "", os.fsdecode(each)))
            folder = None
    return paths
