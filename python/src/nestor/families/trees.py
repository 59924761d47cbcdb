"""What LightGBM and XGBoost share: trees as arrays, the tree ensemble they become, and their answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import pandas as pd
from onnx import helper

from .. import graphs
from ..conversion import Answers, Conversion
from ..front import Front

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


@dataclass(frozen=True)
class Ensemble:
    """A fitted ensemble: `kind` is the decision's (sigmoid, softmax or value), `width` the raw scores per row."""

    trees: Sequence[Tree]
    mode: int
    kind: str
    width: int
    importance: dict[str, float]


def conversion(
    ensemble: Ensemble,
    front: Front,
    classes: Sequence[Any] | None,
    predict: Callable[[Any, bool], np.ndarray],
    labels: Callable[[Any], np.ndarray] | None,
    files: dict[str, bytes],
    library: str,
    error: float,
) -> Conversion:
    """Return the graph whose raw scores equal the estimator's bit for bit.

    `predict(matrix, raw)` gives the library's raw scores or predictions for the front's rows; `labels(matrix)` what the
    estimator's own `predict` says (without it: the class of the largest probability). `error` is how far apart the
    exponential functions of two mathematical libraries may put a probability.
    """
    kind = ensemble.kind
    output: dict[str, Any] = {"name": "value" if kind == "value" else "raw_score", "datatype": front.tensor["datatype"]}
    output["shape"] = [-1, ensemble.width]
    decision = {"kind": kind, "output": output["name"]}
    values = None if kind == "value" else list(range(max(ensemble.width, 2)) if classes is None else classes)

    def answer(frame: pd.DataFrame) -> Answers:
        matrix = front.matrix(frame)
        raw = np.asarray(predict(matrix, True)).reshape(len(frame), ensemble.width)
        if values is None:
            return Answers(raw)
        predicted = np.asarray(predict(matrix, False))
        probabilities = predicted if kind == "softmax" else np.stack([1 - predicted, predicted], axis=1)
        said = np.array(values)[probabilities.argmax(axis=1)] if labels is None else np.asarray(labels(matrix))
        return Answers(raw, probabilities, said)

    return Conversion(
        graph=front.before(tree_ensemble(ensemble.trees, ensemble.mode, front.tensor, output)),
        encoder=front.encoder,
        outputs=[output],
        decision=decision if values is None else {**decision, "precision": output["datatype"]},
        classes=values,
        answer=answer,
        files=files,
        libraries=[library],
        limits={"raw": 0.0, "probability": 4 * error},
        floors={"probability": error},
        thresholds=front.thresholds(thresholds(ensemble.trees)),
        importance=ensemble.importance,
        dtype=front.dtype,
    )


def thresholds(trees: Sequence[Tree]) -> dict[int, set[float]]:
    """Return every distinct threshold of each column."""
    found: dict[int, set[float]] = {}
    for tree in trees:
        for feature, threshold in zip(tree.feature.tolist(), tree.threshold.tolist(), strict=True):
            found.setdefault(feature, set()).add(threshold)
    return found


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
        nodes_splits=graphs.constant("nodes_splits", np.array(splits, dtype=dtype)),
        nodes_modes=graphs.constant("nodes_modes", np.full(len(splits), mode, dtype=np.uint8)),
        nodes_missing_value_tracks_true=node["missing"],
        nodes_truenodeids=node["true"],
        nodes_trueleafs=node["true_leaf"],
        nodes_falsenodeids=node["false"],
        nodes_falseleafs=node["false_leaf"],
        leaf_targetids=targets,
        leaf_weights=graphs.constant("leaf_weights", np.array(weights, dtype=dtype)),
    )
    return graphs.model([ensemble], [input_], [output])
