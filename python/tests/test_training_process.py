"""A training in a process of its own: what it tells, how it ends, and that nothing of it stays."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import check_sums, manifest_of
from groups import alive, left

from nestor.training import process
from nestor.training.process import End, News, Training

PRINTED = 'a line that the training prints\n{"stage": "printed by a library"}'
Started = Callable[..., Training]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Started:
    """Starts a training of `trainings.py` with arguments."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parent / "served"), *sys.path]))
    monkeypatch.delenv("TRAINING_DATA", raising=False)
    monkeypatch.setenv("NESTOR_API_KEY", "secret")

    def started(**arguments: Any) -> Training:
        return Training(tmp_path, {"model": "flowers", "arguments": arguments}, ["trainings"], "7", News())

    return started


def ended(training: Training) -> End:
    """Wait for the end of a training."""
    until = time.monotonic() + 120
    while (end := training.ended()) is None and time.monotonic() < until:
        time.sleep(0.05)
    assert end is not None
    assert left(training.process.pid) == []
    return end


def waiting(training: Training) -> list[int]:
    """Wait until a training waits; return its pid and its child's."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        stage = str(training.news.told.get("stage"))
        if stage.startswith("waiting "):
            return [int(pid) for pid in stage.split()[1:]]
        time.sleep(0.05)
    raise AssertionError(training.last)


def test_a_training_ends_with_a_version_of_the_runners_number(start: Started, tmp_path: Path) -> None:
    training = start(rate=0.5)
    assert ended(training) == End(folder=tmp_path / "artifacts" / "flowers" / "7")
    version = tmp_path / "artifacts" / "flowers" / "7"
    check_sums(version)
    assert manifest_of(version)["version"] == "7"
    news = training.news.take()
    assert (news["stage"], news["progress"], news["metrics"]) == ("fit", 0.25, {"loss": 0.5})
    assert "a line that the training prints" in news["log"]
    assert '{"stage": "printed by a library"}' in news["log"]
    assert not any("curl" in line for line in news["log"])
    assert "log" not in training.news.take()


@pytest.mark.parametrize(
    ("arguments", "code", "detail"),
    [
        (
            {"rate": 1e9, "trees": 3},
            "arguments",
            "rate: must be at most 1; trees: is no argument of this training, which takes end, rate",
        ),
        (
            {"end": "no data"},
            "data",
            "no data for this training: set TRAINING_DATA, where the runner is started, to their folder",
        ),
        ({"end": "raise"}, "training_failed", "ValueError: no such flower"),
        (
            {"end": "refused"},
            "refused",
            "this training is of the model 'flowers'; it must not export 'weeds'",
        ),
        (
            {"end": "elsewhere"},
            "refused",
            "the function that trains 'flowers' returned PosixPath('artifacts'); let it return what nestor.export(..., "
            "name='flowers') or nestor.wrap returns",
        ),
        ({"end": "exit"}, "training_failed", f"the training ended with exit code 3; it said last:\n{PRINTED}"),
        (
            {"end": "killed"},
            "training_killed",
            f"the training was killed by SIGKILL, as the system does where memory runs out; it said last:\n{PRINTED}",
        ),
    ],
    ids=lambda value: value.get("end", "arguments") if isinstance(value, dict) else "",
)
def test_what_went_wrong_is_said(start: Started, arguments: dict[str, Any], code: str, detail: str) -> None:
    assert ended(start(**arguments)) == End(error={"code": code, "detail": detail})


@pytest.mark.parametrize("end", ["wait", "deaf"])
def test_a_training_that_is_stopped_leaves_no_process(
    start: Started, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if end == "deaf":
        monkeypatch.setattr(process, "GRACE_SECONDS", 0.5)
    training = start(end=end)
    pids = waiting(training)
    assert pids[0] == training.process.pid
    assert len(alive(pids[0])) == 3
    training.stop()
    assert left(pids[0]) == []
    assert training.process.returncode == (143 if end == "wait" else -9)


def test_what_is_told_stays_within_a_report() -> None:
    news = News()
    for i in range(2_000):
        news.say(f"{i} " + "é\0" * 2_000)
    taken = news.take()["log"]
    assert taken[0] == f"[{2_000 - len(taken) + 1:,} lines are left out here: the training writes more than is kept]"
    assert taken[-1].startswith("1999 é\N{REPLACEMENT CHARACTER}é")
    assert sum(map(len, taken)) < 61_000
    news.say("next")
    assert news.take() == {"log": ["next"]}
