"""Support vector classifiers in float64: the label by the votes of pairs, and probabilities where there are any."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from onnx import helper
from sklearn.svm import SVC, NuSVC

from .. import graphs
from ..conversion import Answers, Conversion
from ..front import Front
from ..pipelines.builder import Builder
from ..pipelines.coupling import coupled
from ..pipelines.decisions import pairwise
from ..pipelines.piped import Piped, begin
from . import persist
from .pipeline import outermost

# libsvm keeps the probability of a pair so far from 0 and 1.
LEAST = 1e-7


def matches(estimator: Any) -> bool:
    """Whether it is an SVC or a NuSVC."""
    return type(estimator) in (SVC, NuSVC)


def convert(estimator: SVC, front: Front, classes: Sequence[Any] | None) -> Conversion:
    """Return the estimator as a graph of elementary operators; raise UnsupportedModel for a kernel of one's own."""
    piped = begin(front, estimator)
    read = piped.reading(getattr(estimator, "feature_names_in_", None))
    graph, values = piped.graph, estimator.classes_.tolist()
    scores = pairwise(estimator, read.tensor["name"], graph, piped.where or type(estimator).__name__)
    code, probabilities = _winner(scores, len(values), graph), None
    if hasattr(estimator, "predict_proba"):
        probabilities = coupled(_shares(estimator, scores, graph), len(values), graph)
    words = any(isinstance(value, str) for value in values)
    outputs = [{"name": "label", "datatype": "BYTES" if words else "INT64", "shape": [-1]}]
    inputs = [{"name": code, "datatype": "INT64", "shape": [-1]}]
    nodes = [helper.make_node("Gather", ["class_values", code], ["label"])]
    decision = {"kind": "labelled", "label": "label"}
    if probabilities is not None:
        decision["probabilities"] = "probabilities"
        outputs.append({"name": "probabilities", "datatype": "FP64", "shape": [-1, len(values)]})
        inputs.append({**outputs[-1], "name": probabilities})
        nodes.append(helper.make_node("Identity", [probabilities], ["probabilities"]))
    named = graphs.constant("class_values", np.array(values, dtype=object if words else np.int64))

    def answer(frame: pd.DataFrame) -> Answers:
        rows = piped.rows(frame)
        shares = piped.outer.predict_proba(rows) if probabilities is not None else None
        return Answers(np.empty((len(frame), 0)), shares, piped.outer.predict(rows))

    made = Conversion(
        graph=read.before(graphs.model(nodes, inputs, outputs, [named])),
        encoder=piped.encoder,
        outputs=outputs,
        decision=decision,
        classes=values,
        answer=answer,
        files={persist.FILE: persist.dumps(estimator)},
        libraries=["scikit-learn", "skops"],
        limits={"probability": 1e-6},
        floors={"probability": 1e-12},
    )
    return made if isinstance(front, Piped) else outermost(made, piped)


def _winner(scores: str, classes: int, graph: Builder) -> str:
    """Return the number [n] of the class that wins most pairs, the first of several."""
    won = graph.number(graph.node("Greater", scores, 0.0))
    pairs = [(i, j) for i in range(classes) for j in range(i + 1, classes)]
    first = np.array([[float(i == k) for k in range(classes)] for i, _ in pairs])
    second = np.array([[float(j == k) for k in range(classes)] for _, j in pairs])
    votes = graph.node("Add", graph.node("MatMul", won, first - second), second.sum(axis=0))
    return graph.node("ArgMax", votes, axis=1, keepdims=0)


def _shares(estimator: SVC, scores: str, graph: Builder) -> str:
    """Return P(first class) of each pair [n, pairs], by Platt's sigmoid."""
    line = graph.node("Add", graph.node("Mul", scores, estimator._probA), estimator._probB)
    positive = graph.sigmoid(graph.node("Neg", line))
    low, high = np.array(LEAST), np.array(1 - LEAST)
    return graph.node("Min", graph.node("Max", positive, low), high)
