"""Texts to test a graph with: words of the training texts in any order, odd texts, and every character there is."""

import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any

import numpy as np

from .fields import Field, Row
from .frames import Frame

# Code points per text of the sweep; few enough that a model that reads 64 tokens reads them all.
SWEEP = 16
# Texts that are made at once.
PART = 10_000
ODD = [
    "", " ", "\t\n\r", ".", "!?", "a", "I", "n't", "don't won't can't it's they've I'm", "'s's's", "_", "__", "a_b",
    "GREAT MOVIE", "Great movie!!!", "not good , not bad", "good-good/good.good", "0123456789 10 1990s '90s",
    "\u0130stanbul \u212aelvin \u00c5ngstr\u00f6m stra\u00dfe", "\u039f\u0394\u03a5\u03a3\u03a3\u0395\u03a5\u03a3",
    "caf\u00e9 cafe\u0301", "\u200bgood\u200bmovie\u200b", "good\u00a0movie", "\u2028good\u2029movie", "good\x00movie",
    "\ud55c\uad6d\uc5b4 \u4e2d\u6587 \u65e5\u672c\u8a9e", "\U0001f600 good \U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\u0645\u0631\u062d\u0628\u0627", "\u0928\u092e\u0938\u094d\u0924\u0947", "\U0001d539\U0001d538\U0001d53b",
]  # fmt: skip


@cache
def code_points() -> str:
    """Return every character that Python's Unicode version assigns (14 in Python 3.11), but for lone surrogates."""
    return "".join(c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) not in ("Cn", "Cs"))


def with_texts(
    estimator: Any, columns: Sequence[str], inputs: Mapping[str, Mapping[str, Any]]
) -> Mapping[str, Mapping[str, Any]]:
    """Return `inputs` with what scikit-learn's vectorizers say of them: the columns that they read are texts."""
    if not type(estimator).__module__.startswith("sklearn."):
        return inputs
    from .vectorizers import text_columns

    texts = [name for name in text_columns(estimator, columns) if name in columns]
    return {**inputs, **{name: {"type": "text", **inputs.get(name, {})} for name in texts}}


class TextMaker:
    """Makes texts for the one text input, the same ones for the same seed."""

    def __init__(self, field: Field, pool: Sequence[str], seed: int = 0) -> None:
        self.field = field
        self.random = np.random.default_rng(seed)
        self.lengths = [len(text.split()) for text in pool]
        self.words = [word for text in pool for word in text.split()]

    def natural(self) -> str:
        """Return as many words as some training text has, each from any of them: no text is repeated."""
        count = self.lengths[self.random.integers(len(self.lengths))]
        return " ".join(self.words[i] for i in self.random.integers(len(self.words), size=count))

    def sweep(self) -> Iterator[str]:
        """Yield texts that together hold every code point, each between words, within one, and alone."""
        points = code_points()
        for start in range(0, len(points), SWEEP):
            yield " ".join(f"good{point}bad {point}" for point in points[start : start + SWEEP])

    def odd(self) -> str:
        """Return an odd text: a fixed one, random characters, other case, one word often, or a very long text."""
        kind = self.random.integers(5)
        if kind == 0:
            return ODD[self.random.integers(len(ODD))]
        if kind == 1:
            points = code_points()
            chosen = self.random.integers(len(points), size=self.random.integers(1, 40))
            return "".join(points[i] for i in chosen)
        if kind == 2:
            return "".join(c.upper() if self.random.random() < 0.5 else c for c in self.natural())
        if kind == 3:
            return " ".join([self.words[self.random.integers(len(self.words))]] * int(self.random.integers(1, 200)))
        texts = [self.natural() for _ in range(int(self.random.integers(2, 12)))]
        return self.random.choice([" ", ", ", ". ", "\n", "  "]).join(texts)

    def longest(self) -> str:
        """Return a text of the greatest legal length."""
        text = ""
        while len(text) < (self.field.maximum_length or 0):
            text += self.natural() + " "
        return text[: self.field.maximum_length]

    def pool(self, count: int) -> list[str]:
        """Return texts to put beside other inputs: half natural, the others odd or of the sweep."""
        sweep = list(self.sweep())
        swept = [sweep[i] for i in self.random.choice(len(sweep), size=count // 4, replace=False)]
        made = [self.natural() for _ in range(count // 2)] + [self.odd() for _ in range(count // 4)]
        return [text[: self.field.maximum_length] for text in (*made, *swept)]

    def take(self, count: int, natural: float = 0.4) -> Iterator[tuple[str, Row]]:
        """Yield `count` texts: the sweep as far as they reach, one of greatest length, then natural and odd ones."""
        made = 0
        for text in self.sweep():
            if made == count:
                return
            yield self._row("unicode", text)
            made += 1
        if made < count:
            yield self._row("long", self.longest())
        for i in range(made + 1, count):
            if (i - made) <= natural * (count - made):
                yield self._row("natural", self.natural())
            else:
                yield self._row("text", self.odd())

    def frames(self, count: int) -> Iterator[Frame]:
        """Yield `count` difficult texts, part by part."""
        texts = (row[self.field.name] for _, row in self.take(count, natural=0.0))
        while part := list(islice(texts, PART)):
            yield Frame({self.field.name: np.array(part, dtype=object)})

    def samples(self, least: int = 600) -> list[tuple[str, Row]]:
        """Return the texts an artifact ships: the example, every odd one, and natural, swept and odd ones."""
        sweep = list(self.sweep())
        swept = sorted(self.random.choice(len(sweep), size=least // 6, replace=False))
        rows = [self._row("example", self.field.example), *(self._row("text", text) for text in ODD)]
        rows += [self._row("unicode", sweep[i]) for i in (*range(20), *swept)]
        rows += [self._row("natural", self.natural()) for _ in range(least // 2)]
        return rows + [self._row("text", self.odd()) for _ in range(max(0, least - len(rows)))]

    def _row(self, kind: str, text: str) -> tuple[str, Row]:
        return kind, {self.field.name: text[: self.field.maximum_length]}
