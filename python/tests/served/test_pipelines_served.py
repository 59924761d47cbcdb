"""Pipelines, searches and composed estimators, served as they were fitted, on the raw frame."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from lightgbm import LGBMClassifier
from proof import served_equal
from server import Server
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.ensemble import RandomForestClassifier, StackingClassifier, VotingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler, TargetEncoder
from sklearn.svm import SVC
from xgboost import XGBClassifier

NUMBERS, WORDS = ["age", "pay", "rooms"], ["town", "kind"]
QUIET: dict[str, Any] = {"n_estimators": 10, "verbosity": -1, "num_threads": 1}
IGNORED = OneHotEncoder(handle_unknown="ignore")


def people(gaps: bool = False) -> tuple[pd.DataFrame, np.ndarray]:
    """Return rows with numbers, whole numbers and words, some of them rare, and a target of two classes."""
    random = np.random.default_rng(5)
    frame = pd.DataFrame(
        {
            "age": random.uniform(18, 90, 400).round(1),
            "pay": random.lognormal(8, 1, 400),
            "rooms": random.integers(1, 6, 400),
            "town": random.choice(["Aa", "New B", "c"], 400),
            "kind": random.choice(list("abcdef"), 400, p=[0.4, 0.3, 0.15, 0.1, 0.03, 0.02]),
        }
    )
    goal = frame["age"] + 10 * frame["rooms"] * (frame["town"] == "Aa") + random.normal(0, 9, 400)
    if gaps:
        for name in ("age", "pay", "town", "kind"):
            frame.loc[random.random(400) < 0.15, name] = np.nan
    return frame, (goal > goal.median()).astype(int).to_numpy()


def strange(frame: pd.DataFrame) -> pd.DataFrame:
    """Return rows with words that no training row had."""
    rows = frame.head(60).copy()
    rows.loc[rows.index % 2 == 0, "town"] = "unheard of"
    rows.loc[rows.index % 3 == 0, "kind"] = "z"
    return rows


def columns(words: Any, numbers: Any = "passthrough") -> ColumnTransformer:
    return ColumnTransformer([("numbers", numbers, NUMBERS), ("words", words, WORDS)])


def forest() -> RandomForestClassifier:
    return RandomForestClassifier(8, max_leaf_nodes=12, random_state=0)


SETS = {"iris": load_iris, "wine": load_wine, "cancer": load_breast_cancer, "digits": load_digits}


@pytest.mark.parametrize("name", SETS)
def test_a_scaler_in_front_of_a_forest(server: Server, name: str) -> None:
    X, y = SETS[name](return_X_y=True, as_frame=True)
    fitted = make_pipeline(StandardScaler(), forest()).fit(X, y)
    served_equal(server, fitted, X, name=f"scaled-{name}", y=y, within=0)


@pytest.mark.parametrize(
    ("file", "names", "target"),
    [("hr-turnover.csv", None, "left"), ("pima-indians-diabetes.csv", [f"c{i}" for i in range(9)], "c8")],
    ids=["turnover", "pima"],
)
def test_a_scaler_in_front_of_a_forest_on_a_file(
    server: Server, data: Path, file: str, names: list[str] | None, target: str
) -> None:
    frame = pd.read_csv(data / file, names=names).select_dtypes("number")
    X, y = frame.drop(columns=target), frame[target]
    fitted = make_pipeline(StandardScaler(), forest()).fit(X, y)
    served_equal(server, fitted, X, name=f"scaled-{file[:4]}", y=y, within=0)


def test_a_scaler_in_front_of_a_support_vector_machine(server: Server) -> None:
    X, y = load_wine(return_X_y=True, as_frame=True)
    fitted = make_pipeline(StandardScaler(), CalibratedClassifierCV(SVC(), cv=2)).fit(X, y)
    served_equal(server, fitted, X, name="scaled-machine", y=y, within=1e-8)


def test_columns_by_name_of_numbers_alone(server: Server) -> None:
    X, y = load_wine(return_X_y=True, as_frame=True)
    chosen = ColumnTransformer([("scaled", StandardScaler(), ["proline", "alcohol"])], remainder="passthrough")
    fitted = make_pipeline(chosen, LogisticRegression(max_iter=2000)).fit(X, y)
    served_equal(server, fitted, X, name="columns-by-name", y=y)


def test_mixed_types_with_missing_words(server: Server) -> None:
    """scikit-learn's example of mixed types."""
    frame, goal = people(gaps=True)
    filled = Pipeline([("imputer", SimpleImputer(strategy="median")), ("scaler", StandardScaler())])
    hot = Pipeline([("imputer", SimpleImputer(strategy="most_frequent")), ("hot", IGNORED)])
    chosen = ColumnTransformer(
        [("num", filled, make_column_selector(dtype_include=np.number)), ("cat", hot, WORDS)],
    )
    fitted = make_pipeline(chosen, LogisticRegression()).fit(frame, goal)
    served_equal(server, fitted, frame, name="mixed", y=goal, extra=strange(frame))


