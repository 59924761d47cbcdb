"""scikit-learn's classifiers that give a label and no probabilities: linear ones and support vector machines."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import TensorProto
from sklearn.linear_model._base import LinearClassifierMixin
from sklearn.svm import SVC, NuSVC
from sklearn.utils.validation import check_is_fitted

from ..answers import Answers, Target
from ..conversion import Conversion
from ..encoders import rows_at_once
from ..errors import UnsupportedModel
from ..frames import Frame
from ..front import Front
from . import persist, svm
from .kernels import kernel
from .nodes import Nodes, dense, label, numbers


def matches(estimator: Any) -> bool:
    """Whether it is a linear classifier, SVC or NuSVC without probabilities."""
    known = isinstance(estimator, LinearClassifierMixin) or type(estimator) in (SVC, NuSVC)
    return known and not hasattr(estimator, "predict_proba")


def convert(estimator: Any, front: Front, classes: Sequence[Any] | None) -> Conversion:
    """Return the classifier as a graph; raise UnsupportedModel for a kernel or a rule that cannot be exported."""
    check_is_fitted(estimator)
    front = front.reading(getattr(estimator, "feature_names_in_", None))
    nodes = Nodes(front.tensor)
    linear = isinstance(estimator, LinearClassifierMixin)
    multilabel = linear and np.ndim(estimator.classes_) == 1 and _is_multilabel(estimator)
    values = np.asarray(estimator.classes_).tolist()
    if linear:
        weights = np.atleast_2d(dense(estimator.coef_)).T.astype(np.float64)
        raw = nodes.add("Add", nodes.add("MatMul", nodes.rows, np.ascontiguousarray(weights)), estimator.intercept_)
        outputs = {"margin": (numbers("margin", weights.shape[1]), raw)}
        decision = {"kind": "margin", "output": "margin"}
    else:
        outputs = {"label": (label(values), nodes.chosen(values, _voted(estimator, nodes)))}
        decision = {"kind": "labelled", "label": "label"}
    encoder = front.encoder
    if not linear:
        encoder.chunk = rows_at_once(encoder.chunk, int(np.prod(estimator.support_vectors_.shape)))

    def answer(frame: Frame) -> Answers:
        rows = front.rows(frame)
        labels = np.asarray(front.outer.predict(rows))
        if not linear:
            return Answers(np.empty((len(frame), 0)), labels=labels)
        return Answers(np.asarray(front.outer.decision_function(rows)).reshape(len(frame), -1), labels=labels)

    return Conversion(
        graph=front.before(nodes.finish(outputs)),
        encoder=encoder,
        outputs=[each for each, _ in outputs.values()],
        decision=decision,
        classes=None if multilabel else values,
        answer=answer,
        files={persist.FILE: persist.dumps(estimator)},
        libraries=["scikit-learn", "skops"],
        limits={"relative": 1e-9},
        floors={"raw": 1e-12},
        dtype=front.dtype,
        targets=[Target(f"label_{i}", [0, 1]) for i in range(len(estimator.coef_))] if multilabel else (),
    )


def _is_multilabel(estimator: Any) -> bool:
    """Whether a ridge classifier was fitted with several labels a row."""
    binarizer = getattr(estimator, "_label_binarizer", None)
    return binarizer is not None and str(binarizer.y_type_).startswith("multilabel")


def _voted(estimator: Any, nodes: Nodes) -> str:
    """Return the number of the class with the most votes of pairs, of equals the first.

    Source: `svm_predict_values` of libsvm; scikit-learn turns the sign of two classes.
    """
    if estimator.break_ties:
        raise UnsupportedModel(f"{type(estimator).__name__} breaks ties; fit it with break_ties=False")
    vectors = kernel(estimator, nodes)
    if len(estimator.classes_) == 2:
        products = nodes.add("MatMul", vectors, np.ascontiguousarray(dense(estimator.dual_coef_).T))
        return nodes.add("GreaterOrEqual", nodes.add("Add", products, estimator.intercept_), 0.0)
    weights, wins, pairs = svm.pairs_of(estimator)
    decisions = nodes.add("Add", nodes.add("MatMul", vectors, weights), estimator.intercept_)
    lost = nodes.add("Cast", nodes.add("LessOrEqual", decisions, 0.0), to=TensorProto.DOUBLE)
    votes = nodes.add("Add", nodes.add("MatMul", lost, -pairs), wins)
    return nodes.add("ArgMax", votes, axis=1, keepdims=0)
