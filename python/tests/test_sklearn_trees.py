"""scikit-learn's trees, forests and boosted trees: equal bit for bit, or next to it where an exponential is taken."""

from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn import ensemble, tree
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from test_trees import converted

import nestor
from nestor import exporting
from nestor.artifact import Artifact
from nestor.conversion import Conversion, Served, compare
from nestor.fields import fields_of, frame_of
from nestor.given import given
from nestor.rows import RowMaker, maker_of, pools_of

# Extra trees take gaps since 1.6, and AdaBoost knows one way to vote alone.
OLD = tuple(int(part) for part in sklearn.__version__.split(".")[:2]) < (1, 6)
SAMME = {"adaboost by samme": ensemble.AdaBoostClassifier(algorithm="SAMME")} if OLD else {}
SMALL: dict[str, Any] = {"n_estimators": 7, "random_state": 0}
SHORT: dict[str, Any] = {"max_iter": 7, "random_state": 0}
STUMP = tree.DecisionTreeClassifier(max_depth=2)


def check(estimator: Any, frame: pd.DataFrame, exact: bool = True, raw: float = 0.0) -> Conversion:
    """Assert that graph and estimator agree on the frame and on generated rows, on thresholds and with gaps.

    Raw scores may differ by `raw`, probabilities, unless they are `exact`, in their last bits.
    """
    conversion = converted(estimator, frame)
    fields = fields_of(given(frame), {})
    maker = maker_of(conversion, fields, pools_of(given(frame), fields))
    assert isinstance(maker, RowMaker)
    kinds = [*maker.thresholds()][:1000] + [*maker.take(500)]
    for rows in (frame, frame_of([row for _, row in kinds], fields)):
        found = compare(conversion, given(rows), "generated")
        assert found["raw"] <= raw
        assert found.get("probability", 0.0) <= (0.0 if exact else 5e-16)
    return conversion


def three(target: np.ndarray) -> np.ndarray:
    """Return three classes of unequal sizes, named by words."""
    return np.array(["few", "many", "some"])[np.digitize(target, np.quantile(target, [0.2, 0.9]))]


CLASSIFIERS = {
    "tree": tree.DecisionTreeClassifier(random_state=0),
    "weighted": tree.DecisionTreeClassifier(max_depth=4, class_weight="balanced"),
    "extra tree": tree.ExtraTreeClassifier(random_state=0),
    "forest": ensemble.RandomForestClassifier(n_estimators=20, max_depth=5, n_jobs=2, random_state=0),
    "extra trees": ensemble.ExtraTreesClassifier(class_weight="balanced_subsample", **SMALL),
}
BOOSTED = {
    "gradient": ensemble.GradientBoostingClassifier(**SMALL),
    "gradient from zero": ensemble.GradientBoostingClassifier(init="zero", **SMALL),
    "adaboost": ensemble.AdaBoostClassifier(**SMALL),
    "adaboost of trees": ensemble.AdaBoostClassifier(STUMP, learning_rate=0.5, **SMALL),
    "histogram": ensemble.HistGradientBoostingClassifier(**SHORT),
    "stopped early": ensemble.HistGradientBoostingClassifier(early_stopping=True, n_iter_no_change=2, random_state=0),
    **SAMME,
}
REGRESSORS = {
    "tree": tree.DecisionTreeRegressor(random_state=0),
    "one leaf": tree.DecisionTreeRegressor(min_samples_leaf=200),
    "forest": ensemble.RandomForestRegressor(n_jobs=2, **SMALL),
    "extra trees": ensemble.ExtraTreesRegressor(**SMALL),
    "adaboost": ensemble.AdaBoostRegressor(**SMALL),
    "adaboost of two": ensemble.AdaBoostRegressor(n_estimators=2, random_state=0, loss="exponential"),
    **{loss: ensemble.GradientBoostingRegressor(loss=loss, **SMALL) for loss in ("squared_error", "huber", "quantile")},
    "histogram": ensemble.HistGradientBoostingRegressor(**SHORT),
    "histogram median": ensemble.HistGradientBoostingRegressor(loss="absolute_error", **SHORT),
    "histogram quantile": ensemble.HistGradientBoostingRegressor(loss="quantile", quantile=0.9, **SHORT),
}
TAKE_GAPS = ["tree", "weighted", "forest", "histogram", "stopped early", *([] if OLD else ["extra trees"])]


