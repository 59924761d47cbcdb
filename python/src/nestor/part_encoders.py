"""Encoders that stand beside others: a column of strings, and several encoders one behind the other."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .encoders import Encoder
from .frames import Frame


@dataclass
class String:
    """One tensor of strings `[n, 1]`: an input as it is, for a graph that reads words by itself."""

    input: str
    name: str
    tensors: list[dict[str, Any]] = field(init=False)
    chunk = 10_000

    def __post_init__(self) -> None:
        self.tensors = [{"name": self.name, "datatype": "BYTES", "shape": [-1, 1]}]

    def encode(self, frame: Frame) -> dict[str, np.ndarray]:
        """Return `{name: array}` of texts."""
        return {self.name: frame[self.input].astype(object)[:, np.newaxis]}

    def manifest(self) -> dict[str, Any]:
        """Return the manifest's `encoding`."""
        return {"encoder": "string", "input": self.input}


@dataclass
class Parts:
    """The tensors of several encoders, in their order."""

    parts: Sequence[Encoder]
    tensors: list[dict[str, Any]] = field(init=False)
    chunk: int = field(init=False)

    def __post_init__(self) -> None:
        self.tensors = [tensor for part in self.parts for tensor in part.tensors]
        self.chunk = min(part.chunk for part in self.parts)

    def encode(self, frame: Frame) -> dict[str, np.ndarray]:
        """Return the arrays of all parts by name."""
        return {name: array for part in self.parts for name, array in part.encode(frame).items()}

    def manifest(self) -> dict[str, Any]:
        """Return the manifest's `encoding`."""
        return {"encoder": "parts", "parts": [part.manifest() for part in self.parts]}


def joined(parts: Sequence[Encoder]) -> Encoder:
    """Return the only part, or all of them one behind the other."""
    return parts[0] if len(parts) == 1 else Parts(parts)
