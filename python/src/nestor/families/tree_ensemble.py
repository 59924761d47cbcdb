"""Trees as the operator TreeEnsemble of ai.onnx.ml 5, made from whole arrays: an ensemble may have a million nodes.

Unlike its elder siblings the operator keeps float64 thresholds and sums, tree after tree.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import onnx
from onnx import AttributeProto, helper

from .. import graphs

BRANCH_LEQ, BRANCH_LT, BRANCH_MEMBER = 0, 1, 6
DTYPES: dict[str, type] = {"FP64": np.float64, "FP32": np.float32}


@dataclass(frozen=True)
class Tree:
    """One tree in arrays. Children >= 0 are nodes, children < 0 are leaves (`~child` is the leaf's index).

    A tree without nodes is its single leaf. `missing_left` says where NaN goes. A node in `members` asks whether its
    feature is one of these whole numbers (left) or not (right), whatever its threshold.
    """

    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    missing_left: np.ndarray
    leaves: np.ndarray
    target: int = 0
    members: Mapping[int, np.ndarray] = field(default_factory=dict)


def leaf(value: float, target: int = 0) -> Tree:
    """Return the tree that says the same of every row."""
    none = np.array([], dtype=np.int64)
    return Tree(none, none, none, none, none, np.array([value]), target)


def ensemble_node(
    trees: Sequence[Tree], mode: int, input_: str, output: str, width: int, datatype: str
) -> onnx.NodeProto:
    """Return the node that sums the trees' leaves into `output` [n, width]; both tensors have the datatype.

    Nodes compare as `mode` says. The runtime may take a number between two whole ones for a member: who asks for
    members of a feature that need not be whole rounds it before.
    """
    dtype = DTYPES[datatype]
    # The operator knows no bare leaf: a split with the leaf on both sides stands for it.
    whole = [tree if len(tree.feature) else _both_ways(tree) for tree in trees]
    nodes, leaves = (
        np.array([len(each) for each in arrays], dtype=np.int64)
        for arrays in ([tree.feature for tree in whole], [tree.leaves for tree in whole])
    )
    first_node, first_leaf = np.cumsum(nodes) - nodes, np.cumsum(leaves) - leaves
    whole = [_told_apart(tree, ahead) for tree, ahead in zip(whole, (first_leaf - first_node).tolist(), strict=True)]
    modes = np.full(nodes.sum(), mode, dtype=np.uint8)
    members: list[np.ndarray] = []
    for first, tree in zip(first_node.tolist(), whole, strict=True):
        for node in sorted(tree.members):
            modes[first + node] = BRANCH_MEMBER
            members += [tree.members[node], np.array([np.nan])]  # NaN ends a list

    def joined(arrays: Sequence[np.ndarray], dtype: type = np.int64) -> np.ndarray:
        return np.concatenate(arrays).astype(dtype)

    left, right = joined([tree.left for tree in whole]), joined([tree.right for tree in whole])
    of_node, of_leaf = np.repeat(first_node, nodes), np.repeat(first_leaf, nodes)
    ints = {
        "tree_roots": first_node,
        "nodes_featureids": joined([tree.feature for tree in whole]),
        "nodes_missing_value_tracks_true": joined([tree.missing_left for tree in whole]),
        "nodes_truenodeids": np.where(left >= 0, of_node + left, of_leaf + ~left),
        "nodes_trueleafs": left < 0,
        "nodes_falsenodeids": np.where(right >= 0, of_node + right, of_leaf + ~right),
        "nodes_falseleafs": right < 0,
        "leaf_targetids": np.repeat([tree.target for tree in whole], leaves),
    }
    tensors = {
        "nodes_splits": joined([tree.threshold for tree in whole], dtype),
        "nodes_modes": modes,
        "leaf_weights": joined([tree.leaves for tree in whole], dtype),
        **({"membership_values": joined(members, dtype)} if members else {}),
    }
    # 1: the sum; 0: nothing behind it.
    numbers = {"aggregate_function": 1, "post_transform": 0, "n_targets": width}
    made = helper.make_node("TreeEnsemble", [input_], [output], domain="ai.onnx.ml")
    attributes: dict[str, AttributeProto] = {
        name: helper.make_attribute(name, value) for name, value in numbers.items()
    }
    for name, values in ints.items():
        attributes[name] = AttributeProto(name=name, type=AttributeProto.INTS, ints=values.astype(np.int64).tolist())
    for name, values in tensors.items():
        attributes[name] = helper.make_attribute(name, graphs.constant(name, values))
    made.attribute.extend(attributes[name] for name in sorted(attributes))
    return made


def _both_ways(tree: Tree) -> Tree:
    """Return a split that has the tree's only leaf on both sides, as two leaves: see `_told_apart`."""
    root = np.array([0])
    return Tree(root, root, np.array([~0]), np.array([~1]), root, np.repeat(tree.leaves, 2), tree.target)


def _told_apart(tree: Tree, ahead: int) -> Tree:
    """Return the tree so that the root's branches have different numbers in the graph, even where one is a leaf.

    onnxruntime 1.23 takes a root whose branches have the same number for a leaf, whatever they are. Leaves are counted
    apart from nodes; those of the earlier trees are `ahead` more than their nodes.
    """
    branches = int(tree.left[0]), int(tree.right[0])
    leaf, node = min(branches), max(branches)
    if not leaf < 0 <= node or ahead + ~leaf != node:
        return tree
    count = len(tree.leaves)
    left, right = (np.where(side < 0, ~((~side + 1) % count), side) for side in (tree.left, tree.right))
    return replace(tree, left=left, right=right, leaves=np.roll(tree.leaves, 1))


def tree_ensemble(trees: Sequence[Tree], mode: int, input_: dict[str, Any], output: dict[str, Any]) -> onnx.ModelProto:
    """Return the graph that is these trees alone, in the datatype of its two tensors."""
    node = ensemble_node(trees, mode, input_["name"], output["name"], output["shape"][1], output["datatype"])
    return graphs.model([node], [input_], [output])
