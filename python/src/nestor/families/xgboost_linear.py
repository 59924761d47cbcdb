"""XGBoost's booster gblinear: float32 products, added in its order."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .chain import Chain


def is_linear(learner: dict[str, Any]) -> bool:
    """Whether a learner has weights in place of trees."""
    return bool(learner["gradient_booster"]["name"] == "gblinear")


class Linear:
    """A weight for each feature and margin, and the biases that the sums begin with."""

    def __init__(self, learner: dict[str, Any], bases: Sequence[float]) -> None:
        given = learner["gradient_booster"]["model"]["weights"]
        *weights, bias = np.array(given, dtype=np.float32).reshape(-1, len(bases))
        self.weights = np.array(weights)
        self.first = bias + np.array(bases, dtype=np.float32)

    def scores(self, steps: Chain) -> None:
        """Append the margins [n, margins] of what the last operator gave; a missing value adds nothing."""
        columns, features = steps.tensor, len(self.weights)
        known = steps.add("Where", steps.add("IsNaN", columns), np.array(0, dtype=np.float32), columns)
        steps.add("Unsqueeze", known, np.array([2]))
        steps.then("Mul", self.weights[np.newaxis])
        steps.then("Pad", np.array([0, 1, 0, 0, 0, 0]))
        zeros = np.zeros((1, features, self.weights.shape[1]), dtype=np.float32)
        steps.then("Add", np.concatenate([self.first[np.newaxis, np.newaxis], zeros], axis=1))
        steps.then("CumSum", np.array(1))
        steps.then("Gather", np.array([features]), axis=1)
        steps.then("Squeeze", np.array([1]))
