"""The runner beside the built server: done, cancelled, told to end, killed."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from groups import alive, left
from server import PATIENCE_SECONDS, Server

Job = dict[str, Any]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server without models, whose leases are short."""
    running = Server(tmp_path_factory.mktemp("served"), TRAINING_LEASE_SECONDS="6")
    yield running
    running.stop()


class Runner:
    """`python -m nestor runner` as a process, which trains what `trainings.py` has."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server, self.log = server, folder / "runner.log"
        command = [sys.executable, "-m", "nestor", "runner", "--server", server.url, "--module", "trainings"]
        path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
        with self.log.open("wb") as log:
            environment = {**os.environ, "PYTHONPATH": path, "TMPDIR": str(folder)}
            self.process = subprocess.Popen([*command, "--name", "r1"], env=environment, stdout=log, stderr=log)

    def asked(self, **arguments: Any) -> Job:
        """Ask for a training, as soon as the server has heard of the runner."""
        return self.soon(lambda: (found := self._asked(arguments))[0] in (200, 202) and found[1])

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

    def _asked(self, arguments: dict[str, Any]) -> tuple[int, Any]:
        return self.server.call("/models/flowers/train", {"arguments": arguments})


@pytest.fixture
def runner(server: Server, tmp_path: Path) -> Iterator[Runner]:
    """A runner, which is killed at the end if it has not ended."""
    started = Runner(server, tmp_path)
    yield started
    started.process.kill()
    started.process.wait()


def test_trainings_are_done_refused_and_cancelled_and_the_runner_ends_whole(runner: Runner, server: Server) -> None:
    done = runner.ends(runner.asked(rate=0.5))
    assert {name: done[name] for name in ("state", "version", "stage", "progress", "metrics", "error", "runner")} == {
        "state": "done",
        "version": "1",
        "stage": "upload",
        "progress": 1,
        "metrics": {"loss": 0.5},
        "error": None,
        "runner": "r1",
    }
    assert "a line that the training prints" in done["log"]
    assert server.call("/models/flowers")[1]["aliases"] == {"champion": "1"}

    status, problem = server.call("/models/flowers/train", {"arguments": {"rate": 1e9}})
    assert (status, problem["errors"][0]["pointer"]) == (400, "/arguments/rate")
    failed = runner.ends(runner.asked(end="raise"))
    assert (failed["state"], failed["error"]["detail"]) == ("error", "ValueError: no such flower")

    waiting = runner.asked(end="wait")
    group, _ = runner.waits(waiting)
    delete = urllib.request.Request(f"{server.url}/jobs/{waiting['id']}", method="DELETE")
    urllib.request.urlopen(delete, timeout=PATIENCE_SECONDS).close()
    assert runner.ends(waiting)["state"] == "cancelled"
    assert left(group) == []

    assert runner.ends(runner.asked())["version"] == "2"
    held = runner.asked(end="wait")
    group, _ = runner.waits(held)
    runner.process.terminate()
    assert runner.process.wait(PATIENCE_SECONDS) == 128 + signal.SIGTERM
    assert left(group) == []
    assert list(runner.log.parent.glob("nestor-training-*")) == []
    # Its lease runs out, and it waits for another runner.
    assert runner.until(held, lambda now: now["state"] == "queued")["attempt"] == 1


def test_a_runner_that_is_killed_takes_its_training_along(runner: Runner, server: Server) -> None:
    (job,) = server.call("/jobs?state=queued")[1]["jobs"]
    group, grandchild = runner.waits({"id": job["id"]})
    assert {str(group), str(grandchild)} < set(alive(group))
    runner.process.kill()
    assert left(group) == []
    assert runner.until(job, lambda now: now["state"] == "queued")["attempt"] == 2
