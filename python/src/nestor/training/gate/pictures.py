"""Curves of two classes, as the report's page draws them: numpy alone, as a runner need not have scikit-learn."""

from typing import Any

import numpy as np

MOST_POINTS = 200
BINS = 10


def roc(scores: np.ndarray, positive: np.ndarray) -> list[list[float]] | None:
    """Return [[false positive rate, true positive rate], ...] of P of the last class [n]; None with one class alone.

    Of more than 200 points evenly chosen ones stand there, the first and the last among them.
    """
    members, others = int(positive.sum()), int((~positive).sum())
    if not members or not others:
        return None
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(positive[order])
    # Between equal scores there is no threshold.
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    true = np.append(0, hits[ends]) / members
    false = np.append(0, ends + 1 - hits[ends]) / others
    if len(true) > MOST_POINTS:
        chosen = np.unique(np.linspace(0, len(true) - 1, MOST_POINTS).round().astype(int))
        true, false = true[chosen], false[chosen]
    return [[round(float(x), 5), round(float(y), 5)] for x, y in zip(false, true, strict=True)]


def calibration(scores: np.ndarray, positive: np.ndarray) -> list[dict[str, Any]]:
    """Return for each tenth of P of the last class that occurs: its mean, the share of that class, the rows."""
    tenths = np.clip((scores * BINS).astype(int), 0, BINS - 1)
    return [
        {
            "predicted": round(float(scores[tenths == tenth].mean()), 5),
            "observed": round(float(positive[tenths == tenth].mean()), 5),
            "rows": int((tenths == tenth).sum()),
        }
        for tenth in np.unique(tenths)
    ]
