"""The gate beside the built server: who is refused with what reason, who waits for a person, who becomes champion."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from runners import Runner
from server import Server


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[Runner]:
    """A runner and a server of the stage test, which promotes by rule."""
    server = Server(tmp_path)
    started = Runner(server, tmp_path)
    yield started
    started.process.kill()
    started.process.wait()
    server.stop()


def test_a_version_is_refused_for_its_own_reason_or_becomes_champion(runner: Runner) -> None:
    def trained(model: str, kind: str) -> tuple[dict[str, Any], dict[str, str]]:
        job = runner.ends(runner.asked(model, kind=kind))
        assert job["state"] == "done", job
        if job["gate"] is None:
            return job, {}
        status, report = runner.server.call(job["gate"]["report"])
        assert status == 200
        assert report["verdict"] == job["gate"]["verdict"]
        assert report["candidate"]["version"] == job["version"]
        return job, {check["name"]: check["reason"] for check in report["checks"] if not check["passed"]}

    def champion(model: str) -> str:
        return str(runner.server.call(f"/models/{model}")[1]["aliases"]["champion"])

    first, _ = trained("people", "first")
    assert (first["version"], first["gate"], champion("people")) == ("1", None, "1")
    for kind, check, words in (
        ("worse", "primary_metric", "it answers worse"),
        ("leaks", "leakage", "of 2,000 rows of the hold-out were trained on, equal in inputs and target"),
        ("schema", "schema", "the input age has another minimum (-100, not none)"),
        ("slow", "latency", "times; train fewer or smaller trees"),
    ):
        job, failed = trained("people", kind)
        assert words in failed[check], failed
        assert (job["gate"]["verdict"], job["gate"]["champion"], champion("people")) == ("failed", "1", "1")
    better, failed = trained("people", "better")
    assert (better["gate"]["verdict"], failed) == ("passed", {})
    runner.soon(lambda: champion("people") == better["version"])

    assert trained("hamlet", "first")[0]["gate"] is None
    few, failed = trained("hamlet", "better")
    assert (few["gate"]["verdict"], champion("hamlet")) == ("needs_approval", "1")
    assert failed == {
        "enough_rows": "compared on 400 rows, of 500 that are needed; too few to decide by rule, so a person approves"
    }
