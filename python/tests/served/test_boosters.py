"""LightGBM, XGBoost and CatBoost, each served as it was fitted."""

from typing import Any

import catboost
import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost
from boosters import saves_categories
from proof import served_equal
from server import Server
from sklearn.datasets import load_diabetes

LIGHT: dict[str, Any] = {"n_estimators": 12, "verbosity": -1, "num_threads": 1, "deterministic": True}
XG: dict[str, Any] = {"n_estimators": 12, "n_jobs": 1, "max_depth": 4}
CAT: dict[str, Any] = {
    "iterations": 20, "depth": 4, "verbose": False, "allow_writing_files": False, "thread_count": 1, "random_seed": 1,
}  # fmt: skip
# What float32 is rounded by.
SINGLE = 1e-6


@pytest.fixture(scope="module")
def patients() -> tuple[pd.DataFrame, np.ndarray]:
    """442 patients, in their own units, with gaps that say something: who is ill was not weighed."""
    X, y = load_diabetes(return_X_y=True, as_frame=True, scaled=False)
    target = y.to_numpy()
    X = X.astype({"age": int, "sex": int})
    X.loc[target > 200, "bmi"] = np.nan
    X.loc[::9, "s5"] = np.nan
    return X, target


@pytest.fixture(scope="module")
def words(patients: tuple[pd.DataFrame, np.ndarray]) -> pd.DataFrame:
    """The same with words: ranges of the age and of the blood pressure, and the sex."""
    X, _ = patients
    ages = pd.cut(X["age"], [0, 30, 40, 50, 60, 70, 100]).astype(str)
    pressure = pd.cut(X["bp"], 40).cat.codes.map(lambda code: f"<{code}k")
    sex = X["sex"].map({1: "she", 2: "he"})
    return X.drop(columns=["age", "bp", "sex"]).assign(age=ages, pressure=pressure, sex=sex)


def thirds(target: np.ndarray) -> np.ndarray:
    return np.digitize(target, np.quantile(target, [0.3, 0.7]))


SHARED: dict[str, tuple[Any, str]] = {
    "lightgbm-gaps": (lightgbm.LGBMRegressor(**LIGHT), "value"),
    "lightgbm-poisson": (lightgbm.LGBMRegressor(**LIGHT, objective="poisson"), "value"),
    "lightgbm-dart": (lightgbm.LGBMRegressor(**LIGHT, boosting_type="dart"), "value"),
    "lightgbm-rf": (
        lightgbm.LGBMClassifier(**LIGHT, boosting_type="rf", bagging_freq=1, bagging_fraction=0.6),
        "two",
    ),
    "lightgbm-zeros": (lightgbm.LGBMClassifier(**LIGHT, zero_as_missing=True, sigmoid=0.7), "two"),
    "lightgbm-ova": (lightgbm.LGBMClassifier(**LIGHT, objective="multiclassova"), "three"),
    "lightgbm-linear": (lightgbm.LGBMRegressor(**LIGHT, linear_tree=True), "value"),
    "lightgbm-linear-classes": (lightgbm.LGBMClassifier(**LIGHT, linear_tree=True), "three"),
    "xgboost-softmax": (xgboost.XGBClassifier(**XG, objective="multi:softmax"), "three"),
    "xgboost-dart": (xgboost.XGBRegressor(**XG, booster="dart", rate_drop=0.3), "value"),
    "xgboost-poisson": (xgboost.XGBRegressor(**XG, objective="count:poisson"), "value"),
    "xgboost-linear": (xgboost.XGBRegressor(booster="gblinear", n_jobs=1), "value"),
    "xgboost-hinge": (xgboost.XGBClassifier(**XG, objective="binary:hinge"), "two"),
    "xgboost-labels": (xgboost.XGBClassifier(**XG), "labels"),
    "xgboost-vectors": (
        xgboost.XGBRegressor(**XG, multi_strategy="multi_output_tree", tree_method="hist"),
        "values",
    ),
    "catboost-value": (catboost.CatBoostRegressor(**CAT), "value"),
}


