"""LightGBM's linear trees: a leaf says a constant and a coefficient for each of some features."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from .chain import Chain
from .lightgbm_trees import ZERO, Text, numbers
from .tree_ensemble import BRANCH_LEQ, Tree, ensemble_node


@dataclass(frozen=True)
class Linear:
    """The leaves of all trees, one after the other: what each says of a row that reaches it.

    That is `constant` plus `coefficients` times the values of `features`, [leaves, most features of a leaf], in that
    order; or `without`, where one of the values is missing. What a leaf has too few of is padded: by the number of a
    column that stands behind the others and is zero.
    """

    trees: Sequence[Tree]
    width: int
    columns: int
    constant: np.ndarray
    features: np.ndarray
    coefficients: np.ndarray
    without: np.ndarray

    @classmethod
    def of(cls, text: Text, columns: int) -> "Linear | None":
        """Return the leaves of a booster, or None if none of its trees is linear; rows have so many `columns`."""
        if not any(block.get("is_linear") == "1" for block in text.blocks):
            return None
        trees = text.trees()
        leaves = [each for block in text.blocks for each in _leaves(block)]
        most = max(1, *(len(features) for _, features, _ in leaves))
        features = np.full((len(leaves), most), columns)
        coefficients = np.zeros((len(leaves), most))
        for row, (_, chosen, factors) in enumerate(leaves):
            features[row, : len(chosen)], coefficients[row, : len(chosen)] = chosen, factors
        constant = np.array([first for first, _, _ in leaves])
        without = np.concatenate([tree.leaves for tree in trees])
        return cls(trees, text.width, columns, constant, features, coefficients, without)

    @property
    def numbers(self) -> int:
        """How many numbers the largest tensor of a row has."""
        return len(self.trees) * (self.features.shape[1] + 1)

    def scores(self, steps: Chain) -> None:
        """Append the raw scores [n, width], each sum in the order in which LightGBM adds: it is equal bit for bit.

        Trees ask what the last operator gave, leaves what the graph was given: there, a zero is never missing.
        """
        count, most = len(self.trees), self.features.shape[1]
        first = np.cumsum([0, *(len(tree.leaves) for tree in self.trees)])
        numbered = [
            replace(tree, leaves=first[i] + np.arange(len(tree.leaves)), target=i) for i, tree in enumerate(self.trees)
        ]
        asked, given = steps.tensor, steps.input["name"]
        steps.append(lambda output: ensemble_node(numbered, BRANCH_LEQ, asked, output, count, "FP64"))
        leaf = steps.cast("INT64")
        tiny = steps.add("LessOrEqual", steps.add("Abs", given), np.array(ZERO))
        columns = steps.add("Where", tiny, np.array(0.0), given)
        padded = steps.add("Pad", columns, np.array([0, 0, 0, 1]))
        chosen = steps.add("Reshape", steps.add("Gather", self.features, leaf), np.array([-1, count * most]))
        values = steps.add("GatherElements", padded, chosen, axis=1)
        values = steps.add("Reshape", values, np.array([-1, count, most]))
        terms = steps.add("Mul", values, steps.add("Gather", self.coefficients, leaf))
        constant = steps.add("Gather", self.constant[:, np.newaxis], leaf)
        said = _last_sum(steps, steps.add("Concat", constant, terms, axis=2), 2, most)
        steps.add("IsNaN", values)
        steps.cast("FP32")
        gaps = steps.then("ReduceMax", np.array([2]), keepdims=0)
        gaps = steps.add("Greater", gaps, np.array(0, dtype=np.float32))
        said = steps.add("Where", gaps, steps.add("Gather", self.without, leaf), said)
        rounds = steps.add("Reshape", said, np.array([-1, count // self.width, self.width]))
        _last_sum(steps, rounds, 1, count // self.width - 1)


def _last_sum(steps: Chain, tensor: str, axis: int, last: int) -> str:
    """Append the sums along an axis, added one by one from the first to the last."""
    sums = steps.add("CumSum", tensor, np.array(axis))
    return steps.add("Squeeze", steps.add("Gather", sums, np.array([last]), axis=axis), np.array([axis]))


def _leaves(block: dict[str, str]) -> list[tuple[float, np.ndarray, np.ndarray]]:
    """Return constant, features and coefficients of each leaf of a tree."""
    if block.get("is_linear") != "1":
        none = np.array([], dtype=np.int64)
        return [(value, none, none) for value in numbers(block, "leaf_value", np.float64).tolist()]
    ends = np.cumsum(numbers(block, "num_features"))[:-1]
    features = np.split(numbers(block, "leaf_features"), ends)
    factors = np.split(numbers(block, "leaf_coeff", np.float64), ends)
    return list(zip(numbers(block, "leaf_const", np.float64).tolist(), features, factors, strict=True))
