"""MLflow's model folders, laid out as MLflow 3.17 writes them, are opened without it; so are libraries' own files."""

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import catboost
import lightgbm
import numpy as np
import onnx
import pandas as pd
import pytest
import skl2onnx
import skops.io
import xgboost
from conftest import manifest_of
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import nestor
from nestor import exporting, plots
from nestor.__main__ import main
from nestor.errors import NestorError

NAMES = ["alcohol", "flavanoids", "color intensity", "hue"]
SIGNATURE = f"""signature:
  inputs: '{json.dumps([{"type": "double", "name": name, "required": True} for name in NAMES])}'
  outputs: '[{{"type": "tensor", "tensor-spec": {{"dtype": "int64", "shape": [-1]}}}}]'
  params: null
"""


@pytest.fixture(scope="module")
def wine() -> tuple[pd.DataFrame, np.ndarray]:
    X, y = load_wine(return_X_y=True, as_frame=True)
    X = X.iloc[:, [0, 6, 9, 10]].set_axis(NAMES, axis="columns")
    return X, y.to_numpy()


@pytest.fixture(autouse=True)
def _few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "ADVERSARIAL_ROWS", 200)
    monkeypatch.setattr(plots, "draw", lambda *_: {})


def folder_of(path: Path, flavour: str, options: dict[str, Any], signature: str = SIGNATURE) -> Path:
    """Write what MLflow writes beside a model's file."""
    path.mkdir(exist_ok=True)
    lines = "".join(f"    {key}: {json.dumps(value)}\n" for key, value in options.items())
    (path / "MLmodel").write_text(
        f"flavors:\n  {flavour}:\n    code: null\n{lines}  python_function:\n    env:\n      conda: conda.yaml\n"
        f"    loader_module: mlflow.{flavour}\n    python_version: 3.11.7\nmlflow_version: 3.17.2\nmodel_id: null\n"
        f"{signature}utc_time_created: '2026-11-26 21:33:59.130354'\n"
    )
    return path


def _sklearn(path: Path, fitted: Any, kind: str) -> Path:
    file = "model.skops" if kind == "skops" else "model.pkl"
    folder_of(path, "sklearn", {"pickled_model": file, "serialization_format": kind, "skops_trusted_types": None})
    (path / file).write_bytes(skops.io.dumps(fitted) if kind == "skops" else pickle.dumps(fitted))
    return path


def _lightgbm(path: Path, X: Any, y: Any, own: bool) -> Path:
    fitted = lightgbm.LGBMClassifier(n_estimators=3, verbose=-1, n_jobs=1).fit(X, y)
    trusted = ["collections.OrderedDict", "lightgbm.basic.Booster", "lightgbm.sklearn.LGBMClassifier"]
    file = "model.lgb" if own else "model.skops"
    folder_of(path, "lightgbm", {"data": file, "skops_trusted_types": trusted})
    if own:
        fitted.booster_.save_model(path / file)
    else:
        (path / file).write_bytes(skops.io.dumps(fitted))
    return path


def _xgboost(path: Path, X: Any, y: Any, kind: str) -> Path:
    fitted = xgboost.XGBClassifier(n_estimators=3, n_jobs=1).fit(X, y)
    folder_of(path, "xgboost", {"data": "model.ubj", "model_class": kind, "model_format": "ubj"})
    (fitted if "sklearn" in kind else fitted.get_booster()).save_model(path / "model.ubj")
    return path


def _catboost(path: Path, X: Any, y: Any) -> Path:
    fitted = catboost.CatBoostClassifier(iterations=3, verbose=False, allow_writing_files=False, thread_count=1)
    folder_of(path, "catboost", {"data": "model.cb", "model_type": "CatBoostClassifier", "save_format": "cbm"})
    fitted.fit(X, y).save_model(str(path / "model.cb"))
    return path


def fitted(X: Any, y: Any) -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)


MADE: dict[str, tuple[Callable[[Path, Any, Any], Path], type]] = {
    "scikit-learn, pickled": (lambda path, X, y: _sklearn(path, fitted(X, y), "cloudpickle"), object),
    "scikit-learn, skops": (lambda path, X, y: _sklearn(path, fitted(X, y), "skops"), object),
    "LightGBM": (lambda path, X, y: _lightgbm(path, X, y, own=True), lightgbm.Booster),
    "LightGBM, skops": (lambda path, X, y: _lightgbm(path, X, y, own=False), lightgbm.LGBMClassifier),
    "XGBoost": (lambda path, X, y: _xgboost(path, X, y, "xgboost.core.Booster"), xgboost.Booster),
    "XGBClassifier": (lambda path, X, y: _xgboost(path, X, y, "xgboost.sklearn.XGBClassifier"), xgboost.XGBClassifier),
    "CatBoost": (_catboost, catboost.CatBoostClassifier),
}


@pytest.mark.parametrize("kind", MADE)
def test_a_folder_is_opened_and_exported(kind: str, tmp_path: Path, wine: Any) -> None:
    X, y = wine
    make, expected = MADE[kind]
    estimator = nestor.load_model(make(tmp_path / "model", X, y))
    assert isinstance(estimator, expected)
    version = nestor.export(estimator, X, y, name="wine", artifacts=tmp_path / "out", verbose=False)
    manifest = manifest_of(version)
    assert [each["name"] for each in manifest["inputs"]] == NAMES
    assert [each["value"] for each in manifest["classes"]] == [0, 1, 2]
    assert nestor.Artifact(version).check() > 0


