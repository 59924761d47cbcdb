"""`python -m nestor runner` as a process of its own, and what becomes of the jobs that it is asked for."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from server import PATIENCE_SECONDS, Server

Job = dict[str, Any]


class Runner:
    """`python -m nestor runner` as a process of a folder, which trains what `trainings.py` has.

    With a `python` of another environment it does one training of those that are installed there.
    """

    def __init__(self, server: Server, folder: Path, python: Path | None = None) -> None:
        self.server, self.log = server, folder / "runner.log"
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
        options = ["--module", "trainings"]
        if python is not None:
            del environment["PYTHONPATH"]
            options = ["--once"]
        command = [python or sys.executable, "-m", "nestor", "runner", "--server", server.url, "--name", "r1", *options]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, cwd=folder, env={**environment, "TMPDIR": str(folder)}, stdout=log, stderr=log
            )

    def asked(self, model: str = "flowers", **arguments: Any) -> Job:
        """Ask for a training, as soon as the server has heard of the runner."""
        return self.soon(lambda: (found := self._asked(model, arguments))[0] in (200, 202) and found[1])

    def until(self, job: Job, is_so: Callable[[Job], bool]) -> Job:
        """Return a job when it is as it should be."""
        return self.soon(lambda: is_so(now := self.server.call(f"/jobs/{job['id']}")[1]) and now)

    def soon(self, found: Callable[[], Any]) -> Any:
        """Return what is found within a minute."""
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            if value := found():
                return value
            time.sleep(0.1)
        raise AssertionError(self.log.read_text()[-2000:])

    def ends(self, job: Job) -> Job:
        """Return a job that has ended."""
        return self.until(job, lambda now: now["state"] not in ("queued", "running"))

    def waits(self, job: Job) -> list[int]:
        """Return the pids of a training that waits, and of its child."""
        waiting = self.until(job, lambda now: now["state"] == "running" and str(now["stage"]).startswith("waiting "))
        stage = waiting["stage"]
        return [int(pid) for pid in stage.split()[1:]]

    def _asked(self, model: str, arguments: dict[str, Any]) -> tuple[int, Any]:
        return self.server.call(f"/models/{model}/train", {"arguments": arguments})
