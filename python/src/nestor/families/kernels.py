"""The kernels of scikit-learn's support vector machines, in float64."""

from typing import Any

import numpy as np

from ..errors import UnsupportedModel
from .nodes import Nodes, dense

# Numbers that the support vectors of one estimator may have: 160 MB.
MOST_NUMBERS = 20_000_000


def kernel(estimator: Any, nodes: Nodes) -> str:
    """Return the kernel [n, vectors] of the rows and the support vectors; raise UnsupportedModel for one of its own."""
    vectors, kind = dense(estimator.support_vectors_), estimator.kernel
    if vectors.size > MOST_NUMBERS:
        raise UnsupportedModel(
            f"{type(estimator).__name__} keeps {len(vectors):,} rows of {vectors.shape[1]:,} columns, which is too "
            "large a graph; use a linear model (LinearSVC, SGDClassifier) or fewer columns (max_features, TruncatedSVD)"
        )
    if kind == "rbf":
        return nodes.add("Exp", nodes.add("Mul", nodes.squared_distances(vectors), -float(estimator._gamma)))
    if kind not in ("linear", "poly", "sigmoid"):
        name = type(estimator).__name__
        raise UnsupportedModel(f"{name} has the kernel {kind!r}; use 'rbf', 'linear', 'poly' or 'sigmoid'")
    product = nodes.add("MatMul", nodes.rows, np.ascontiguousarray(vectors.T))
    if kind == "linear":
        return product
    # One factor for all vectors would become a float32 of the runtime's.
    gammas = np.full((1, len(vectors)), float(estimator._gamma))
    inner = nodes.add("Add", nodes.add("Mul", product, gammas), float(estimator.coef0))
    return nodes.add("Pow", inner, float(estimator.degree)) if kind == "poly" else nodes.add("Tanh", inner)
