"""The runner beside the built server: done, cancelled, told to end, killed."""

import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from groups import alive, left
from runners import Runner
from server import PATIENCE_SECONDS, Server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server without models, whose leases are short."""
    running = Server(tmp_path_factory.mktemp("served"), TRAINING_LEASE_SECONDS="6")
    yield running
    running.stop()


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
    assert {"a line that the training prints", "labelled: []"} < set(done["log"])
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

    _, predicted = server.call("/models/flowers/predict", {"length": 1, "width": 2})
    pair = {"prediction_id": predicted["prediction_id"], "value": 0}
    assert server.call("/feedback", pair)[1]["accepted"] == 1
    second = runner.ends(runner.asked())
    assert (second["version"], "labelled: [0]" in second["log"]) == ("2", True)
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
