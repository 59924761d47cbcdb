"""Several classes by parts of two, and gradient boosting that begins with another estimator."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.multiclass import OneVsOneClassifier, OutputCodeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from test_sklearn import check

from nestor.errors import UnsupportedModel

NAMES = np.array(["low", "middle", "high"])
LINE = make_pipeline(StandardScaler(), LogisticRegression())
FOREST = RandomForestClassifier(5, max_depth=3, random_state=0)
KINDS: dict[str, Any] = {
    "one against one": OneVsOneClassifier(LINE),
    "pairs of margins": make_pipeline(StandardScaler(), OneVsOneClassifier(LinearSVC())),
    "pairs of forests": OneVsOneClassifier(FOREST),
    "codes": OutputCodeClassifier(LINE, code_size=2, random_state=0),
    "codes of forests": OutputCodeClassifier(FOREST, code_size=2, random_state=0),
    "boosted tree": GradientBoostingClassifier(n_estimators=4, init=DecisionTreeClassifier(max_depth=2)),
    "boosted forest": make_pipeline(StandardScaler(), GradientBoostingClassifier(n_estimators=4, init=FOREST)),
}


@pytest.fixture
def rows(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[["size", "rooms"]].assign(weight=frame["weight"].fillna(3))


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_a_classifier_is_its_graph(kind: str, count: int, rows: pd.DataFrame, target: np.ndarray) -> None:
    levels = NAMES[np.digitize(target, [0.5, 2])]
    check(KINDS[kind].fit(rows, levels if count == 3 else levels == "high"), rows, within=1e-9, rows=500)


def test_an_exponential_loss_takes_half_the_odds(rows: pd.DataFrame, target: np.ndarray) -> None:
    fitted = GradientBoostingClassifier(n_estimators=4, loss="exponential", init=FOREST).fit(rows, target > 1)
    check(fitted, rows, within=1e-9, rows=500)


def test_a_regression_begins_with_a_tree(rows: pd.DataFrame, target: np.ndarray) -> None:
    fitted = GradientBoostingRegressor(n_estimators=4, init=DecisionTreeRegressor(max_depth=3)).fit(rows, target)
    check(fitted, rows, within=1e-12, rows=500)


def test_a_line_to_begin_with_is_refused_with_the_reason(rows: pd.DataFrame, target: np.ndarray) -> None:
    """It was fitted on float32 rows, and so it computes."""
    fitted = GradientBoostingRegressor(n_estimators=4, init=LinearRegression()).fit(rows, target)
    with pytest.raises(UnsupportedModel, match="use a tree or a forest as init"):
        check(fitted, rows, within=1e-9)
