"""Classifiers of several classes that ask parts of two: one against one, and codes that correct errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from onnx import TensorProto

from ..errors import UnsupportedModel
from ..pipelines.decisions import decision

if TYPE_CHECKING:
    from .composed import Composed


def _score(each: Any, name: str, made: Composed) -> str:
    """Return a part's score [n, 1] for the second of its two classes, as scikit-learn's `_predict_binary` does."""
    if hasattr(each, "decision_function"):
        return decision(each, made.front.part(name), made.parts)
    return made.front.graph.node("Gather", made.asked(each, name).probabilities(), np.array([1]), axis=1)


def second_of_two(each: Any, score: str, made: Composed) -> str:
    """Return 1 where a part's score [n, 1] is for the second of two classes, else 0 [n]."""
    least = 0.0 if hasattr(each, "decision_function") else 0.5
    over = made.front.graph.node("Cast", made.front.graph.node("Greater", score, least), to=TensorProto.INT64)
    return made.front.graph.node("Reshape", over, np.array([-1]))


def one_against_one(estimator: Any, made: Composed) -> None:
    """OneVsOneClassifier: a vote for each pair; scores break ties.

    Source: `_ovr_decision_function` in sklearn/utils/multiclass.py.
    """
    graph, parts, classes = made.front.graph, estimator.estimators_, len(estimator.classes_)
    scores = [_score(each, str(i), made) for i, each in enumerate(parts)]
    if classes == 2:
        made.codes = second_of_two(parts[0], scores[0], made)
        return
    pairs = [(i, j) for i in range(classes) for j in range(i + 1, classes)]
    first, second = np.eye(classes)[[i for i, _ in pairs]], np.eye(classes)[[j for _, j in pairs]]
    labels = [graph.node("Reshape", made.asked(e, str(i)).labels(), np.array([-1, 1])) for i, e in enumerate(parts)]
    said = graph.number(graph.node("Concat", *labels, axis=1))
    votes = graph.node("Add", graph.node("MatMul", said, second - first), first.sum(axis=0))
    confidence = graph.node("MatMul", graph.node("Concat", *scores, axis=1), second - first)
    scale = graph.node("Mul", graph.node("Add", graph.node("Abs", confidence), 1.0), 3.0)
    total = graph.node("Add", votes, graph.node("Div", confidence, scale))
    made.codes = graph.node("ArgMax", total, axis=1, keepdims=0)


def output_code(estimator: Any, made: Composed) -> None:
    """OutputCodeClassifier: the class whose code is nearest to the scores of the parts."""
    graph, far, asked = made.front.graph, "", False
    codes = np.asarray(estimator.code_book_, dtype=np.float64).T[:, np.newaxis]
    for i, (each, code) in enumerate(zip(estimator.estimators_, codes, strict=True)):
        # A bit that all classes have in common is no part's question.
        constant = type(each).__name__ == "_ConstantPredictor"
        asked = asked or not constant
        apart = graph.node("Sub", float(each.y_[0]) if constant else _score(each, str(i), made), code)
        square = graph.node("Mul", apart, apart)
        far = graph.node("Add", far, square) if far else square
    if not asked:
        raise UnsupportedModel("every bit of OutputCodeClassifier's codes is the same for all classes; use more bits")
    made.codes = graph.node("ArgMin", far, axis=1, keepdims=0)
