"""Probabilities of classes from those of pairs of classes, as libsvm couples them.

Source: `multiclass_probability` in libsvm's svm.cpp.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
from onnx import GraphProto, TensorProto, helper

from .builder import Builder

# Wu, Lin and Weng's second method: so many rounds at most, and how near to its fixed point a row is done.
ROUNDS, NEAR = 100, 0.005


def coupled(pairs: str, classes: int, graph: Builder) -> str:
    """Return probabilities [n, classes] from P(first of each pair) [n, pairs], pairs in lexicographic order."""
    place = {pair: i for i, pair in enumerate(combinations(range(classes), 2))}
    count = len(place)
    column = graph.node("Gather", pairs, np.array([0]), axis=1)
    zero = graph.node("Sub", column, column)
    every = graph.node("Concat", pairs, graph.node("Sub", 1.0, pairs), zero, axis=1)
    order = [
        2 * count if i == j else place[i, j] if i < j else count + place[j, i]
        for i in range(classes)
        for j in range(classes)
    ]
    shape = np.array([-1, classes, classes])
    won = graph.node("Reshape", graph.node("Gather", every, np.array(order), axis=1), shape)
    lost = graph.node("Transpose", won, perm=[0, 2, 1])
    diagonal = graph.node("ReduceSum", graph.node("Mul", lost, lost), np.array([2]), keepdims=1)
    apart = graph.node("Neg", graph.node("Mul", lost, won))
    q = graph.node("Add", apart, graph.node("Mul", diagonal, np.eye(classes)))
    start = graph.node("Add", graph.node("Mul", graph.node("Squeeze", diagonal, np.array([2])), 0.0), 1 / classes)
    open_ = graph.node("Less", graph.node("ReduceMax", start, np.array([1]), keepdims=1), 0.0)
    name = f"coupled_{len(graph.nodes)}"
    limit, more = graph.constant(np.array(max(ROUNDS, classes))), graph.constant(np.array(True))
    body = _round(name, q, classes, NEAR / classes)
    graph.nodes.append(helper.make_node("Loop", [limit, more, start, open_], [name, f"{name}_done"], body=body))
    return name


def _round(prefix: str, q: str, classes: int, near: float) -> GraphProto:
    """Return the body of the loop: one round for the rows that are not done."""
    nodes: list[Any] = []
    constants: list[Any] = []

    def node(kind: str, inputs: Sequence[str], **attributes: Any) -> str:
        nodes.append(helper.make_node(kind, list(inputs), [f"{prefix}_{len(nodes)}"], **attributes))
        return f"{prefix}_{len(nodes) - 1}"

    def constant(values: Any) -> str:
        array = np.asarray(values)
        kind = TensorProto.INT64 if array.dtype.kind == "i" else TensorProto.DOUBLE
        constants.append(helper.make_tensor(f"{prefix}_c{len(constants)}", kind, array.shape, array.ravel().tolist()))
        return constants[-1].name

    one, first, last = constant(1.0), constant([1]), constant([2])
    p, done = f"{prefix}_p", f"{prefix}_was_done"
    qp = node("ReduceSum", [node("Mul", [q, node("Unsqueeze", [p, first])]), last], keepdims=0)
    pqp = node("ReduceSum", [node("Mul", [p, qp]), first], keepdims=1)
    far = node("ReduceMax", [node("Abs", [node("Sub", [qp, pqp])]), first], keepdims=1)
    now = node("Or", [done, node("Less", [far, constant(near)])])
    new = p
    for t in range(classes):
        at, hot = constant([t]), constant(np.eye(classes)[t][np.newaxis])
        row = node("Squeeze", [node("Gather", [q, at], axis=1), first])
        own, here = node("Gather", [row, at], axis=1), node("Gather", [qp, at], axis=1)
        step = node("Div", [node("Sub", [pqp, here]), own])
        grown = node("Add", [one, step])
        twice = node("Add", [node("Mul", [step, own]), node("Add", [here, here])])
        pqp = node("Div", [node("Div", [node("Add", [pqp, node("Mul", [step, twice])]), grown]), grown])
        qp = node("Div", [node("Add", [qp, node("Mul", [step, row])]), grown])
        new = node("Div", [node("Add", [new, node("Mul", [step, hot])]), grown])
    kept = node("Where", [now, p, new])
    undone = node("Cast", [node("Not", [now])], to=TensorProto.INT64)
    more = node("Cast", [node("ReduceMax", [undone, constant([0, 1])], keepdims=0)], to=TensorProto.BOOL)
    info = helper.make_tensor_value_info
    shape: list[str | int | None] = ["batch", classes]
    column: list[str | int | None] = ["batch", 1]
    return helper.make_graph(
        nodes,
        prefix,
        [
            info(f"{prefix}_round", TensorProto.INT64, []),
            info(f"{prefix}_more", TensorProto.BOOL, []),
            info(p, TensorProto.DOUBLE, shape),
            info(done, TensorProto.BOOL, column),
        ],
        [
            info(more, TensorProto.BOOL, []),
            info(kept, TensorProto.DOUBLE, shape),
            info(now, TensorProto.BOOL, column),
        ],
        constants,
    )
