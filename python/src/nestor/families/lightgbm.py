"""LightGBM as a float64 tree ensemble whose raw scores are equal bit for bit."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np

from ..conversion import Conversion
from ..encoders import rows_at_once
from ..errors import UnsupportedModel
from ..front import Front
from . import chain
from .categories import Categories
from .chain import Chain
from .lightgbm_linear import Linear
from .lightgbm_trees import ZERO, Text
from .tree_ensemble import BRANCH_LEQ
from .trees import Ensemble, conversion

FILE = "estimator.txt"
# Objectives whose prediction is the raw score itself; an objective of one's own has no name, or `custom`.
IDENTITY = {
    "regression", "regression_l1", "huber", "fair", "quantile", "mape", "lambdarank", "rank_xendcg", "custom", "none",
}  # fmt: skip
# What makes a prediction of the raw score of others.
LINKS: dict[str, Callable[[Chain], None]] = {
    "poisson": chain.exponential,
    "gamma": chain.exponential,
    "tweedie": chain.exponential,
    "cross_entropy": chain.sigmoid,
    "cross_entropy_lambda": chain.log_exponential,
}


class OfValues(lightgbm.Booster):
    """The booster of a regressor: where its objective knows two classes, it answers a value all the same."""


def matches(estimator: Any) -> bool:
    """Whether the estimator is LightGBM's."""
    return isinstance(estimator, lightgbm.Booster | lightgbm.LGBMModel)


def load(folder: Path, manifest: dict[str, Any]) -> lightgbm.Booster:
    """Return the estimator of an artifact folder."""
    kind = OfValues if manifest["decision"]["kind"] == "value" else lightgbm.Booster
    return kind(model_file=folder / FILE)


def convert(estimator: Any, front: Front, classes: Sequence[Any] | None) -> Conversion:
    """Return the estimator as a graph; raise UnsupportedModel, naming what cannot be exported."""
    wrapped = isinstance(estimator, lightgbm.LGBMModel)
    booster = estimator.booster_ if wrapped else estimator
    content = booster.model_to_string(num_iteration=booster.best_iteration)
    text = Text.of(content)
    kind, factor, link = _objective(text, estimator)
    names = text.header["feature_names"].split(" ")
    bare = names == [f"Column_{i}" for i in range(len(names))]  # fitted on an array: the frame's own order
    front = front.reading(None if bare else names)
    if lists := _lists(booster, text, front):
        front = Categories.of(front, lists, dict.fromkeys(lists, float("nan")))
    gains = booster.feature_importance("gain").tolist()
    classifier = wrapped and kind != "value"
    rounds = len(text.blocks) // text.width if "average_output" in text.header else 1

    def predict(matrix: Any, raw: bool) -> np.ndarray:
        said = np.asarray(booster.predict(matrix, raw_score=raw))
        return said / rounds * factor if raw else said

    def after(steps: Chain) -> None:
        if rounds != 1:
            steps.then("Div", np.array(float(rounds)))
        if factor != 1:
            steps.then("Mul", np.array(factor))
        if kind == "each":
            chain.sigmoid(steps)

    linear = Linear.of(text, front.tensor["shape"][1])
    made = conversion(
        Ensemble(
            trees=text.trees(),
            mode=BRANCH_LEQ,
            kind=kind,
            width=text.width,
            importance=dict(zip(names, gains, strict=True)),
            before=_before(text, front),
            scores=linear.scores if linear else None,
            after=after if rounds != 1 or factor != 1 or kind == "each" else None,
            link=link,
        ),
        front,
        estimator.classes_.tolist() if classifier else classes,
        predict=predict,
        labels=estimator.predict if classifier else None,
        files={FILE: content.encode()},
        library="lightgbm",
        error=1e-15 if kind == "softmax" else 3e-16,
    )
    if linear:
        made.encoder.chunk = rows_at_once(made.encoder.chunk, linear.numbers)
        # Compilers of some processors make one rounding of a product and its sum.
        made.limits = {"relative": 1e-9, "probability": 1e-9}
    return made


def _objective(text: Text, estimator: Any) -> tuple[str, float, Callable[[Chain], None] | None]:
    """Return the decision's kind, what the raw score is multiplied by, and what makes a value of it."""
    name, *options = text.header.get("objective", "custom").split(" ")
    given = dict(option.partition(":")[::2] for option in options)
    factor = float(given.get("sigmoid", 1))
    classifier = isinstance(estimator, lightgbm.LGBMClassifier)
    booster = isinstance(estimator, lightgbm.Booster) and not isinstance(estimator, OfValues)
    if name in ("binary", "cross_entropy") and (classifier or (booster and name == "binary")):
        return "sigmoid", factor, None
    if name == "binary":
        return "value", factor, chain.sigmoid
    if name in ("multiclass", "multiclassova") and (classifier or booster):
        return ("softmax", 1.0, None) if name == "multiclass" else ("each", factor, None)
    if text.width > 1 and name not in ("custom", "none"):
        raise UnsupportedModel(f"LightGBM objective {name!r} with {text.width} values is unsupported; fit one for each")
    if classifier and name not in ("custom", "none"):
        raise UnsupportedModel(f"LGBMClassifier with objective {name!r} gives no probabilities; use LGBMRegressor")
    if name in IDENTITY:
        return "value", 1.0, chain.signed_square if "sqrt" in given else None
    if name in LINKS:
        return "value", 1.0, LINKS[name]
    raise UnsupportedModel(
        f"LightGBM objective {name!r} is unsupported; use binary, multiclass or one of {sorted(IDENTITY | set(LINKS))}"
    )


def _lists(booster: lightgbm.Booster, text: Text, front: Front) -> dict[str, list[Any]]:
    """Return the categories of each feature that was a pandas category in training."""
    lists = booster.pandas_categorical or []
    words = {each.name.replace(" ", "_") for each in front.fields if not each.numeric}
    names = list(front.names or ())
    asked = {int(each) for each in text.parameters.get("categorical_feature", "").split(",") if each.isdigit()}
    of_words = [name for name in names if name.replace(" ", "_") in words]
    with_numbers = [name for i, name in enumerate(names) if i in asked or name in of_words]
    for chosen in (with_numbers, of_words):
        if len(chosen) == len(lists):
            return dict(zip(chosen, lists, strict=True))
    raise UnsupportedModel(
        f"LightGBM was fitted with {len(lists)} pandas categories, the frame has {of_words[:10]}; "
        "give the frame that it was fitted on, and fit codes as pandas categories too"
    )


def _before(text: Text, front: Front) -> Callable[[Chain], None] | None:
    """Return what a row goes through before its trees: zeros that are missing, and categories that are no codes."""
    zeros, width = text.zeros_missing(), front.tensor["shape"][1]
    whole = {each.name for each in front.fields if each.type == "integer"}
    coded = isinstance(front, Categories)
    parts = [i for i in text.categorical() if front.source(i) not in whole and not (coded and front.source(i) is None)]
    if not zeros and not parts:
        return None

    def before(steps: Chain) -> None:
        columns = steps.tensor
        if zeros:
            bounds = np.full(width, -1.0)
            bounds[zeros] = ZERO
            gaps = steps.add("LessOrEqual", steps.add("Abs", columns), bounds)
            columns = steps.add("Where", gaps, np.array(np.nan), columns)
        if parts:
            chosen = np.isin(np.arange(width), parts)
            # As a cast to int does: -0.5 is category 0.
            down, up = steps.add("Floor", columns), steps.add("Ceil", columns)
            cut = steps.add("Where", steps.add("Less", columns, np.array(0.0)), up, down)
            steps.add("Where", chosen, cut, columns)

    return before
