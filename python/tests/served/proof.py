"""The proof: what the server answers is what the estimator itself answers on the raw frame."""

from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
from rows import difficult, json_rows, real
from server import Server

import nestor

ROWS = 1_000
# What 1 - p may be off by where p is next to 1.
ONE_ROUNDED = 4e-16


def served_equal(
    server: Server,
    estimator: Any,
    frame: pd.DataFrame,
    *,
    name: str,
    extra: pd.DataFrame | None = None,
    within: float = 1e-9,
    predict: Any = None,
    far: bool = True,
    **options: Any,
) -> list[dict[str, Any]]:
    """Export a fitted estimator, ask the server for 1,000 real and 1,000 difficult rows, and compare.

    `extra` are further rows, for example with unknown words. `within` is how far a number may be off relative to
    itself, a rare event's probability too. `predict(rows)` is asked where the estimator is no scikit-learn one.
    Without `far` no number lies far outside of what occurs. Returns the predictions.
    """
    with TemporaryDirectory() as folder:
        server.push(nestor.export(estimator, frame, name=name, artifacts=folder, verbose=False, **options))
    parts = [real(frame, ROWS), difficult(frame, ROWS, far), *([] if extra is None else [extra])]
    rows = pd.concat(parts, ignore_index=True).astype(frame.dtypes.to_dict())
    predictions = server.predict(name, json_rows(rows))
    assert len(predictions) == len(rows)
    check(rows, predictions, estimator, within, predict)
    return predictions


def check(rows: pd.DataFrame, predictions: list[dict[str, Any]], estimator: Any, within: float, predict: Any) -> None:
    """Assert that each prediction is the estimator's own answer to its row."""
    expected, first = np.asarray((predict or estimator.predict)(rows)), predictions[0]
    several = isinstance(first["prediction"], dict)
    found = np.array([list(each["prediction"].values()) if several else each["prediction"] for each in predictions])
    if "label" not in first:
        _close(rows, found, expected.reshape(found.shape), within)
        return
    different = np.flatnonzero((found != expected).reshape(len(rows), -1).any(axis=1))
    assert not len(different), f"{len(different)} labels differ, first {_first(rows, different, found, expected)}"
    if "probabilities" in first:
        _close(rows, *_probabilities(rows, predictions, estimator, several), within, ONE_ROUNDED)
    if "distances" in first:
        given = np.array([list(each["distances"].values()) for each in predictions])
        # `transform` loses half of the digits of small distances.
        _close(rows, given, estimator.transform(rows), max(within, 1e-7))
    if "score" in first:
        assert [each["anomaly"] for each in predictions] == (expected == -1).tolist()
        scores = np.array([each["score"] for each in predictions])
        _close(rows, scores, estimator.score_samples(rows), within)
        _close(rows, scores - first["threshold"], estimator.decision_function(rows), within, 1e-12)


def _probabilities(
    rows: pd.DataFrame, predictions: list[dict[str, Any]], estimator: Any, several: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return what was given and what is expected; of several targets that is a list, or P of each second class."""
    expected = estimator.predict_proba(rows)
    if not several:
        return np.array([list(each["probabilities"].values()) for each in predictions]), np.asarray(expected)
    given = np.array([[p for own in each["probabilities"].values() for p in own.values()] for each in predictions])
    return (given, np.hstack(expected)) if isinstance(expected, list) else (given[:, 1::2], expected)


def _close(rows: pd.DataFrame, found: np.ndarray, expected: np.ndarray, within: float, apart: float = 0) -> None:
    close = np.isclose(found, expected, rtol=within, atol=apart, equal_nan=True)
    far = np.flatnonzero(~close.reshape(len(rows), -1).all(axis=1))
    assert not len(far), f"{len(far)} rows are off, first {_first(rows, far, found, expected)}"


def _first(rows: pd.DataFrame, which: np.ndarray, found: np.ndarray, expected: np.ndarray) -> str:
    first = int(which[0])
    return f"row {rows.iloc[first].to_dict()}: {found[first]}, not {expected[first]}"
