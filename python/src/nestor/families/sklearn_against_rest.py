"""Linear classifiers of scikit-learn's whose probabilities are those of each class against the rest, in float64.

The label is that of the largest score: probabilities of several classes may stand even at 1 where their scores do not.
"""

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.linear_model._base import LinearClassifierMixin
from sklearn.utils.validation import check_is_fitted

from ..conversion import Conversion
from ..front import Front
from . import persist
from .nodes import Nodes, dense, label, numbers


def matches(estimator: Any) -> bool:
    """Whether it is SGDClassifier with probabilities, or LogisticRegression of one class against the rest."""
    if isinstance(estimator, SGDClassifier):
        return estimator.loss in ("log_loss", "modified_huber")
    if not isinstance(estimator, LogisticRegression):
        return False
    apart = getattr(estimator, "multi_class", None) == "ovr" or estimator.solver == "liblinear"
    return apart and np.ndim(estimator.classes_) == 1 and len(estimator.classes_) > 2


def convert(estimator: Any, front: Front, classes: Sequence[Any] | None) -> Conversion:
    """Return the classifier as a graph: scores, the share of each, and the class with the largest score."""
    check_is_fitted(estimator)
    front = front.reading(getattr(estimator, "feature_names_in_", None))
    nodes, values = Nodes(front.tensor), estimator.classes_.tolist()
    weights = np.ascontiguousarray(np.atleast_2d(dense(estimator.coef_)).T.astype(np.float64))
    intercept = np.asarray(estimator.intercept_, dtype=np.float64).reshape(1, -1)
    scores = nodes.add("Add", nodes.add("MatMul", nodes.rows, weights), intercept)
    huber = getattr(estimator, "loss", None) == "modified_huber"
    shares = _clipped(scores, nodes) if huber else nodes.sigmoid(scores)
    if len(values) == 2:
        index = nodes.add("Greater", scores, 0.0)
        shares = nodes.add("Concat", nodes.add("Sub", 1.0, shares), shares, axis=1)
    else:
        index = nodes.add("ArgMax", scores, axis=1, keepdims=0)
        if huber or _says_even(estimator):  # where every class is ruled out, all are equally probable
            none = nodes.add("Equal", nodes.add("ReduceMax", shares, np.array([1]), keepdims=1), 0.0)
            shares = nodes.add("Where", none, 1.0, shares)
        shares = nodes.add("Div", shares, nodes.add("ReduceSum", shares, np.array([1]), keepdims=1))
    outputs = {
        "label": (label(values), nodes.chosen(values, index)),
        "probabilities": (numbers("probabilities", len(values)), shares),
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


def _says_even(estimator: Any) -> bool:
    """Whether this scikit-learn gives each class the same share where all sigmoids are 0; older ones say NaN."""
    ruled_out = copy.copy(estimator)
    ruled_out.coef_ = np.zeros((len(estimator.classes_), 1))
    ruled_out.intercept_, ruled_out.n_features_in_ = np.full(len(estimator.classes_), -1e4), 1
    vars(ruled_out).pop("feature_names_in_", None)
    with np.errstate(invalid="ignore"):
        return bool(np.isfinite(LinearClassifierMixin._predict_proba_lr(ruled_out, np.zeros((1, 1)))).all())


def _clipped(scores: str, nodes: Nodes) -> str:
    """Return the probability that the modified Huber loss gives a score: 0 at -1 and below, 1 at 1 and above."""
    return nodes.add("Div", nodes.add("Add", nodes.add("Clip", scores, -1.0, 1.0), 1.0), 2.0)
