"""The package's own command line: describe, export, check."""

import pickle
import shutil
from pathlib import Path

import lightgbm
import numpy as np
import pandas as pd
import pytest
from conftest import ARTIFACTS
from sklearn.cluster import DBSCAN

from nestor import exporting
from nestor.__main__ import main

IRIS = ARTIFACTS / "iris" / "1"


@pytest.fixture
def churn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with rows.csv and the pickle of a classifier that was fitted on it."""
    monkeypatch.setattr(exporting, "ADVERSARIAL_ROWS", 500)
    random = np.random.default_rng(5)
    frame = pd.DataFrame({"age": random.integers(18, 90, 200), "spent": random.normal(size=200)})
    frame["left"] = (frame["spent"] > 0).astype(int)
    frame.to_csv(tmp_path / "rows.csv", index=False)
    fitted = lightgbm.LGBMClassifier(n_estimators=3, verbose=-1, n_jobs=1).fit(frame[["age", "spent"]], frame["left"])
    (tmp_path / "churn.pkl").write_bytes(pickle.dumps(fitted))
    return tmp_path


def test_a_pickle_is_described(churn: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", str(churn / "churn.pkl")]) == 0
    said = capsys.readouterr().out
    assert "lightgbm.sklearn.LGBMClassifier: 2 inputs: age, spent" in said
    assert "(TreeEnsemble), answer: one of 0, 1, with probabilities" in said


def test_what_stands_in_the_way_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "model.pkl").write_bytes(pickle.dumps(DBSCAN().fit([[0.0], [1.0]])))
    assert main(["describe", str(tmp_path / "model.pkl")]) == 1
    assert "DBSCAN is no supported estimator" in capsys.readouterr().err


def test_a_folder_is_described(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", str(IRIS)]) == 0
    assert "classes: setosa, versicolor, virginica" in capsys.readouterr().out


def test_a_pickle_is_exported_and_checked(churn: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--data", str(churn / "rows.csv"), "--target", "left", "--holdout", str(churn / "rows.csv")]
    options += ["--name", "churn", "--artifacts", str(churn / "models"), "--quiet"]
    assert main(["export", str(churn / "churn.pkl"), *options]) == 0
    out, err = capsys.readouterr()
    assert (out, err) == (f"{churn / 'models' / 'churn' / '1'}\n", "")
    assert main(["check", out.strip()]) == 0
    assert "samples give the estimator's answers" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["describe", "nothing.pkl"], "nothing.pkl is no file"),
        (["export", "churn.pkl", "--name", "x"], "export needs --data"),
        (["export", "churn.pkl", "--data", "absent.csv", "--name", "x"], "absent.csv cannot be read as CSV"),
        (["export", "churn.pkl", "--data", "rows.csv", "--target", "gone", "--name", "x"], "has no column 'gone'"),
        (["export", "churn.pkl", "--data", "rows.csv", "--holdout", "rows.csv", "--name", "x"], "needs --target"),
        (["describe", "rows.csv"], "cannot be opened as a pickle"),
        (["check", "."], "has no SHA256SUMS"),
    ],
)
def test_a_wrong_call_is_one_sentence(
    options: list[str], reason: str, churn: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(churn)
    assert main(options) == 1
    said = capsys.readouterr().err
    assert reason in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(("old", "new"), [('"label":0', '"label":1'), ('"input"', '"input" ')])
def test_a_folder_that_was_changed_is_refused(
    old: str, new: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shutil.copytree(IRIS, tmp_path / "1"))
    (folder / "samples.json").write_text((folder / "samples.json").read_text().replace(old, new, 1))
    assert main(["check", str(folder)]) == 1
    assert "samples.json is missing or not as SHA256SUMS has it" in capsys.readouterr().err
