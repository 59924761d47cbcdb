"""LightGBM and XGBoost: raw scores bit for bit, on thresholds and missing values too."""

import inspect
from collections.abc import Callable
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost

from nestor import encode, families
from nestor.conversion import Conversion, Served, compare, session
from nestor.errors import NestorError
from nestor.families.tree_ensemble import BRANCH_LEQ, Tree, leaf, tree_ensemble
from nestor.fields import fields_of, frame_of
from nestor.given import given
from nestor.rows import RowMaker, maker_of, pools_of

# Fits an estimator to encoded rows and their target.
Fit = Callable[[pd.DataFrame, np.ndarray], Any]
QUIET: dict[str, Any] = {"verbosity": -1, "num_threads": 1, "deterministic": True}


def converted(estimator: Any, frame: pd.DataFrame) -> Conversion:
    return families.convert(estimator, fields_of(given(frame), {}))


def check(estimator: Any, frame: pd.DataFrame, rows: int = 3000) -> Conversion:
    """Assert that graph and estimator agree on generated rows, half of which touch a threshold or are missing."""
    conversion = converted(estimator, frame)
    fields = fields_of(given(frame), {})
    maker = maker_of(conversion, fields, pools_of(given(frame), fields))
    assert isinstance(maker, RowMaker)
    kinds = [*maker.thresholds(), *maker.take(rows)]
    found = compare(conversion, frame_of([row for _, row in kinds], fields), "generated")
    assert found["raw"] == 0.0
    return conversion


def three(target: np.ndarray) -> np.ndarray:
    return np.digitize(target, np.quantile(target, [0.3, 0.7]))


def kept_apart(x: pd.DataFrame, y: np.ndarray) -> dict[str, Any]:
    """Return the rows that say when to stop, as this version of LightGBM takes them."""
    takes = inspect.signature(lightgbm.LGBMRegressor.fit).parameters
    return {"eval_X": x, "eval_y": y} if "eval_X" in takes else {"eval_set": [(x, y)]}


LIGHTGBM: dict[str, Fit] = {
    "binary": lambda x, y: lightgbm.LGBMClassifier(n_estimators=30, **QUIET).fit(x, y > y.mean()),
    "multiclass": lambda x, y: lightgbm.LGBMClassifier(n_estimators=15, **QUIET).fit(x, three(y)),
    "regression": lambda x, y: lightgbm.LGBMRegressor(n_estimators=30, **QUIET).fit(x, y),
    "quantile": lambda x, y: lightgbm.LGBMRegressor(n_estimators=9, objective="quantile", **QUIET).fit(x, y),
    "stumps": lambda x, y: lightgbm.LGBMClassifier(n_estimators=9, min_child_samples=299, **QUIET).fit(x, y > 1),
    "array": lambda x, y: lightgbm.LGBMRegressor(n_estimators=9, **QUIET).fit(x.to_numpy(), y),
    "booster": lambda x, y: lightgbm.train({"objective": "binary", **QUIET}, lightgbm.Dataset(x, y > 1), 9),
    "early": lambda x, y: lightgbm.LGBMRegressor(n_estimators=200, **QUIET).fit(
        x[:200], y[:200], **kept_apart(x[200:], y[200:]), callbacks=[lightgbm.early_stopping(2, verbose=False)]
    ),
}
XGBOOST: dict[str, Fit] = {
    "binary": lambda x, y: xgboost.XGBClassifier(n_estimators=30, n_jobs=1).fit(x, y > y.mean()),
    "multi": lambda x, y: xgboost.XGBClassifier(n_estimators=15, n_jobs=1).fit(x, three(y)),
    "regression": lambda x, y: xgboost.XGBRegressor(n_estimators=30, n_jobs=1).fit(x, y),
    "base": lambda x, y: xgboost.XGBClassifier(n_estimators=9, n_jobs=1, base_score=0.37).fit(x, y > 1),
    "array": lambda x, y: xgboost.XGBRegressor(n_estimators=9, n_jobs=1).fit(x.to_numpy(), y),
    "booster": lambda x, y: xgboost.train({"objective": "binary:logistic"}, xgboost.DMatrix(x, y > 1), 9),
    "early": lambda x, y: xgboost.XGBRegressor(n_estimators=200, n_jobs=1, early_stopping_rounds=2).fit(
        x[:200], y[:200], eval_set=[(x[200:], y[200:])], verbose=False
    ),
}


