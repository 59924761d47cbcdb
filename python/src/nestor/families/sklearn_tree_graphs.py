"""Graphs of scikit-learn's trees: sums in the trees' own order, and the arithmetic of each estimator behind them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from onnx import TensorProto

from .nodes import Nodes
from .tree_ensemble import BRANCH_LEQ, Tree, ensemble_node


@dataclass(frozen=True)
class Drawn:
    """What was drawn of an estimator: its trees, and by which names the graph holds its answers.

    `indices` are the numbers of the classes, one for each output, or whether it is the second; probabilities
    [n, classes] of several outputs stand side by side. `value` is [n, outputs], `score` [n, 1], `decision` what
    `decision_function` gives. Where it is `exact`, no bit differs from the estimator.
    """

    trees: Sequence[Tree]
    value: str | None = None
    score: str | None = None
    probabilities: str | None = None
    decision: str | None = None
    indices: Sequence[str] = ()
    exact: bool = True

    @property
    def numbers(self) -> tuple[str, str]:
        """The numbers that it answers: value, score or probabilities, and their name in the graph."""
        kinds = {"value": self.value, "score": self.score, "probabilities": self.probabilities}
        return next((kind, name) for kind, name in kinds.items() if name is not None)


class Graph(Nodes):
    """A float64 graph that also sums trees."""

    def sums(self, trees: Sequence[Tree], width: int) -> str:
        """Return the sums [n, width] of the trees' leaves, tree after tree.

        scikit-learn rounds the rows to float32 before it compares them with float64 thresholds.
        """
        single = self.tensor["datatype"] == "FP32"
        rows = self.add("Cast", self.rows, to=TensorProto.DOUBLE) if single else self.rows
        self.nodes.append(ensemble_node(trees, BRANCH_LEQ, rows, f"node_{len(self.nodes)}", width, "FP64"))
        return str(self.nodes[-1].output[0])

    def table_sums(self, trees: Sequence[Tree], table: np.ndarray) -> str:
        """Return the sums [n, width] of rows of `table` [leaves, width], tree after tree.

        Tree t has target t, and its leaves hold the numbers of their rows: the operator keeps one number per leaf, and
        a tree of several numbers would otherwise be there several times.
        """
        leaves = self.add("Cast", self.sums(trees, len(trees)), to=TensorProto.INT64)
        values = self.add("Gather", table, leaves)  # [n, trees, width]
        return self.last(self.add("CumSum", values, np.array(1)), len(trees))

    def last(self, tensor: str, size: int, *kept: int) -> str:
        """Return the last of `size` slices along the second axis: of a running sum it is the whole, in that order."""
        return self.add("Gather", tensor, np.array(size - 1).reshape(kept), axis=1)

    def split(self, tensor: str, sizes: Sequence[int]) -> list[str]:
        """Return the columns of a tensor [n, columns] in groups of these sizes."""
        if len(sizes) == 1:
            return [tensor]
        ends = np.cumsum(sizes).tolist()
        return [
            self.add("Gather", tensor, np.arange(end - size, end), axis=1)
            for size, end in zip(sizes, ends, strict=True)
        ]

    def softmax(self, scores: str) -> str:
        """Return the softmax of each row, shifted by the row's maximum."""
        axis = np.array([1])
        powers = self.add("Exp", self.add("Sub", scores, self.add("ReduceMax", scores, axis)))
        return self.add("Div", powers, self.add("ReduceSum", powers, axis))

    def sigmoid(self, scores: str) -> str:
        """Return the two probabilities [n, 2] of scores [n, 1]."""
        second = self.add("Div", 1.0, self.add("Add", 1.0, self.add("Exp", self.add("Neg", scores))))
        return self.add("Concat", self.add("Sub", 1.0, second), second, axis=1)

    def first_maximum(self, scores: str) -> str:
        """Return the number [n] of the first largest score of each row."""
        return self.add("ArgMax", scores, axis=1, keepdims=0)
