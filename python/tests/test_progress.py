"""What an export takes and tells: arrays and frames, stages, what was left unsaid, and a call to try."""

import json
import shlex
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
from conftest import manifest_of, samples_of

import nestor
from nestor import NestorError, conversion, exporting, families, libraries
from nestor.answers import Answers
from nestor.fields import fields_of
from nestor.frames import Frame
from nestor.given import given

QUIET: dict[str, Any] = {"verbosity": -1, "num_threads": 1, "deterministic": True}


@pytest.fixture(autouse=True)
def few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer rows to compare: these tests are about what is said."""
    monkeypatch.setattr(exporting, "ADVERSARIAL_ROWS", 500)


@pytest.fixture
def numbers() -> np.ndarray:
    return np.random.default_rng(3).normal(size=(200, 2))


@pytest.fixture
def estimator(numbers: np.ndarray) -> lightgbm.LGBMClassifier:
    return lightgbm.LGBMClassifier(n_estimators=3, **QUIET).fit(numbers, (numbers[:, 0] > 0).astype(int))


def test_an_array_is_taken_as_the_estimator_takes_it(
    numbers: np.ndarray, estimator: lightgbm.LGBMClassifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    version = nestor.export(estimator, numbers, (numbers[:, 0] > 0).astype(int), name="bare", verbose=False)
    assert version == Path("artifacts/bare/1")
    assert [entry["name"] for entry in manifest_of(version)["inputs"]] == ["x0", "x1"]
    assert list(samples_of(version)[0]["input"]) == ["x0", "x1"]


def test_it_tells_its_stages_what_was_left_unsaid_and_a_call(
    numbers: np.ndarray, estimator: lightgbm.LGBMClassifier, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    version = nestor.export(estimator, numbers, name="bare", artifacts=tmp_path)
    out, told = capsys.readouterr()
    assert out == ""
    lines = [line.removeprefix("nestor: ") for line in told.splitlines()]
    assert lines[:-2] == [
        "bare: 200 rows, 2 inputs, lightgbm",
        "compared with the estimator, your rows: 200 of 200",
        "compared with the estimator, difficult rows: 500 of 500",
        "figures, pictures and samples",
        "not said: what is predicted (description=...)",
        "not said: who made it (authors=...)",
        'not said: how it may be used (license="MIT", say)',
        'no legal bounds: x0, x1 (inputs={"x0": {"minimum": ..., "maximum": ...}})',
        "no figures: nothing was held out (holdout=(X, y))",
        "not in the card: intended_use, data, limits, bias (notes={...})",
    ]
    call = shlex.split(lines[-1])
    assert call[:2] == ["curl", "http://localhost:3000/models/bare/predict"]
    assert json.loads(call[-1]) == samples_of(version)[0]["input"]


def test_it_is_silent_where_it_is_asked_to_be(
    numbers: np.ndarray, estimator: lightgbm.LGBMClassifier, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nestor.export(estimator, numbers, name="bare", artifacts=tmp_path, verbose=False)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("y", "reason"),
    [(np.zeros(199), "y has 199 values, X has 200 rows"), (np.full(200, 2), r"y has \[2\], which are no")],
)
def test_a_target_of_other_rows_or_classes_is_refused(
    y: np.ndarray, reason: str, numbers: np.ndarray, estimator: lightgbm.LGBMClassifier, tmp_path: Path
) -> None:
    with pytest.raises(NestorError, match=reason):
        nestor.export(estimator, numbers, y, name="bare", artifacts=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_difference_is_shown_with_its_row_and_both_answers(
    numbers: np.ndarray, estimator: lightgbm.LGBMClassifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = conversion.Served.answer

    def wrong(self: conversion.Served, frame: Frame) -> Answers:
        answers = served(self, frame)
        answers.raw = answers.raw + (frame["x0"][:, np.newaxis] == numbers[17, 0])
        return answers

    monkeypatch.setattr(conversion.Served, "answer", wrong)
    with pytest.raises(nestor.FidelityError, match="raw differs by 1 > 0") as caught:
        nestor.export(estimator, numbers, name="bare", artifacts=tmp_path)
    assert caught.value.row == {"x0": numbers[17, 0], "x1": numbers[17, 1]}
    assert caught.value.found["raw"][0] == caught.value.expected["raw"][0] + 1
    assert str(numbers[17, 0]) in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ("4.4.9", "lightgbm 4.4.9 is too old for nestor; pip install 'lightgbm>=4.5'"),
        ("4.99.0", "lightgbm 4.99.0 is newer than 4.7, the last that nestor was tried with"),
        ("4.7.1", ""),
    ],
)
def test_versions_that_were_not_tried_are_told(found: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libraries, "version", lambda name: found)
    try:
        assert " ".join(libraries.need("lightgbm")).startswith(said)
    except nestor.LibraryError as error:
        assert str(error) == said  # noqa: PT017  (one of the rows is refused)


@pytest.mark.parametrize("module", libraries.LIBRARIES)
def test_every_library_may_be_too_old(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name, oldest = libraries.LIBRARIES[module].distributions[0], libraries.LIBRARIES[module].oldest
    monkeypatch.setattr(libraries, "version", lambda name: "0.3.9")
    with pytest.raises(nestor.LibraryError) as caught:
        libraries.need(module)
    assert str(caught.value) == f"{name} 0.3.9 is too old for nestor; pip install '{name}>={oldest}'"


@pytest.mark.parametrize("name", libraries.ALWAYS)
def test_one_that_is_always_needed_is_told_at_the_import(name: str) -> None:
    pretended = f"metadata.version = lambda name: '0.3.9' if name == '{name}' else real(name)"
    lines = ["from importlib import metadata", "real = metadata.version", pretended, "import nestor"]
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True)
    said = f"LibraryError: {name} 0.3.9 is too old for nestor; pip install '{name}>={libraries.LIBRARIES[name].oldest}'"
    assert done.stderr.strip().splitlines()[-1].endswith(said)


def test_one_that_is_always_needed_and_was_not_tried_is_told_at_the_export(
    numbers: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = pd.DataFrame(numbers, columns=["x", "y"])
    monkeypatch.setattr(libraries, "version", lambda name: "99.1" if name == "onnxruntime" else version(name))
    said: list[str] = []
    families.convert(
        lightgbm.LGBMRegressor(**QUIET).fit(frame, frame["x"]), fields_of(given(frame), {}), say=said.append
    )
    assert [line for line in said if line.startswith("onnxruntime 99.1 is newer than ")]


def test_a_missing_library_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(libraries, "version", absent)
    with pytest.raises(nestor.LibraryError, match=r"pip install 'nestor\[sklearn\]'"):
        libraries.need("sklearn")
