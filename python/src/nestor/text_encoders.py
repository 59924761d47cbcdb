"""How a text becomes tensors: weighted terms, or a sequence of token ids."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

VOCABULARY = "vocabulary.json"
PADDING, UNKNOWN, FIRST_TERM = 0, 1, 2


@dataclass
class TextEncoder:
    """What both have in common: an input, its terms in the order of their ids, and a pattern of a token."""

    input: str
    terms: Sequence[str]
    pattern: str
    tensors: list[dict[str, Any]] = field(init=False)
    chunk = 256

    def __post_init__(self) -> None:
        self.index = {term: i for i, term in enumerate(self.terms)}
        self.find = re.compile(self.pattern).findall

    def tokens(self, text: str) -> list[str]:
        """Return the tokens of the lower-cased text."""
        return self.find(text.lower())

    def padded(self, rows: Sequence[Sequence[Any]], dtype: type) -> np.ndarray:
        """Return `[n, longest row, at least 1]`, zeros behind the end of each row."""
        out: np.ndarray = np.zeros((len(rows), max(1, max(map(len, rows), default=1))), dtype=dtype)
        for i, row in enumerate(rows):
            out[i, : len(row)] = row
        return out


@dataclass
class Tfidf(TextEncoder):
    """Two tensors `[n, k]`: ids of the known terms of a text, ascending, and their tf-idf weights of length 1."""

    idf: np.ndarray

    def __post_init__(self) -> None:
        super().__post_init__()
        self.tensors = [
            {"name": "ids", "datatype": "INT64", "shape": [-1, -1]},
            {"name": "weights", "datatype": "FP64", "shape": [-1, -1]},
        ]

    def encode(self, frame: pd.DataFrame) -> dict[str, np.ndarray]:
        """Return `{"ids", "weights"}`; a text without a known term has weights 0 only."""
        ids, weights = [], []
        for text in frame[self.input]:
            counts = sorted(Counter(self.index[t] for t in self.tokens(text) if t in self.index).items())
            ids.append([term for term, _ in counts])
            raw = np.array([count for _, count in counts]) * self.idf[ids[-1]]
            weights.append(raw / np.sqrt(np.sum(raw * raw)) if counts else raw)
        return {"ids": self.padded(ids, np.int64), "weights": self.padded(weights, np.float64)}

    def manifest(self) -> dict[str, Any]:
        """Return the manifest's `encoding`."""
        place = {"encoder": "tfidf", "input": self.input, "vocabulary": VOCABULARY}
        return {**place, "sublinear_tf": False, "norm": "l2"}

    def vocabulary(self) -> bytes:
        """Return vocabulary.json."""
        return _document({"terms": list(self.terms), "idf": self.idf.tolist()})


@dataclass
class Tokens(TextEncoder):
    """One tensor `[n, longest]` of token ids: 0 padding, 1 unknown, then the terms."""

    maximum_tokens: int

    def __post_init__(self) -> None:
        super().__post_init__()
        self.tensors = [{"name": "ids", "datatype": "INT64", "shape": [-1, -1]}]

    def ids(self, text: str) -> list[int]:
        """Return the ids of the first `maximum_tokens` tokens; a text without tokens is one unknown."""
        tokens = self.tokens(text)[: self.maximum_tokens]
        return [self.index[t] + FIRST_TERM if t in self.index else UNKNOWN for t in tokens] or [UNKNOWN]

    def encode(self, frame: pd.DataFrame) -> dict[str, np.ndarray]:
        """Return `{"ids"}`."""
        return {"ids": self.padded([self.ids(text) for text in frame[self.input]], np.int64)}

    def manifest(self) -> dict[str, Any]:
        """Return the manifest's `encoding`."""
        place = {"encoder": "tokens", "input": self.input, "vocabulary": VOCABULARY}
        return {**place, "maximum_tokens": self.maximum_tokens, "token_pattern": self.pattern}

    def vocabulary(self) -> bytes:
        """Return vocabulary.json."""
        return _document({"terms": list(self.terms)})


def _document(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n").encode()
