"""LightGBM (gbdt, numeric splits) as a float64 tree ensemble whose raw scores are equal bit for bit."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np

from ..conversion import Conversion
from ..errors import UnsupportedModel
from ..front import Front
from .tree_ensemble import BRANCH_LEQ, Tree
from .trees import Ensemble, conversion

FILE = "estimator.txt"
ZERO = float(np.float32(1e-35))  # kZeroThreshold of LightGBM's meta.h
# Regression objectives whose prediction is the sum of the leaves itself.
IDENTITY = {"regression", "regression_l1", "huber", "fair", "quantile", "mape"}


def matches(estimator: Any) -> bool:
    """Whether the estimator is LightGBM's."""
    return isinstance(estimator, lightgbm.Booster | lightgbm.LGBMModel)


def load(folder: Path, manifest: dict[str, Any]) -> lightgbm.Booster:
    """Return the estimator of an artifact folder."""
    return lightgbm.Booster(model_file=folder / FILE)


def convert(estimator: Any, front: Front, classes: Sequence[Any] | None) -> Conversion:
    """Return the estimator as a graph; raise UnsupportedModel, naming what cannot be exported."""
    wrapped = isinstance(estimator, lightgbm.LGBMModel)
    booster = estimator.booster_ if wrapped else estimator
    text = booster.model_to_string(num_iteration=booster.best_iteration)
    head, *blocks = text.split("\nend of trees")[0].split("\nTree=")
    header = _pairs(head)
    kind, width = _objective(header, text)
    names = header["feature_names"].split(" ")
    bare = names == [f"Column_{i}" for i in range(len(names))]  # fitted on an array: the frame's own order
    gains = booster.feature_importance("gain").tolist()
    classifier = wrapped and kind != "value"
    return conversion(
        Ensemble(
            trees=[_tree(_pairs(block), i % width) for i, block in enumerate(blocks)],
            mode=BRANCH_LEQ,
            kind=kind,
            width=width,
            importance=dict(zip(names, gains, strict=True)),
        ),
        front.reading(None if bare else names),
        estimator.classes_.tolist() if classifier else classes,
        predict=lambda matrix, raw: booster.predict(matrix, raw_score=raw),
        labels=estimator.predict if classifier else None,
        files={FILE: text.encode()},
        library="lightgbm",
        error=3e-16 if kind == "sigmoid" else 1e-15,
    )


def _pairs(block: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in block.splitlines() if "=" in line)


def _objective(header: dict[str, str], text: str) -> tuple[str, int]:
    """Return the decision's kind and the number of raw scores per row."""
    parameters = dict(line[1:-1].split(": ", 1) for line in text.splitlines() if line.startswith("[") and ": " in line)
    boosting = parameters.get("boosting", "gbdt")
    if boosting != "gbdt" or "\naverage_output" in text:
        raise UnsupportedModel(f"LightGBM boosting {boosting!r} is unsupported; use boosting_type='gbdt'")
    name, *options = header.get("objective", "custom").split(" ")
    if name == "binary" and "sigmoid:1" in options:
        return "sigmoid", 1
    if name == "multiclass":
        return "softmax", int(header["num_class"])
    if name in IDENTITY and "sqrt" not in options:
        return "value", 1
    raise UnsupportedModel(
        f"LightGBM objective {' '.join([name, *options])!r} is unsupported; "
        f"use binary (sigmoid 1), multiclass or one of {sorted(IDENTITY)}"
    )


def _tree(block: dict[str, str], target: int) -> Tree:
    if block.get("is_linear") == "1":
        raise UnsupportedModel("LightGBM linear trees are unsupported; fit with linear_tree=False")
    if block.get("num_cat", "0") != "0":
        raise UnsupportedModel("LightGBM categorical splits are unsupported; fit on nestor.encode(frame) (one-hot)")

    def numbers(key: str, dtype: type) -> np.ndarray:
        return np.array(block.get(key, "").split(), dtype=dtype)

    threshold, kinds = _beside_zero(numbers("threshold", np.float64)), numbers("decision_type", np.int64)
    missing = (kinds >> 2) & 3
    if np.any(missing == 1):
        raise UnsupportedModel("LightGBM zero_as_missing=True is unsupported; use NaN for missing values")
    # Where a split saw no NaN in training (missing type "none"), LightGBM reads NaN as 0.
    missing_left = np.where(missing == 2, (kinds & 2) > 0, threshold >= 0)
    return Tree(
        feature=numbers("split_feature", np.int64),
        threshold=threshold,
        left=numbers("left_child", np.int64),
        right=numbers("right_child", np.int64),
        missing_left=missing_left,
        leaves=numbers("leaf_value", np.float64),
        target=target,
    )


def _beside_zero(threshold: np.ndarray) -> np.ndarray:
    """Return thresholds that send tiny values where LightGBM sends them.

    Its predictor reads every value of at most `ZERO` as 0 (dense rows, c_api.cpp), so no threshold may part those.
    """
    tiny = np.abs(threshold) <= ZERO
    return np.where(tiny, np.where(threshold >= 0, ZERO, np.nextafter(-ZERO, -np.inf)), threshold)
