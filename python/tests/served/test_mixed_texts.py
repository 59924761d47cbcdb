"""A text beside numbers and categories, and texts behind which any estimator stands."""

from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
from proof import check, served_equal
from rows import json_rows, real
from server import Server
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC

import nestor
from nestor import exporting

WORDS = ["good", "bad", "great", "awful", "not", "at", "all", "déjà", "vu", "don't", "Straße", "10", "the", "a", "film"]


@pytest.fixture
def rows() -> pd.DataFrame:
    """Texts with a price and a shop, and one with two texts."""
    random = np.random.default_rng(3)

    def text() -> str:
        return " ".join(random.choice(WORDS, size=random.integers(1, 12)))

    return pd.DataFrame(
        {
            "title": [text()[:20] for _ in range(200)],
            "review": [text() for _ in range(200)],
            "price": random.uniform(1, 100, 200).round(2),
            "shop": random.choice(["north", "south", "web"], 200),
        }
    )


@pytest.fixture
def target(rows: pd.DataFrame) -> np.ndarray:
    return (rows["review"].str.contains("good") ^ (rows["price"] > 60)).astype(int).to_numpy()


COLUMNS: list[tuple[str, Any, Any]] = [
    ("title", CountVectorizer(analyzer="char_wb", ngram_range=(2, 3)), "title"),
    ("review", TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), "review"),
    ("price", StandardScaler(), ["price"]),
    ("shop", OneHotEncoder(handle_unknown="ignore"), ["shop"]),
]


def test_two_texts_beside_a_number_and_a_category(server: Server, rows: pd.DataFrame, target: np.ndarray) -> None:
    estimator = make_pipeline(ColumnTransformer(COLUMNS), LogisticRegression()).fit(rows, target)
    served_equal(server, estimator, rows, name="mixed", far=False)


def test_a_forest_behind_a_text_and_a_number(server: Server, rows: pd.DataFrame, target: np.ndarray) -> None:
    forest = RandomForestClassifier(10, max_depth=5, random_state=0)
    rows = rows[["review", "price"]]
    estimator = make_pipeline(ColumnTransformer(COLUMNS[1:3]), forest).fit(rows, target)
    served_equal(server, estimator, rows, name="mixed-forest", far=False)


class _Text:
    """An estimator of texts that is asked with rows of inputs."""

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator

    def predict(self, rows: pd.DataFrame) -> np.ndarray:
        return self.estimator.predict(rows["review"])

    def predict_proba(self, rows: pd.DataFrame) -> np.ndarray:
        return self.estimator.predict_proba(rows["review"])


ALONE = {
    "calibrated": lambda: CalibratedClassifierCV(make_pipeline(TfidfVectorizer(), LinearSVC()), cv=2),
    "calibrated-step": lambda: make_pipeline(TfidfVectorizer(), CalibratedClassifierCV(LinearSVC(), cv=2)),
    "forest": lambda: make_pipeline(CountVectorizer(), RandomForestClassifier(10, random_state=0)),
    "union": lambda: make_pipeline(
        FeatureUnion([("words", TfidfVectorizer()), ("characters", CountVectorizer(analyzer="char"))]),
        LogisticRegression(),
    ),
    "weighed": lambda: make_pipeline(
        CountVectorizer(), TfidfTransformer(norm="l1"), TfidfTransformer(sublinear_tf=True), LogisticRegression()
    ),
}


@pytest.mark.parametrize("name", ALONE)
def test_what_a_text_alone_may_go_through(server: Server, rows: pd.DataFrame, target: np.ndarray, name: str) -> None:
    estimator = ALONE[name]().fit(rows["review"], target)
    with TemporaryDirectory() as folder, patch.object(exporting, "ADVERSARIAL_ROWS", 500):
        server.push(nestor.export(estimator, rows[["review"]], name=f"alone-{name}", artifacts=folder, verbose=False))
    asked = real(rows[["review"]], 1_000)
    check(asked, server.predict(f"alone-{name}", json_rows(asked)), _Text(estimator), 1e-9, None)
