"""The loop beside the built server: rows drift, labels come, a training is asked for, and its version is right."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from runners import Runner
from server import Server

MODEL = "/models/shoppers"
ROWS = 1_200


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[Runner]:
    """A runner and a server of the stage test with windows of five seconds, which retrains what has drifted."""
    server = Server(tmp_path, RETRAIN_ON="drift", WINDOW_SECONDS="5")
    started = Runner(server, tmp_path)
    yield started
    started.process.kill()
    started.process.wait()
    server.stop()


def test_what_has_drifted_is_trained_with_its_labels_and_answers_rightly_again(runner: Runner) -> None:
    server = runner.server

    def predicted(seed: int) -> list[dict[str, Any]]:
        """Predict rows that have moved; return what turns out to be true of each, by another rule than long ago."""
        rows = np.random.default_rng(seed).normal(1.2, 1, size=(ROWS, 2))
        answers = server.predict("shoppers", [{"visits": visits, "spent": spent} for visits, spent in rows])
        truth = (rows[:, 0] > rows[:, 1]).astype(int).tolist()
        return [
            {"prediction_id": answer["prediction_id"], "value": value}
            for answer, value in zip(answers, truth, strict=True)
        ]

    def label(pairs: list[dict[str, Any]]) -> None:
        status, said = server.call("/feedback", {"feedback": pairs})
        assert (status, said["accepted"]) == (200, len(pairs)), said

    def accuracy(version: str, labels: int) -> float:
        """Return what was measured on so many labels; what was measured shortly before is told for some seconds."""
        measured = runner.soon(
            lambda: (
                (found := server.call(f"{MODEL}/quality?version={version}")[1]["measured"]) is not None
                and found["rows"] == labels
                and found
            )
        )
        assert measured["metric"]["name"] == "accuracy"
        return float(measured["metric"]["value"])

    def closed_windows() -> list[dict[str, Any]]:
        windows = server.call(f"{MODEL}/drift")[1]["windows"]
        return [each for each in windows if each["seconds"] == 5 and each["closed"]]

    assert runner.ends(runner.asked("shoppers"))["version"] == "1"
    runner.soon(lambda: server.call(MODEL)[1].get("version") == "1")
    pairs = predicted(1)
    runner.soon(lambda: len(closed_windows()) >= 1)
    pairs += predicted(2)
    runner.soon(lambda: len(closed_windows()) >= 2)
    drift = server.call(f"{MODEL}/drift")[1]
    found = {each["name"]: each["status"] for each in drift["verdicts"]}
    assert (drift["status"], found["visits"], found["spent"]) == ("severe", "severe", "severe")
    # Nobody knows yet what to learn.
    assert len(server.call("/jobs?model=shoppers")[1]["jobs"]) == 1

    label(pairs)
    assert accuracy("1", 2 * ROWS) < 0.6
    asked = runner.soon(
        lambda: [job for job in server.call("/jobs?model=shoppers")[1]["jobs"] if job["trigger"] == "drift"]
    )
    job = runner.ends(asked[0])
    assert (job["state"], job["version"]) == ("done", "2"), job
    assert (job["gate"]["verdict"], job["gate"]["promoted"]) == ("passed", True), job["gate"]
    report = server.call(job["gate"]["report"])[1]
    assert report["holdout"] == {"of": "labelled", "rows": ROWS}
    checks = {check["name"]: check for check in report["checks"]}
    # The rows of long ago alone would have kept it out.
    assert checks["holdout_metric"]["figure"] < checks["primary_metric"]["limit"]

    runner.soon(lambda: server.call(MODEL)[1]["version"] == "2")
    label(predicted(3))
    assert accuracy("2", ROWS) > 0.9
