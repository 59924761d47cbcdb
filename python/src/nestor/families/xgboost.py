"""XGBoost's trees as a float32 tree ensemble whose margins are equal bit for bit."""

import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xgboost

from ..answers import softmax
from ..conversion import Conversion
from ..errors import UnsupportedModel
from ..front import Front
from ..libraries import installed
from . import chain
from .categories import Categories
from .chain import Chain
from .tree_ensemble import BRANCH_LT, leaf
from .trees import Ensemble, conversion
from .xgboost_linear import Linear, is_linear
from .xgboost_trees import categories_of, has_vectors, times_asked, trees_of, without_leaves, without_weights

FILE = "estimator.json"
# Objectives whose prediction is the margin itself.
IDENTITY = {
    "reg:squarederror", "reg:squaredlogerror", "reg:absoluteerror", "reg:pseudohubererror", "reg:quantileerror",
    "reg:expectileerror", "rank:ndcg", "rank:map", "rank:pairwise", "binary:logitraw",
}  # fmt: skip
EXPONENTIAL = {"count:poisson", "reg:gamma", "reg:tweedie", "survival:cox", "survival:aft"}
LOGISTIC = {"binary:logistic", "reg:logistic"}
MULTI = {"multi:softprob", "multi:softmax"}
# Its prediction is a class alone: whether the margin is above 0.
HINGE = "binary:hinge"
# Its sigmoid takes no smaller margin.
LEAST = np.float64(np.float32(-88.7))


class OfValues(xgboost.Booster):
    """The booster of a regressor: where its objective knows two classes, it answers a value all the same."""


def matches(estimator: Any) -> bool:
    """Whether the estimator is XGBoost's."""
    return isinstance(estimator, xgboost.Booster | xgboost.XGBModel)


def load(folder: Path, manifest: dict[str, Any]) -> xgboost.Booster:
    """Return the estimator of an artifact folder."""
    kind = OfValues if manifest["decision"]["kind"] == "value" else xgboost.Booster
    return kind(model_file=folder / FILE)


def convert(estimator: Any, front: Front, classes: Sequence[Any] | None) -> Conversion:
    """Return the estimator as a graph; raise UnsupportedModel, naming what cannot be exported."""
    wrapped = isinstance(estimator, xgboost.XGBModel)
    booster = _used(estimator) if wrapped else estimator
    document = json.loads(bytes(booster.save_raw("json")))
    bases = _base_margins(booster, document)
    document = without_weights(document, bases if wrapped else None)
    learner = document["learner"]
    kind, link = _objective(learner, estimator)
    names = None if booster.feature_names is None else list(booster.feature_names)
    front = front.reading(names, "FP32", gaps=True)
    words = {each.name: each.categories or () for each in front.fields}
    if lists := categories_of(learner, names or (), words):
        front = Categories.of(front, lists, {})
    by_frame = wrapped and estimator.feature_types is None
    if "c" in (booster.feature_types or ()) and not lists and (by_frame or document["version"] < [3, 1]):
        raise UnsupportedModel("XGBoost before 3.1 does not save what its categories are; fit it with xgboost>=3.1")
    linear = Linear(learner, bases) if is_linear(learner) else None
    trees = [] if linear else [*(leaf(margin, target) for target, margin in enumerate(bases)), *trees_of(learner)]
    missing = estimator.missing if wrapped and estimator.missing is not None else math.nan
    classifier = wrapped and kind != "value"

    def predict(matrix: Any, raw: bool) -> np.ndarray:
        if wrapped:
            if classifier and not raw:
                return np.asarray(estimator.predict_proba(matrix))
            return np.asarray(estimator.predict(matrix, output_margin=raw))
        types = None if lists else booster.feature_types
        rows = xgboost.DMatrix(matrix, nthread=1, feature_types=types, enable_categorical=True)
        by_label = learner["objective"]["name"] == "multi:softmax"
        said = np.asarray(booster.predict(rows, output_margin=raw or by_label))
        return said if raw or not by_label else softmax(said.astype(np.float64)).astype(np.float32)

    gains = _gains(booster, learner)
    made = conversion(
        Ensemble(
            trees=trees,
            mode=BRANCH_LT,
            kind=kind,
            width=len(bases),
            importance={name: gains.get(name, 0.0) for name in names or gains},
            before=_before(missing, [node for tree in trees for node in tree.feature[list(tree.members)]], front),
            scores=linear.scores if linear else None,
            link=link,
        ),
        front,
        estimator.classes_.tolist() if classifier else classes,
        predict=predict,
        labels=estimator.predict if classifier else None,
        files={FILE: _written(document)},
        library=installed("xgboost")[0],
        error=2e-7,
    )
    if linear:
        # Compilers of some processors make one rounding of a product and its sum.
        made.limits = {"relative": 1e-5, "probability": 1e-5}
    return made


