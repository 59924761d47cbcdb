"""A small convolutional text classifier in PyTorch: embedding, windows of words, their masked mean, one score.

The net is ours, so its ONNX graph is written by hand from the same weights: no exporter stands between the two.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from onnx import TensorProto, helper
from safetensors import safe_open
from safetensors.torch import save

from .. import graphs
from ..conversion import Answers, Conversion
from ..fields import Field, text_input
from ..text_encoders import FIRST_TERM, PADDING, VOCABULARY, Tokens

FILE = "estimator.safetensors"
CHUNK = 256

# A token is a stem before one or two common endings, the endings, "n't", "'s" and the like, any other word, "!" or "?".
# Only constructs that Python and JavaScript (flags gu) read alike; the bound on endings keeps the search linear.
ENDINGS = "ing|ings|ed|ly|es|s|er|ers|est|ness|ful|less|able|ment|ments|ion|ions|ity|ous|ive|y|e"
PATTERN = (
    rf"(?<![a-z0-9])[a-z]{{3,}}?(?=(?:{ENDINGS}){{1,2}}(?![a-z0-9]))"
    r"|[a-z]+(?=n't)|n't|'(?:s|re|ve|ll|d|m)|[a-z0-9]+|[!?]"
)


@dataclass(frozen=True)
class Shape:
    """The sizes of a net: members that vote, and for each its embedding width and filters; widths of the windows;
    how many tokens are read, and the pattern of a token."""

    members: int = 4
    embedding: int = 24
    filters: int = 32
    windows: tuple[int, ...] = (1, 2, 3)
    maximum_tokens: int = 64
    pattern: str = PATTERN


class TextNet(torch.nn.Module):
    """ids [n, L] int64, 0 = padding -> raw score [n, 1], the mean of the members'; padding never changes a score."""

    def __init__(self, terms: int, shape: Shape, dropout: float = 0.5) -> None:
        super().__init__()
        members, width = shape.members, shape.filters * len(shape.windows)
        self.embedding = torch.nn.Embedding(terms + FIRST_TERM, members * shape.embedding, padding_idx=PADDING)
        self.windows = torch.nn.ModuleList(
            torch.nn.Conv1d(members * shape.embedding, members * shape.filters, size, padding=size - 1, groups=members)
            for size in shape.windows
        )
        self.weight = torch.nn.Parameter(torch.empty(members, width).uniform_(-1, 1) / width**0.5)
        self.bias = torch.nn.Parameter(torch.zeros(members))
        self.dropout = torch.nn.Dropout(dropout)

    def member_scores(self, ids: torch.Tensor) -> torch.Tensor:
        """Return each member's raw score [n, members]; they share nothing, so each is trained on its own."""
        mask = (ids != PADDING).to(torch.float32).unsqueeze(1)  # [n, 1, L]
        words = self.dropout(self.embedding(ids).transpose(1, 2) * mask)  # [n, members * embedding, L]
        means = []
        for window in self.windows:
            assert isinstance(window, torch.nn.Conv1d)
            size = window.kernel_size[0]
            # A window counts if it touches a word: a text of l words has l + size - 1 of them, whatever the padding.
            touched = torch.nn.functional.max_pool1d(
                torch.nn.functional.pad(mask, (size - 1, size - 1)), size, stride=1
            )
            mean = (torch.relu(window(words)) * touched).sum(2) / touched.sum(2)
            means.append(mean.unflatten(1, (len(self.bias), -1)))  # [n, members, filters]
        return (self.dropout(torch.cat(means, dim=2)) * self.weight).sum(2) + self.bias

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Return the raw scores [n, 1]."""
        return self.member_scores(ids).mean(1, keepdim=True)


class TextClassifier:
    """A net with its vocabulary: answers texts. Class 1 is the one the score speaks for."""

    def __init__(self, terms: Sequence[str], shape: Shape, net: TextNet | None = None) -> None:
        self.terms, self.shape = list(terms), shape
        self.net = net or TextNet(len(self.terms), shape)

    def encoder(self, input_: str) -> Tokens:
        """Return the encoder of the net's ids."""
        return Tokens(input_, self.terms, self.shape.pattern, self.shape.maximum_tokens)

    def raw(self, texts: Sequence[str]) -> np.ndarray:
        """Return the raw scores `[n, 1]`, float32."""
        encoder = self.encoder("text")
        self.net.eval()
        parts = []
        with torch.no_grad():
            for start in range(0, len(texts), CHUNK):
                ids = encoder.encode(pd.DataFrame({"text": list(texts[start : start + CHUNK])}))["ids"]
                parts.append(self.net(torch.from_numpy(ids)).numpy())
        return np.concatenate(parts)


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


def convert(estimator: TextClassifier, fields: Sequence[Field], classes: Sequence[Any] | None) -> Conversion:
    """Return the net as a graph."""
    input_ = text_input(fields, "TextClassifier")
    encoder = estimator.encoder(input_)
    values = list(classes or (0, 1))
    output = {"name": "raw_score", "datatype": "FP32", "shape": [-1, 1]}

    def answer(frame: pd.DataFrame) -> Answers:
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
        limits={"probability": 1e-5},
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
