"""Calibration of a classifier's scores, sigmoid, isotonic or by a temperature, as nodes."""

from typing import Any

import numpy as np

from ..errors import UnsupportedModel
from .answered import interpolated
from .builder import Builder

# What scikit-learn adds to a probability before its logarithm.
LEAST = 1e-12


def calibrated(each: Any, scores: str, first: int, classes: np.ndarray, graph: Builder, where: str) -> str:
    """Return the probabilities [n, classes] of one of CalibratedClassifierCV's classifiers.

    `scores` are its decision function or its probabilities, `first` the column that the first calibrator takes.
    Source: `_CalibratedClassifier.predict_proba` in sklearn/calibration.py.
    """
    width = len(classes)
    if each.method not in ("sigmoid", "isotonic", "temperature"):
        raise UnsupportedModel(f"{where} is calibrated by {each.method!r}; use 'sigmoid' or 'isotonic'")
    if len(each.estimator.classes_) != width:
        raise UnsupportedModel(f"{where} was fitted without some of the classes; use fewer folds")
    if each.method == "temperature":
        logits = graph.node("Mul", _logits(each.estimator, scores, width, graph), float(each.calibrators[0].beta_))
        return graph.node("Softmax", logits, axis=1)
    columns = []
    for i, calibrator in enumerate(each.calibrators):
        score = graph.node("Gather", scores, np.array([first + i]), axis=1)
        columns.append(_calibrator(calibrator, score, graph))
    if width == 2:
        made = graph.node("Concat", graph.node("Sub", 1.0, columns[0]), columns[0], axis=1)
    else:
        every = graph.node("Concat", *columns, axis=1)
        total = graph.node("ReduceSum", every, np.array([1]), keepdims=1)
        none = graph.node("Equal", total, 0.0)
        shares = graph.node("Div", every, graph.node("Where", none, 1.0, total))
        made = graph.node("Where", none, 1 / width, shares)
    over = graph.node("And", graph.node("Greater", made, 1.0), graph.node("LessOrEqual", made, 1.0 + 1e-5))
    return graph.node("Where", over, 1.0, made)


def _logits(estimator: Any, scores: str, width: int, graph: Builder) -> str:
    """Return a logit of each class [n, classes]; source: `_convert_to_logits` in sklearn/calibration.py."""
    if not hasattr(estimator, "decision_function"):
        return graph.node("Log", graph.node("Add", scores, LEAST))
    return graph.node("Concat", graph.node("Neg", scores), scores, axis=1) if width == 2 else scores


def _calibrator(calibrator: Any, score: str, graph: Builder) -> str:
    if hasattr(calibrator, "a_"):
        line = graph.node("Add", graph.node("Mul", score, float(calibrator.a_)), float(calibrator.b_))
        return graph.sigmoid(graph.node("Neg", line))
    xs, ys = calibrator.X_thresholds_, calibrator.y_thresholds_
    if len(xs) == 1:
        xs, ys = [xs[0], xs[0] + 1], [ys[0], ys[0]]
    return interpolated(score, xs, ys, graph)
