"""The arithmetic of the gate: what a difference between two versions on the same rows is worth."""

from dataclasses import dataclass

import numpy as np

RESAMPLES = 2_000
# Of a one-sided bound: this share of the resamples lies below it.
BELOW = 0.05
# What is resampled at once, in numbers: 16 MB of them.
AT_ONCE = 2_000_000


@dataclass(frozen=True)
class Figure:
    """A figure that is a mean over the rows.

    `is_error`: less of it is better. `is_share`: a gain is told as a share of the champion's figure, as of errors in a
    unit of their own.
    """

    name: str
    is_error: bool = False
    is_share: bool = False

    def gain(self, candidate: np.ndarray, champion: np.ndarray) -> np.ndarray:
        """Return how much better the candidate is, elementwise from both figures; a champion without error is 1 off."""
        better = champion - candidate if self.is_error else candidate - champion
        if not self.is_share:
            return better
        size = np.abs(champion)
        return np.where(size > 0, better / np.where(size > 0, size, 1.0), np.sign(better))


@dataclass(frozen=True)
class Difference:
    """A figure of both versions on the same rows.

    `gain` is positive where the candidate is better, `low` and `high` are its one-sided 95 % bounds, `no_gain` the
    share of resamples without any.
    """

    figure: Figure
    candidate: float
    champion: float
    gain: float
    low: float
    high: float
    no_gain: float


def difference(figure: Figure, candidate: np.ndarray, champion: np.ndarray, seed: int = 0) -> Difference:
    """Return the difference of what two versions have on n rows, float64 [n] each, by paired bootstrap.

    Rows are drawn, so that what is easy or hard for both is so for both in each resample. The same rows give the same
    numbers.
    """
    random, count = np.random.default_rng(seed), len(candidate)
    means = np.array([candidate.mean(), champion.mean()])
    resampled, step = [], max(1, AT_ONCE // count)
    for start in range(0, RESAMPLES, step):
        places = random.integers(0, count, (min(step, RESAMPLES - start), count), dtype=np.int32)
        resampled.append(figure.gain(candidate[places].mean(axis=1), champion[places].mean(axis=1)))
    gains = np.concatenate(resampled)
    # A sum of the same numbers in another order is not the same to the last digit.
    return Difference(
        figure,
        float(means[0]),
        float(means[1]),
        float(figure.gain(means[:1], means[1:])[0]),
        float(np.quantile(gains, BELOW)),
        float(np.quantile(gains, 1 - BELOW)),
        float(np.mean(gains <= 1e-12)),
    )
