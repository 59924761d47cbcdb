"""Transformers of numbers as float64 nodes, in the order of scikit-learn's own arithmetic."""

from collections.abc import Callable, Sequence
from itertools import combinations, combinations_with_replacement
from typing import Any

import numpy as np
from sklearn import cluster, decomposition, discriminant_analysis, preprocessing, random_projection

from ..errors import UnsupportedModel
from . import projections
from .builder import Builder, Tensor


def standard(step: Any, x: Tensor, graph: Builder, sparse: bool, where: str) -> Tensor:
    """StandardScaler."""
    name = graph.node("Sub", x.name, step.mean_) if step.with_mean else x.name
    return graph.sized(_divided(name, step.scale_, graph, sparse) if step.with_std else name, x.width)


def robust(step: Any, x: Tensor, graph: Builder, sparse: bool, where: str) -> Tensor:
    """RobustScaler."""
    name = graph.node("Sub", x.name, step.center_) if step.with_centering else x.name
    return graph.sized(_divided(name, step.scale_, graph, sparse) if step.with_scaling else name, x.width)


def max_abs(step: Any, x: Tensor, graph: Builder, sparse: bool, where: str) -> Tensor:
    """MaxAbsScaler."""
    name = _divided(x.name, step.scale_, graph, sparse)
    return graph.sized(_clipped(name, -1.0, 1.0, graph) if getattr(step, "clip", False) else name, x.width)


def min_max(step: Any, x: Tensor, graph: Builder, sparse: bool, where: str) -> Tensor:
    """MinMaxScaler."""
    name = graph.node("Add", graph.node("Mul", x.name, step.scale_), step.min_)
    return graph.sized(
        _clipped(name, step.feature_range[0], step.feature_range[1], graph) if step.clip else name, x.width
    )


def _divided(name: str, scale: np.ndarray, graph: Builder, sparse: bool) -> str:
    # scikit-learn multiplies a sparse matrix by the reciprocals.
    made = graph.node("Mul", name, 1.0 / scale) if sparse else graph.node("Div", name, scale)
    return _apart(made, graph) if np.size(scale) == 1 else made


def _apart(name: str, graph: Builder) -> str:
    """Return the same number, apart from what follows: the runtime makes a product's single factor a float32."""
    return graph.node("Neg", graph.node("Neg", name))


def _clipped(name: str, low: float, high: float, graph: Builder) -> str:
    """Return what np.clip does, NaN included."""
    name = graph.node("Where", graph.node("Less", name, float(low)), float(low), name)
    return graph.node("Where", graph.node("Greater", name, float(high)), float(high), name)


def normalizer(step: Any, x: Tensor, graph: Builder, sparse: bool, where: str) -> Tensor:
    """Normalizer."""
    size, axis = graph.node("Abs", x.name), np.array([1])
    if step.norm == "l2":
        norms = graph.node("Sqrt", graph.node("ReduceSum", graph.node("Mul", x.name, x.name), axis, keepdims=1))
    else:
        norms = graph.node("ReduceSum" if step.norm == "l1" else "ReduceMax", size, axis, keepdims=1)
    norms = graph.node("Where", graph.node("Less", norms, 10 * np.finfo(np.float64).eps), 1.0, norms)
    return graph.sized(graph.node("Div", x.name, norms), x.width)


def binarizer(step: Any, x: Tensor, graph: Builder, sparse: bool, where: str) -> Tensor:
    """Binarizer."""
    return graph.sized(graph.number(graph.node("Greater", x.name, float(step.threshold))), x.width)


def bins(step: Any, x: Tensor, graph: Builder, sparse: bool, where: str) -> Tensor:
    """KBinsDiscretizer, one-hot or not."""
    out, width = [], 0
    for i, edges in enumerate(step.bin_edges_):
        value, inner = graph.node("Gather", x.name, np.array([i]), axis=1), np.asarray(edges)[1:-1]
        if len(inner):
            over = graph.number(graph.node("GreaterOrEqual", value, inner[np.newaxis]))
            code = graph.node("ReduceSum", over, np.array([1]), keepdims=1)
        else:
            code = graph.node("Sub", _ones(value, graph), 1.0)
        if step.encode != "ordinal":
            code = graph.number(graph.node("Equal", code, np.arange(len(edges) - 1, dtype=np.float64)[np.newaxis]))
        out.append(code)
        width += 1 if step.encode == "ordinal" else len(edges) - 1
    return graph.sized(graph.node("Concat", *out, axis=1) if len(out) > 1 else out[0], width)


