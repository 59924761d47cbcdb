"""XGBoost (gbtree, numeric splits) as a float32 tree ensemble whose margins are equal bit for bit."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xgboost

from ..conversion import Conversion
from ..errors import UnsupportedModel
from ..front import Front
from ..libraries import installed
from .tree_ensemble import BRANCH_LT, Tree, leaf
from .trees import Ensemble, conversion

FILE = "estimator.json"
KINDS = {"binary:logistic": "sigmoid", "multi:softprob": "softmax", "reg:squarederror": "value"}


def matches(estimator: Any) -> bool:
    """Whether the estimator is XGBoost's."""
    return isinstance(estimator, xgboost.Booster | xgboost.XGBModel)


def load(folder: Path, manifest: dict[str, Any]) -> xgboost.Booster:
    """Return the estimator of an artifact folder."""
    return xgboost.Booster(model_file=folder / FILE)


def convert(estimator: Any, front: Front, classes: Sequence[Any] | None) -> Conversion:
    """Return the estimator as a graph; raise UnsupportedModel, naming what cannot be exported."""
    wrapped = isinstance(estimator, xgboost.XGBModel)
    booster = _used(estimator.get_booster() if wrapped else estimator)
    if wrapped and not (estimator.missing is None or math.isnan(estimator.missing)):
        raise UnsupportedModel(f"XGBoost missing={estimator.missing} is unsupported; use NaN and missing_values")
    text = bytes(booster.save_raw("json"))
    learner = json.loads(text)["learner"]
    kind = _kind(learner)
    names = None if booster.feature_names is None else list(booster.feature_names)
    bases = _base_margins(text, booster.num_features(), names)
    model = learner["gradient_booster"]["model"]
    trees = [leaf(margin, target) for target, margin in enumerate(bases)]
    trees += [_tree(tree, target) for tree, target in zip(model["trees"], model["tree_info"], strict=True)]
    classifier = wrapped and kind != "value"

    def predict(matrix: Any, raw: bool) -> np.ndarray:
        return booster.predict(xgboost.DMatrix(matrix, nthread=1), output_margin=raw)

    gains: dict[str, Any] = booster.get_score(importance_type="total_gain")
    return conversion(
        Ensemble(
            trees=trees,
            mode=BRANCH_LT,
            kind=kind,
            width=len(bases),
            importance={name: float(gains.get(name, 0.0)) for name in names or gains},
        ),
        front.reading(names, "FP32", gaps=True),
        estimator.classes_.tolist() if classifier else classes,
        predict=predict,
        labels=estimator.predict if classifier else None,
        files={FILE: text},
        library=installed("xgboost")[0],
        error=2e-7,
    )


def _used(booster: xgboost.Booster) -> xgboost.Booster:
    """Return the trees that `predict` uses: after early stopping, those up to the best iteration."""
    best = booster.attr("best_iteration")
    return booster if best is None else booster[: int(best) + 1]


def _kind(learner: dict[str, Any]) -> str:
    name = learner["gradient_booster"]["name"]
    if name != "gbtree":
        raise UnsupportedModel(f"XGBoost booster {name!r} is unsupported; use booster='gbtree'")
    if int(learner["gradient_booster"]["model"]["gbtree_model_param"]["num_parallel_tree"]) > 1:
        raise UnsupportedModel("XGBoost random forests (num_parallel_tree > 1) are unsupported; use 1")
    if int(learner["learner_model_param"]["num_target"]) > 1:
        raise UnsupportedModel("XGBoost models of several targets are unsupported; fit one model per target")
    objective = learner["objective"]["name"]
    if objective not in KINDS:
        raise UnsupportedModel(f"XGBoost objective {objective!r} is unsupported; use one of {sorted(KINDS)}")
    return KINDS[objective]


def _base_margins(text: bytes, features: int, names: list[str] | None) -> list[float]:
    """Return what XGBoost starts each sum from: the margins of the same model with every leaf 0.

    Asking the library gives the very float32 it uses; computing logit(base_score) here might be an ulp off.
    """
    document = json.loads(text)
    for tree in document["learner"]["gradient_booster"]["model"]["trees"]:
        pairs = zip(tree["split_conditions"], tree["left_children"], strict=True)
        tree["split_conditions"] = [0.0 if child < 0 else value for value, child in pairs]
    bare = xgboost.Booster(model_file=bytearray(json.dumps(document).encode()))
    row = xgboost.DMatrix(np.zeros((1, features), dtype=np.float32), feature_names=names, nthread=1)
    return np.asarray(bare.predict(row, output_margin=True)).reshape(-1).tolist()


def _tree(tree: dict[str, Any], target: int) -> Tree:
    if tree["categories"] or any(tree["split_type"]):
        raise UnsupportedModel("XGBoost categorical splits are unsupported; fit on nestor.encode(frame) (one-hot)")
    left, right = np.array(tree["left_children"]), np.array(tree["right_children"])
    conditions = np.array(tree["split_conditions"], dtype=np.float32)
    inner = left >= 0
    # Nodes and leaves share one numbering there; here nodes count from 0 and leaves are ~0, ~1, ...
    places = np.where(inner, np.cumsum(inner) - 1, ~(np.cumsum(~inner) - 1))
    return Tree(
        feature=np.array(tree["split_indices"])[inner],
        threshold=conditions[inner],
        left=places[left[inner]],
        right=places[right[inner]],
        missing_left=np.array(tree["default_left"])[inner],
        leaves=conditions[~inner],
        target=target,
    )
