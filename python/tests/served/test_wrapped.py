"""Graphs that somebody else made, each served with the answers of what they were made from."""

import warnings
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import catboost
import numpy as np
import onnx
import pandas as pd
import pytest
import skl2onnx
import torch
from proof import check
from rows import difficult, json_rows, real
from server import Server
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_diabetes, load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import nestor

ROWS = 1_000
# What a graph that computes in float32 may be off by, relative to each number.
SINGLE = 1e-3


def served(
    server: Server, graph: Any, frame: pd.DataFrame, truth: Any, name: str, within: float = SINGLE, **options: Any
) -> None:
    """Wrap a graph, ask the server for real and difficult rows, and compare with the truth."""
    with TemporaryDirectory() as folder:
        given = graph if isinstance(graph, Path) else graph.SerializeToString()
        server.push(nestor.wrap(given, frame, name=name, artifacts=folder, verbose=False, **options))
    rows = pd.concat([real(frame, ROWS), difficult(frame, ROWS, far=False)], ignore_index=True)
    rows = rows.astype(frame.dtypes.to_dict())
    check(rows, server.predict(name, json_rows(rows)), truth, within, None)


@pytest.fixture
def wine() -> tuple[pd.DataFrame, np.ndarray, Any]:
    """Five columns in float32, which is what such graphs take, the grower, and a fitted estimator."""
    X, y = load_wine(return_X_y=True, as_frame=True)
    X = X.iloc[:, [0, 6, 9, 10, 12]].astype("float32")
    X.columns = ["alcohol", "flavanoids", "color intensity", "hue", "proline"]
    return X, y.to_numpy(), make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)


def converted(estimator: Any, types: list[Any], **options: Any) -> onnx.ModelProto:
    """Return what skl2onnx makes of an estimator, lists of maps included."""
    return skl2onnx.convert_sklearn(estimator, initial_types=types, target_opset=18, **options)


def test_lists_of_maps_are_taken_off(server: Server, wine: Any) -> None:
    X, _, estimator = wine
    graph = converted(estimator, [("X", FloatTensorType([None, 5]))])
    assert [node.op_type for node in graph.graph.node].count("ZipMap") == 1
    served(server, graph, X, estimator, "mapped", estimator=estimator)


def test_a_fixed_batch_of_one_is_made_free(server: Server, wine: Any) -> None:
    X, _, estimator = wine
    graph = converted(estimator, [("X", FloatTensorType([1, 5]))])
    served(server, graph, X, estimator, "one-row", estimator=estimator)


def test_a_tensor_for_each_column(server: Server, wine: Any) -> None:
    X, _, estimator = wine
    types = [(name.replace(" ", "_"), FloatTensorType([None, 1])) for name in X.columns]
    by_place = ColumnTransformer([("all", "passthrough", list(range(5)))]).fit(X.to_numpy())
    graph = converted(make_pipeline(by_place, *(step for _, step in estimator.steps)), types)
    # Found by their names, in whatever order they come.
    served(
        server,
        graph,
        X[X.columns[::-1]],
        _InOrder(estimator, X.columns),
        "columns",
        estimator=_InOrder(estimator, X.columns),
    )


class _InOrder:
    """An estimator that puts the columns into the order it was fitted with."""

    def __init__(self, estimator: Any, columns: Any) -> None:
        self.estimator, self.columns, self.classes_ = estimator, columns, estimator.classes_

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        return self.estimator.predict(X[self.columns])

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        return self.estimator.predict_proba(X[self.columns])


def test_numbers_whole_numbers_and_words(server: Server) -> None:
    random = np.random.default_rng(5)
    X = pd.DataFrame(
        {
            "size": random.normal(size=400).astype("float32"),
            "rooms": random.integers(1, 7, 400),
            "town": random.choice(["Aachen", "Zürich", "Bonn"], 400),
            "kind": random.choice(["flat", "house"], 400),
        }
    )
    y = np.where(X["size"] + X["rooms"] * (X["town"] == "Bonn") > 1, "dear", "cheap")
    steps = ColumnTransformer(
        [("numbers", StandardScaler(), ["size", "rooms"]), ("words", OneHotEncoder(), ["town", "kind"])]
    )
    estimator = make_pipeline(steps, LogisticRegression()).fit(X, y)
    types = [
        ("size", FloatTensorType([None, 1])),
        ("rooms", Int64TensorType([None, 1])),
        ("town", StringTensorType([None, 1])),
        ("kind", StringTensorType([None, 1])),
    ]
    # Of two classes that converter makes the other probability 1 - p in float32: 1e-7 off, however small it is.
    served(server, converted(estimator, types), X, estimator, "words", within=1e-2, estimator=estimator)


