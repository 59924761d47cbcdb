"""A training of up to a second's work, for `npm run bench:kills`."""

import time
from pathlib import Path

import nestor
import numpy as np
from sklearn.linear_model import LogisticRegression


@nestor.trainable(model="dots")
def dots(seconds: float = 0.5, seed: int = 0) -> Path:
    """Train on rows that `seed` draws, after so many seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        nestor.report("fit", 0.5)
        time.sleep(0.02)
    random = np.random.default_rng(seed)
    rows = random.normal(size=(700, 2))
    target = (rows[:, 0] + random.normal(size=700) > 0).astype(int)
    fitted = LogisticRegression().fit(rows[:100], target[:100])
    holdout = (rows[100:], target[100:])
    return nestor.export(fitted, rows[:100], target[:100], name="dots", holdout=holdout, verbose=False)
