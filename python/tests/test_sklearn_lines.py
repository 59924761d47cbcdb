"""Linear regressions and generalized linear models, above all those without an intercept."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import linear_model
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from test_sklearn import check

WITHOUT: list[Any] = [
    linear_model.LinearRegression(fit_intercept=False),
    linear_model.LinearRegression(fit_intercept=False, positive=True),
    linear_model.Ridge(fit_intercept=False),
    linear_model.RidgeCV(fit_intercept=False),
    linear_model.Lasso(alpha=0.01, fit_intercept=False),
    linear_model.ElasticNetCV(cv=2, fit_intercept=False),
    linear_model.Lars(fit_intercept=False),
    linear_model.BayesianRidge(fit_intercept=False),
    linear_model.ARDRegression(fit_intercept=False),
    linear_model.HuberRegressor(fit_intercept=False, max_iter=1000),
    linear_model.TheilSenRegressor(fit_intercept=False, random_state=0, max_subpopulation=50),
    linear_model.QuantileRegressor(alpha=0.01, fit_intercept=False),
    linear_model.SGDRegressor(fit_intercept=False, random_state=0),
    linear_model.PoissonRegressor(fit_intercept=False),
    linear_model.TweedieRegressor(power=1.5, fit_intercept=False),
    linear_model.TweedieRegressor(power=0, fit_intercept=False),
    linear_model.RANSACRegressor(linear_model.LinearRegression(fit_intercept=False), random_state=0),
]


@pytest.fixture
def rows(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[["size", "rooms"]].assign(weight=frame["weight"].fillna(3))


@pytest.mark.parametrize("estimator", WITHOUT, ids=lambda each: type(each).__name__)
def test_a_regression_without_an_intercept_is_its_graph(estimator: Any, rows: pd.DataFrame, target: np.ndarray) -> None:
    check(make_pipeline(StandardScaler(), estimator).fit(rows, np.abs(target)), rows, within=1e-11, rows=300)


@pytest.mark.parametrize("kind", [linear_model.LinearRegression, linear_model.GammaRegressor])
def test_a_regression_with_an_intercept_is_its_graph(kind: Any, rows: pd.DataFrame, target: np.ndarray) -> None:
    fitted = make_pipeline(StandardScaler(), kind()).fit(rows, np.abs(target) + 0.1)
    conversion = check(fitted, rows, within=1e-11, rows=300)
    assert conversion.libraries == ["scikit-learn", "skops"]


def test_several_values_without_an_intercept_stand_side_by_side(rows: pd.DataFrame, target: np.ndarray) -> None:
    fitted = linear_model.LinearRegression(fit_intercept=False).fit(rows, np.stack([target, -target], axis=1))
    assert len(check(fitted, rows, within=1e-11, rows=300).targets) == 2
