"""Gradient boosting that begins with what other trees say: their graph, and the sums of its own."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from onnx import TensorProto
from sklearn.base import is_classifier
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor

from .. import families
from ..errors import UnsupportedModel
from ..libraries import older
from ..pipelines.answered import Part
from ..pipelines.cells import Cell, Cells, Input, Made
from . import sklearn_trees

if TYPE_CHECKING:
    from ..pipelines.piped import Piped
    from .composed import Composed

BOOSTINGS = (GradientBoostingClassifier, GradientBoostingRegressor)


def begins_with_another(estimator: Any) -> bool:
    """Whether it is gradient boosting that was fitted with an estimator as `init`."""
    init = getattr(estimator, "init_", "zero")
    return type(estimator) in BOOSTINGS and not isinstance(init, str | DummyClassifier | DummyRegressor)


def boosted(estimator: Any, made: Composed) -> None:
    """GradientBoostingClassifier and GradientBoostingRegressor with `init`.

    Source: `_init_raw_predictions` in sklearn/ensemble/_gb.py.
    """
    if not sklearn_trees.matches(families.found_by_search(estimator.init_)):
        raise UnsupportedModel(
            f"GradientBoosting hands its rows as float32 to init={type(estimator.init_).__name__}(), which computes in "
            "float32 then, and no graph has the same digits; use a tree or a forest as init, or none"
        )
    graph = made.front.graph
    named = f"{made.front.where} (init)" if made.front.where else "init"
    first = Part(families.behind(estimator.init_, _rounded(made.front).part("init")), graph, named)
    made.parts.append(first)
    alone = copy.copy(estimator)
    alone.init_ = "zero"
    trees = made.asked(alone, "trees")
    if not is_classifier(estimator):
        made.value = graph.node("Add", first.value(), trees.value())
        return
    binary, half = len(estimator.classes_) == 2, type(estimator._loss.link).__name__ == "HalfLogitLink"
    raw = graph.node("Add", _linked(first.probabilities(), binary, half, made), trees.scores())
    if binary:
        second = graph.sigmoid(graph.node("Mul", raw, 2.0) if half else raw)
        made.probabilities = graph.node("Concat", graph.node("Sub", 1.0, second), second, axis=1)
        over = graph.node("Cast", graph.node("GreaterOrEqual", raw, 0.0), to=TensorProto.INT64)
        made.codes = graph.node("Reshape", over, np.array([-1]))
        return
    powers = graph.node("Exp", graph.node("Sub", raw, graph.node("ReduceMax", raw, np.array([1]), keepdims=1)))
    made.probabilities = graph.node("Div", powers, graph.node("ReduceSum", powers, np.array([1]), keepdims=1))
    made.codes = graph.node("ArgMax", raw, axis=1, keepdims=0)


def _linked(probabilities: str, binary: bool, half: bool, made: Composed) -> str:
    """Return the raw scores that the first estimator's probabilities stand for."""
    graph = made.front.graph
    least = float(np.finfo(np.float32 if older("sklearn", "1.8") else np.float64).eps)
    if binary:
        probabilities = graph.node("Gather", probabilities, np.array([1]), axis=1)
    shares = graph.node("Min", graph.node("Max", probabilities, least), 1 - least)
    if binary:
        odds = graph.node("Log", graph.node("Div", shares, graph.node("Sub", 1.0, shares)))
        return graph.node("Mul", odds, 0.5) if half else odds
    logs = graph.node("Log", shares)
    return graph.node("Sub", logs, graph.node("ReduceMean", logs, np.array([1]), keepdims=1))


def _rounded(front: Piped) -> Piped:
    """Return the front whose numbers are rounded to float32, as gradient boosting hands them to `init`."""
    graph = front.graph
    single = graph.node("Cast", graph.tensor(front.cells.cells, front.where or "init").name, to=TensorProto.FLOAT)
    name = graph.node("Cast", single, to=TensorProto.DOUBLE)
    cells: list[Cell] = [
        Made(name, i, *((each.field.name,) if isinstance(each, Input) else (each.origin, each.undo)))
        for i, each in enumerate(front.cells.cells)
    ]
    graph.sized(name, len(cells))
    return replace(front, cells=Cells(tuple(cells), front.cells.sparse))
