"""ONNX graphs: one place for the versions that the runtime takes, and the tree ensemble both tree libraries become."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

# onnxruntime 1.30 reads IR <= 13 and opset <= 26; onnx would write newer ones by default.
IR_VERSION = 10
OPSET = 21
ML_OPSET = 5
ELEMENT = {"FP64": TensorProto.DOUBLE, "FP32": TensorProto.FLOAT, "INT64": TensorProto.INT64}
BRANCH_LEQ, BRANCH_LT = 0, 1


@dataclass(frozen=True)
class Tree:
    """One tree in arrays. Children >= 0 are nodes, children < 0 are leaves (`~child` is the leaf's index).

    A tree without nodes is its single leaf. `missing_left` says where NaN goes.
    """

    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    missing_left: np.ndarray
    leaves: np.ndarray
    target: int = 0


def value_info(tensor: dict[str, Any]) -> onnx.ValueInfoProto:
    """Return the graph's declaration of a manifest tensor; the first axis is the batch, other free ones get names."""
    shape = ["batch" if i == 0 else (size if size >= 0 else f"axis_{i}") for i, size in enumerate(tensor["shape"])]
    return helper.make_tensor_value_info(tensor["name"], ELEMENT[tensor["datatype"]], shape)


def constant(name: str, values: np.ndarray) -> TensorProto:
    """Return an initializer."""
    return numpy_helper.from_array(np.ascontiguousarray(values), name)


def model(
    nodes: Sequence[onnx.NodeProto],
    inputs: Sequence[dict[str, Any]],
    outputs: Sequence[dict[str, Any]],
    constants: Sequence[TensorProto] = (),
) -> onnx.ModelProto:
    """Return a checked model with fixed versions and texts, so that equal graphs have equal bytes."""
    graph = helper.make_graph(
        list(nodes), "nestor", [value_info(t) for t in inputs], [value_info(t) for t in outputs], list(constants)
    )
    made = helper.make_model(
        graph,
        ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", ML_OPSET)],
        producer_name="nestor-trainer",
        producer_version="1",
        doc_string="Exported by Nestor's trainer.",
    )
    onnx.checker.check_model(made)
    return made


def tree_ensemble(trees: Sequence[Tree], mode: int, input_: dict[str, Any], output: dict[str, Any]) -> onnx.ModelProto:
    """Return the graph that sums the trees' leaves, tree after tree, in the datatype of its tensors.

    Source: operator TreeEnsemble of ai.onnx.ml 5; unlike its elder siblings it keeps float64 thresholds and sums.
    """
    dtype = {"FP64": np.float64, "FP32": np.float32}[output["datatype"]]
    node: dict[str, list[int]] = {key: [] for key in ("feature", "missing", "true", "true_leaf", "false", "false_leaf")}
    splits: list[float] = []
    roots: list[int] = []
    targets: list[int] = []
    weights: list[float] = []
    for tree in trees:
        first_node, first_leaf = len(splits), len(weights)
        roots.append(first_node)
        # The operator knows no bare leaf: a split whose two branches are the same leaf stands for it.
        bare = len(tree.feature) == 0
        left, right = (np.array([-1]), np.array([-1])) if bare else (tree.left, tree.right)
        node["feature"] += [0] if bare else tree.feature.tolist()
        node["missing"] += [0] if bare else tree.missing_left.astype(int).tolist()
        splits += [0.0] if bare else tree.threshold.tolist()
        for side, children in (("true", left), ("false", right)):
            node[side] += [int(first_node + c if c >= 0 else first_leaf + ~c) for c in children]
            node[f"{side}_leaf"] += [int(c < 0) for c in children]
        targets += [tree.target] * len(tree.leaves)
        weights += tree.leaves.tolist()
    ensemble = helper.make_node(
        "TreeEnsemble",
        [input_["name"]],
        [output["name"]],
        domain="ai.onnx.ml",
        aggregate_function=1,  # SUM
        post_transform=0,  # NONE
        n_targets=output["shape"][1],
        tree_roots=roots,
        nodes_featureids=node["feature"],
        nodes_splits=constant("nodes_splits", np.array(splits, dtype=dtype)),
        nodes_modes=constant("nodes_modes", np.full(len(splits), mode, dtype=np.uint8)),
        nodes_missing_value_tracks_true=node["missing"],
        nodes_truenodeids=node["true"],
        nodes_trueleafs=node["true_leaf"],
        nodes_falsenodeids=node["false"],
        nodes_falseleafs=node["false_leaf"],
        leaf_targetids=targets,
        leaf_weights=constant("leaf_weights", np.array(weights, dtype=dtype)),
    )
    return model([ensemble], [input_], [output])
