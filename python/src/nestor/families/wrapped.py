"""A graph that somebody else made, with what says its right answers: its estimator, or else the graph itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from ..answers import Answers, Target, decide
from ..conversion import Conversion, session
from ..encoders import Column, Encoder, Tabular
from ..fields import Field
from ..frames import Frame
from ..front import Front
from ..part_encoders import String, joined

# Where the operators for trees keep their thresholds.
SPLITS = ("nodes_splits", "nodes_values_as_tensor", "nodes_values")


@dataclass
class Wrapped:
    """A graph that can be served: one tensor for all numbers (`numbers`: its columns) and one for each of `strings`.

    `outputs`, `decision`, `classes` and `targets` are the manifest's. `answer` says the right answers of a frame; None:
    the graph.
    """

    graph: onnx.ModelProto
    numbers: Sequence[str]
    strings: Sequence[str]
    tensors: Sequence[dict[str, Any]]
    outputs: list[dict[str, Any]]
    decision: dict[str, Any]
    classes: list[Any] | None
    targets: Sequence[Target] = ()
    answer: Callable[[Frame], Answers] | None = None

    @property
    def feature_names_in_(self) -> list[str]:
        """The inputs, which the columns of an array are called by."""
        return [*self.numbers, *self.strings]

    def encoder(self, fields: Sequence[Field]) -> Encoder:
        """Return what fills the graph's tensors."""
        parts: list[Encoder] = []
        tensors = list(self.tensors)
        if self.numbers:
            tensor = tensors.pop(0)
            columns = [Column(name, name) for name in self.numbers]
            parts.append(Tabular(fields, columns, tensor["datatype"], tensor["name"]))
        strings = zip(self.strings, tensors, strict=True)
        return joined(parts + [String(name, tensor["name"]) for name, tensor in strings])


def matches(estimator: Any) -> bool:
    """Whether it is a Wrapped."""
    return isinstance(estimator, Wrapped)


def load(folder: Path, manifest: dict[str, Any]) -> Wrapped:
    """Return the graph of a folder that holds no estimator; its answers are its own."""
    encoding = manifest["encoding"]
    parts = encoding["parts"] if encoding["encoder"] == "parts" else [encoding]
    return Wrapped(
        graph=onnx.load(folder / "model.onnx"),
        numbers=[column["input"] for part in parts for column in part.get("columns", [])],
        strings=[part["input"] for part in parts if part["encoder"] == "string"],
        tensors=manifest["tensors"]["inputs"],
        outputs=manifest["tensors"]["outputs"],
        decision=manifest["decision"],
        classes=_values(manifest),
        targets=[Target(each["name"], _values(each)) for each in manifest.get("targets", [])],
    )


def _values(entry: dict[str, Any]) -> list[Any] | None:
    return [each["value"] for each in entry["classes"]] if "classes" in entry else None


def convert(estimator: Wrapped, front: Front, classes: Sequence[Any] | None) -> Conversion:
    """Return the graph with its reference."""
    encoder = estimator.encoder(front.fields)
    values = estimator.decision["kind"] == "value"
    return Conversion(
        graph=estimator.graph,
        encoder=encoder,
        outputs=estimator.outputs,
        decision=estimator.decision,
        classes=estimator.classes,
        targets=estimator.targets,
        answer=estimator.answer or _own(estimator, encoder),
        files={},
        libraries=[],
        limits={"relative": 1e-4} if values else {"probability": 1e-4},
        # Kernels of other processors add in another order.
        floors={"raw": 1e-6 if values else 0.0, "probability": 1e-6},
        thresholds=_thresholds(estimator),
        dtype=np.float64 if estimator.tensors[0]["datatype"] == "FP64" else np.float32,
    )


def _thresholds(estimator: Wrapped) -> dict[str, list[float]]:
    """Return the distinct thresholds by input, ascending, of trees that read the numbers as they come."""
    found: dict[str, set[float]] = {}
    trees = [node for node in estimator.graph.graph.node if node.op_type.startswith("TreeEnsemble")]
    for node in trees if estimator.numbers else []:
        if node.input[0] != estimator.tensors[0]["name"]:
            continue
        given = {each.name: helper.get_attribute_value(each) for each in node.attribute}
        splits = next(given[name] for name in SPLITS if name in given)
        splits = numpy_helper.to_array(splits) if isinstance(splits, onnx.TensorProto) else splits
        # The elder operators list leaves too, with 0 for the threshold: one more number to ask for.
        for feature, split in zip(given["nodes_featureids"], splits, strict=True):
            found.setdefault(estimator.numbers[feature], set()).add(float(split))
    return {name: sorted(each) for name, each in found.items()}


def _own(estimator: Wrapped, encoder: Encoder) -> Callable[[Frame], Answers]:
    runs = session(estimator.graph)
    names = [tensor["name"] for tensor in estimator.outputs]

    def answer(frame: Frame) -> Answers:
        outputs = dict(zip(names, runs.run(names, encoder.encode(frame)), strict=True))
        return decide(estimator.decision, outputs, estimator.classes, estimator.targets)

    return answer
