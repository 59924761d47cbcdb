"""Answers that are neither one label with probabilities nor one number, each served as the estimator gives it."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from proof import served_equal
from server import Server
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.covariance import EllipticEnvelope
from sklearn.datasets import load_diabetes, load_wine
from sklearn.linear_model import (
    LinearRegression,
    LogisticRegression,
    Ridge,
    RidgeClassifier,
    SGDClassifier,
    SGDOneClassSVM,
)
from sklearn.mixture import GaussianMixture
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier, MultiOutputRegressor, RegressorChain
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsRegressor, LocalOutlierFactor
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC, OneClassSVM
from sklearn.tree import DecisionTreeRegressor

X, y = load_wine(return_X_y=True, as_frame=True)
GROWERS = np.array(["first", "second", "third"])[y]
SEVERAL: Any = pd.DataFrame({"strong": (X["alcohol"] > 13).astype(int), "pale": (X["hue"] > 1).astype(int)})


def name_of(estimator: Any) -> str:
    last = estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator
    return type(last).__name__.lower()


@pytest.mark.parametrize(
    "estimator",
    [make_pipeline(StandardScaler(), LinearSVC()), RidgeClassifier(), SGDClassifier(random_state=0), SVC()],
    ids=name_of,
)
def test_a_label_without_probabilities(server: Server, estimator: Any) -> None:
    # From far away all support vectors are equally far: nothing but rounding is left of a kernel's sum.
    far = not isinstance(estimator, SVC)
    predictions = served_equal(
        server, estimator.fit(X, GROWERS), X, name=f"label-{name_of(estimator)}", y=GROWERS, far=far
    )
    assert list(predictions[0]) == ["prediction", "label", "prediction_id", "model", "version"]
    assert predictions[0]["label"] in GROWERS


def test_two_classes_are_the_sign_of_a_margin(server: Server) -> None:
    served_equal(server, LinearSVC().fit(X, (y == 1).astype(int)), X, name="margin", classes={0: "other", 1: "second"})


@pytest.mark.parametrize(
    "estimator",
    [LinearRegression(), KNeighborsRegressor(), MLPRegressor(hidden_layer_sizes=(5,), max_iter=20, tol=1e9)],
    ids=name_of,
)
def test_several_values(server: Server, estimator: Any) -> None:
    frame = load_diabetes(as_frame=True).data
    target = pd.DataFrame({"size": frame["bmi"] * 3 + frame["age"], "pressure": frame["bp"] - frame["s5"]})
    far = not isinstance(estimator, KNeighborsRegressor)
    predictions = served_equal(
        server, estimator.fit(frame, target), frame, name=f"several-{name_of(estimator)}", y=target, far=far
    )
    assert list(predictions[0]["prediction"]) == ["size", "pressure"]


def test_several_values_without_names_are_numbered(server: Server) -> None:
    rows = X.to_numpy()
    estimator = LinearRegression().fit(rows, np.stack([y, -y], axis=1))
    served_equal(server, estimator, X, name="numbered", predict=lambda frame: estimator.predict(frame.to_numpy()))
    status, reply = server.call("/models/numbered/predict", X.iloc[0].to_dict())
    assert status == 200
    assert list(reply["prediction"]) == ["value_0", "value_1"]


def test_several_labels(server: Server) -> None:
    predictions = served_equal(
        server, RidgeClassifier().fit(X, SEVERAL), X, name="labels", y=SEVERAL, classes={0: "no", 1: "yes"}
    )
    first = predictions[0]
    assert first["label"] == {name: ("no", "yes")[value] for name, value in first["prediction"].items()}
    assert list(first["label"]) == ["strong", "pale"]


EACH = {
    "side-by-side": MultiOutputClassifier(make_pipeline(StandardScaler(), LogisticRegression())),
    "chain": make_pipeline(StandardScaler(), ClassifierChain(LogisticRegression(), order=[1, 0])),
    "one-versus-rest": OneVsRestClassifier(GaussianNB()),
    "labels-alone": MultiOutputClassifier(LinearSVC()),
}


@pytest.mark.parametrize("name", EACH)
def test_a_label_for_each_target(server: Server, name: str) -> None:
    estimator = EACH[name].fit(X, SEVERAL)
    predictions = served_equal(server, estimator, X, name=name, y=SEVERAL, within=1e-6, far=False)
    assert ("probabilities" in predictions[0]) == hasattr(estimator, "predict_proba")
    assert list(predictions[0]["label"]) == ["strong", "pale"]


@pytest.mark.parametrize(
    "estimator",
    [MultiOutputRegressor(DecisionTreeRegressor(max_depth=3)), RegressorChain(Ridge(), order=[1, 0])],
    ids=name_of,
)
def test_a_regression_for_each_target(server: Server, estimator: Any) -> None:
    frame, target = X[["ash", "proline"]], pd.DataFrame({"strong": X["alcohol"], "pale": X["hue"]})
    served_equal(server, estimator.fit(frame, target), frame, name=name_of(estimator), y=target)


@pytest.mark.parametrize(
    "estimator",
    [
        make_pipeline(StandardScaler(), OneClassSVM(nu=0.1)),
        make_pipeline(StandardScaler(), SGDOneClassSVM(random_state=0)),
        EllipticEnvelope(contamination=0.1, random_state=0),
        make_pipeline(StandardScaler(), LocalOutlierFactor(novelty=True, contamination=0.1)),
    ],
    ids=name_of,
)
def test_an_anomaly(server: Server, estimator: Any) -> None:
    columns = X[["alcohol", "hue", "proline"]]
    predictions = served_equal(
        server, estimator.fit(columns), columns, name=f"anomaly-{name_of(estimator)}", within=1e-6, far=False
    )
    found = [name for name in predictions[0] if name != "warnings"]
    assert found == ["prediction", "label", "anomaly", "score", "threshold", "prediction_id", "model", "version"]
    assert {each["label"] for each in predictions} == {"anomaly", "normal"}


@pytest.mark.parametrize(
    "estimator",
    [KMeans(3, random_state=0), make_pipeline(StandardScaler(), MiniBatchKMeans(4, random_state=0))],
    ids=name_of,
)
def test_a_cluster(server: Server, estimator: Any) -> None:
    predictions = served_equal(server, estimator.fit(X), X, name=f"cluster-{name_of(estimator)}", far=False)
    nearest = [min(each["distances"], key=each["distances"].get) for each in predictions]
    assert nearest == [each["label"] for each in predictions]


def test_a_mixture_has_probabilities_of_its_clusters(server: Server) -> None:
    estimator = make_pipeline(StandardScaler(), GaussianMixture(3, random_state=0)).fit(X)
    names = {0: "light", 1: "heavy", 2: "rare"}
    predictions = served_equal(server, estimator, X, name="mixture", classes=names, within=1e-6, far=False)
    assert {each["label"] for each in predictions} == set(names.values())
    assert server.call("/models/mixture")[1]["task"] == "clustering"
