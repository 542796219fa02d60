"""Finds the processes of a running sweep by parenthood under /proc, and kills one for certain.

    coordinator ── starter ── worker ── task (the command of a point; kernels have none)
"""
import os
import signal

ROLES = ("coordinator", "starter", "worker", "task")


def stat_of(pid):
    """Name and parent of a living process; None where it is gone or a zombie."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            text = file.read()
    except OSError:
        return None
    name = text[text.index(b"(") + 1:text.rindex(b")")].decode(errors="replace")
    state, parent = text[text.rindex(b")") + 1:].split()[:2]
    return None if state in (b"Z", b"X") else (name, int(parent))


def children_by_parent():
    children = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            stat = stat_of(int(entry))
            if stat:
                children.setdefault(stat[1], []).append(int(entry))
    return children


def by_role(coordinator):
    """The process ids of each role, below and with the coordinator."""
    children = children_by_parent()
    starters = [pid for pid in children.get(coordinator, []) if (stat_of(pid) or ("",))[0].startswith("sweepd")]
    workers = [pid for starter in starters for pid in children.get(starter, [])]
    tasks = [pid for worker in workers for pid in children.get(worker, [])]
    return {"coordinator": [coordinator] if stat_of(coordinator) else [], "starter": starters, "worker": workers,
            "task": tasks}


def kill_for_certain(pid, parent):
    """kill -9, where the process is still the child of that parent: its number may have been given to another."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    try:
        stat = stat_of(pid)
        if stat is None or (parent is not None and stat[1] != parent):
            return False
        signal.pidfd_send_signal(handle, signal.SIGKILL)
        return True
    except ProcessLookupError:
        return False
    finally:
        os.close(handle)


def kill_one(coordinator, role, random):
    """Kills one process of the role; False where there is none just now."""
    pids = by_role(coordinator)[role]
    if not pids:
        return False
    pid = random.choice(pids)
    stat = stat_of(pid)
    return stat is not None and kill_for_certain(pid, None if role == "coordinator" else stat[1])
