"""nestor.export, as a third party calls it: the folder, its contents, its refusals."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import onnx
import pandas as pd
import pytest
import scipy.sparse
import xgboost
from conftest import REPOSITORY, check_sums, manifest_of, samples_of
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_diabetes
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, PoissonRegressor, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import nestor
from nestor import exporting, families
from nestor.conversion import Conversion
from nestor.errors import FidelityError, NestorError
from nestor.fields import fields_of
from nestor.given import given
from nestor.labels import plain

QUIET: dict[str, Any] = {"verbosity": -1, "num_threads": 1, "deterministic": True}
LINEAR = LinearRegression().fit([[0], [1]], [0, 1])


@pytest.fixture
def progression() -> tuple[pd.DataFrame, pd.Series]:
    """scikit-learn's regression data: 442 patients, ten inputs in their own units, progression after a year."""
    bunch = load_diabetes(as_frame=True, scaled=False)
    return bunch.data.astype({"age": int, "sex": int}), bunch.target


def test_a_regression_from_data_inside_scikit_learn(
    progression: tuple[pd.DataFrame, pd.Series], tmp_path: Path
) -> None:
    frame, target = progression
    fitted, kept = frame[:350], frame[350:]
    estimator = lightgbm.LGBMRegressor(n_estimators=40, num_leaves=7, **QUIET)
    version = nestor.export(
        estimator.fit(nestor.encode(fitted), target[:350]),
        fitted,
        name="progression",
        description="Predicts the progression of diabetes one year after the measurements.",
        inputs={"bmi": {"description": "Body mass index.", "unit": "kg/m²", "minimum": 0}},
        holdout=(kept, target[350:]),
        artifacts=tmp_path,
    )
    check_sums(version)
    manifest = manifest_of(version)
    assert version == tmp_path / "progression" / "1"
    assert manifest["task"] == "regression"
    assert "classes" not in manifest
    assert manifest["decision"] == {"kind": "value", "output": "value"}
    assert manifest["tolerance"] == {"raw": 0}
    assert manifest["metrics"]["r2"] > 0.3
    assert manifest["inputs"][0]["type"] == "integer"
    assert manifest["inputs"][2]["unit"] == "kg/m²"
    assert json.loads((version / "baseline.json").read_text())["score"]["kind"] == "numeric"
    assert all(list(sample) == ["kind", "input", "raw"] for sample in samples_of(version))
    assert json.loads((tmp_path / "progression" / "aliases.json").read_text()) == {"champion": "1"}


def test_a_classifier_without_any_description(frame: pd.DataFrame, target: np.ndarray, tmp_path: Path) -> None:
    labels = np.where(target > 1, "high", "low")
    estimator = lightgbm.LGBMClassifier(n_estimators=9, **QUIET).fit(nestor.encode(frame), labels)
    version = nestor.export(estimator, frame, name="bare", description="Nothing more.", artifacts=tmp_path)
    manifest = manifest_of(version)
    assert list(manifest) == [
        "schema", "model", "version", "created", "task", "description", "authors", "license", "inputs", "encoding",
        "tensors", "classes", "decision", "tolerance", "metrics", "training",
    ]  # fmt: skip
    assert [entry["value"] for entry in manifest["classes"]] == ["high", "low"]
    assert [entry["type"] for entry in manifest["inputs"]] == ["number", "number", "integer", "category"]
    assert [entry.get("nullable") for entry in manifest["inputs"]] == [None, True, None, None]
    assert manifest["inputs"][3]["categories"] == ["Aa", "New B", "c"]
    assert {sample["label"] for sample in samples_of(version)} == {"high", "low"}
    graph = onnx.load(version / "model.onnx")
    assert graph.ir_version <= 13
    assert {each.domain: each.version for each in graph.opset_import} == {"": 21, "ai.onnx.ml": 5}
    for tensor in (*graph.graph.input, *graph.graph.output):
        assert tensor.type.tensor_type.shape.dim[0].dim_param == "batch"
    card = (version / "card.md").read_text()
    assert [line for line in card.splitlines() if line.startswith("## ")] == ["## Data", "## Inputs", "## Fidelity"]
    assert "| number | The size. | any number |" in card


def test_versions_count_up_and_are_never_changed(
    frame: pd.DataFrame, target: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "ADVERSARIAL_ROWS", 500)
    estimator = xgboost.XGBRegressor(n_estimators=5, n_jobs=1).fit(nestor.encode(frame), target)
    options: dict[str, Any] = {"name": "twice", "description": "d", "artifacts": tmp_path}
    assert [nestor.export(estimator, frame, **options).name for _ in range(2)] == ["1", "2"]
    assert nestor.export(estimator, frame, version="7", **options).name == "7"
    with pytest.raises(NestorError, match="versions are never changed"):
        nestor.export(estimator, frame, version="7", **options)
    assert json.loads((tmp_path / "twice" / "aliases.json").read_text()) == {"champion": "1"}


REFUSED: dict[str, dict[str, Any]] = {
    "name 'No Good'": {"name": "No Good"},
    "are not columns of the frame": {"inputs": {"nobody": {}}},
    "has unknown options ['units']": {"inputs": {"x": {"units": "m"}}},
    "X is sparse": {"frame": scipy.sparse.csr_matrix([[1.0]])},
    "is sparse": {"frame": pd.DataFrame({"x": pd.arrays.SparseArray([0.0, 1.0])})},
    "'__proto__' is no name": {"frame": pd.DataFrame({"__proto__": [0.0, 1.0]})},
    "'' is no name": {"frame": pd.DataFrame({"": [0.0, 1.0]})},
    "['x'] occur twice": {"frame": pd.DataFrame([[0.0, 1.0]], columns=["x", "x"])},
    "other values than strings": {"inputs": {"x": {"type": "category"}}},
    "has no value at all": {"frame": pd.DataFrame({"x": [np.nan, np.nan]})},
    "example -1 is below the minimum": {"inputs": {"x": {"example": -1, "minimum": 0}}},
    "observed 1.0 is above the maximum": {"inputs": {"x": {"maximum": 0.5}}},
}


