"""Estimators that ask others: votes, bags, stacks, calibrated ones; graphs composed from those of their parts."""

from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import (
    BaggingClassifier,
    BaggingRegressor,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifier
from sklearn.model_selection import FixedThresholdClassifier, TunedThresholdClassifierCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MinMaxScaler,
    OrdinalEncoder,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)
from sklearn.svm import SVC, LinearSVC
from test_pipelines import NUMBERS, QUIET, equal, houses, mixed
from test_sklearn import METHODS

from nestor import families
from nestor.errors import UnsupportedModel
from nestor.fields import fields_of
from nestor.given import given

__all__ = ["houses"]  # the fixture


def boosted() -> Any:
    return lightgbm.LGBMClassifier(**QUIET)


def scaled(last: Any) -> Any:
    return make_pipeline(StandardScaler(), last)


def four(target: np.ndarray) -> np.ndarray:
    return np.array(["w", "x", "y", "z"])[np.digitize(target, np.quantile(target, [0.25, 0.5, 0.75]))]


PARTS = [("boosted", boosted()), ("line", scaled(LogisticRegression())), ("bayes", GaussianNB())]
CLASSIFIERS: dict[str, Any] = {
    "soft": VotingClassifier(PARTS, voting="soft", weights=[1, 2, 0.5]),
    "hard": VotingClassifier([*PARTS, ("margin", scaled(LinearSVC()))], weights=[1, 1.5, 2, 1.2]),
    "stack": StackingClassifier(PARTS, cv=2, passthrough=True, final_estimator=boosted()),
    "margins": StackingClassifier([("a", scaled(LinearSVC())), ("b", boosted())], cv=2),
    "bag": BaggingClassifier(scaled(LogisticRegression()), 4, max_features=2, random_state=0),
    "votes": BaggingClassifier(scaled(LinearSVC()), 4, random_state=0),
    "sigmoid": CalibratedClassifierCV(boosted(), cv=2),
    "isotonic": CalibratedClassifierCV(KNeighborsClassifier(), cv=2, method="isotonic"),
    "ridge": CalibratedClassifierCV(scaled(RidgeClassifier()), cv=2),
    "rbf": scaled(CalibratedClassifierCV(SVC(), cv=2)),
}


@pytest.mark.parametrize("classes", [2, 4])
@pytest.mark.parametrize("kind", CLASSIFIERS)
def test_a_composed_classifier_answers_as_it_does(
    kind: str, classes: int, houses: pd.DataFrame, target: np.ndarray
) -> None:
    rows = houses[NUMBERS].fillna(2.5)
    goal = four(target) if classes == 4 else np.where(target > 1, "yes", "no")
    conversion = equal(CLASSIFIERS[kind].fit(rows, goal), rows, within=1e-11)
    assert conversion.classes == sorted(set(goal))
    assert kind in ("bag", "votes", "isotonic", "ridge", "rbf", "margins", "hard") or set(conversion.thresholds) == set(
        NUMBERS
    )


@pytest.mark.skipif("temperature" not in METHODS, reason="temperatures came with scikit-learn 1.8")
@pytest.mark.parametrize("classes", [2, 4])
def test_a_temperature_of_scores_and_of_probabilities(classes: int, houses: pd.DataFrame, target: np.ndarray) -> None:
    rows = houses[NUMBERS].fillna(2.5)
    goal = four(target) if classes == 4 else target > 1
    for part in (boosted(), scaled(RidgeClassifier())):
        equal(CalibratedClassifierCV(part, cv=2, method="temperature").fit(rows, goal), rows, within=1e-11)


def test_a_part_of_a_bag_may_lack_a_class(houses: pd.DataFrame, target: np.ndarray) -> None:
    rows, goal = houses[NUMBERS].fillna(2.5), four(target)
    goal[5:] = np.where(goal[5:] == "x", "w", goal[5:])
    for part in (scaled(LogisticRegression()), scaled(LinearSVC())):
        fitted = BaggingClassifier(part, 6, max_samples=0.3, random_state=0).fit(rows, goal)
        assert {len(each.classes_) for each in fitted.estimators_} == {3, 4}
        equal(fitted, rows, within=1e-11)


def test_parts_may_be_pipelines_with_words_of_their_own(houses: pd.DataFrame, target: np.ndarray) -> None:
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    parts = [("hot", make_pipeline(mixed(), boosted())), ("codes", make_pipeline(mixed(codes), LogisticRegression()))]
    for estimator in (VotingClassifier(parts, voting="soft"), StackingClassifier(parts, cv=2)):
        conversion = equal(estimator.fit(houses, target > 1), houses, ("unheard of",), within=1e-12)
        assert {column.input for column in conversion.encoder.columns} == set(houses.columns)  # type: ignore[attr-defined]


