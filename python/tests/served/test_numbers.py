"""Estimators on numbers alone that need nothing special, each served as it was fitted."""

import numpy as np
import pytest
from proof import served_equal
from server import Server
from sklearn.datasets import load_diabetes, load_wine
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


@pytest.mark.parametrize(
    "estimator",
    [LogisticRegression(), KNeighborsClassifier(), MLPClassifier((8,), solver="lbfgs", max_iter=1_000), GaussianNB()],
    ids=lambda estimator: type(estimator).__name__,
)
def test_a_scaler_in_front_of_a_classifier(server: Server, estimator: object) -> None:
    X, y = load_wine(return_X_y=True, as_frame=True)
    fitted = make_pipeline(StandardScaler(), estimator).fit(X, y)
    # From far away all neighbours are equally near but for rounding.
    far = not isinstance(estimator, KNeighborsClassifier)
    served_equal(server, fitted, X, name=f"wine-{type(estimator).__name__.lower()}", y=y, far=far)


def test_a_linear_regression(server: Server) -> None:
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    served_equal(server, LinearRegression().fit(X, y), X, name="linear", y=np.asarray(y))