def numbers(frame: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Return the numbers of the frame, with gaps where the estimator takes them."""
    chosen = frame[["size", "weight", "rooms"]]
    return chosen if kind in TAKE_GAPS else chosen.fillna(3.0)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("kind", CLASSIFIERS | BOOSTED)
def test_a_classifier_is_equal(kind: str, classes: int, frame: pd.DataFrame, target: np.ndarray) -> None:
    given = three(target) if classes == 3 else (target > 1).astype(int)
    rows = numbers(frame, kind)
    conversion = check((CLASSIFIERS | BOOSTED)[kind].fit(rows, given), rows, exact=kind in CLASSIFIERS)
    assert conversion.libraries == ["scikit-learn", "skops"]
    assert conversion.classes == (["few", "many", "some"] if classes == 3 else [0, 1])


@pytest.mark.parametrize("kind", REGRESSORS)
def test_a_regression_is_equal(kind: str, frame: pd.DataFrame, target: np.ndarray) -> None:
    rows = numbers(frame, kind)
    check(REGRESSORS[kind].fit(rows, target), rows)


@pytest.mark.parametrize("scale", [1.7e9, 1e-7])
def test_a_forest_of_large_or_tiny_values_is_equal(scale: float, frame: pd.DataFrame, target: np.ndarray) -> None:
    rows = numbers(frame, "forest")
    check(REGRESSORS["forest"].fit(rows, scale * (1 + target / 1e5)), rows)


@pytest.mark.parametrize("loss", ["poisson", "gamma"])
def test_a_logarithmic_link_is_equal_to_the_last_digits(loss: str, frame: pd.DataFrame, target: np.ndarray) -> None:
    rows = numbers(frame, "histogram")
    estimator = ensemble.HistGradientBoostingRegressor(loss=loss, **SHORT).fit(rows, np.exp(target))
    found = compare(converted(estimator, rows), given(rows), "own")
    assert found["raw"] <= 1e-15 * estimator.predict(rows).max()


def test_exponential_loss_has_the_doubled_link(frame: pd.DataFrame, target: np.ndarray) -> None:
    rows = numbers(frame, "gradient")
    estimator = ensemble.GradientBoostingClassifier(loss="exponential", **SMALL).fit(rows, target > 1)
    check(estimator, rows, exact=False)


def test_a_tie_of_votes_is_decided_as_the_estimator_decides_it() -> None:
    """Half of the trees say one class, half the other: float32 sums would give 0.5000001 to one of them."""
    random = np.random.default_rng(0)
    rows = pd.DataFrame({"x": random.integers(0, 9, 60), "y": random.integers(0, 9, 60)})
    forest = ensemble.RandomForestClassifier(n_estimators=20, random_state=0).fit(rows, random.integers(0, 2, 60))
    everywhere = pd.DataFrame([(x, y) for x in range(9) for y in range(9)], columns=["x", "y"])
    tied = everywhere[forest.predict_proba(everywhere)[:, 0] == 0.5]
    assert len(tied) > 0
    labels = Served(converted(forest, rows)).answer(given(tied)).labels
    assert labels is not None
    assert labels.tolist() == forest.predict(tied).tolist()


def test_rows_are_rounded_to_float32_as_the_library_does(frame: pd.DataFrame, target: np.ndarray) -> None:
    rows = numbers(frame, "tree")
    conversion = check(CLASSIFIERS["tree"].fit(rows, target > 1), rows)
    assert conversion.encoder.tensors[0]["datatype"] == "FP32"  # so a number beyond float32 is refused
    exact = check(BOOSTED["histogram"].fit(rows, target > 1), rows, exact=False)
    assert exact.encoder.tensors[0]["datatype"] == "FP64"


@pytest.fixture
def worded(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with words, with codes that do not begin at 0 and have gaps, and with numbers."""
    return frame.assign(code=(frame["rooms"] * 3 - 5).astype(float).mask(frame["rooms"] == 2))


@pytest.mark.parametrize("chosen", [["town", "code"], ["code"], ["town", "code", "rooms"]])
def test_native_categories_are_equal(chosen: list[str], worded: pd.DataFrame, target: np.ndarray) -> None:
    rows = worded if "town" in chosen else worded.drop(columns="town")
    estimator = ensemble.HistGradientBoostingRegressor(categorical_features=chosen, min_samples_leaf=5, **SHORT)
    conversion = check(estimator.fit(rows, target), rows)
    # What is no category goes where a gap goes.
    strange = rows.assign(code=[-5.5, 1e6, np.nan] * 100)
    assert np.array_equal(Served(conversion).answer(given(strange)).raw[:, 0], estimator.predict(strange))


def test_categories_by_their_type_are_equal(worded: pd.DataFrame, target: np.ndarray) -> None:
    rows = worded.astype({"town": "category"})
    estimator = ensemble.HistGradientBoostingClassifier(categorical_features="from_dtype", **SHORT)
    check(estimator.fit(rows, three(target)), rows, exact=False)


def test_an_array_with_categories_is_equal(worded: pd.DataFrame, target: np.ndarray) -> None:
    rows = worded[["size", "rooms"]].to_numpy(dtype=float)
    estimator = ensemble.HistGradientBoostingRegressor(categorical_features=[1], **SHORT).fit(rows, target)
    check(estimator, pd.DataFrame(rows, columns=["x0", "x1"]))


def test_a_folder_loads_what_it_was_made_of(worded: pd.DataFrame, target: np.ndarray, tmp_path: Path) -> None:
    estimators = [
        ensemble.HistGradientBoostingClassifier(categorical_features=["town"], **SHORT),
        ensemble.HistGradientBoostingRegressor(categorical_features=["town"], loss="poisson", **SHORT),
    ]
    for number, estimator in enumerate(estimators):
        fitted = estimator.fit(worded, (target > 1).astype(int))
        with patch.object(exporting, "ADVERSARIAL_ROWS", 500):
            folder = nestor.export(fitted, worded, name=f"m{number}", artifacts=tmp_path, verbose=False)
        loaded = Artifact(folder).conversion.graph.SerializeToString(deterministic=True)
        assert loaded == (folder / "model.onnx").read_bytes()


ISOLATED = {
    "default": ensemble.IsolationForest(**SMALL),
    "contamination": ensemble.IsolationForest(contamination=0.1, max_features=0.5, n_jobs=2, **SMALL),
    "all rows": ensemble.IsolationForest(contamination=0.02, max_samples=1.0, bootstrap=True, **SMALL),
}


@pytest.mark.parametrize("kind", ISOLATED)
def test_an_isolation_forest_is_equal(kind: str, frame: pd.DataFrame) -> None:
    """With a contamination, the threshold may be the score of a training row itself.

    The power of 2 is the graph's own: some NumPy's is another in the last bit of a score.
    """
    rows = numbers(frame, "extra trees")
    estimator = ISOLATED[kind].fit(rows)
    conversion = check(estimator, rows, raw=2.0**-53)
    assert conversion.task == "anomaly"
    assert conversion.decision["threshold"] == estimator.offset_
    assert set(estimator.predict(rows)) == {-1, 1}


@pytest.mark.parametrize("kind", ["tree", "forest", "extra trees"])
def test_several_values_are_equal(kind: str, frame: pd.DataFrame, target: np.ndarray) -> None:
    rows = numbers(frame, kind)
    conversion = check(REGRESSORS[kind].fit(rows, np.stack([target, target**2], axis=1)), rows)
    assert conversion.outputs == [{"name": "value", "datatype": "FP64", "shape": [-1, 2]}]
    assert [each.classes for each in conversion.targets] == [None, None]


@pytest.mark.parametrize("kind", CLASSIFIERS)
def test_several_labels_are_equal(kind: str, frame: pd.DataFrame, target: np.ndarray) -> None:
    rows = numbers(frame, kind)
    labels = np.stack([np.where(target > 1, "yes", "no"), three(target)], axis=1)
    estimator = clone(CLASSIFIERS[kind]).set_params(class_weight=None)
    conversion = check(estimator.fit(rows, labels), rows)
    assert [each.classes for each in conversion.targets] == [["no", "yes"], ["few", "many", "some"]]


@pytest.mark.parametrize("kind", ["gradient", "adaboost", "histogram"])
@pytest.mark.parametrize("classes", [2, 3])
def test_a_calibration_asks_for_the_decision(kind: str, classes: int, frame: pd.DataFrame, target: np.ndarray) -> None:
    rows = numbers(frame, kind)
    estimator = CalibratedClassifierCV(BOOSTED[kind], cv=2)
    check(estimator.fit(rows, three(target) if classes == 3 else (target > 1).astype(int)), rows, exact=False)
