"""What is brought by mistake: nothing fitted, another frame, rows that the estimator itself refuses."""

from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost
from catboost import CatBoostClassifier
from sklearn.ensemble import BaggingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import nestor

NOT_FITTED: list[Any] = [
    RandomForestClassifier(),
    make_pipeline(StandardScaler(), RandomForestClassifier()),
    GridSearchCV(RandomForestClassifier(), {"n_estimators": [1]}),
    lightgbm.LGBMClassifier(),
    xgboost.XGBClassifier(),
    CatBoostClassifier(),
]
ROWS = pd.DataFrame({"age": np.arange(60.0), "rooms": np.arange(60) % 5 + 1})
TARGET = (ROWS["age"] > 30).to_numpy()
FOREST = RandomForestClassifier(3, random_state=0)


def said(tmp_path: Path, estimator: Any, rows: pd.DataFrame, y: Any = None, **options: Any) -> str:
    with pytest.raises(nestor.NestorError) as refused:
        nestor.export(estimator, rows, y, name="m", artifacts=tmp_path, verbose=False, **options)
    return str(refused.value)


@pytest.mark.parametrize("estimator", NOT_FITTED, ids=lambda each: type(each).__name__)
def test_what_is_not_fitted_is_said(estimator: Any, tmp_path: Path) -> None:
    name = type(estimator).__name__
    assert said(tmp_path, estimator, ROWS) == f"{name} is not fitted; give what its fit(X, y) returns"


def test_a_class_is_no_estimator(tmp_path: Path) -> None:
    expected = "LogisticRegression is a class; give a fitted estimator: LogisticRegression(...).fit(X, y)"
    assert said(tmp_path, LogisticRegression, ROWS) == expected


def test_a_frame_that_lacks_a_column_of_numbers_names_it(tmp_path: Path) -> None:
    assert said(tmp_path, FOREST.fit(ROWS, TARGET), ROWS[["age"]]) == (
        "the estimator takes 2 features, the frame gives 1: ['age']; it lacks ['rooms']; "
        "give the frame that the estimator was fitted on"
    )


def test_numbers_as_text_are_to_be_given_as_numbers(tmp_path: Path) -> None:
    written = ROWS[["rooms"]].astype(str)
    assert said(tmp_path, FOREST.fit(written, TARGET), written) == (
        "the estimator takes 1 features, the frame gives 5: ['rooms_1', 'rooms_2', 'rooms_3', 'rooms_4', 'rooms_5']; "
        "['rooms'] are numbers as text, which it read as numbers; give them as such: X.astype(float)"
    )


def test_a_hold_out_that_the_estimator_refuses_is_said(tmp_path: Path) -> None:
    gaps = ROWS.assign(age=np.nan)
    fitted = LogisticRegression().fit(ROWS, TARGET)
    expected = "the estimator fails on hold-out rows (ValueError: Input X contains NaN.); give it rows that it takes"
    assert said(tmp_path, fitted, ROWS, TARGET, holdout=(gaps, TARGET)).startswith(expected)


def test_a_word_of_the_hold_out_that_the_estimator_refuses_is_said(tmp_path: Path) -> None:
    words = pd.DataFrame({"town": ["a", "b"] * 30})
    fitted = make_pipeline(OneHotEncoder(), LogisticRegression()).fit(words, TARGET)
    refused = said(tmp_path, fitted, words, holdout=(words.assign(town="new"), TARGET))
    assert "new" in refused


def test_two_quantiles_need_no_target(tmp_path: Path) -> None:
    quantiles = xgboost.XGBRegressor(n_estimators=2, objective="reg:quantileerror", quantile_alpha=[0.2, 0.8])
    assert said(tmp_path, quantiles.fit(ROWS, ROWS["age"]), ROWS, ROWS["age"]) == (
        "y has 1 columns, and the estimator answers 2 values of a row; give a column for each, "
        "or no y where none can be right or wrong (quantiles of one target)"
    )


def test_neighbours_that_are_equally_near_are_the_cause(tmp_path: Path) -> None:
    ties = pd.DataFrame({"age": np.arange(400) // 4 % 7, "rooms": np.arange(400) % 3})
    target = (np.arange(400) * 7919 % 11 > 5).astype(int)
    bagged = BaggingClassifier(KNeighborsClassifier(), 3, random_state=0).fit(ties, target)
    refused = said(tmp_path, bagged, ties)
    assert "cause: most likely training rows that are equally near to this one" in refused
