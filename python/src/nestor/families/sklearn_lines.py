"""scikit-learn's linear regressions and generalized linear models as float64 graphs, with an intercept or without."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import is_regressor
from sklearn.linear_model import GammaRegressor, PoissonRegressor, TweedieRegressor
from sklearn.linear_model._base import LinearModel
from sklearn.utils.validation import check_is_fitted

from ..answers import Target
from ..conversion import Conversion
from ..front import Front
from . import persist
from .nodes import Nodes, dense, numbers

GENERALIZED = (GammaRegressor, PoissonRegressor, TweedieRegressor)


def matches(estimator: Any) -> bool:
    """Whether it is a linear regressor of scikit-learn's own or a generalized linear model."""
    own = type(estimator).__module__.startswith("sklearn.")
    return own and is_regressor(estimator) and isinstance(estimator, (LinearModel, *GENERALIZED))


def convert(estimator: Any, front: Front, classes: Sequence[Any] | None) -> Conversion:
    """Return the regression as a graph: a product, a sum and, of a generalized model, an exponential function."""
    check_is_fitted(estimator)
    front = front.reading(getattr(estimator, "feature_names_in_", None))
    nodes = Nodes(front.tensor)
    weights = np.atleast_2d(dense(estimator.coef_).astype(np.float64)).T
    width = weights.shape[1]
    products = nodes.add("MatMul", nodes.rows, np.ascontiguousarray(weights))
    value = nodes.add("Add", products, np.asarray(estimator.intercept_, dtype=np.float64).reshape(1, -1))
    if isinstance(estimator, GENERALIZED) and type(estimator._base_loss.link).__name__ == "LogLink":
        value = nodes.add("Exp", value)
    output = numbers("value", width)

    return Conversion(
        graph=front.before(nodes.finish({"value": (output, value)})),
        encoder=front.encoder,
        outputs=[output],
        decision={"kind": "value", "output": "value"},
        classes=None,
        answer=front.valued,
        files={persist.FILE: persist.dumps(estimator)},
        libraries=["scikit-learn", "skops"],
        limits={"relative": 1e-9},
        floors={"raw": 1e-12},
        dtype=front.dtype,
        targets=[Target(f"value_{i}") for i in range(width)] if width > 1 else (),
    )
