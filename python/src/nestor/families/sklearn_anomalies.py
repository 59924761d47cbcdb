"""scikit-learn's anomaly detections: support vectors, an elliptic envelope, the local outlier factor."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.covariance import EllipticEnvelope
from sklearn.linear_model import SGDOneClassSVM
from sklearn.neighbors import LocalOutlierFactor
from sklearn.svm import OneClassSVM
from sklearn.utils.validation import check_is_fitted

from ..answers import Answers
from ..conversion import Conversion
from ..encoders import rows_at_once
from ..errors import UnsupportedModel
from ..frames import Frame
from ..front import Front
from . import persist
from .kernels import kernel
from .nodes import Nodes, dense, label, numbers

VALUES = [-1, 1]
# A threshold may be a training row's own score, which another order of sums may put a last bit below it.
ROUNDED = 1e-13


def _support_vectors(estimator: OneClassSVM, nodes: Nodes) -> tuple[str, str]:
    products = nodes.add("MatMul", kernel(estimator, nodes), np.ascontiguousarray(dense(estimator.dual_coef_).T))
    decision = nodes.add("Add", products, estimator.intercept_)
    # libsvm: what lies on the boundary is an anomaly.
    return nodes.add("Add", decision, estimator.offset_), nodes.add("Greater", decision, 0.0)


def _linear(estimator: SGDOneClassSVM, nodes: Nodes) -> tuple[str, str]:
    score = nodes.add("MatMul", nodes.rows, np.ascontiguousarray(dense(estimator.coef_).reshape(-1, 1)))
    return score, nodes.add("GreaterOrEqual", score, float(np.ravel(estimator.offset_)[0]))


def _envelope(estimator: EllipticEnvelope, nodes: Nodes) -> tuple[str, str]:
    apart = nodes.add("Sub", nodes.rows, estimator.location_)
    products = nodes.add("Mul", nodes.add("MatMul", apart, estimator.get_precision()), apart)
    score = nodes.add("Neg", nodes.add("ReduceSum", products, np.array([1])))
    return score, _at_least(score, estimator.offset_, nodes)


def _local(estimator: LocalOutlierFactor, nodes: Nodes) -> tuple[str, str]:
    """Source: `score_samples` and `_local_reachability_density` in sklearn/neighbors/_lof.py."""
    if not estimator.novelty:
        raise UnsupportedModel("LocalOutlierFactor knows only its own rows; fit it with novelty=True")
    if estimator.effective_metric_ != "euclidean":
        raise UnsupportedModel(f"LocalOutlierFactor has the metric {estimator.effective_metric_!r}; use 'euclidean'")
    count = estimator.n_neighbors_
    distances = nodes.add("Sqrt", nodes.squared_distances(dense(estimator._fit_X)))
    nearest, places = nodes.largest(distances, count, largest=False)
    reached = nodes.add("Max", nearest, nodes.add("Gather", estimator._distances_fit_X_[:, count - 1], places))
    density = nodes.add("Reciprocal", nodes.add("Add", nodes.add("ReduceMean", reached, np.array([1])), 1e-10))
    ratios = nodes.add("Div", nodes.add("Gather", estimator._lrd, places), density)
    score = nodes.add("Neg", nodes.add("ReduceMean", ratios, np.array([1])))
    return score, _at_least(score, estimator.offset_, nodes)


def _at_least(score: str, threshold: float, nodes: Nodes) -> str:
    return nodes.add("GreaterOrEqual", score, float(threshold - ROUNDED * abs(threshold)))


# What draws the score [n, 1] as `score_samples` gives it, and whether the row is normal.
DRAWS: dict[type, Callable[[Any, Nodes], tuple[str, str]]] = {
    OneClassSVM: _support_vectors,
    SGDOneClassSVM: _linear,
    EllipticEnvelope: _envelope,
    LocalOutlierFactor: _local,
}


def matches(estimator: Any) -> bool:
    """Whether it is one of the detections above."""
    return type(estimator) in DRAWS


def convert(estimator: Any, front: Front, classes: Sequence[Any] | None) -> Conversion:
    """Return the detection as a graph; raise UnsupportedModel for a kernel or metric that cannot be exported."""
    check_is_fitted(estimator)
    front = front.reading(getattr(estimator, "feature_names_in_", None))
    nodes = Nodes(front.tensor)
    score, normal = DRAWS[type(estimator)](estimator, nodes)
    outputs = {"label": (label(VALUES), nodes.chosen(VALUES, normal)), "score": (numbers("score", 1), score)}
    encoder = front.encoder
    points = getattr(estimator, "support_vectors_", getattr(estimator, "_fit_X", np.empty((1, 1))))
    encoder.chunk = rows_at_once(encoder.chunk, int(np.prod(points.shape)))

    def answer(frame: Frame) -> Answers:
        rows = front.rows(frame)
        labels = np.asarray(front.outer.predict(rows)).astype(np.int64)
        return Answers(np.asarray(front.outer.score_samples(rows), dtype=np.float64).reshape(-1, 1), labels=labels)

    return Conversion(
        graph=front.before(nodes.finish(outputs)),
        encoder=encoder,
        outputs=[each for each, _ in outputs.values()],
        decision={
            "kind": "anomaly",
            "label": "label",
            "score": "score",
            "threshold": float(np.ravel(estimator.offset_)[0]),
        },
        classes=VALUES,
        answer=answer,
        files={persist.FILE: persist.dumps(estimator)},
        libraries=["scikit-learn", "skops"],
        # Sums around zero lose digits, in another order others.
        limits={"relative": 1e-7},
        floors={"raw": 1e-12},
        dtype=front.dtype,
    )