def test_catboost_by_its_own_onnx(server: Server, wine: Any, tmp_path: Path) -> None:
    X, y, _ = wine
    estimator = catboost.CatBoostClassifier(
        iterations=20, depth=3, verbose=False, allow_writing_files=False, thread_count=1
    )
    estimator.fit(X, y)
    estimator.save_model(str(tmp_path / "model.onnx"), format="onnx")
    served(server, tmp_path / "model.onnx", X, _Flat(estimator), "catboost", estimator=_Flat(estimator))


class _Flat:
    """CatBoost's labels [n, 1] as the field has them, [n]."""

    def __init__(self, estimator: Any) -> None:
        self.estimator, self.classes_ = estimator, estimator.classes_

    def predict(self, X: Any) -> np.ndarray:
        return self.estimator.predict(X).ravel()

    def predict_proba(self, X: Any) -> np.ndarray:
        return self.estimator.predict_proba(X)


def torch_file(net: torch.nn.Module, width: int, path: Path, free: bool = True) -> Path:
    """Return the file that torch's exporter writes of a net."""
    axes = {"rows": {0: "n"}} if free else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        example = (torch.zeros(1, width),)
        torch.onnx.export(net, example, str(path), input_names=["rows"], dynamic_axes=axes, dynamo=False)
    return path


class Scaler(torch.nn.Module):
    """Standardizes its columns as a part of the net."""

    def __init__(self, X: np.ndarray) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(X.mean(axis=0), dtype=torch.float32))
        self.register_buffer("scale", torch.tensor(X.std(axis=0), dtype=torch.float32))

    mean: torch.Tensor
    scale: torch.Tensor

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return (rows - self.mean) / self.scale


def fitted(net: torch.nn.Module, X: np.ndarray, y: np.ndarray, loss: Any, kind: torch.dtype) -> torch.nn.Module:
    """Return the net after a few steps."""
    torch.manual_seed(0)
    rows, target = torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=kind)
    steps = torch.optim.Adam(net.parameters(), lr=0.05)
    for _ in range(60):
        steps.zero_grad()
        loss(net(rows).squeeze(-1), target).backward()
        steps.step()
    return net.eval()


def function_of(net: torch.nn.Module) -> Callable[[Any], np.ndarray]:
    """Return what a user writes to ask a net."""

    def ask(rows: Any) -> np.ndarray:
        with torch.no_grad():
            return net(torch.tensor(np.asarray(rows), dtype=torch.float32)).numpy()

    return ask


@pytest.mark.parametrize("free", [True, False], ids=["free batch", "batch of one"])
def test_a_torch_net_for_classes(server: Server, wine: Any, tmp_path: Path, free: bool) -> None:
    X, y, _ = wine
    net = torch.nn.Sequential(Scaler(X.to_numpy()), torch.nn.Linear(5, 8), torch.nn.ReLU(), torch.nn.Linear(8, 3))
    ask = function_of(fitted(net, X.to_numpy(), y, torch.nn.CrossEntropyLoss(), torch.int64))
    path = torch_file(net, 5, tmp_path / "net.onnx", free)

    class Net:
        def predict(self, rows: Any) -> np.ndarray:
            return ask(rows).argmax(axis=1)

        def predict_proba(self, rows: Any) -> np.ndarray:
            return torch.softmax(torch.tensor(ask(rows)).double(), dim=1).numpy()

    classes = {0: "first", 1: "second", 2: "third"}
    served(server, path, X, Net(), f"torch-{free}".lower(), estimator=ask, classes=classes)


def test_a_torch_net_for_a_value(server: Server, tmp_path: Path) -> None:
    X, y = load_diabetes(return_X_y=True)
    X = X.astype("float32")
    net = torch.nn.Sequential(Scaler(X), torch.nn.Linear(10, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1))
    ask = function_of(fitted(net, X, y / 100, torch.nn.MSELoss(), torch.float32))
    path = torch_file(net, 10, tmp_path / "net.onnx")
    frame = pd.DataFrame(X, columns=[f"x{i}" for i in range(10)])

    class Net:
        def predict(self, rows: Any) -> np.ndarray:
            return ask(rows)

    served(server, path, frame, Net(), "torch-value", estimator=ask)
