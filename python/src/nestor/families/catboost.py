"""CatBoost: float32 numbers, float64 leaves, words by tables of what its splits say of them."""

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import catboost
import numpy as np

from ..conversion import Conversion
from ..errors import UnsupportedModel
from ..front import Front
from . import chain
from .catboost_trees import Model
from .categories import Categories
from .chain import Chain
from .tree_ensemble import BRANCH_LEQ
from .trees import Ensemble, conversion

FILE = "estimator.cbm"
# By loss, for a classifier; those of several labels have a sigmoid for each.
SEVERAL = ("MultiLogloss", "MultiCrossEntropy")
KINDS = {
    **dict.fromkeys(("Logloss", "CrossEntropy", "Focal", *SEVERAL), "sigmoid"),
    "MultiClass": "softmax",
    "MultiClassOneVsAll": "each",
}


def matches(estimator: Any) -> bool:
    """Whether the estimator is CatBoost's."""
    return isinstance(estimator, catboost.CatBoost)


def load(folder: Path, manifest: dict[str, Any]) -> catboost.CatBoost:
    """Return the estimator of an artifact folder."""
    classifies = any("classes" in each for each in [manifest, *manifest.get("targets", ())])
    kind = catboost.CatBoostClassifier if classifies else catboost.CatBoostRegressor
    return kind().load_model(str(folder / FILE))


def convert(estimator: Any, front: Front, classes: Sequence[Any] | None) -> Conversion:
    """Return the estimator as a graph; raise UnsupportedModel, naming what cannot be exported."""
    document, content = json.loads(_saved(estimator, "json")), _saved(estimator, "cbm")
    classifier = isinstance(estimator, catboost.CatBoostClassifier)
    loss = document["model_info"]["params"]["loss_function"]["type"]
    kind = KINDS.get(loss, "value") if classifier else "value"
    if classifier and kind == "value":
        raise UnsupportedModel(f"CatBoostClassifier with loss {loss!r} is unsupported; use one of {list(KINDS)}")
    if kind == "sigmoid" and loss not in SEVERAL and estimator.get_probability_threshold() != 0.5:
        raise UnsupportedModel("CatBoost with a probability threshold is unsupported; set_probability_threshold(0.5)")
    if loss == "RMSEWithUncertainty":
        raise UnsupportedModel("CatBoost loss 'RMSEWithUncertainty' is unsupported; fit with 'RMSE'")
    names = list(estimator.feature_names_)
    words = {each.name: list(each.categories or ()) for each in front.fields}
    bare = names == [str(i) for i in range(len(names))]  # fitted on an array: the frame's own order
    if bare:
        names = [each.name for each in front.fields] if any(words.values()) else names
    model = Model(document, names, words)
    found = model.tables(estimator)
    front = front.reading(None if bare and not model.words else names)
    if model.words:
        front = Categories.of(front, model.words, model.unknown(found), None)
    scale, biases = document["scale_and_bias"]

    def rows(matrix: Any) -> Any:
        return matrix.to_numpy(dtype=object) if bare and model.words else matrix

    def predict(matrix: Any, raw: bool) -> np.ndarray:
        if raw:
            return np.asarray(estimator.predict(rows(matrix), prediction_type="RawFormulaVal"))
        return np.asarray(estimator.predict_proba(rows(matrix)) if classifier else estimator.predict(rows(matrix)))

    def after(steps: Chain) -> None:
        if scale != 1:
            steps.then("Mul", np.array(float(scale)))
        steps.then("Add", np.array(biases, dtype=np.float64))
        if kind == "each":
            chain.sigmoid(steps)

    # The class that regressors are derived from answers the raw value, whatever the loss.
    exponent = isinstance(estimator, catboost.CatBoostRegressor) and loss in ("Poisson", "Tweedie")
    gains = estimator.get_feature_importance(type="PredictionValuesChange")
    return conversion(
        Ensemble(
            trees=model.trees(found),
            mode=BRANCH_LEQ,
            kind=kind,
            width=model.width,
            importance=dict(zip(names, gains.tolist(), strict=True)),
            before=lambda steps: model.before(steps, found),
            after=after,
            link=chain.exponential if exponent else None,
        ),
        front,
        estimator.classes_.tolist() if classifier else classes,
        predict=predict,
        labels=(lambda matrix: np.asarray(estimator.predict(rows(matrix)))) if classifier else None,
        files={FILE: content},
        library="catboost",
        error=1e-15 if kind == "softmax" else 3e-16,
    )


def _saved(estimator: catboost.CatBoost, format_: str) -> bytes:
    with TemporaryDirectory() as folder:
        estimator.save_model(f"{folder}/model", format=format_)
        return (Path(folder) / "model").read_bytes()
