"""Operators one behind the other, and the links between a sum of trees and an answer."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper

from .. import graphs


class Chain:
    """A graph that is written operator by operator; `tensor` is what the last of them gave."""

    def __init__(self, input_: dict[str, Any]) -> None:
        self.input, self.tensor = input_, input_["name"]
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[TensorProto] = []

    def add(self, operator: str, *inputs: str | np.ndarray, **attributes: Any) -> str:
        """Append an operator; arrays become constants. Return the name of what it gives."""
        names = [each if isinstance(each, str) else self._constant(each) for each in inputs]
        return self.append(lambda output: helper.make_node(operator, names, [output], **attributes))

    def then(self, operator: str, *others: np.ndarray, **attributes: Any) -> str:
        """Append an operator whose first input is what the last one gave."""
        return self.add(operator, self.tensor, *others, **attributes)

    def append(self, make: Callable[[str], onnx.NodeProto]) -> str:
        """Append the node that is made for the name of its output; return that name."""
        self.tensor = f"step_{len(self.nodes)}"
        self.nodes.append(make(self.tensor))
        return self.tensor

    def cast(self, datatype: str) -> str:
        """Append a conversion to another datatype."""
        return self.then("Cast", to=graphs.ELEMENT[datatype])

    def _constant(self, values: np.ndarray) -> str:
        name = f"constant_{len(self.constants)}"
        self.constants.append(graphs.constant(name, values))
        return name

    def model(self, outputs: Sequence[dict[str, Any]], tensors: Sequence[str]) -> onnx.ModelProto:
        """Return the graph whose outputs are these tensors, under the outputs' names."""
        renamed = dict(zip(tensors, (each["name"] for each in outputs), strict=True))
        for node in self.nodes:
            for names in (node.input, node.output):
                names[:] = [renamed.get(name, name) for name in names]
        return graphs.model(self.nodes, [self.input], outputs, self.constants)


def exponential(chain: Chain) -> None:
    """exp(raw)."""
    chain.then("Exp")


def log_exponential(chain: Chain) -> None:
    """log(1 + exp(raw)); what 1 + exp(raw) loses to rounding is given back by the quotient, as log1p does."""
    power = chain.then("Exp")
    one_more = chain.add("Add", power, np.array(1.0))
    lost = chain.add("Equal", one_more, np.array(1.0))
    quotient = chain.add("Div", power, chain.add("Sub", one_more, np.array(1.0)))
    whole = chain.add("Mul", chain.add("Log", one_more), quotient)
    chain.add("Where", lost, power, whole)


def signed_square(chain: Chain) -> None:
    """sign(raw) * raw * raw."""
    chain.add("Mul", chain.add("Mul", chain.add("Sign", raw := chain.tensor), raw), raw)


def sigmoid(chain: Chain) -> None:
    """1 / (1 + exp(-raw))."""
    chain.then("Neg")
    chain.then("Exp")
    chain.then("Add", np.array(1.0))
    chain.add("Div", np.array(1.0), chain.tensor)
