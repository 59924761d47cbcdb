"""What LightGBM and XGBoost share: trees as arrays, the tree ensemble they become, and their answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..conversion import Answers, Conversion
from ..front import Front
from .tree_ensemble import Tree, tree_ensemble


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
    """Return every distinct threshold of each column; those at infinity part no two numbers."""
    if not trees:
        return {}
    features = np.concatenate([tree.feature for tree in trees])
    values = np.concatenate([tree.threshold for tree in trees])
    asks_members = np.concatenate([np.isin(np.arange(len(tree.feature)), list(tree.members)) for tree in trees])
    part = np.isfinite(values) & ~asks_members
    features, values = features[part], values[part]
    return {column: set(values[features == column].tolist()) for column in np.unique(features).tolist()}
