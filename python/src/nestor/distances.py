"""How far two answers are apart: values relative to themselves, probabilities relative to their odds."""

import numpy as np


def scale_of(target: np.ndarray) -> float:
    """Return the smallest size at which a value of the target still says something; `target` [n] or [n, outputs].

    It is the floor of a relative difference. Of values on one side of zero it is the smallest of them but zero. Where
    they cross zero, those next to it are small by chance, so it is the size that one in a hundred stays under.
    """
    values = target[np.isfinite(target) & (target != 0)]
    if not len(values):
        return 1.0
    sizes = np.abs(values)
    return float(np.quantile(sizes, 0.01) if (values > 0).any() and (values < 0).any() else sizes.min())


def absolute(theirs: np.ndarray, ours: np.ndarray) -> np.ndarray:
    """Return |theirs - ours|; a number where the other has none is infinitely far off."""
    with np.errstate(invalid="ignore"):
        apart = np.abs(theirs.astype(np.float64) - ours.astype(np.float64))
    apart[(theirs == ours) | (np.isnan(theirs) & np.isnan(ours))] = 0.0
    return np.nan_to_num(apart, nan=np.inf, posinf=np.inf)


def relative(theirs: np.ndarray, apart: np.ndarray, scale: float) -> np.ndarray:
    """Return distances as shares of the estimator's own values, or of `scale` where a value is smaller."""
    with np.errstate(invalid="ignore"):
        shares = apart / np.maximum(np.abs(theirs.astype(np.float64)), scale)
    return np.nan_to_num(shares, nan=np.inf, posinf=np.inf)


def odds(theirs: np.ndarray, ours: np.ndarray, resolution: float) -> np.ndarray:
    """Return how far the odds of probabilities are apart, as shares: 1 is twice as probable, or half.

    Each class has its own column, so what is relative to P here is relative to 1 - P in another. `resolution` is what
    is lost where P is made by 1 - P.
    """
    apart = np.maximum(absolute(theirs, ours) - resolution, 0.0)
    smaller = np.minimum(theirs, ours).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nan_to_num(np.where(apart == 0, 0.0, apart / np.maximum(smaller, 0.0)), nan=np.inf, posinf=np.inf)
