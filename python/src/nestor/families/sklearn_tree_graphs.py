"""Graphs of scikit-learn's trees: sums in the trees' own order, and the arithmetic of each estimator behind them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from .. import graphs
from .tree_ensemble import BRANCH_LEQ, Tree, ensemble_node


@dataclass(frozen=True)
class Drawn:
    """What was drawn of an estimator: its trees, and by which names the graph holds its answers.

    `indices` [n] are the numbers of the classes, one for each output; probabilities [n, classes] of several outputs
    stand side by side. `value` is [n, outputs], `score` [n, 1], `decision` what `decision_function` gives. Where it is
    `exact`, no bit differs from the estimator.
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


class Graph:
    """Nodes that are added one by one; whatever they take beside tensors becomes a constant."""

    def __init__(self, tensor: dict[str, Any]) -> None:
        self.tensor = tensor
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[TensorProto] = []

    def add(self, kind: str, *inputs: Any, **attributes: Any) -> str:
        """Return the name of what an operator gives."""
        names = [each if isinstance(each, str) else self._constant(each) for each in inputs]
        return self._added(helper.make_node(kind, names, [f"tree_{len(self.nodes)}"], **attributes))

    def sums(self, trees: Sequence[Tree], width: int) -> str:
        """Return the sums [n, width] of the trees' leaves, tree after tree.

        scikit-learn rounds the rows to float32 before it compares them with float64 thresholds.
        """
        rows = str(self.tensor["name"])
        if self.tensor["datatype"] == "FP32":
            rows = self.add("Cast", rows, to=TensorProto.DOUBLE)
        return self._added(ensemble_node(trees, BRANCH_LEQ, rows, f"tree_{len(self.nodes)}", width, "FP64"))

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

    def sorted(self, tensor: str, size: int) -> tuple[str, str]:
        """Return the rows of a tensor [n, size] from the least to the largest, and the columns they stood in."""
        names = [f"tree_{len(self.nodes)}", f"tree_{len(self.nodes)}_columns"]
        self.nodes.append(helper.make_node("TopK", [tensor, self._constant([size])], names, axis=1, largest=0))
        return names[0], names[1]

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

    def second_where(self, condition: str) -> str:
        """Return the number [n] of the class: 1 where the condition [n, 1] holds, else 0."""
        return self.add("Reshape", self.add("Cast", condition, to=TensorProto.INT64), np.array([-1]))

    def finish(self, outputs: Sequence[dict[str, Any]], names: Sequence[str]) -> onnx.ModelProto:
        """Return the model whose outputs are the tensors of these names."""
        for output, name in zip(outputs, names, strict=True):
            self.nodes.append(helper.make_node("Identity", [name], [output["name"]]))
        return graphs.model(self.nodes, [self.tensor], outputs, self.constants)

    def _added(self, node: onnx.NodeProto) -> str:
        self.nodes.append(node)
        return str(node.output[0])

    def _constant(self, values: Any) -> str:
        name = f"tree_constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values), name))  # a number stays one: no axis is added
        return name