def test_calibrated_xgboost_keeps_its_float32(houses: pd.DataFrame, target: np.ndarray) -> None:
    rows = houses[NUMBERS]
    booster = xgboost.XGBClassifier(n_estimators=9, n_jobs=1)
    equal(CalibratedClassifierCV(booster, cv=2, method="isotonic").fit(rows, target > 1), rows, within=1e-6)


REGRESSORS: dict[str, Any] = {
    "mean": VotingRegressor([("a", scaled(Ridge())), ("b", lightgbm.LGBMRegressor(**QUIET))], weights=[1, 2]),
    "bag": BaggingRegressor(Ridge(), 4, random_state=0),
    "stack": StackingRegressor([("a", scaled(Ridge())), ("b", lightgbm.LGBMRegressor(**QUIET))], cv=2),
    "log": TransformedTargetRegressor(scaled(Ridge()), func=np.log1p, inverse_func=np.expm1),
    "scaled": scaled(TransformedTargetRegressor(lightgbm.LGBMRegressor(**QUIET), transformer=MinMaxScaler())),
    "quantile": TransformedTargetRegressor(Ridge(), transformer=QuantileTransformer(n_quantiles=30)),
    "robust": TransformedTargetRegressor(Ridge(), transformer=RobustScaler()),
    "power": TransformedTargetRegressor(Ridge(), transformer=PowerTransformer()),
    "box-cox": TransformedTargetRegressor(
        lightgbm.LGBMRegressor(**QUIET), func=None, transformer=PowerTransformer("box-cox")
    ),
}


@pytest.mark.parametrize("kind", REGRESSORS)
def test_a_composed_regressor_answers_as_it_does(kind: str, houses: pd.DataFrame, target: np.ndarray) -> None:
    rows = houses[NUMBERS].fillna(2.5)
    equal(REGRESSORS[kind].fit(rows, target - target.min() + (kind == "box-cox")), rows, within=1e-11)


THRESHOLDS: dict[str, Any] = {
    "tuned": TunedThresholdClassifierCV(make_pipeline(mixed(), LogisticRegression()), cv=2),
    "fixed": FixedThresholdClassifier(make_pipeline(mixed(), boosted()), threshold=0.3),
    "first class": FixedThresholdClassifier(make_pipeline(mixed(), boosted()), threshold=0.3, pos_label="no"),
    "margin": FixedThresholdClassifier(make_pipeline(mixed(), LinearSVC()), threshold=-0.2),
    "first margin": FixedThresholdClassifier(make_pipeline(mixed(), LinearSVC()), threshold=0.1, pos_label="no"),
    "both": FixedThresholdClassifier(
        make_pipeline(mixed(), LogisticRegression()), threshold=0.5, response_method="decision_function"
    ),
    "last": make_pipeline(mixed(), FixedThresholdClassifier(boosted(), threshold=0.35)),
}


@pytest.mark.parametrize("kind", THRESHOLDS)
def test_a_threshold_of_its_own_decides_the_label(kind: str, houses: pd.DataFrame, target: np.ndarray) -> None:
    fitted = THRESHOLDS[kind].fit(houses, np.where(target > 1, "yes", "no"))
    conversion = equal(fitted, houses, ("unheard of",), within=1e-11)
    assert ("probabilities" in conversion.decision) == ("margin" not in kind)


@pytest.mark.parametrize("classes", [2, 4])
def test_one_against_all_of_pipelines_with_words(classes: int, houses: pd.DataFrame, target: np.ndarray) -> None:
    goal = four(target) if classes == 4 else np.where(target > 1, "yes", "no")
    for last in (LogisticRegression(), boosted(), LinearSVC()):
        equal(
            OneVsRestClassifier(make_pipeline(mixed(), last)).fit(houses, goal), houses, ("unheard of",), within=1e-11
        )


def test_what_cannot_be_composed_is_refused_by_the_part_s_name(houses: pd.DataFrame, target: np.ndarray) -> None:
    rows = houses[NUMBERS].fillna(2.5)
    back = TransformedTargetRegressor(Ridge(), func=np.cbrt, inverse_func=lambda x: x**3)
    with pytest.raises(UnsupportedModel) as caught:
        families.convert(back.fit(rows, target), fields_of(given(rows), {}))
    assert "goes back by '<lambda>'" in str(caught.value)


@pytest.mark.filterwarnings("ignore:.*probability.*:FutureWarning")
@pytest.mark.parametrize("classes", [2, 4])
def test_platts_probabilities_are_coupled_as_libsvm_does_it(
    classes: int, houses: pd.DataFrame, target: np.ndarray
) -> None:
    rows = houses[NUMBERS].fillna(2.5)
    goal = four(target) if classes == 4 else target > 1
    for estimator in (SVC(probability=True, random_state=0), scaled(SVC(probability=True, random_state=0))):
        equal(estimator.fit(rows, goal), rows, within=1e-11)
