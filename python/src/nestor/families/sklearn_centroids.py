"""scikit-learn's NearestCentroid as a float64 graph."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.neighbors import NearestCentroid
from sklearn.utils.validation import check_is_fitted

from ..answers import Answers
from ..conversion import Conversion
from ..frames import Frame
from ..front import Front
from . import persist
from .nodes import Nodes, label, numbers


def matches(estimator: Any) -> bool:
    """Whether it is NearestCentroid of Euclidean or city block distances."""
    return type(estimator) is NearestCentroid and estimator.metric in ("euclidean", "manhattan")


def convert(estimator: Any, front: Front, classes: Sequence[Any] | None) -> Conversion:
    """Return the classifier as a graph: a label, and probabilities where this scikit-learn has them.

    Source: `predict` and `_decision_function` in sklearn/neighbors/_nearest_centroid.py.
    """
    check_is_fitted(estimator)
    front = front.reading(getattr(estimator, "feature_names_in_", None))
    nodes, values = Nodes(front.tensor), np.asarray(estimator.classes_).tolist()
    priors = getattr(estimator, "class_prior_", np.full(len(values), 1 / len(values)))
    scores = _scores(estimator, priors, nodes) if hasattr(estimator, "class_prior_") else ""
    if np.isclose(priors, 1 / len(values)).all():
        index = nodes.add("ArgMin", _nearness(estimator, nodes), axis=1, keepdims=0)
    else:
        index = nodes.add("ArgMax", scores, axis=1, keepdims=0)
    outputs = {"label": (label(values), nodes.chosen(values, index))}
    decision = {"kind": "labelled", "label": "label"}
    probable = hasattr(estimator, "predict_proba")
    if probable:
        decision["probabilities"] = "probabilities"
        outputs["probabilities"] = (numbers("probabilities", len(values)), nodes.add("Softmax", scores, axis=1))

    def labelled(frame: Frame) -> Answers:
        return Answers(np.empty((len(frame), 0)), None, np.asarray(front.outer.predict(front.rows(frame))))

    return Conversion(
        graph=front.before(nodes.finish(outputs)),
        encoder=front.encoder,
        outputs=[each for each, _ in outputs.values()],
        decision=decision,
        classes=values,
        answer=front.labelled if probable else labelled,
        files={persist.FILE: persist.dumps(estimator)},
        libraries=["scikit-learn", "skops"],
        limits={"probability": 1e-9},
        floors={"probability": 1e-12},
        dtype=front.dtype,
    )


def _nearness(estimator: NearestCentroid, nodes: Nodes) -> str:
    """Return numbers [n, classes] that are in the order of the distances to the centroids."""
    centres = np.asarray(estimator.centroids_, dtype=np.float64)
    if estimator.metric == "manhattan":
        return _city_blocks(nodes.rows, centres, nodes)
    products = nodes.add("MatMul", nodes.rows, np.ascontiguousarray(-2.0 * centres.T))
    return nodes.add("Add", products, (centres**2).sum(axis=1)[np.newaxis])


def _city_blocks(rows: str, centres: np.ndarray, nodes: Nodes) -> str:
    apart = nodes.add("Sub", nodes.add("Unsqueeze", rows, np.array([1])), centres[np.newaxis])
    return nodes.add("ReduceSum", nodes.add("Abs", apart), np.array([2]), keepdims=0)


def _scores(estimator: NearestCentroid, priors: np.ndarray, nodes: Nodes) -> str:
    """Return the discriminant scores [n, classes] of rows that are scaled by the spread within the classes."""
    spread = np.where(estimator.within_class_std_dev_ == 0, 1.0, estimator.within_class_std_dev_)
    centres = np.asarray(estimator.centroids_, dtype=np.float64) / spread
    scaled = nodes.add("Div", nodes.rows, spread[np.newaxis])
    if estimator.metric == "manhattan":
        far = _city_blocks(scaled, centres, nodes)
        squares = nodes.add("Mul", far, far)
    else:
        squares = nodes.squared_distances(centres, scaled)
    return nodes.add("Sub", 2.0 * np.log(priors)[np.newaxis], squares)
