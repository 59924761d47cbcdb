"""Back from a transformed target to the target itself."""

from typing import Any

import numpy as np
from sklearn import preprocessing

from ..errors import UnsupportedModel
from .answered import interpolated
from .builder import Builder
from .numbers import FUNCTIONS


def undone(step: Any, value: str, graph: Builder) -> str:
    """Return what the inverse of TransformedTargetRegressor's transformer makes of a value [n, 1]."""
    kind = type(step)
    if kind is preprocessing.FunctionTransformer:
        if step.inverse_func is None:
            return value
        name = getattr(step.inverse_func, "__name__", None)
        if isinstance(step.inverse_func, np.ufunc) and name in FUNCTIONS:
            return FUNCTIONS[name](value, graph)
        raise UnsupportedModel(
            f"TransformedTargetRegressor goes back by {name!r}, which has no graph; use one of numpy's "
            f"{sorted(FUNCTIONS)}"
        )
    if kind is preprocessing.StandardScaler:
        value = graph.node("Mul", value, step.scale_) if step.with_std else value
        return graph.node("Add", value, step.mean_) if step.with_mean else value
    if kind is preprocessing.RobustScaler:
        value = graph.node("Mul", value, step.scale_) if step.with_scaling else value
        return graph.node("Add", value, step.center_) if step.with_centering else value
    if kind is preprocessing.PowerTransformer:
        value = undone(step._scaler, value, graph) if step.standardize else value
        return _unpowered(step, value, float(step.lambdas_[0]), graph)
    if kind is preprocessing.MinMaxScaler:
        return graph.node("Div", graph.node("Sub", value, step.min_), step.scale_)
    if kind is preprocessing.QuantileTransformer and step.output_distribution == "uniform":
        return interpolated(value, step.references_, step.quantiles_[:, 0], graph)
    raise UnsupportedModel(
        f"TransformedTargetRegressor with {kind.__name__} is unsupported; "
        "use func and inverse_func of numpy, StandardScaler, RobustScaler, MinMaxScaler or PowerTransformer"
    )


def _unpowered(step: Any, value: str, power: float, graph: Builder) -> str:
    """Return what undoes a power transformation. Source: `_yeo_johnson_inverse_transform` of scikit-learn."""
    none = float(np.spacing(1.0))

    def root(base: str, power: float) -> str:
        line = graph.node("Add", graph.node("Mul", base, power), 1.0)
        return graph.node("Exp", base) if abs(power) <= none else graph.node("Pow", line, 1 / power)

    if step.method == "box-cox":
        return root(value, power)
    upper = graph.node("Sub", root(value, power), 1.0)
    lower = graph.node("Sub", 1.0, root(graph.node("Neg", value), 2 - power))
    return graph.node("Where", graph.node("GreaterOrEqual", value, 0.0), upper, lower)
