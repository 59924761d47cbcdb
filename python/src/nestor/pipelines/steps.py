"""Fitted transformers, step by step: what each makes of the columns before it."""

from typing import Any

import numpy as np
import onnx
import skl2onnx
from skl2onnx.common.data_types import DoubleTensorType
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.feature_selection import SelectorMixin
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder, TargetEncoder
from sklearn.utils import check_array

from .. import graphs
from ..conversion import session
from ..errors import UnsupportedModel, first_line
from ..vectorizers import is_vectorizer
from .builder import Builder, Tensor
from .cells import Cell, Cells, Input, Made
from .imputers import imputed
from .numbers import NUMBERS, SCALERS
from .texts import vectorized, weighted
from .words import encoded, flags

# What is dense again, whatever it was before.
DENSE = (PCA, TruncatedSVD, KMeans, MiniBatchKMeans)
ENCODERS = (OneHotEncoder, OrdinalEncoder, TargetEncoder)


def applied(step: Any, cells: Cells, graph: Builder, where: str = "") -> Cells:
    """Return the columns behind a fitted transformer.

    `where` names the step in a refusal. Raises UnsupportedModel for what cannot be converted.
    """
    if step is None or (isinstance(step, str) and step == "passthrough"):
        return cells
    kind = type(step)
    named = f"{where} ({kind.__name__})" if where else kind.__name__
    if kind is Pipeline:
        for name, each in step.steps:
            cells = applied(each, cells, graph, f"{where}.{name}" if where else name)
        return cells
    if kind is ColumnTransformer:
        return _columns(step, cells, graph, where)
    if kind is FeatureUnion:
        return _union(step, cells, graph, where)
    if kind in ENCODERS:
        return encoded(step, cells, graph, named)
    if is_vectorizer(step):
        return vectorized(step, cells, graph, named)
    if kind is SimpleImputer:
        return imputed(step, cells, graph, named)
    if kind is MissingIndicator:
        return Cells(tuple(flags(cells.cells, step.features_, graph, named)))
    if isinstance(step, SelectorMixin):
        return Cells(tuple(cells.cells[i] for i in np.flatnonzero(step.get_support())), cells.sparse)
    if kind is FunctionTransformer and getattr(step.func, "func", step.func) in (None, check_array):
        return cells
    return _numbers(step, cells, graph, named)


def _columns(step: ColumnTransformer, cells: Cells, graph: Builder, where: str) -> Cells:
    out: list[Cell] = []
    for name, transformer, _ in step.transformers_:
        chosen = step._transformer_to_input_indices[name]
        if (isinstance(transformer, str) and transformer == "drop") or not len(chosen):
            continue
        title = f"{where}.{name}" if where else name
        part = applied(transformer, Cells(tuple(cells.cells[i] for i in chosen), cells.sparse), graph, title)
        out += _weighted(part, (step.transformer_weights or {}).get(name), graph, title).cells
    return Cells(tuple(out), step.sparse_output_)


def _union(step: FeatureUnion, cells: Cells, graph: Builder, where: str) -> Cells:
    parts = []
    for name, transformer in step.transformer_list:
        if isinstance(transformer, str) and transformer == "drop":
            continue
        title = f"{where}.{name}" if where else name
        part = applied(transformer, cells, graph, title)
        parts.append(_weighted(part, (step.transformer_weights or {}).get(name), graph, title))
    return Cells(tuple(cell for part in parts for cell in part.cells), any(part.sparse for part in parts))


def _weighted(part: Cells, weight: float | None, graph: Builder, where: str) -> Cells:
    """Return the columns of a transformer times what its columns count."""
    if weight is None:
        return part
    tensor = graph.tensor(part.cells, where)
    made = graph.sized(graph.node("Mul", tensor.name, float(weight)), tensor.width)
    return Cells(tuple(made.cells()), part.sparse)


def _numbers(step: Any, cells: Cells, graph: Builder, where: str) -> Cells:
    kind = type(step)
    if kind is FunctionTransformer and any(isinstance(c, Input) and not c.field.numeric for c in cells.cells):
        name = getattr(step.func, "__name__", None) or repr(step.func)
        raise UnsupportedModel(
            f"{where} calls {name!r} on words, which has no graph; "
            "compute the column before the model and give it as an input"
        )
    tensor = graph.tensor(cells.cells, where)
    if kind is TfidfTransformer:
        made = weighted(step, tensor, graph, cells.sparse, where)
    elif kind in NUMBERS:
        made = NUMBERS[kind](step, tensor, graph, cells.sparse, where)
    else:
        made = _foreign(step, tensor, graph, where)
    out = made.cells()
    if kind in SCALERS:
        pairs = enumerate(zip(cells.cells, out, strict=True))
        out = [_scaled(step, i, before, after) for i, (before, after) in pairs]
    sparse = getattr(step, "encode", None) == "onehot" or (cells.sparse and kind not in DENSE)
    return Cells(tuple(out), sparse)


def _scaled(step: Any, place: int, before: Cell, after: Cell) -> Cell:
    """Return the column with what undoes the scaling, if it is an input's number."""
    assert isinstance(after, Made)
    origin = before.field.name if isinstance(before, Input) else before.origin
    first = None if isinstance(before, Input) else before.undo

    def undo(value: float) -> float:
        row = np.zeros((1, step.n_features_in_))
        row[0, place] = value
        with np.errstate(all="ignore"):
            raw = float(np.asarray(step.inverse_transform(row))[0, place])
        return raw if first is None else first(raw)

    return Made(after.tensor, after.index, origin, undo) if origin else after


def _foreign(step: Any, tensor: Tensor, graph: Builder, where: str) -> Tensor:
    """Return what skl2onnx makes of a transformer, if that is in float64."""
    try:
        made = skl2onnx.convert_sklearn(
            step,
            initial_types=[(tensor.name, DoubleTensorType([None, tensor.width]))],
            target_opset={"": graphs.OPSET, "ai.onnx.ml": 3},
        )
        session(made)
    except Exception as error:  # its converters raise whatever they stumble over
        reason = first_line(error)
        if "shape calculator" in reason:
            reason = "skl2onnx has no converter for it"
        raise UnsupportedModel(
            f"{where} cannot be converted in float64 ({reason}); compute its columns before the model and give them as "
            "inputs"
        ) from error
    output = made.graph.output[0].type.tensor_type
    if output.elem_type != onnx.TensorProto.DOUBLE:
        raise UnsupportedModel(
            f"{where} is converted in float32 alone; compute its columns before the model and give them as inputs"
        )
    width = (
        len(step.get_feature_names_out()) if hasattr(step, "get_feature_names_out") else output.shape.dim[1].dim_value
    )
    return graph.sized(next(iter(graph.inline(made).values())), width)
