"""scikit-learn's trees, forests and boosted trees, served as they were fitted; forests to the last bit."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from proof import served_equal
from server import Server
from sklearn import ensemble, tree
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, load_wine

SETS = {"iris": load_iris, "wine": load_wine, "cancer": load_breast_cancer, "digits": load_digits}


SMALL: dict[str, Any] = {"max_leaf_nodes": 8}
# A tree of few rows is often sure of a class, so that votes stand even.
SURE: dict[str, Any] = {"max_samples": 0.1}
FORESTS = [
    ("iris", 250, SMALL), ("wine", 20, SMALL), ("cancer", 50, SMALL), ("digits", 10, SMALL),
    ("iris", 30, SURE), ("wine", 40, SURE), ("wine", 60, SURE), ("iris", 100, SURE),
]  # fmt: skip


@pytest.mark.parametrize(("data", "trees", "options"), FORESTS)
def test_a_forest_with_ties(server: Server, data: str, trees: int, options: dict[str, Any]) -> None:
    X, y = SETS[data](return_X_y=True, as_frame=True)
    forest = ensemble.RandomForestClassifier(trees, **options, random_state=0).fit(X, y)
    served_equal(server, forest, X, name=f"forest-{data}-{trees}", y=y, within=0)


@pytest.mark.parametrize("scale", [1.7e9, 1e-7], ids=["seconds", "tiny"])
def test_a_forest_of_any_scale(server: Server, scale: float) -> None:
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    forest = ensemble.RandomForestRegressor(10, max_leaf_nodes=50, random_state=0).fit(X, scale * (1 + y / 1e4))
    served_equal(server, forest, X, name=f"forest-of-{scale:.0e}".replace("+", ""), within=0)


BOOSTED: list[Any] = [
    ensemble.GradientBoostingClassifier(n_estimators=10, random_state=0),
    ensemble.AdaBoostClassifier(n_estimators=10, random_state=0),
    ensemble.AdaBoostRegressor(n_estimators=10, random_state=0),
    ensemble.HistGradientBoostingRegressor(loss="quantile", quantile=0.8, max_iter=10),
]


@pytest.mark.parametrize("estimator", BOOSTED, ids=lambda each: type(each).__name__)
def test_boosted_trees(server: Server, estimator: Any) -> None:
    X, y = load_wine(return_X_y=True, as_frame=True)
    served_equal(server, estimator.fit(X, y), X, name=type(estimator).__name__.lower(), y=y, within=1e-14)


GAPS: list[Any] = [
    tree.DecisionTreeClassifier(max_depth=4, random_state=0),
    ensemble.HistGradientBoostingClassifier(max_iter=10),
    ensemble.RandomForestRegressor(10, max_depth=4, random_state=0),
    ensemble.HistGradientBoostingRegressor(loss="poisson", max_iter=10),
]


@pytest.mark.parametrize("estimator", GAPS, ids=lambda each: type(each).__name__)
def test_gaps_that_mean_something(server: Server, estimator: Any) -> None:
    random = np.random.default_rng(0)
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    X = X.iloc[:, :6].mask(random.random((len(X), 6)) < 0.1)
    X["mean radius"] = X["mean radius"].mask((y == 1) & (random.random(len(X)) < 0.8))
    rare = y if hasattr(estimator, "predict_proba") else y * 1e-5
    served_equal(server, estimator.fit(X, rare), X, name=f"gaps-{type(estimator).__name__.lower()}", within=1e-14)


def test_native_categories(server: Server) -> None:
    random = np.random.default_rng(0)
    X = pd.DataFrame(
        {
            "colour": pd.Categorical(random.choice(["rot", "grün", "x y"], 600)),
            "shop": random.integers(0, 60, 600) * 7 - 20,
            "price": random.lognormal(size=600).round(2),
        }
    )
    X["price"] = X["price"].mask(random.random(600) < 0.2)
    y = (X["colour"] == "rot") + (X["shop"] % 3 == 0) + X["price"].fillna(2) + random.normal(size=600) / 5
    model = ensemble.HistGradientBoostingClassifier(
        categorical_features=["colour", "shop"], max_iter=20, random_state=0
    )
    served_equal(server, model.fit(X, np.digitize(y, [2, 3])), X, name="categories", within=1e-14)


def test_an_isolation_forest(server: Server) -> None:
    X, _ = load_breast_cancer(return_X_y=True, as_frame=True)
    forest = ensemble.IsolationForest(n_estimators=20, contamination=0.05, random_state=0).fit(X)
    predictions = served_equal(server, forest, X, name="isolated", within=1e-14)
    assert {each["anomaly"] for each in predictions} == {True, False}
