"""The text classifier of `nestor.torch_text` as a graph.

The net is ours, so its graph is written by hand from the same weights: no exporter stands between the two.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from onnx import TensorProto, helper
from safetensors import safe_open
from safetensors.torch import save

from .. import graphs
from ..answers import Answers
from ..conversion import Conversion
from ..fields import text_input
from ..frames import Frame
from ..front import Front
from ..text_encoders import PADDING, VOCABULARY, Tokens
from ..torch_text import Shape, TextClassifier

FILE = "estimator.safetensors"


def matches(estimator: Any) -> bool:
    """Whether it is a TextClassifier."""
    return isinstance(estimator, TextClassifier)


def load(folder: Path, manifest: dict[str, Any]) -> TextClassifier:
    """Return the classifier of an artifact folder."""
    terms = json.loads((folder / VOCABULARY).read_text())["terms"]
    with safe_open(folder / FILE, framework="pt") as file:
        options = json.loads(file.metadata()["shape"])
        shape = Shape(**{**options, "windows": tuple(options["windows"])})
        made = TextClassifier(terms, shape)
        made.net.load_state_dict({key: file.get_tensor(key) for key in file.keys()})  # noqa: SIM118 (not a dict)
    return made


def convert(estimator: TextClassifier, front: Front, classes: Sequence[Any] | None) -> Conversion:
    """Return the net as a graph."""
    input_ = text_input(front.fields, "TextClassifier")
    encoder = estimator.encoder(input_)
    values = list(classes or (0, 1))
    output = {"name": "raw_score", "datatype": "FP32", "shape": [-1, 1]}

    def answer(frame: Frame) -> Answers:
        raw = estimator.raw(frame[input_].tolist())
        positive = torch.sigmoid(torch.from_numpy(raw)).numpy()[:, 0]
        probabilities = np.stack([1 - positive, positive], axis=1)
        return Answers(raw, probabilities, np.array(values)[(positive > 0.5).astype(int)])

    shape = {"shape": json.dumps(asdict(estimator.shape))}
    return Conversion(
        graph=_graph(estimator, encoder, output),
        encoder=encoder,
        outputs=[output],
        decision={"kind": "sigmoid", "output": "raw_score", "precision": "FP32"},
        classes=values,
        answer=answer,
        files={FILE: save(estimator.net.state_dict(), metadata=shape), VOCABULARY: encoder.vocabulary()},
        libraries=["torch", "safetensors"],
        limits={"probability": 1e-4},
        floors={"raw": 1e-5, "probability": 2e-6},
    )


def _graph(estimator: TextClassifier, encoder: Tokens, output: dict[str, Any]) -> Any:
    node = helper.make_node
    weights = {name: tensor.numpy() for name, tensor in estimator.net.state_dict().items()}
    constants = {"padding": np.array(PADDING), "axis_1": np.array([1]), "axis_2": np.array([2]), **weights}
    nodes = [
        node("Equal", ["ids", "padding"], ["is_padding"]),
        node("Not", ["is_padding"], ["is_word"]),
        node("Cast", ["is_word"], ["word"], to=TensorProto.FLOAT),
        node("Unsqueeze", ["word", "axis_1"], ["mask"]),
        node("Gather", ["embedding.weight", "ids"], ["embedded"]),
        node("Transpose", ["embedded"], ["columns"], perm=[0, 2, 1]),
        node("Mul", ["columns", "mask"], ["words"]),
    ]
    means = []
    shape = estimator.shape
    constants["members"] = np.array([0, shape.members, shape.filters])
    for i, size in enumerate(shape.windows):
        pads = [size - 1, size - 1]
        conv = ["words", f"windows.{i}.weight", f"windows.{i}.bias"]
        nodes += [
            node("MaxPool", ["mask"], [f"seen_{i}"], kernel_shape=[size], pads=pads),
            node("Conv", conv, [f"conv_{i}"], pads=pads, group=shape.members),
            node("Relu", [f"conv_{i}"], [f"relu_{i}"]),
            node("Mul", [f"relu_{i}", f"seen_{i}"], [f"masked_{i}"]),
            node("ReduceSum", [f"masked_{i}", "axis_2"], [f"sum_{i}"], keepdims=0),
            node("ReduceSum", [f"seen_{i}", "axis_2"], [f"count_{i}"], keepdims=0),
            node("Div", [f"sum_{i}", f"count_{i}"], [f"mean_{i}"]),
            node("Reshape", [f"mean_{i}", "members"], [f"part_{i}"]),
        ]
        means.append(f"part_{i}")
    nodes += [
        node("Concat", means, ["features"], axis=2),
        node("Mul", ["features", "weight"], ["products"]),
        node("ReduceSum", ["products", "axis_2"], ["sums"], keepdims=0),
        node("Add", ["sums", "bias"], ["scores"]),
        node("ReduceMean", ["scores", "axis_1"], ["raw_score"], keepdims=1),
    ]
    return graphs.model(nodes, encoder.tensors, [output], [graphs.constant(n, v) for n, v in constants.items()])
