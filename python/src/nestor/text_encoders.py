"""How a text becomes tensors: weighted terms, or a sequence of token ids."""

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .frames import Frame

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

    def padded(self, rows: Sequence[Any], dtype: type) -> np.ndarray:
        """Return rows `[n, longest row, at least 1]`, zeros behind the end of each row."""
        out: np.ndarray = np.zeros((len(rows), max(1, max(map(len, rows), default=1))), dtype=dtype)
        for i, row in enumerate(rows):
            out[i, : len(row)] = row
        return out


@dataclass(frozen=True)
class Terms:
    """What a text is counted by, in the words of scikit-learn's vectorizers, and how the counts are weighted.

    `pattern` is the token as JavaScript reads it, None for scikit-learn's own.
    """

    analyzer: str = "word"
    ngram_range: tuple[int, int] = (1, 1)
    lowercase: bool = True
    strip_accents: str | None = None
    token_pattern: str | None = None
    binary: bool = False
    sublinear_tf: bool = False
    norm: str | None = "l2"

    def manifest(self) -> dict[str, Any]:
        """Return the options as the manifest has them: those that are scikit-learn's defaults are absent."""
        always = ("sublinear_tf", "norm")
        chosen = {name: value for name, value in vars(self).items() if name in always or value != getattr(Terms, name)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in chosen.items()}


@dataclass
class Tfidf(TextEncoder):
    """Two tensors `[n, k]`: ids of the known terms of a text, ascending, and their weights.

    `idf` weighs the terms; without it they all weigh 1. `analyze` makes the terms of a text; without it they are the
    tokens of the lower-cased text. `number` tells several texts of a model apart.
    """

    idf: np.ndarray | None = None
    terms_of: Callable[[str], Sequence[str]] | None = None
    options: Terms = Terms()
    stop_words: Sequence[str] = ()
    number: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        behind = "" if self.number == 1 else f"_{self.number}"
        self.ids, self.weights = f"ids{behind}", f"weights{behind}"
        self.file = VOCABULARY if self.number == 1 else f"vocabulary{behind}.json"
        self.tensors = [
            {"name": self.ids, "datatype": "INT64", "shape": [-1, -1]},
            {"name": self.weights, "datatype": "FP64", "shape": [-1, -1]},
        ]

    def tokens(self, text: str) -> list[str]:
        """Return the terms of a text, known or not."""
        return super().tokens(text) if self.terms_of is None else list(self.terms_of(text))

    def weighed(self, ids: Sequence[int], counts: Sequence[int]) -> np.ndarray:
        """Return the weights of the terms of one text, which occur so many times."""
        raw = np.ones(len(ids)) if self.options.binary else np.array(counts, dtype=np.float64)
        raw = 1 + np.log(raw) if self.options.sublinear_tf else raw
        raw = raw if self.idf is None else raw * self.idf[ids]
        if self.options.norm is None or not len(ids):
            return raw
        return raw / (np.sqrt(np.sum(raw * raw)) if self.options.norm == "l2" else np.sum(np.abs(raw)))

    def encode(self, frame: Frame) -> dict[str, np.ndarray]:
        """Return the ids and weights; a text without a known term has weights 0 only."""
        ids, weights = [], []
        for text in frame[self.input]:
            counts = sorted(Counter(self.index[t] for t in self.tokens(text) if t in self.index).items())
            ids.append([term for term, _ in counts])
            weights.append(self.weighed(ids[-1], [count for _, count in counts]))
        return {self.ids: self.padded(ids, np.int64), self.weights: self.padded(weights, np.float64)}

    def manifest(self) -> dict[str, Any]:
        """Return the manifest's `encoding`."""
        return {"encoder": "tfidf", "input": self.input, "vocabulary": self.file, **self.options.manifest()}

    def vocabulary(self) -> bytes:
        """Return vocabulary.json."""
        weights = {} if self.idf is None else {"idf": self.idf.tolist()}
        left_out = {"stop_words": sorted(self.stop_words)} if len(self.stop_words) else {}
        return _document({"terms": list(self.terms), **weights, **left_out})


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

    def encode(self, frame: Frame) -> dict[str, np.ndarray]:
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
