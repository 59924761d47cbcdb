"""The five models on their real data: the figures they promise, and that a second training gives the same."""

import json
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE

import pandas as pd
import pytest
from conftest import ARTIFACTS, REPOSITORY, manifest_of
from reproduced import WITHIN, differences, different_bytes

from nestor_demonstrations import diabetes, model, sentiment_deep, sst2, turnover
from nestor_demonstrations.datasets import SST2_TRAIN


def trained_twice(name: str, folder: Path, data: Path | None = None) -> Path:
    """Train a model here and, at the same time, by the command line; return the version that was trained here.

    Asserts that both have the same bytes, and agree with the committed version as two kinds of processor can.
    """
    command = [sys.executable, "-m", "nestor_demonstrations", "train", name, "--artifacts", str(folder / "other")]
    if data is not None:
        command += ["--data", str(data.absolute())]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=PIPE, stderr=PIPE, text=True) as other:
        version = model(name).train(data, folder / "here")
        printed, errors = other.communicate()
    assert other.returncode == 0, errors
    assert different_bytes(version, Path(printed.strip())) == []
    found = differences(version, ARTIFACTS / name / "1", WITHIN[name])
    assert not found, "\n".join([*found[:20], "If it is meant to differ: CONTRIBUTING.md, 'Change a format'."])
    return version


def test_turnover_is_reproducible_and_good(data: Path, tmp_path: Path) -> None:
    version = trained_twice("turnover", tmp_path, data)
    assert manifest_of(version)["metrics"]["roc_auc"] >= 0.975


def test_no_duplicate_of_a_turnover_training_row_is_held_out(data: Path) -> None:
    frame = turnover.read(data)
    rows, holdout = turnover.split(frame)
    assert len(frame) == 14_999
    assert len(rows) + len(holdout) == len(frame.drop_duplicates()) == 11_991
    assert rows.merge(holdout, how="inner").empty


def test_diabetes_is_reproducible_and_takes_zeros_for_missing(data: Path, tmp_path: Path) -> None:
    version = trained_twice("diabetes", tmp_path, data)
    assert manifest_of(version)["metrics"]["roc_auc_cv_mean"] >= 0.82
    nullable = {
        entry["name"]: entry["missing_values"] for entry in manifest_of(version)["inputs"] if "nullable" in entry
    }
    assert nullable == dict.fromkeys(
        ["glucose", "blood_pressure", "skin_fold_thick", "serum_insuling", "mass_index"], [0]
    )
    frame = diabetes.read(data)
    zeros = (frame[list(nullable)] == 0).to_numpy().sum()
    assert diabetes.features(frame).isna().to_numpy().sum() == zeros == 652


def test_iris_is_reproducible_and_good(tmp_path: Path) -> None:
    version = trained_twice("iris", tmp_path)
    assert manifest_of(version)["metrics"]["accuracy_cv_mean"] >= 0.95


def test_sentiment_is_reproducible_and_good(data: Path, tmp_path: Path) -> None:
    version = trained_twice("sentiment", tmp_path, data)
    assert manifest_of(version)["metrics"]["accuracy"] >= 0.79


def test_no_held_out_sentence_was_trained_on(data: Path) -> None:
    rows, holdout = (sst2.load(data, file) for file in sst2.DATA)
    assert not set(rows["text"]) & set(holdout["text"])


def test_sentiment_deep_trains_to_the_same_net_twice(data: Path) -> None:
    """Two short trainings give the same weights. The whole one takes minutes, so its committed figure is looked at."""
    rows = sst2.load(data, SST2_TRAIN)[:600]
    first, second = (sentiment_deep.fit(rows, 2) for _ in range(2))
    assert all(
        a.equal(b) for a, b in zip(first.net.state_dict().values(), second.net.state_dict().values(), strict=True)
    )
    assert manifest_of(ARTIFACTS / "sentiment-deep" / "1")["metrics"]["accuracy"] >= 0.78


@pytest.mark.parametrize(
    ("model", "score"),
    [("turnover", 0.986), ("iris", 0.953), ("diabetes", 0.133), ("sentiment", 0.193)],
)
def test_the_published_examples_keep_their_answers(model: str, score: float) -> None:
    sample = json.loads((ARTIFACTS / model / "1" / "samples.json").read_text())["samples"][0]
    found = sample["probabilities"][0 if model == "iris" else 1]
    assert found == pytest.approx(score, abs=5e-4)


def test_the_data_reach_the_models_unrounded(data: Path) -> None:
    frame = turnover.read(data)
    text = (data / "hr-turnover.csv").read_text().splitlines()[1:]
    assert [float(line.split(",")[0]) for line in text] == frame["satisfaction_level"].tolist()
    assert isinstance(frame, pd.DataFrame)
