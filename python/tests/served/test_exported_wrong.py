"""What was once exported with other answers than the estimator's, or answered by a fault of the server."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from proof import served_equal
from server import Server
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.svm import SVR
from sklearn.tree import DecisionTreeClassifier

import nestor
from nestor import exporting

RANDOM = np.random.default_rng(0)


def numbers(rows: int) -> pd.DataFrame:
    return pd.DataFrame({name: RANDOM.normal(size=rows) for name in "abc"})


def test_the_probability_of_a_rare_event(server: Server) -> None:
    """Some thirty in a million, with gaps that mean something; the tree says so in the same millionths."""
    X = numbers(30_000)
    X["a"] = X["a"].mask(RANDOM.random(len(X)) < 0.2)
    y = np.zeros(len(X), dtype=int)
    y[RANDOM.permutation(np.flatnonzero(X["a"].isna()))[:3]] = 1
    weights = np.where(y == 1, 37e-6 * len(X) / 3, 1.0)
    tree = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X, y, sample_weight=weights)
    served_equal(server, tree, X, name="rare", y=y, within=1e-12)


def test_targets_over_seven_decades(server: Server) -> None:
    X = numbers(200)
    y = np.exp(np.clip(8 + 5 * X["a"], 0, 17))
    served_equal(server, SVR(C=1e6).fit(X, y), X, name="decades", y=y, within=1e-8, far=False)


@pytest.mark.parametrize("values", [[False, True], [0.0, 1.0]], ids=["truth", "floats"])
def test_classes_that_are_truth_values_or_whole_floats(server: Server, values: list[Any]) -> None:
    X = numbers(200)
    y = np.array(values)[(X["a"] > 0).astype(int)]
    served_equal(server, LogisticRegression().fit(X, y), X, name=f"classes-{values[1]}".lower(), y=y)


def test_a_row_that_overflows_is_the_callers_fault(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "ADVERSARIAL_ROWS", 500)
    X = numbers(50)
    version = nestor.export(LinearRegression().fit(X, 100 * X["a"]), X, name="overflow", artifacts=tmp_path)
    server.push(version)
    rows: list[dict[str, Any]] = [{"a": 1, "b": 1, "c": 1}, {"a": 1e308, "b": 1, "c": 1}]
    status, reply = server.call("/v1/models/overflow:predict", {"instances": rows})
    assert (status, reply["code"]) == (400, "invalid_input")
    assert [(fault["pointer"], fault["code"]) for fault in reply["errors"]] == [("/instances/1", "no_finite_answer")]
    assert server.predict("overflow", rows[:1])[0]["prediction"] == pytest.approx(100)