def test_the_command_takes_columns_and_types_of_the_signature(
    tmp_path: Path, wine: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    X, y = wine
    # Fitted on an array it knows no names: the signature does, whatever order the file has.
    folder = _sklearn(tmp_path / "model", fitted(X.to_numpy(), y), "cloudpickle")
    assert main(["describe", str(folder)]) == 0
    assert "4 inputs: alcohol, flavanoids, color intensity, hue" in capsys.readouterr().out
    X[NAMES[::-1]].assign(id=range(len(X)), grower=y).to_csv(tmp_path / "rows.csv", index=False)
    options = ["--name", "wine", "--artifacts", str(tmp_path / "out"), "--quiet"]
    data = ["--data", str(tmp_path / "rows.csv"), "--target", "grower"]
    assert main(["export", str(folder), *data, *options]) == 0
    version = Path(capsys.readouterr().out.strip())
    assert [each["name"] for each in manifest_of(version)["inputs"]] == NAMES
    X[NAMES[1:]].to_csv(tmp_path / "rows.csv", index=False)
    assert main(["export", str(folder), *data[:2], *options]) == 1
    assert "the data lacks the columns ['alcohol'], which the signature in MLmodel has" in capsys.readouterr().err


def test_the_example_in_a_folder_stands_for_rows_that_nobody_names(
    tmp_path: Path, wine: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    X, y = wine
    folder = _sklearn(tmp_path / "model", fitted(X, y), "cloudpickle")
    options = ["--name", "wine", "--artifacts", str(tmp_path / "out"), "--quiet"]
    assert main(["export", str(folder), *options]) == 1
    assert "export needs --data" in capsys.readouterr().err
    with (folder / "MLmodel").open("a") as file:
        file.write("saved_input_example_info:\n  artifact_path: input_example.json\n  type: dataframe\n")
    (folder / "input_example.json").write_text(X.iloc[:5].to_json(orient="split", index=False))
    assert main(["export", str(folder), *options]) == 0
    out, err = capsys.readouterr()
    assert "input example of 5 rows stands for the training rows" in err
    assert manifest_of(Path(out.strip()))["training"]["rows"] == 5


def test_a_graph_in_a_folder_is_wrapped_with_the_weights_beside_it(
    tmp_path: Path, wine: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    X, y = wine
    folder = folder_of(tmp_path / "model", "onnx", {"data": "model.onnx"})
    graph = skl2onnx.to_onnx(fitted(X, y), X.to_numpy(dtype="float32")[:1])
    onnx.save(graph, folder / "model.onnx", save_as_external_data=True, location="model.onnx.data", size_threshold=0)
    version = nestor.wrap(folder, X, name="wine", artifacts=tmp_path / "out", verbose=False)
    assert [each["name"] for each in manifest_of(version)["inputs"]] == NAMES
    assert nestor.Artifact(version).check() > 0
    assert main(["describe", str(folder)]) == 0
    assert "takes X float [-1, 4]" in capsys.readouterr().out
    with pytest.raises(NestorError, match=r"nestor\.wrap or python -m nestor wrap"):
        nestor.load_model(folder)


def test_a_file_of_a_librarys_own_is_opened(tmp_path: Path, wine: Any) -> None:
    X, y = wine
    for kind, file in {"LightGBM": "model.lgb", "XGBoost": "model.ubj", "CatBoost": "model.cb"}.items():
        make, expected = MADE[kind]
        assert isinstance(nestor.load_model(make(tmp_path / kind, X, y) / file), expected)


class Ours:
    """A class that skops does not know."""


REFUSED: dict[str, Callable[[Path], Any]] = {
    "no estimator: write its graph, torch.onnx.export": lambda path: folder_of(path, "pytorch", {"model_data": "data"}),
    "holds a model of spacy, no estimator: opened are sklearn": lambda path: folder_of(path, "spacy", {"data": "x"}),
    "no estimator: it is code of its own": lambda path: folder_of(path, "pyfunc.model", {"python_model": "x.pkl"}),
    "has no file gone, which its MLmodel names": lambda path: folder_of(path, "sklearn", {"pickled_model": "gone"}),
    "has no file ../secret.pkl": lambda path: folder_of(path, "sklearn", {"pickled_model": "../secret.pkl"}),
    "MLmodel cannot be read": lambda path: folder_of(path, "sklearn", {}, "a: b: c"),
    "MLmodel names no flavors": lambda path: _file(path / "MLmodel", b"just text").parent,
    "types that may run code: ['test_mlflow_folders.Ours']": lambda path: _sklearn(path, Ours(), "skops"),
    "mlflow.artifacts.download_artifacts('models:/wine/1')": lambda path: "models:/wine/1",
    "is no file, no MLflow model folder and no version folder": lambda path: path / "absent",
    "model.cbm cannot be opened as a CatBoost model": lambda path: _file(path / "model.cbm", b"no model"),
}  # fmt: skip


def _file(path: Path, content: bytes) -> Path:
    path.parent.mkdir()
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("reason", REFUSED)
def test_what_holds_no_estimator_is_refused_with_the_mend(reason: str, tmp_path: Path) -> None:
    given = REFUSED[reason](tmp_path / "model")
    with pytest.raises(NestorError) as caught:
        nestor.load_model(given)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_code_that_a_model_brings_is_named(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "model", "sklearn", {"pickled_model": "model.pkl", "serialization_format": "pickle"})
    text = (folder / "MLmodel").read_text().replace("code: null", "code: code")
    (folder / "MLmodel").write_text(text)
    (folder / "model.pkl").write_bytes(b"cour_own_steps\nStep\n.")
    with pytest.raises(NestorError, match=r"No module named 'our_own_steps'; put .*code on PYTHONPATH"):
        nestor.load_model(folder)
