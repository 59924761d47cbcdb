"""Support vector classifiers with probabilities of their own: those of pairs, coupled; the label has the most votes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import helper
from sklearn.svm import SVC, NuSVC

from .. import graphs
from ..conversion import Conversion
from ..errors import UnsupportedModel
from ..front import Front
from ..pipelines.builder import Builder
from ..pipelines.coupling import coupled
from ..pipelines.decisions import pairwise
from ..pipelines.piped import Piped, begin
from . import persist
from .nodes import label, numbers, words
from .pipeline import outermost
from .svm import pairs_of

# libsvm keeps the probability of a pair so far from 0 and 1.
LEAST = 1e-7


def matches(estimator: Any) -> bool:
    """Whether it is an SVC or a NuSVC with probabilities of its own."""
    return type(estimator) in (SVC, NuSVC) and hasattr(estimator, "predict_proba")


def convert(estimator: SVC, front: Front, classes: Sequence[Any] | None) -> Conversion:
    """Return the estimator as a graph of elementary operators; raise UnsupportedModel for a kernel of its own."""
    if estimator.break_ties:
        raise UnsupportedModel(f"{type(estimator).__name__} breaks ties; fit it with break_ties=False")
    piped = begin(front, estimator)
    read = piped.reading(getattr(estimator, "feature_names_in_", None))
    graph, values = piped.graph, estimator.classes_.tolist()
    scores = pairwise(estimator, read.tensor["name"], graph)
    code = _winner(estimator, scores, graph)
    probabilities = coupled(_shares(estimator, scores, graph), len(values), graph)
    outputs = [label(values), numbers("probabilities", len(values))]
    inputs = [{**outputs[0], "name": code, "datatype": "INT64"}, {**outputs[1], "name": probabilities}]
    nodes = [
        helper.make_node("Gather", ["class_values", code], ["label"]),
        helper.make_node("Identity", [probabilities], ["probabilities"]),
    ]
    named = graphs.constant("class_values", np.array(values, dtype=object if words(values) else np.int64))

    made = Conversion(
        graph=piped.before(graphs.model(nodes, inputs, outputs, [named])),
        encoder=piped.encoder,
        outputs=outputs,
        decision={"kind": "labelled", "label": "label", "probabilities": "probabilities"},
        classes=values,
        answer=piped.labelled,
        files={persist.FILE: persist.dumps(estimator)},
        libraries=["scikit-learn", "skops"],
        limits={"probability": 1e-6},
        floors={"probability": 1e-12},
    )
    return made if isinstance(front, Piped) else outermost(made, piped)


def _winner(estimator: SVC, scores: str, graph: Builder) -> str:
    """Return the number [n] of the class that wins most pairs, the first of several."""
    _, wins, pairs = pairs_of(estimator)
    lost = graph.number(graph.node("LessOrEqual", scores, 0.0))
    votes = graph.node("Add", graph.node("MatMul", lost, -pairs), wins)
    return graph.node("ArgMax", votes, axis=1, keepdims=0)


def _shares(estimator: SVC, scores: str, graph: Builder) -> str:
    """Return P(first class) of each pair [n, pairs], by Platt's sigmoid."""
    line = graph.node("Add", graph.node("Mul", scores, estimator._probA), estimator._probB)
    positive = graph.sigmoid(graph.node("Neg", line))
    low, high = np.array(LEAST), np.array(1 - LEAST)
    return graph.node("Min", graph.node("Max", positive, low), high)