ENCODED: dict[str, Any] = {
    "flat": (IGNORED, LogisticRegression(max_iter=3000)),
    "forest": (IGNORED, forest()),
    "ordinal": (OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), forest()),
    "target": (TargetEncoder(), forest()),
    "drop": (OneHotEncoder(drop="first", handle_unknown="ignore"), forest()),
    "rare": (OneHotEncoder(min_frequency=20, handle_unknown="infrequent_if_exist"), forest()),
}


@pytest.mark.filterwarnings("ignore:Found unknown categories")
@pytest.mark.parametrize("kind", ENCODED)
def test_words_behind_an_encoder(server: Server, kind: str) -> None:
    frame, goal = people()
    encoder, last = ENCODED[kind]
    numbers = StandardScaler() if kind == "flat" else "passthrough"
    fitted = make_pipeline(columns(encoder, numbers), last).fit(frame, goal)
    served_equal(server, fitted, frame, name=f"words-{kind}", y=goal, extra=strange(frame))


def test_whole_numbers_behind_an_encoder(server: Server) -> None:
    frame, goal = people()
    hot = ColumnTransformer([("hot", IGNORED, ["rooms"])], remainder="passthrough")
    numbers = frame[NUMBERS]
    served_equal(server, make_pipeline(hot, forest()).fit(numbers, goal), numbers, name="whole-numbers", y=goal)


BOOSTED: dict[str, Any] = {
    "lightgbm": lambda: make_pipeline(columns(IGNORED), LGBMClassifier(**QUIET)),
    "calibrated": lambda: CalibratedClassifierCV(make_pipeline(columns(IGNORED), LGBMClassifier(**QUIET)), cv=2),
    "xgboost": lambda: make_pipeline(
        columns(IGNORED, SimpleImputer()), XGBClassifier(n_estimators=10, max_depth=3, n_jobs=1)
    ),
    "grid": lambda: GridSearchCV(
        make_pipeline(columns(IGNORED), LGBMClassifier(**QUIET)), {"lgbmclassifier__num_leaves": [3, 7]}, cv=2
    ),
    "random": lambda: RandomizedSearchCV(
        make_pipeline(columns(IGNORED, StandardScaler()), forest()),
        {"randomforestclassifier__n_estimators": [3, 5]},
        n_iter=1,
        cv=2,
    ),
}


@pytest.mark.parametrize("kind", BOOSTED)
def test_a_pipeline_ends_in_trees(server: Server, kind: str) -> None:
    frame, goal = people()
    # XGBoost computes its probabilities in float32.
    within = 1e-5 if kind == "xgboost" else 1e-9
    served_equal(
        server,
        BOOSTED[kind]().fit(frame, goal),
        frame,
        name=f"trees-{kind}",
        y=goal,
        extra=strange(frame),
        within=within,
    )


@pytest.mark.parametrize("kind", [VotingClassifier, StackingClassifier])
def test_forests_and_pipelines_are_asked_together(server: Server, kind: Any) -> None:
    frame, goal = people()
    parts = [
        ("forest", make_pipeline(columns(IGNORED), forest())),
        ("line", make_pipeline(columns(IGNORED, StandardScaler()), LogisticRegression())),
        ("boosted", make_pipeline(columns(IGNORED), LGBMClassifier(**QUIET))),
    ]
    options = {"voting": "soft"} if kind is VotingClassifier else {"cv": 2}
    fitted = kind(parts, **options).fit(frame, goal)
    served_equal(server, fitted, frame, name=f"together-{kind.__name__.lower()}", y=goal, extra=strange(frame))
