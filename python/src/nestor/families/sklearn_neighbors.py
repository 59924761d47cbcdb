"""Nearest neighbours that count by their distance, in float64: skl2onnx has no rule for a row that was trained on."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import TensorProto
from sklearn.base import is_classifier
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

from ..conversion import Conversion
from ..encoders import rows_at_once
from ..front import Front
from . import persist
from .nodes import Nodes, label, numbers

METRICS = ("euclidean", "manhattan", "minkowski", "chebyshev")


def matches(estimator: Any) -> bool:
    """Whether it is one of these with `weights='distance'`, a usual metric and one target."""
    return (
        type(estimator) in (KNeighborsClassifier, KNeighborsRegressor)
        and estimator.weights == "distance"
        and getattr(estimator, "effective_metric_", None) in METRICS
        and isinstance(estimator._fit_X, np.ndarray)
        and np.ndim(estimator._y) == 1
    )


def convert(estimator: Any, front: Front, classes: Sequence[Any] | None) -> Conversion:
    """Return the estimator as a graph: distances to all training rows, and the shares of the nearest."""
    front = front.reading(getattr(estimator, "feature_names_in_", None))
    nodes = Nodes(front.tensor)
    near, places = nodes.largest(_distances(estimator, nodes), estimator.n_neighbors, largest=False)
    weights = _weights(near, nodes)
    classifier = is_classifier(estimator)
    values = estimator.classes_.tolist() if classifier else None
    if values is None:
        said = nodes.add("Mul", nodes.add("Gather", np.asarray(estimator._y, dtype=np.float64), places), weights)
        value = nodes.add("Div", _sum(said, nodes), _sum(weights, nodes))
        outputs = {"value": (numbers("value", 1), value)}
    else:
        hot = np.equal.outer(estimator._y, np.arange(len(values))).astype(np.float64)
        voices = nodes.add("Mul", nodes.add("Gather", hot, places), nodes.add("Unsqueeze", weights, np.array([2])))
        votes = nodes.add("ReduceSum", voices, np.array([1]), keepdims=0)
        outputs = {
            "label": (label(values), nodes.chosen(values, nodes.add("ArgMax", votes, axis=1, keepdims=0))),
            "probabilities": (numbers("probabilities", len(values)), nodes.add("Div", votes, _sum(votes, nodes))),
        }
    encoder = front.encoder
    encoder.chunk = rows_at_once(encoder.chunk, len(estimator._y))
    labelled = {"kind": "labelled", "label": "label", "probabilities": "probabilities"}

    return Conversion(
        graph=front.before(nodes.finish(outputs)),
        encoder=encoder,
        outputs=[each for each, _ in outputs.values()],
        decision=labelled if classifier else {"kind": "value", "output": "value"},
        classes=values,
        answer=front.labelled if classifier else front.valued,
        files={persist.FILE: persist.dumps(estimator)},
        libraries=["scikit-learn", "skops"],
        limits={"relative": 1e-9, "probability": 1e-9},
        floors={"probability": 1e-12} if classifier else {"raw": 1e-12},
        dtype=front.dtype,
    )


def _distances(estimator: Any, nodes: Nodes) -> str:
    """Return the distance [n, training rows], summed column by column as scikit-learn's search trees do."""
    metric, power = estimator.effective_metric_, float(estimator.effective_metric_params_.get("p", 2))
    total = ""
    for place, column in enumerate(np.asarray(estimator._fit_X, dtype=np.float64).T):
        value = nodes.add("Gather", nodes.rows, np.array([place]), axis=1)
        apart = nodes.add("Abs", nodes.add("Sub", value, column[np.newaxis]))
        if metric == "euclidean":
            apart = nodes.add("Mul", apart, apart)
        elif metric == "minkowski":
            apart = nodes.add("Pow", apart, power)
        total = nodes.add("Max" if metric == "chebyshev" else "Add", total, apart) if total else apart
    if metric == "euclidean":
        return nodes.add("Sqrt", total)
    return nodes.add("Pow", total, 1 / power) if metric == "minkowski" else total


def _weights(near: str, nodes: Nodes) -> str:
    """Return the weights [n, neighbours]: 1 / distance; where some are at no distance, these alone count."""
    same = nodes.add("Equal", near, 0.0)
    hot = nodes.add("Cast", same, to=TensorProto.DOUBLE)
    met = nodes.add("Greater", nodes.add("ReduceMax", hot, np.array([1]), keepdims=1), 0.0)
    return nodes.add("Where", met, hot, nodes.add("Div", 1.0, near))


def _sum(tensor: str, nodes: Nodes) -> str:
    return nodes.add("ReduceSum", tensor, np.array([1]), keepdims=1)