@pytest.mark.parametrize("name", SHARED)
def test_numbers(server: Server, name: str, patients: tuple[pd.DataFrame, np.ndarray]) -> None:
    X, target = patients
    estimator, kind = SHARED[name]
    y = {
        "value": target,
        "two": (target > 150).astype(int),
        "three": thirds(target),
        "labels": np.stack([target > 100, target > 200], axis=1).astype(int),
        "values": np.stack([target, -target], axis=1),
    }[kind]
    # P of a rare class is made by 1 - P in float32.
    within = 3e-5 if kind == "labels" else SINGLE if name.startswith("xgboost") else 1e-12
    served_equal(server, estimator.fit(X, y), X, name=name, y=y, within=within)


def test_a_ranking(server: Server, patients: tuple[pd.DataFrame, np.ndarray]) -> None:
    X, target = patients
    estimator = lightgbm.LGBMRanker(**LIGHT).fit(X, thirds(target), group=[221, 221])
    served_equal(server, estimator, X, name="ranking", within=1e-15)


def test_early_stopping_of_whole_numbers_beyond_float32(
    server: Server, patients: tuple[pd.DataFrame, np.ndarray]
) -> None:
    X, target = patients
    X = X.assign(age=2**24 + 2 * X["age"] + 1)
    estimator = xgboost.XGBRegressor(**{**XG, "n_estimators": 90}, early_stopping_rounds=3)
    estimator.fit(X[::2], target[::2], eval_set=[(X[1::2], target[1::2])], verbose=False)
    served_equal(server, estimator, X, name="early", y=target, within=SINGLE)


def test_a_number_that_means_missing(server: Server, patients: tuple[pd.DataFrame, np.ndarray]) -> None:
    X, target = patients
    X = X.fillna(-999.0)
    estimator = xgboost.XGBClassifier(**XG, base_score=0.3, missing=-999).fit(X, (target > 150).astype(int))
    served_equal(server, estimator, X, name="minus", y=(target > 150).astype(int), within=100 * SINGLE)


def test_categories_of_pandas(server: Server, words: pd.DataFrame, patients: tuple[pd.DataFrame, np.ndarray]) -> None:
    target = patients[1]
    gaps = words.assign(pressure=words["pressure"].mask(np.arange(len(words)) % 13 == 0))
    X = gaps.astype({"age": "category", "pressure": "category", "sex": "category"})
    light = lightgbm.LGBMRegressor(**LIGHT, min_data_per_group=5).fit(X, target)
    served_equal(server, light, X, name="light-words", y=target, within=1e-15)
    xg = xgboost.XGBRegressor(**XG, enable_categorical=True).fit(X, target)
    if saves_categories(xg, X):
        served_equal(server, xg, X, name="xg-words", y=target, within=SINGLE)


def test_codes_that_are_named_as_categories(server: Server, patients: tuple[pd.DataFrame, np.ndarray]) -> None:
    X, target = patients
    estimator = lightgbm.LGBMRegressor(**LIGHT, min_data_per_group=5)
    estimator.fit(X, target, categorical_feature=["age", "sex", "s4"])
    served_equal(server, estimator, X, name="codes", y=target, within=1e-15)


@pytest.mark.parametrize(("together", "trees"), [(1, "SymmetricTree"), (3, "SymmetricTree"), (1, "Lossguide")])
def test_words_of_catboost(
    server: Server, together: int, trees: str, words: pd.DataFrame, patients: tuple[pd.DataFrame, np.ndarray]
) -> None:
    target = patients[1]
    options = {"max_ctr_complexity": together, "one_hot_max_size": 3, "cat_features": ["age", "pressure", "sex"]}
    estimator = catboost.CatBoostRegressor(**CAT, **options, grow_policy=trees).fit(words, target)
    strange = words[:20].assign(pressure="never heard of")
    served_equal(
        server, estimator, words, name=f"cat-words-{together}-{trees.lower()}", y=target, extra=strange, within=1e-15
    )
