"""What CatBoost makes of words, asked of the library itself: its hashes and counters are nowhere computed anew.

A split on words looks at some features alone: whether it is one word, or how often words, with each other and with
numbers on either side of borders, were seen. So it is a table over these features, and each entry is a bit of the leaf
that the library finds for a row made for it; uneven trees are asked split by split.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import UnsupportedModel

# Entries of one table, and of all together.
MOST, MOST_OF_ALL = 200_000, 2_000_000


@dataclass(frozen=True)
class Axis:
    """A feature that a table is over: an entry for each word and one for all others, or for each side of borders."""

    column: int
    words: tuple[str, ...] = ()
    borders: tuple[float, ...] = ()

    @property
    def size(self) -> int:
        """The number of entries."""
        return len(self.words or self.borders) + 1

    def values(self) -> np.ndarray:
        """Return a value of the feature for each entry."""
        if self.borders:
            return np.array([*self.borders, np.inf], dtype=object)  # what is on a border is below it
        other = "none of them"
        while other in self.words:
            other += "."
        return np.array([*self.words, other], dtype=object)


@dataclass(frozen=True)
class Counter:
    """What splits on words compare with borders: whether it is one word, or a count; `name` tells equal axes apart."""

    axes: tuple[Axis, ...]
    name: str

    @property
    def size(self) -> int:
        """The number of entries of its table."""
        return int(np.prod([float(axis.size) for axis in self.axes]))


def tables(
    model: Any, row: Sequence[Any], met: Mapping[Counter, Mapping[int, tuple[int, int]]]
) -> dict[Counter, np.ndarray]:
    """Return for each counter how many of its borders each entry is above, [entries].

    `met` has by counter and border the tree that asks for it, and at which place; `row` has a value for every feature
    of the model. Raises UnsupportedModel where a table would be too large.
    """
    sizes = {counter.axes: counter.size for counter in met}
    if (most := max(sizes.values(), default=0)) > MOST or sum(sizes.values()) > MOST_OF_ALL:
        raise UnsupportedModel(
            f"CatBoost counts words of several columns with each other, up to {most:,} combinations; "
            "fit with max_ctr_complexity=1, or with fewer words"
        )
    found: dict[Counter, np.ndarray] = {}
    for axes, size in sizes.items():
        asked = {counter: borders for counter, borders in met.items() if counter.axes == axes}
        trees = [tree for borders in asked.values() for tree, _ in borders.values()]
        leaves = model.calc_leaf_indexes(
            _rows(row, axes, size), ntree_start=min(trees), ntree_end=max(trees) + 1, thread_count=1
        )
        for counter, borders in asked.items():
            found[counter] = sum((leaves[:, tree - min(trees)] >> place) & 1 for tree, place in borders.values())
    return found


def _rows(row: Sequence[Any], axes: Sequence[Axis], size: int) -> np.ndarray:
    rows = np.empty((size, len(row)), dtype=object)
    for column, value in enumerate(row):
        rows[:, column] = value
    entries = np.unravel_index(np.arange(size), [axis.size for axis in axes])
    for axis, codes in zip(axes, entries, strict=True):
        rows[:, axis.column] = axis.values()[codes]
    return rows
