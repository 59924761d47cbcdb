"""Estimators on numbers alone that need nothing special, each served as it was fitted."""

import numpy as np
import pytest
import xgboost
from proof import served_equal
from server import Server
from sklearn.datasets import load_diabetes, load_wine
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import HistGradientBoostingClassifier, VotingClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import BernoulliNB, CategoricalNB, GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder, StandardScaler


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


def test_a_vote_of_likelihoods_and_neighbours_by_distance(server: Server) -> None:
    X, y = load_wine(return_X_y=True, as_frame=True)
    few = X[["alcohol", "ash", "hue"]]
    kinds = [LinearDiscriminantAnalysis(), BernoulliNB(binarize=0.5), KNeighborsClassifier(weights="distance")]
    vote = VotingClassifier([(type(each).__name__, each) for each in kinds], voting="soft")
    served_equal(server, make_pipeline(StandardScaler(), vote).fit(few, y), few, name="vote", far=False)


def test_naive_bayes_of_categories(server: Server) -> None:
    X, y = load_wine(return_X_y=True, as_frame=True)
    words = X[["hue", "ash"]].round().astype(int).astype(str).map("about {}".format)
    served_equal(server, make_pipeline(OrdinalEncoder(), CategoricalNB()).fit(words, y), words, name="words")


def test_names_in_any_script(server: Server) -> None:
    X, y = load_wine(return_X_y=True, as_frame=True)
    named = X[["alcohol", "ash", "hue"]].set_axis(["größe", "漢字", "é"], axis="columns")
    fitted = xgboost.XGBClassifier(n_estimators=5, n_jobs=1).fit(named, y)
    served_equal(server, fitted, named, name="scripts", within=1e-5)


def test_numbers_near_the_end_of_float64_kept_as_objects(server: Server) -> None:
    X, y = load_wine(return_X_y=True, as_frame=True)
    huge = X[["alcohol", "hue"]].assign(ash=(X["ash"] - 2) * 1e300).astype(object)
    served_equal(server, HistGradientBoostingClassifier(max_iter=3).fit(huge, y), huge, name="huge")
