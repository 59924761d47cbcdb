"""Discriminant analysis and naive Bayes of truth values and categories: likelihoods of the classes, in float64."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from onnx import TensorProto
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.naive_bayes import BernoulliNB, CategoricalNB
from sklearn.utils.validation import check_is_fitted

from ..conversion import Conversion
from ..front import Front
from . import persist
from .nodes import Nodes, label, numbers


def discriminant(estimator: LinearDiscriminantAnalysis, nodes: Nodes) -> str:
    """Return the scores [n, classes], or of two classes [n, 1], that of the second."""
    return _line(nodes.rows, estimator.coef_, estimator.intercept_, nodes)


def bernoulli(estimator: BernoulliNB, nodes: Nodes) -> str:
    """Return the joint log likelihood [n, classes]."""
    rows = nodes.rows
    if estimator.binarize is not None:
        rows = nodes.add("Cast", nodes.add("Greater", rows, float(estimator.binarize)), to=TensorProto.DOUBLE)
    absent = np.log(1 - np.exp(estimator.feature_log_prob_))
    return _line(rows, estimator.feature_log_prob_ - absent, estimator.class_log_prior_ + absent.sum(axis=1), nodes)


def categorical(estimator: CategoricalNB, nodes: Nodes) -> str:
    """Return the joint log likelihood [n, classes]; NaN for codes that the estimator refuses."""
    total: Any = np.zeros((1, len(estimator.classes_)))
    for place, logs in enumerate(estimator.feature_log_prob_):
        code = nodes.add("Gather", nodes.rows, np.array([place]), axis=1)
        whole = nodes.add("Floor", code)
        same = nodes.add("Equal", whole, np.arange(logs.shape[1], dtype=np.float64)[np.newaxis])
        hot = nodes.add("Cast", same, to=TensorProto.DOUBLE)
        known = nodes.add("Greater", nodes.add("ReduceSum", hot, np.array([1]), keepdims=1), 0.0)
        said = nodes.add("MatMul", hot, np.ascontiguousarray(logs.T))
        total = nodes.add("Add", total, nodes.add("Where", known, said, np.nan))
    return nodes.add("Add", total, estimator.class_log_prior_)


def _line(rows: str, weights: np.ndarray, offsets: np.ndarray, nodes: Nodes) -> str:
    return nodes.add("Add", nodes.add("MatMul", rows, np.ascontiguousarray(np.atleast_2d(weights).T)), offsets)


KINDS: dict[type, Callable[[Any, Nodes], str]] = {
    LinearDiscriminantAnalysis: discriminant,
    BernoulliNB: bernoulli,
    CategoricalNB: categorical,
}


def matches(estimator: Any) -> bool:
    """Whether it is one of these."""
    return type(estimator) in KINDS


def convert(estimator: Any, front: Front, classes: Sequence[Any] | None) -> Conversion:
    """Return the classifier as a graph: a label, and probabilities from the scores of its classes."""
    check_is_fitted(estimator)
    front = front.reading(getattr(estimator, "feature_names_in_", None))
    nodes = Nodes(front.tensor)
    values = np.asarray(estimator.classes_).tolist()
    scores = KINDS[type(estimator)](estimator, nodes)
    if type(estimator) is LinearDiscriminantAnalysis and len(values) == 2:
        second = nodes.sigmoid(scores)
        probabilities = nodes.add("Concat", nodes.add("Sub", 1.0, second), second, axis=1)
        index = nodes.add("Greater", scores, 0.0)
    else:
        probabilities = nodes.add("Softmax", scores, axis=1)
        index = nodes.add("ArgMax", scores, axis=1, keepdims=0)
    outputs = {
        "label": (label(values), nodes.chosen(values, index)),
        "probabilities": (numbers("probabilities", len(values)), probabilities),
    }
    return Conversion(
        graph=front.before(nodes.finish(outputs)),
        encoder=front.encoder,
        outputs=[each for each, _ in outputs.values()],
        decision={"kind": "labelled", "label": "label", "probabilities": "probabilities"},
        classes=values,
        answer=front.labelled,
        files={persist.FILE: persist.dumps(estimator)},
        libraries=["scikit-learn", "skops"],
        limits={"probability": 1e-9},
        floors={"probability": 1e-12},
        dtype=front.dtype,
    )
