"""Classifiers whose graphs were off or in float32: discriminants, naive Bayes, sigmoids, neighbours, centroids."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import BernoulliNB, CategoricalNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor, NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, OrdinalEncoder, StandardScaler
from sklearn.svm import SVR
from test_sklearn import check

from nestor.given import given

NAMES = np.array(["low", "middle", "high"])


@pytest.fixture
def rows(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[["size", "rooms"]].assign(weight=frame["weight"].fillna(3))


@pytest.fixture
def levels(target: np.ndarray) -> np.ndarray:
    return NAMES[np.digitize(target, [0.5, 2])]


KINDS: dict[str, Any] = {
    "discriminant": make_pipeline(StandardScaler(), LinearDiscriminantAnalysis()),
    "shrunk discriminant": LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto"),
    "bernoulli": BernoulliNB(binarize=1.5),
    "neighbours": make_pipeline(StandardScaler(), KNeighborsClassifier(weights="distance")),
    "city blocks": KNeighborsClassifier(3, weights="distance", p=1),
    "cubes": KNeighborsClassifier(weights="distance", p=3),
    "centroids": make_pipeline(StandardScaler(), NearestCentroid()),
    "shrunk centroids": NearestCentroid(shrink_threshold=0.1),
    "city block centroids": NearestCentroid(metric="manhattan"),
    "distances to centres": make_pipeline(
        StandardScaler(), KMeans(4, n_init=1, random_state=0), LogisticRegression(max_iter=500)
    ),
    "one against all": OneVsRestClassifier(make_pipeline(StandardScaler(), LogisticRegression())),
}


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_a_classifier_is_its_graph(kind: str, count: int, rows: pd.DataFrame, levels: np.ndarray) -> None:
    classes = levels if count == 3 else levels == "high"
    check(KINDS[kind].fit(rows, classes), rows, within=1e-11, rows=1500)


@pytest.mark.skipif(not hasattr(NearestCentroid, "predict_proba"), reason="priors came with scikit-learn 1.6")
def test_centroids_of_uneven_classes_are_its_graph(rows: pd.DataFrame, levels: np.ndarray) -> None:
    fitted = make_pipeline(StandardScaler(), NearestCentroid(priors=[0.2, 0.3, 0.5])).fit(rows, levels)
    check(fitted, rows, within=1e-11, rows=500)


def test_naive_bayes_of_categories_stands_behind_codes(frame: pd.DataFrame, levels: np.ndarray) -> None:
    words = frame[["town"]].assign(rooms=frame["rooms"].astype(str))
    check(make_pipeline(OrdinalEncoder(), CategoricalNB()).fit(words, levels), words, within=1e-12, rows=300)


def test_neighbours_of_a_value_count_by_their_distance(rows: pd.DataFrame, target: np.ndarray) -> None:
    fitted = make_pipeline(StandardScaler(), KNeighborsRegressor(weights="distance")).fit(rows, target)
    check(fitted, rows, within=1e-11, rows=1500)


def test_a_rare_probability_of_a_logistic_regression_is_exact(rows: pd.DataFrame, levels: np.ndarray) -> None:
    """The runtime's own Sigmoid is off by a thousandth where it is small."""
    far = rows.assign(size=rows["size"] * 4 + 20 * (levels == "high"))
    conversion = check(LogisticRegression(C=1e4, max_iter=3000).fit(far, levels == "high"), far, within=1e-12)
    assert conversion.answer(given(far)).probabilities.min() < 1e-6  # type: ignore[union-attr]


SINGLE: dict[str, Any] = {
    "scaled": make_pipeline(StandardScaler(), LinearRegression()),
    "sparse": make_pipeline(MaxAbsScaler(), StandardScaler(with_mean=False), LinearRegression()),
    "polynomial": SVR(kernel="poly", gamma=0.3),
}


@pytest.mark.parametrize("kind", SINGLE)
def test_a_single_factor_beside_a_product_stays_in_float64(kind: str, frame: pd.DataFrame, target: np.ndarray) -> None:
    """The runtime fuses both, and keeps the factor as a float32."""
    one = frame[["size"]]
    check(SINGLE[kind].fit(one, target), one, within=1e-12, rows=500)