def polynomial(step: Any, x: Tensor, graph: Builder, sparse: bool, where: str) -> Tensor:
    """PolynomialFeatures: each product is the product without its first factor, times that factor."""
    low, high = (0, step.degree) if isinstance(step.degree, int | np.integer) else step.degree
    choose = combinations if step.interaction_only else combinations_with_replacement
    out, width = [], 0
    if step.include_bias:
        out, width = [_ones(graph.node("Gather", x.name, np.array([0]), axis=1), graph)], 1
    before: dict[tuple[int, ...], int] = {(i,): i for i in range(x.width)}
    name = x.name
    for degree in range(1, high + 1):
        terms = list(choose(range(x.width), degree))
        if not terms:
            break
        if degree > 1:
            rest = graph.node("Gather", name, np.array([before[term[1:]] for term in terms]), axis=1)
            name = graph.node("Mul", rest, graph.node("Gather", x.name, np.array([t[0] for t in terms]), axis=1))
            before = {term: i for i, term in enumerate(terms)}
        if degree >= max(low, 1):
            out.append(name)
            width += len(terms)
    return graph.sized(graph.node("Concat", *out, axis=1) if len(out) > 1 else out[0], width)


def _ones(column: str, graph: Builder) -> str:
    gap = graph.node("IsNaN", column)
    return graph.number(graph.node("Or", gap, graph.node("Not", gap)))


def pca(step: Any, x: Tensor, graph: Builder, sparse: bool, where: str) -> Tensor:
    """PCA, whitened or not."""
    name = graph.node("MatMul", x.name, step.components_.T)
    name = graph.node("Sub", name, step.mean_.reshape(1, -1) @ step.components_.T)
    if step.whiten:
        scale = np.sqrt(step.explained_variance_)
        name = graph.node("Div", name, np.maximum(scale, np.finfo(scale.dtype).eps))
    return graph.sized(name, len(step.components_))


def svd(step: Any, x: Tensor, graph: Builder, sparse: bool, where: str) -> Tensor:
    """TruncatedSVD."""
    return graph.sized(graph.node("MatMul", x.name, step.components_.T), len(step.components_))


def power(step: Any, x: Tensor, graph: Builder, sparse: bool, where: str) -> Tensor:
    """PowerTransformer."""
    lambdas = step.lambdas_[np.newaxis]
    if step.method == "box-cox":
        name = _powered(graph.node("Log", x.name), lambdas, graph)
    else:
        negative = graph.node("Less", x.name, 0.0)
        upper = _powered(log1p(graph.node("Where", negative, 0.0, x.name), graph), lambdas, graph)
        below = graph.node("Neg", graph.node("Where", negative, x.name, 0.0))
        lower = graph.node("Neg", _powered(log1p(below, graph), 2.0 - lambdas, graph))
        name = graph.node("Where", negative, lower, graph.node("Where", graph.node("IsNaN", x.name), x.name, upper))
    made = graph.sized(name, x.width)
    return standard(step._scaler, made, graph, False, where) if step.standardize else made


def _powered(log: str, lambdas: np.ndarray, graph: Builder) -> str:
    """Return (exp(lambda log) - 1) / lambda; the logarithm itself where lambda is 0."""
    zero = np.abs(lambdas) < np.spacing(1.0)
    divisor = np.where(zero, 1.0, lambdas)
    made = graph.node("Div", expm1(graph.node("Mul", log, divisor), graph), divisor)
    return graph.node("Where", zero, log, made)


def log1p(name: str, graph: Builder) -> str:
    """Return log(1 + x), exact for small x too: log(u) x / (u - 1), where u is the rounded 1 + x."""
    u = graph.node("Add", name, 1.0)
    apart = graph.node("Sub", u, 1.0)
    same = graph.node("Equal", apart, 0.0)
    made = graph.node("Div", graph.node("Mul", graph.node("Log", u), name), graph.node("Where", same, 1.0, apart))
    infinite = graph.node("IsInf", u)
    return graph.node("Where", same, name, graph.node("Where", infinite, u, made))


