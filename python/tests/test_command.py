"""The command line of the demonstrations, as a person runs it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ARTIFACTS

from nestor_demonstrations import MODELS
from nestor_demonstrations.__main__ import main


def command_line(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the command in a folder that is not the repository's."""
    command = [sys.executable, "-m", "nestor_demonstrations", *arguments]
    return subprocess.run(command, cwd="/", capture_output=True, text=True)


def test_help_names_every_command_and_model() -> None:
    run = command_line("--help")
    assert run.returncode == 0
    assert all(command in run.stdout for command in ("fetch", "train", "rows"))
    run = command_line("train", "nobody")
    assert run.returncode == 2
    assert all(model in run.stderr for model in MODELS)


@pytest.mark.parametrize("command", ["train", "rows"])
def test_data_is_asked_for(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    extra = ["--all", "--out", str(tmp_path / "rows")] if command == "rows" else []
    assert main([command, "turnover", *extra]) == 1
    assert "--data is needed: the folder that holds hr-turnover.csv" in capsys.readouterr().err


def test_rows_are_samples_with_the_estimators_answers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "rows.ndjson"
    assert main(["rows", "turnover", "--count", "300", "--out", str(out), "--artifacts", str(ARTIFACTS)]) == 0
    assert capsys.readouterr().out == "300\n"
    rows = [json.loads(line) for line in out.read_text().split("\n")[:-1]]
    assert len(rows) == 300
    assert {row["kind"] for row in rows} == {"natural", "threshold", "decimal", "bounds"}
    assert all(list(row) == ["kind", "input", "raw", "probabilities", "label"] for row in rows)


def test_rows_of_a_model_that_was_not_trained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rows", "turnover", "--out", str(tmp_path / "rows"), "--artifacts", str(tmp_path)]) == 1
    assert "has no version; train it first" in capsys.readouterr().err


def test_all_rows_of_the_data_come_first(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "rows.ndjson"
    options = ["--all", "--data", str(data), "--count", "10", "--out", str(out), "--artifacts", str(ARTIFACTS)]
    assert main(["rows", "turnover", *options]) == 0
    kinds = [json.loads(line)["kind"] for line in out.read_text().split("\n")[:-1]]
    assert kinds.count("data") == 14_999
    assert len(kinds) == 15_009