@pytest.mark.parametrize("reason", REFUSED)
def test_a_bad_call_is_refused_with_its_mend(reason: str, tmp_path: Path) -> None:
    options: dict[str, Any] = {
        "frame": pd.DataFrame({"x": [0.0, 1.0]}),
        "name": "x",
        "description": "d",
        **REFUSED[reason],
    }
    with pytest.raises(NestorError) as caught:
        nestor.export(LINEAR, options.pop("frame"), artifacts=tmp_path, **options)
    assert reason in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(NestorError, match="two columns would be called a_b"):
        nestor.encode(pd.DataFrame({"a": ["b", "c"], "a_b": [0.0, 1.0]}))


def test_classes_that_json_cannot_carry_are_refused() -> None:
    frame = pd.DataFrame({"x": [0.0, 1.0]})
    estimator = lightgbm.LGBMClassifier(n_estimators=2, **QUIET).fit(frame, [0, 1])
    conversion = families.convert(estimator, fields_of(given(frame), {}))
    with pytest.raises(NestorError, match=r"\[0.5\] are neither whole numbers nor strings"):
        plain(replace(conversion, classes=[0.5, 1]))


@pytest.mark.parametrize("kind", [RandomForestClassifier(3), lightgbm.LGBMClassifier(n_estimators=2, **QUIET)])
def test_dates_are_no_classes(kind: Any, frame: pd.DataFrame, tmp_path: Path) -> None:
    days = np.array(["2024-01-01", "2025-01-01"], dtype="datetime64[D]")[(frame["size"] > 0).astype(int)]
    rows = frame[["size"]]
    with pytest.raises(NestorError, match="are neither whole numbers nor strings; fit on target.astype"):
        nestor.export(kind.fit(rows, days), rows, name="x", artifacts=tmp_path, verbose=False)


def test_a_column_that_a_pipeline_drops_takes_any_word(frame: pd.DataFrame, target: np.ndarray, tmp_path: Path) -> None:
    chosen = ColumnTransformer([("numbers", StandardScaler(), ["size", "rooms"])])
    fitted = make_pipeline(chosen, Ridge()).fit(frame, target)
    version = nestor.export(fitted, frame, name="x", artifacts=tmp_path, verbose=False)
    assert [each.get("open") for each in manifest_of(version)["inputs"]] == [None, None, None, True]


def test_nullable_integers_are_integers(frame: pd.DataFrame, target: np.ndarray, tmp_path: Path) -> None:
    frame["rooms"] = frame["rooms"].astype("Int64").mask(frame["size"] > 1)
    estimator = xgboost.XGBRegressor(n_estimators=5, n_jobs=1).fit(nestor.encode(frame), target)
    version = nestor.export(estimator, frame, name="x", description="d", artifacts=tmp_path)
    rooms = manifest_of(version)["inputs"][2]
    assert (rooms["type"], rooms["nullable"]) == ("integer", True)
    assert None in {sample["input"]["rooms"] for sample in samples_of(version)}


def test_other_classes_than_the_estimators_are_refused(
    frame: pd.DataFrame, target: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "ADVERSARIAL_ROWS", 10)
    estimator = lightgbm.LGBMClassifier(n_estimators=2, **QUIET).fit(nestor.encode(frame), (target > 1).astype(int))
    with pytest.raises(NestorError, match="classes: the estimator's values are"):
        nestor.export(estimator, frame, name="x", description="d", classes={1: "a", 0: "b"}, artifacts=tmp_path)


def test_a_graph_that_is_not_the_estimator_is_never_written(
    frame: pd.DataFrame, target: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One leaf of the graph off by one unit in the last place: the export must notice and write nothing."""
    estimator = lightgbm.LGBMRegressor(n_estimators=9, **QUIET).fit(nestor.encode(frame), target)
    convert = families.convert

    def damaged(*arguments: Any) -> Conversion:
        conversion = convert(*arguments)
        leaves = next(a for a in conversion.graph.graph.node[0].attribute if a.name == "leaf_weights").t
        values = np.frombuffer(leaves.raw_data).copy()
        values[0] = np.nextafter(values[0], np.inf)
        leaves.raw_data = values.tobytes()
        return conversion

    monkeypatch.setattr(families, "convert", damaged)
    with pytest.raises(FidelityError, match="raw differs"):
        nestor.export(estimator, frame, name="off", description="d", artifacts=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_samples_are_within_the_tolerance_wherever_the_comparison_did_not_look(
    progression: tuple[pd.DataFrame, pd.Series], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "ADVERSARIAL_ROWS", 10)
    frame, target = progression
    # Behind an exponential function a row may be answered by a number as large as any.
    estimator = PoissonRegressor(max_iter=1000).fit(frame, target)
    version = nestor.export(estimator, frame, name="powers", artifacts=tmp_path, verbose=False)
    assert nestor.Artifact(version).check() == len(samples_of(version))


def test_a_failed_write_leaves_no_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "ADVERSARIAL_ROWS", 10)

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        nestor.export(LINEAR, pd.DataFrame({"x": [0.0, 1.0]}), name="x", description="d", artifacts=tmp_path)
    assert list((tmp_path / "x").iterdir()) == []


def test_importing_the_package_does_not_import_every_library() -> None:
    code = "import sys, nestor; print([m for m in ('torch', 'xgboost', 'lightgbm', 'skl2onnx') if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
