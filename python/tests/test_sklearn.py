"""scikit-learn estimators: our own support vector graph, skl2onnx for the others, one-hot in the manifest."""

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import Birch, KMeans, MeanShift, SpectralClustering
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression, LogisticRegression, SGDClassifier
from sklearn.metrics.pairwise import linear_kernel
from sklearn.mixture import BayesianGaussianMixture
from sklearn.neighbors import KNeighborsClassifier, LocalOutlierFactor
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.semi_supervised import LabelSpreading
from sklearn.svm import SVC
from test_trees import converted

from nestor.conversion import Conversion, compare
from nestor.errors import UnsupportedModel
from nestor.families import persist
from nestor.fields import fields_of, frame_of
from nestor.given import given
from nestor.rows import maker_of, pools_of


def check(estimator: Any, frame: pd.DataFrame, within: float, rows: int = 3000) -> Conversion:
    conversion = converted(estimator, frame)
    fields = fields_of(given(frame), {})
    maker = maker_of(conversion, fields, pools_of(given(frame), fields))
    found = compare(conversion, frame_of([row for _, row in maker.take(rows)], fields), "generated")
    assert max(found.values()) <= within
    return conversion


# "temperature" is one since scikit-learn 1.8.
METHODS = CalibratedClassifierCV._parameter_constraints["method"][0].options - {"isotonic"}


@pytest.mark.parametrize("method", sorted(METHODS))
def test_a_calibrated_svc_is_equal_to_the_last_digits(method: str) -> None:
    bunch = load_iris(as_frame=True)
    estimator = CalibratedClassifierCV(SVC(), ensemble=False, method=method)
    conversion = check(estimator.fit(bunch.data, bunch.target.to_numpy()), bunch.data, within=1e-12, rows=20_000)
    assert conversion.libraries == ["scikit-learn", "skops"]


def test_four_classes_named_by_strings_go_through_skl2onnx(frame: pd.DataFrame, target: np.ndarray) -> None:
    numbers = frame[["size", "rooms"]]
    names = np.array(["w", "x", "y", "z"])[np.digitize(target, np.quantile(target, [0.25, 0.5, 0.75]))]
    conversion = check(make_pipeline(StandardScaler(), LogisticRegression()).fit(numbers, names), numbers, within=1e-9)
    assert conversion.classes == ["w", "x", "y", "z"]
    assert conversion.outputs[0] == {"name": "label", "datatype": "BYTES", "shape": [-1]}


def test_a_regression_is_a_value(frame: pd.DataFrame, target: np.ndarray) -> None:
    numbers = frame[["size", "rooms"]]
    conversion = check(LinearRegression().fit(numbers, target), numbers, within=1e-9)
    assert conversion.decision == {"kind": "value", "output": "value"}
    assert conversion.outputs == [{"name": "value", "datatype": "FP64", "shape": [-1, 1]}]


@pytest.mark.parametrize("loss", ["log_loss", "modified_huber"])
@pytest.mark.parametrize("classes", [2, 3])
def test_the_label_is_that_of_the_largest_score_where_probabilities_stand_even(loss: str, classes: int) -> None:
    bunch = load_iris(as_frame=True)
    # Numbers that nobody has scaled: the scores of several classes have the probability 1.
    rows, target = 100 * bunch.data, np.minimum(bunch.target.to_numpy(), classes - 1)
    estimator = SGDClassifier(loss=loss, alpha=1.0, random_state=0).fit(rows, target)
    shares = estimator.predict_proba(rows)
    conversion = check(estimator, rows, within=1e-9)
    assert conversion.libraries == ["scikit-learn", "skops"]
    if classes == 3:
        assert (np.argmax(shares, axis=1) != estimator.predict(rows)).any()


def test_where_every_class_is_ruled_out_the_graph_says_what_this_scikit_learn_says() -> None:
    bunch = load_iris(as_frame=True)
    rows, estimator = bunch.data, SGDClassifier(loss="log_loss", random_state=0)
    estimator.fit(rows, bunch.target.to_numpy()).intercept_ -= 1e5
    with np.errstate(invalid="ignore"):
        shares = estimator.predict_proba(rows)
        # Equal ones; older versions of scikit-learn have no numbers there.
        assert not (np.ptp(shares, axis=1) > 0).all()
        found = compare(converted(estimator, rows), given(rows), "data")
    assert found["probability"] <= 1e-12


REFUSED = {
    "LabelSpreading: skl2onnx": (LabelSpreading(), ["size", "rooms"]),
    "KMeans of one cluster": (KMeans(1), ["size", "rooms"]),
    "PCA is no supported estimator: it has no predict, for it makes columns": (PCA(1), ["size", "rooms"]),
    "SpectralClustering is no supported estimator: it has no predict, for it sorts only the rows": (
        SpectralClustering(2),
        ["size", "rooms"],
    ),
    "SVC has the kernel <function": (SVC(kernel=linear_kernel), ["size", "rooms"]),
    "SVC breaks ties": (SVC(break_ties=True), ["size", "rooms"]),
    "fit it with novelty=True": (LocalOutlierFactor(), ["size", "rooms"]),
    "has the metric 'manhattan'": (LocalOutlierFactor(novelty=True, metric="manhattan"), ["size", "rooms"]),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_cannot_be_converted_is_refused_by_name(reason: str, frame: pd.DataFrame, target: np.ndarray) -> None:
    estimator, names = REFUSED[reason]
    with pytest.raises(UnsupportedModel) as caught:
        converted(estimator.fit(frame[names], target > 1), frame[names])
    assert reason in str(caught.value)


CLUSTERS = {
    "inferred": BayesianGaussianMixture(n_components=3, random_state=0),
    "inferred without an order": BayesianGaussianMixture(
        n_components=3, covariance_type="diag", weight_concentration_prior_type="dirichlet_distribution", random_state=0
    ),
    "shifted": MeanShift(bandwidth=2.0, bin_seeding=True),
}


@pytest.mark.parametrize("kind", CLUSTERS)
def test_clusters_that_are_found_by_themselves(kind: str, frame: pd.DataFrame) -> None:
    numbers = frame[["size", "rooms"]]
    conversion = check(CLUSTERS[kind].fit(numbers), numbers, within=1e-11)
    assert conversion.task == "clustering"


def test_what_skops_cannot_keep_is_refused_in_words(frame: pd.DataFrame) -> None:
    with pytest.raises(UnsupportedModel, match="Birch cannot be kept in a file that runs no code: Objects of type"):
        persist.dumps(Birch().fit(frame[["size", "rooms"]]))


def test_clusters_of_float32_are_refused_with_the_mend(frame: pd.DataFrame) -> None:
    numbers = frame[["size", "rooms"]]
    with pytest.raises(UnsupportedModel, match=r"KMeans was fitted on float32.* fit it on X.astype\('float64'\)"):
        converted(KMeans(2).fit(numbers.astype("float32")), numbers)


@pytest.mark.parametrize("estimator", [KNeighborsClassifier(), MLPClassifier((3,), max_iter=2, tol=1e9)])
def test_several_labels_at_once_are_refused_with_what_is_exported(
    estimator: Any, frame: pd.DataFrame, target: np.ndarray
) -> None:
    numbers, goal = frame[["size", "rooms"]], np.stack([target > 1, target > 2], axis=1).astype(int)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        estimator.fit(numbers, goal)
    with pytest.raises(UnsupportedModel, match="MultiOutputClassifier"):
        converted(estimator, numbers)