def expm1(name: str, graph: Builder) -> str:
    """Return exp(x) - 1, exact for small x too: (u - 1) x / log(u), where u is the rounded exp(x)."""
    u = graph.node("Exp", name)
    log, apart = graph.node("Log", u), graph.node("Sub", u, 1.0)
    same = graph.node("Equal", apart, 0.0)
    made = graph.node("Div", graph.node("Mul", apart, name), graph.node("Where", same, 1.0, log))
    # Where the exponential is 0 or infinite, its logarithm is no number to divide by.
    far = graph.node("Or", graph.node("IsInf", u), graph.node("Equal", u, 0.0))
    return graph.node("Where", same, name, graph.node("Where", far, apart, made))


FUNCTIONS: dict[str, Callable[[str, Builder], str]] = {
    "log": lambda x, graph: graph.node("Log", x),
    "log2": lambda x, graph: graph.node("Div", graph.node("Log", x), np.log(2.0)),
    "log10": lambda x, graph: graph.node("Div", graph.node("Log", x), np.log(10.0)),
    "log1p": log1p,
    "exp": lambda x, graph: graph.node("Exp", x),
    "expm1": expm1,
    "sqrt": lambda x, graph: graph.node("Sqrt", x),
    "square": lambda x, graph: graph.node("Mul", x, x),
    "absolute": lambda x, graph: graph.node("Abs", x),
    "fabs": lambda x, graph: graph.node("Abs", x),
    "negative": lambda x, graph: graph.node("Neg", x),
    "reciprocal": lambda x, graph: graph.node("Div", 1.0, x),
    "sign": lambda x, graph: graph.node("Sign", x),
    "floor": lambda x, graph: graph.node("Floor", x),
    "ceil": lambda x, graph: graph.node("Ceil", x),
    "sin": lambda x, graph: graph.node("Sin", x),
    "cos": lambda x, graph: graph.node("Cos", x),
}


def function(step: Any, x: Tensor, graph: Builder, sparse: bool, where: str) -> Tensor:
    """FunctionTransformer with one of numpy's functions of one number, or numpy's clip."""
    if step.func is None:
        return x
    if step.func is np.clip and set(step.kw_args or {}) in ({"a_min", "a_max"}, {"min", "max"}):
        low, high = (step.kw_args[each] for each in sorted(step.kw_args, reverse=True))
        infinite = (-np.inf if low is None else float(low), np.inf if high is None else float(high))
        return graph.sized(_clipped(x.name, *infinite, graph), x.width)
    name = getattr(step.func, "__name__", None)
    if not isinstance(step.func, np.ufunc) or name not in FUNCTIONS or step.kw_args:
        known = sorted([*FUNCTIONS, "clip"])
        raise UnsupportedModel(
            f"{where} calls {name or step.func!r}, which has no graph; use one of numpy's {known}, "
            "or compute the column before the model and give it as an input"
        )
    return graph.sized(FUNCTIONS[name](x.name, graph), x.width)


Numbers = Callable[[Any, Tensor, Builder, bool, str], Tensor]
NUMBERS: dict[type, Numbers] = {
    preprocessing.StandardScaler: standard,
    preprocessing.MinMaxScaler: min_max,
    preprocessing.MaxAbsScaler: max_abs,
    preprocessing.RobustScaler: robust,
    preprocessing.Normalizer: normalizer,
    preprocessing.Binarizer: binarizer,
    preprocessing.KBinsDiscretizer: bins,
    preprocessing.PolynomialFeatures: polynomial,
    preprocessing.PowerTransformer: power,
    preprocessing.FunctionTransformer: function,
    decomposition.PCA: pca,
    decomposition.TruncatedSVD: svd,
    decomposition.FastICA: projections.ica,
    decomposition.FactorAnalysis: projections.factors,
    discriminant_analysis.LinearDiscriminantAnalysis: projections.discriminants,
    cluster.KMeans: projections.distances,
    cluster.MiniBatchKMeans: projections.distances,
    random_projection.GaussianRandomProjection: projections.random,
    random_projection.SparseRandomProjection: projections.random,
}
# Of these each column is a column of before, scaled, and `inverse_transform` says of what.
SCALERS: Sequence[type] = (
    preprocessing.StandardScaler,
    preprocessing.MinMaxScaler,
    preprocessing.MaxAbsScaler,
    preprocessing.RobustScaler,
    preprocessing.PowerTransformer,
)
