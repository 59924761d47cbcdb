"""LightGBM's text format: the header, the parameters and the trees of a booster, as arrays."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .tree_ensemble import Tree

ZERO = float(np.float32(1e-35))  # kZeroThreshold of LightGBM's meta.h
# What a split takes for missing; none: NaN is read as 0.
NONE, ZEROS, NAN = 0, 1, 2


@dataclass(frozen=True)
class Text:
    """A booster as text: `header` and `parameters` by name, a block per tree."""

    header: dict[str, str]
    parameters: dict[str, str]
    blocks: list[dict[str, str]]

    @classmethod
    def of(cls, text: str) -> "Text":
        head, *blocks = text.split("\nend of trees")[0].split("\nTree=")
        lines = (line[1:-1].split(": ", 1) for line in text.splitlines() if line.startswith("[") and ": " in line)
        # A line without a value says yes.
        header = {key: value for key, _, value in (line.partition("=") for line in head.splitlines())}
        return cls(header, {pair[0]: pair[1] for pair in lines}, [_pairs(block) for block in blocks])

    @property
    def width(self) -> int:
        """The number of raw scores per row."""
        return int(self.header["num_tree_per_iteration"])

    def trees(self) -> list[Tree]:
        """Return the trees; what the leaves of linear ones say beside their constants is in `lightgbm_linear`."""
        return [_tree(block, i % self.width) for i, block in enumerate(self.blocks)]

    def zeros_missing(self) -> list[int]:
        """Return the columns whose zeros are missing values."""
        return self._columns(lambda kinds: (kinds >> 2) & 3 == ZEROS)

    def categorical(self) -> list[int]:
        """Return the columns that some tree asks for categories."""
        return self._columns(lambda kinds: (kinds & 1) > 0)

    def _columns(self, which: Callable[[np.ndarray], np.ndarray]) -> list[int]:
        found: set[int] = set()
        for block in self.blocks:
            features, kinds = numbers(block, "split_feature"), numbers(block, "decision_type")
            found.update(features[which(kinds)].tolist())
        return sorted(found)


def _pairs(block: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in block.splitlines() if "=" in line)


def numbers(block: dict[str, str], key: str, dtype: type = np.int64) -> np.ndarray:
    """Return the numbers of a line of a tree's block."""
    return np.array(block.get(key, "").split(), dtype=dtype)


def _tree(block: dict[str, str], target: int) -> Tree:
    kinds, threshold = numbers(block, "decision_type"), numbers(block, "threshold", np.float64)
    categorical = (kinds & 1) > 0
    ranks = np.where(categorical, threshold, 0).astype(np.int64)
    threshold = np.where(categorical, 0.0, _beside_zero(threshold))
    missing = (kinds >> 2) & 3
    # Without missing values in training NaN is read as 0; no category is missing, so NaN is none of the members.
    missing_left = np.where(missing == NONE, threshold >= 0, (kinds & 2) > 0) & ~categorical
    bits = numbers(block, "cat_threshold", np.uint32)
    bounds = numbers(block, "cat_boundaries")
    return Tree(
        feature=numbers(block, "split_feature"),
        threshold=threshold,
        left=numbers(block, "left_child"),
        right=numbers(block, "right_child"),
        missing_left=missing_left,
        leaves=numbers(block, "leaf_value", np.float64),
        target=target,
        members={
            node: _members(bits[bounds[ranks[node]] : bounds[ranks[node] + 1]])
            for node in np.flatnonzero(categorical).tolist()
        },
    )


def _members(words: np.ndarray) -> np.ndarray:
    """Return the categories of a bitset: bit i of word j is 32 j + i."""
    return np.flatnonzero(np.unpackbits(words.astype("<u4").view(np.uint8), bitorder="little"))


def _beside_zero(threshold: np.ndarray) -> np.ndarray:
    """Return thresholds that send tiny values where LightGBM sends them.

    Its predictor reads every value of at most `ZERO` as 0 (dense rows, c_api.cpp), so no threshold may part those.
    """
    tiny = np.abs(threshold) <= ZERO
    return np.where(tiny, np.where(threshold >= 0, ZERO, np.nextafter(-ZERO, -np.inf)), threshold)
