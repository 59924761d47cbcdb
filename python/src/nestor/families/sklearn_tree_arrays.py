"""scikit-learn's fitted trees as arrays: `Tree` of its decision trees, and of those of histogram gradient boosting."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .tree_ensemble import Tree


def decision_tree(fitted: Any, leaves: np.ndarray, target: int = 0, columns: np.ndarray | None = None) -> Tree:
    """Return a fitted decision tree with a number for each of its leaves, which stand in the order of its nodes.

    `columns` says which columns of the rows the tree sees, where it does not see all.
    """
    tree = fitted.tree_
    inner = tree.children_left >= 0
    feature = tree.feature[inner]
    places = _places(inner)
    return Tree(
        feature=feature if columns is None else np.asarray(columns)[feature],
        threshold=tree.threshold[inner],
        left=places[tree.children_left[inner]],
        right=places[tree.children_right[inner]],
        missing_left=tree.missing_go_to_left[inner],
        leaves=np.asarray(leaves, dtype=np.float64),
        target=target,
    )


def leaf_values(fitted: Any) -> np.ndarray:
    """Return what a fitted decision tree says at each leaf: [leaves, outputs, classes or 1]."""
    tree = fitted.tree_
    return tree.value[tree.children_left < 0]


def table_of(fitted: Sequence[Any], columns: Sequence[np.ndarray]) -> tuple[list[Tree], np.ndarray]:
    """Return decision trees whose leaves hold numbers of rows of a table, one target each, and the table.

    `columns` has for each tree what its leaves say: [leaves, width].
    """
    starts = np.cumsum([0, *(len(said) for said in columns)])
    trees = [
        decision_tree(each, np.arange(starts[target], starts[target + 1]), target) for target, each in enumerate(fitted)
    ]
    return trees, np.concatenate(columns)


def histogram_tree(predictor: Any, known: np.ndarray, rows: np.ndarray, target: int = 0) -> Tree:
    """Return a tree of histogram gradient boosting.

    `known` has the sets of codes that the estimator knows, `rows` the row of it for each feature. Any other code goes
    where a missing value goes.
    """
    inner = predictor.nodes["is_leaf"] == 0
    split = predictor.nodes[inner]
    places = _places(inner)
    left, right = places[split["left"]], places[split["right"]]
    categorical, missing_left = split["is_categorical"] == 1, split["missing_go_to_left"] == 1
    # The operator sends what is no member to the right. Where that is to go left, the two sides change places.
    changed = categorical & missing_left
    members: dict[int, np.ndarray] = {}
    for node in np.flatnonzero(categorical).tolist():
        goes_left = _bits(predictor.raw_left_cat_bitsets[split["bitset_idx"][node]])
        goes_right = _bits(known[rows[split["feature_idx"][node]]]) & ~goes_left
        members[node] = np.flatnonzero(goes_right if changed[node] else goes_left)
    return Tree(
        feature=split["feature_idx"],
        threshold=split["num_threshold"],
        left=np.where(changed, right, left),
        right=np.where(changed, left, right),
        missing_left=missing_left & ~categorical,
        leaves=predictor.nodes["value"][~inner],
        target=target,
        members=members,
    )


def _places(inner: np.ndarray) -> np.ndarray:
    """Return for each row of scikit-learn's nodes and leaves its number as a child in `Tree`."""
    return np.where(inner, np.cumsum(inner) - 1, ~(np.cumsum(~inner) - 1))


def _bits(words: np.ndarray) -> np.ndarray:
    """Return the 256 truth values of a set of codes that is kept as 8 words of 32 bits."""
    return (words[:, np.newaxis] >> np.arange(32, dtype=np.uint32) & 1).astype(bool).ravel()
