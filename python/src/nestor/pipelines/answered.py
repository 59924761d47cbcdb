"""What an estimator's graph answers, as float64 tensors of a larger graph; it is what the server would make of it."""

from typing import Any

import numpy as np
from onnx import TensorProto

from ..conversion import Conversion
from ..errors import UnsupportedModel
from .builder import Builder

# The output of a part that gives what its `decision_function` does, where its decision does not name one.
DECISION = "decision"


class Part:
    """A part of a composed estimator whose graph has been put into `graph`."""

    def __init__(self, made: Conversion, graph: Builder, where: str) -> None:
        self.made, self.graph, self.where = made, graph, where
        self.outputs = graph.inline(made.graph)
        self.kind: str = made.decision["kind"]

    def value(self) -> str:
        """Return the value [n, 1] of a regression."""
        if self.kind != "value":
            raise UnsupportedModel(f"{self.where} is no regression of one value; use one that is")
        return self._double(self._output("output"))

    def probabilities(self) -> str:
        """Return the probabilities [n, classes]; raise UnsupportedModel for an estimator that has none."""
        if self.kind == "sigmoid":
            powers = self._exp(self.graph.node("Neg", self._output("output")))
            one = self.graph.node("CastLike", 1.0, powers)
            positive = self.graph.node("Div", one, self.graph.node("Add", one, powers))
            return self._double(self.graph.node("Concat", self.graph.node("Sub", one, positive), positive, axis=1))
        if self.kind == "softmax":
            raw = self._output("output")
            powers = self._exp(
                self.graph.node("Sub", raw, self.graph.node("ReduceMax", raw, np.array([1]), keepdims=1))
            )
            total = self.graph.node("ReduceSum", self._double(powers), np.array([1]), keepdims=1)
            return self._double(self.graph.node("Div", powers, self.graph.node("CastLike", total, powers)))
        if "probabilities" not in self.made.decision:
            raise UnsupportedModel(f"{self.where} has no probabilities; wrap it in CalibratedClassifierCV")
        return self._double(self._output("probabilities"))

    def scores(self) -> str:
        """Return what `decision_function` gives [n, 1 or classes]; raise UnsupportedModel where that is no output."""
        if DECISION in self.outputs:
            return self.outputs[DECISION]
        if self.kind not in ("sigmoid", "softmax", "margin"):
            raise UnsupportedModel(
                f"{self.where} has a decision_function whose values its graph does not give; "
                "calibrate an estimator that has predict_proba alone"
            )
        return self._double(self._output("output"))

    def labels(self) -> str:
        """Return the class values [n], whole numbers, that `predict` gives."""
        if "label" in self.made.decision:
            return self.graph.node("Reshape", self._output("label"), np.array([-1]))
        if self.kind == "sigmoid":
            positive = self.graph.node("Gather", self.probabilities(), np.array(1), axis=1)
            index = self.graph.node("Cast", self.graph.node("Greater", positive, 0.5), to=TensorProto.INT64)
        elif self.kind == "margin" and len(self.made.classes or ()) == 2:
            score = self.graph.node("Gather", self.scores(), np.array(0), axis=1)
            index = self.graph.node("Cast", self.graph.node("Greater", score, 0.0), to=TensorProto.INT64)
        else:
            raw = self.kind == "margin" or self.made.decision.get("argmax") == "raw"
            index = self.graph.node("ArgMax", self.scores() if raw else self.probabilities(), axis=1, keepdims=0)
        return self.graph.node("Gather", np.array(self.made.classes, dtype=np.int64), index)

    def _output(self, key: str) -> str:
        return self.outputs[self.made.decision[key]]

    def _exp(self, name: str) -> str:
        """Return exp(x), rounded to float32 where the decision is: the runtime's own float32 is off by more."""
        powers = self.graph.node("Exp", self._double(name))
        return self._single(powers) if self.made.decision.get("precision") == "FP32" else powers

    def _single(self, name: str) -> str:
        return self.graph.node("Cast", name, to=TensorProto.FLOAT)

    def _double(self, name: str) -> str:
        return self.graph.node("Cast", name, to=TensorProto.DOUBLE)


def interpolated(name: str, xs: Any, ys: Any, graph: Builder) -> str:
    """Return np.interp(x, xs, ys) of a tensor [n, 1], in the order of numpy's arithmetic."""
    xs, ys = np.asarray(xs, dtype=np.float64), np.asarray(ys, dtype=np.float64)
    slopes = np.append(np.diff(ys) / np.diff(xs), 0.0)
    over = graph.node("Cast", graph.node("GreaterOrEqual", name, xs[np.newaxis]), to=TensorProto.INT64)
    count = graph.node("ReduceSum", over, np.array([1]), keepdims=1)
    place = graph.node("Max", graph.node("Sub", count, np.array(1)), np.array(0))
    start = graph.node("Sub", name, graph.node("Gather", xs, place))
    risen = graph.node("Mul", graph.node("Gather", slopes, place), start)
    inner = graph.node("Add", risen, graph.node("Gather", ys, place))
    inner = graph.node("Where", graph.node("LessOrEqual", name, float(xs[0])), float(ys[0]), inner)
    return graph.node("Where", graph.node("GreaterOrEqual", name, float(xs[-1])), float(ys[-1]), inner)
