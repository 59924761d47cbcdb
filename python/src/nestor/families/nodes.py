"""A float64 graph that is written operator by operator."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from .. import graphs


class Nodes:
    """Operators behind the tensor that a front names; whatever they take beside tensors becomes a constant."""

    def __init__(self, tensor: Mapping[str, Any]) -> None:
        self.tensor = dict(tensor)
        self.rows = str(tensor["name"])
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[TensorProto] = []

    def add(self, kind: str, *inputs: Any, **attributes: Any) -> str:
        """Return the name of what an operator gives."""
        names = [each if isinstance(each, str) else self._constant(each) for each in inputs]
        self.nodes.append(helper.make_node(kind, names, [f"node_{len(self.nodes)}"], **attributes))
        return str(self.nodes[-1].output[0])

    def largest(self, tensor: str, count: int, largest: bool = True) -> tuple[str, str]:
        """Return the `count` largest (or smallest) numbers of each row, and the columns that they stand in."""
        names = [f"node_{len(self.nodes)}", f"node_{len(self.nodes)}_columns"]
        inputs = [tensor, self._constant(np.array([count]))]
        self.nodes.append(helper.make_node("TopK", inputs, names, axis=1, largest=int(largest)))
        return names[0], names[1]

    def squared_distances(self, points: np.ndarray, rows: str | None = None) -> str:
        """Return the squared Euclidean distance [n, points] of the rows, or of others, to points [points, columns]."""
        each = self.add("Unsqueeze", rows or self.rows, np.array([1]))
        apart = self.add("Sub", each, points[np.newaxis].astype(np.float64))
        return self.add("ReduceSum", self.add("Mul", apart, apart), np.array([2]), keepdims=0)

    def sigmoid(self, tensor: str) -> str:
        """Return 1 / (1 + exp(-x)); the runtime's own Sigmoid is off by up to half a percent where it is small."""
        return self.add("Div", 1.0, self.add("Add", 1.0, self.add("Exp", self.add("Neg", tensor))))

    def chosen(self, values: Sequence[Any], index: str) -> str:
        """Return the class values [n] at the places that a tensor of whole numbers gives."""
        flat = self.add("Reshape", self.add("Cast", index, to=TensorProto.INT64), np.array([-1]))
        return self.add("Gather", np.array(values, dtype=object if words(values) else np.int64), flat)

    def finish(self, outputs: Mapping[str, tuple[dict[str, Any], str]]) -> onnx.ModelProto:
        """Return the model: by its name each output, how it is declared and the tensor that it is."""
        for name, (_, tensor) in outputs.items():
            self.nodes.append(helper.make_node("Identity", [tensor], [name]))
        return graphs.model(self.nodes, [self.tensor], [each for each, _ in outputs.values()], self.constants)

    def _constant(self, values: Any) -> str:
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values), name))
        return name


def dense(values: Any) -> np.ndarray:
    """Return an array that may be sparse: an estimator that was fitted on sparse rows keeps some of its own so."""
    return np.asarray(values.toarray() if hasattr(values, "toarray") else values)


def words(values: Sequence[Any]) -> bool:
    """Whether class values are words, not whole numbers."""
    return any(isinstance(value, str) for value in values)


def label(values: Sequence[Any]) -> dict[str, Any]:
    """Return the output tensor of labels."""
    return {"name": "label", "datatype": "BYTES" if words(values) else "INT64", "shape": [-1]}


def numbers(name: str, width: int) -> dict[str, Any]:
    """Return an output tensor [n, width] of float64."""
    return {"name": name, "datatype": "FP64", "shape": [-1, width]}
