"""Texts among the columns of a pipeline: a vectorizer's terms as a dense tensor, and the weights of counts."""

from typing import Any

import numpy as np
from onnx import numpy_helper
from sklearn.feature_extraction.text import TfidfTransformer

from ..errors import UnsupportedModel
from ..vectorizers import encoded
from .builder import Builder, Tensor
from .cells import Cells, Input

# A row is a number for each term here, and a run has up to 128 rows.
MOST_TERMS = 100_000


def vectorized(step: Any, cells: Cells, graph: Builder, where: str) -> Cells:
    """Return a column for each term of a fitted vectorizer, which reads one text."""
    if len(cells.cells) != 1 or not (isinstance(cell := cells.cells[0], Input) and cell.field.type == "text"):
        raise UnsupportedModel(f"{where} reads one text; give it a column of texts by its name, not by a list of names")
    encoder = encoded(step, cell.field.name, len(graph.texts) + 1)
    width = len(encoder.terms)
    if width > MOST_TERMS:
        raise UnsupportedModel(
            f"{where} has {width:,} terms, and this estimator would read a number for each; fit it with "
            f"max_features={MOST_TERMS} or less, or with a linear model or naive Bayes alone behind it"
        )
    graph.texts.append(encoder)
    rows = graph.node("Shape", encoder.ids, start=0, end=1)
    zeros = graph.node(
        "ConstantOfShape",
        graph.node("Concat", rows, np.array([width]), axis=0),
        value=numpy_helper.from_array(np.zeros(1)),
    )
    dense = graph.node("ScatterElements", zeros, encoder.ids, encoder.weights, axis=1, reduction="add")
    return Cells(tuple(graph.sized(dense, width).cells()), sparse=True)


def weighted(step: TfidfTransformer, x: Tensor, graph: Builder, sparse: bool, where: str) -> Tensor:
    """Return what a TfidfTransformer makes of counts."""
    name = x.name
    if step.sublinear_tf:
        absent = graph.node("Equal", name, 0.0)
        logs = graph.node("Add", graph.node("Log", graph.node("Where", absent, 1.0, name)), 1.0)
        name = graph.node("Where", absent, 0.0, logs)
    if step.use_idf:
        name = graph.node("Mul", name, np.asarray(step.idf_).reshape(1, -1))
    if step.norm is not None:
        sizes = graph.node("Mul", name, name) if step.norm == "l2" else graph.node("Abs", name)
        length = graph.node("ReduceSum", sizes, np.array([1]), keepdims=1)
        length = graph.node("Sqrt", length) if step.norm == "l2" else length
        name = graph.node("Div", name, graph.node("Where", graph.node("Equal", length, 0.0), 1.0, length))
    return graph.sized(name, x.width)