@pytest.mark.parametrize("kind", LIGHTGBM)
def test_lightgbm_is_exact(kind: str, frame: pd.DataFrame, target: np.ndarray) -> None:
    check(LIGHTGBM[kind](encode(frame), target), frame)


@pytest.mark.parametrize("kind", XGBOOST)
def test_xgboost_is_exact(kind: str, frame: pd.DataFrame, target: np.ndarray) -> None:
    check(XGBOOST[kind](encode(frame), target), frame)


def test_nan_where_lightgbm_saw_none_in_training(frame: pd.DataFrame, target: np.ndarray) -> None:
    """Without NaN in training LightGBM reads a later NaN as 0; the graph must, too."""
    full = frame.fillna(1.0)
    conversion = converted(LIGHTGBM["regression"](encode(full), target), full)
    holes = full.assign(size=np.nan)
    original, served = conversion.answer(given(holes)), Served(conversion).answer(given(holes))
    assert np.array_equal(original.raw, served.raw)
    assert np.array_equal(original.raw, conversion.answer(given(full.assign(size=0.0))).raw)


def test_labels_are_what_predict_returns(frame: pd.DataFrame, target: np.ndarray) -> None:
    names = np.where(target > 1, "yes", "no")
    estimator = lightgbm.LGBMClassifier(n_estimators=9, **QUIET).fit(encode(frame), names)
    conversion = check(estimator, frame)
    assert conversion.classes == ["no", "yes"]
    labels = Served(conversion).answer(given(frame)).labels
    assert labels is not None
    assert np.array_equal(labels, estimator.predict(encode(frame)))


def test_an_estimator_of_other_columns_is_refused(frame: pd.DataFrame, target: np.ndarray) -> None:
    estimator = LIGHTGBM["regression"](encode(frame).drop(columns="rooms"), target)
    with pytest.raises(NestorError, match="takes 5 features, the frame gives 6"):
        converted(estimator, frame)
    renamed = LIGHTGBM["regression"](encode(frame).rename(columns={"rooms": "doors"}), target)
    with pytest.raises(NestorError, match=r"features \['doors'\]"):
        converted(renamed, frame)


def small(thresholds: list[float], left: list[int], right: list[int]) -> Tree:
    """Return a tree of two splits by the first feature, with the leaves 1, 2 and 3."""
    none = np.array([0, 0])
    return Tree(none, np.array(thresholds), np.array(left), np.array(right), none, np.array([1.0, 2.0, 3.0]))


LEFT, RIGHT = small([2, 1], [1, ~0], [~1, ~2]), small([1, 2], [~2, ~0], [1, ~1])


@pytest.mark.parametrize(
    ("trees", "sums"),
    [
        ([LEFT], [1, 3, 2]),
        ([leaf(40), LEFT], [41, 43, 42]),
        ([LEFT, RIGHT, leaf(40)], [44, 44, 44]),
        ([leaf(10), leaf(20), RIGHT], [33, 31, 32]),
    ],
)
def test_no_root_has_two_branches_of_one_number(trees: list[Tree], sums: list[float]) -> None:
    """onnxruntime 1.23 takes such a root for a leaf; nodes and leaves are counted apart."""
    tensors = [{"name": name, "datatype": "FP64", "shape": [-1, 1]} for name in ("x", "value")]
    graph = tree_ensemble(trees, BRANCH_LEQ, *tensors)
    lists = {each.name: list(each.ints) for each in graph.graph.node[0].attribute}
    roots = lists["tree_roots"]
    assert not [root for root in roots if lists["nodes_truenodeids"][root] == lists["nodes_falsenodeids"][root]]
    assert session(graph).run(None, {"x": np.array([[1.0], [2.0], [3.0]])})[0].ravel().tolist() == sums
