"""Which processes of a group still run."""

import time
from pathlib import Path


def alive(group: int) -> list[str]:
    """Return the commands of a process group that still runs; those that have ended and wait to be reaped are none."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, its = status.read_text().rsplit(") ", 1)[1].split()[:3]
        except (OSError, ValueError):
            continue
        if int(its) == group and state not in "ZX":
            found.append(status.parent.name)
    return found


def left(group: int) -> list[str]:
    """Return what still runs of a group that was killed: a kill takes a moment to be done."""
    until = time.monotonic() + 20
    while (found := alive(group)) and time.monotonic() < until:
        time.sleep(0.02)
    return found