def _used(estimator: xgboost.XGBModel) -> xgboost.Booster:
    """Return the trees that `predict` uses: after early stopping, those up to the best iteration.

    A bare booster uses them all, unless its caller says otherwise at each call.
    """
    booster = estimator.get_booster()
    best = booster.attr("best_iteration")
    # A linear one has no iterations to choose from.
    return booster if best is None or estimator.booster == "gblinear" else booster[: int(best) + 1]


def _gains(booster: xgboost.Booster, learner: dict[str, Any]) -> dict[str, float]:
    """Return the importance by feature: gains, weights, or how often trees with vectors ask for it."""
    if has_vectors(learner):  # versions before 3.2 refuse to say their gains, or die
        names = booster.feature_names or [f"f{i}" for i in range(booster.num_features())]
        return dict(zip(names, times_asked(learner, len(names)), strict=True))
    said = booster.get_score(importance_type="weight" if is_linear(learner) else "total_gain")
    return {name: float(np.abs(each).sum()) for name, each in said.items()}


def _written(document: dict[str, Any]) -> bytes:
    """Return a model as XGBoost reads it; it takes an escaped character for a backslash and the rest."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()


def _objective(learner: dict[str, Any], estimator: Any) -> tuple[str, Callable[[Chain], None] | None]:
    """Return the decision's kind and what makes a value of the margin."""
    name = learner["objective"]["name"]
    classifier = isinstance(estimator, xgboost.XGBClassifier)
    asked = classifier or (isinstance(estimator, xgboost.Booster) and not isinstance(estimator, OfValues))
    if name in MULTI:
        return "softmax", None
    if name in LOGISTIC:
        return ("sigmoid", None) if classifier or (asked and name == "binary:logistic") else ("value", _sigmoid)
    if name == HINGE:
        return ("margin", None) if asked else ("value", _above_zero)
    if classifier:
        raise UnsupportedModel(
            f"XGBClassifier with objective {name!r} gives no probabilities; use 'binary:logistic', or XGBRegressor"
        )
    if name == "reg:expectileerror" and int(learner["learner_model_param"]["num_target"]) > 1:
        raise UnsupportedModel(f"XGBoost objective {name!r} adds several expectiles up; fit one for each alpha")
    if name in EXPONENTIAL:
        return "value", _exponential
    if name in IDENTITY:
        return "value", None
    known = sorted(IDENTITY | EXPONENTIAL | LOGISTIC | MULTI | {HINGE})
    raise UnsupportedModel(f"XGBoost objective {name!r} is unsupported; use one of {known}")


def _exponential(steps: Chain) -> None:
    steps.cast("FP64")
    chain.exponential(steps)
    steps.cast("FP32")


def _above_zero(steps: Chain) -> None:
    steps.then("Greater", np.array(0, dtype=np.float32))
    steps.cast("FP32")


def _sigmoid(steps: Chain) -> None:
    steps.cast("FP64")
    steps.then("Max", np.array(LEAST))
    chain.sigmoid(steps)
    steps.cast("FP32")


def _before(missing: float, categorical: Sequence[int], front: Front) -> Callable[[Chain], None] | None:
    """Return what a row goes through before its trees: numbers that are missing, and categories that are no codes."""
    whole = {each.name for each in front.fields if each.type == "integer"}
    coded = isinstance(front, Categories)
    parts = [i for i in set(categorical) if front.source(i) not in whole and not (coded and front.source(i) is None)]
    if math.isnan(missing) and not parts:
        return None

    def before(steps: Chain) -> None:
        if not math.isnan(missing):
            gaps = steps.then("Equal", np.array(missing, dtype=np.float32))
            steps.add("Where", gaps, np.array(np.nan, dtype=np.float32), steps.input["name"])
        if parts:
            columns = steps.tensor
            chosen = np.isin(np.arange(front.tensor["shape"][1]), parts)
            steps.add("Where", chosen, steps.add("Floor", columns), columns)

    return before


def _base_margins(booster: xgboost.Booster, document: dict[str, Any]) -> list[float]:
    """Return what XGBoost starts each sum from: the margins of the same model with every leaf 0.

    Asking the library gives the very float32 it uses; computing logit(base_score) here might be an ulp off.
    """
    bare = xgboost.Booster(model_file=bytearray(_written(without_leaves(document))))
    zeros = np.zeros((1, booster.num_features()), dtype=np.float32)
    types, names = booster.feature_types, booster.feature_names
    row = xgboost.DMatrix(zeros, feature_names=names, feature_types=types, nthread=1, enable_categorical=True)
    return np.asarray(bare.predict(row, output_margin=True)).reshape(-1).tolist()
