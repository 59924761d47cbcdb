"""Pipelines that take strings: their one-hot encoding moves into the manifest, the rest stays in the graph."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

from ..encoders import Column, Tabular
from ..errors import UnsupportedModel
from ..fields import Field
from ..front import Front


@dataclass(frozen=True)
class _Encoded(Front):
    """A front whose encoder takes the one-hot encoding's place; the estimator takes the inputs as they are."""

    columns: Sequence[Column] = ()

    @cached_property
    def encoder(self) -> Tabular:
        return Tabular(self.fields, self.columns, self.datatype)

    def rows(self, frame: pd.DataFrame) -> pd.DataFrame:
        return frame


def numeric_part(estimator: Any, front: Front) -> tuple[Pipeline, Front]:
    """Return the pipeline behind the one-hot encoding, and the front whose encoder takes the encoding's place.

    Takes a Pipeline that begins with a ColumnTransformer whose string columns all go through a OneHotEncoder; raises
    UnsupportedModel, naming the step, for anything else.
    """
    if not (isinstance(estimator, Pipeline) and isinstance(estimator.steps[0][1], ColumnTransformer)):
        raise UnsupportedModel("string columns need a Pipeline that begins with a ColumnTransformer")
    fields = front.fields
    before: ColumnTransformer = estimator.steps[0][1]
    columns = [Column(field.name, field.name) for field in fields if field.numeric]
    places = {column.input: [i] for i, column in enumerate(columns)}
    parts = []
    for number, (step, transformer, _) in enumerate(before.transformers_):
        name = f"part_{number}"
        indices = before._transformer_to_input_indices[step]
        chosen = [fields[i] for i in indices]
        if transformer == "drop" or not chosen:
            continue
        if isinstance(transformer, OneHotEncoder):
            hot = _one_hot(step, transformer, chosen)
            parts.append((name, "passthrough", list(range(len(columns), len(columns) + len(hot)))))
            columns += hot
        elif text := [field.name for field in chosen if not field.numeric]:
            raise UnsupportedModel(f"{step} ({type(transformer).__name__}) takes strings {text}; use OneHotEncoder")
        else:
            parts.append((name, transformer, [place for field in chosen for place in places[field.name]]))
    copies = [(n, t if isinstance(t, str) else _Fitted(t), i) for n, t, i in parts]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="X does not have valid feature names")
        behind = ColumnTransformer(copies, sparse_threshold=0.0).fit(np.zeros((2, len(columns))))
    # Fitted as they are: skl2onnx does not know the wrapper that kept `fit` from touching them.
    fitted = {name: transformer for name, transformer, _ in parts}
    behind.transformers_ = [(name, fitted.get(name, step), i) for name, step, i in behind.transformers_]
    rest = [(estimator.steps[0][0], behind), *estimator.steps[1:]]
    return Pipeline(rest), _Encoded(fields, front.outer, front.names, front.datatype, columns)


class _Fitted(BaseEstimator, TransformerMixin):  # type: ignore[misc]
    """A fitted transformer that `fit` leaves as it is (scikit-learn has one of its own from 1.6 on)."""

    def __init__(self, transformer: Any) -> None:
        self.transformer = transformer

    def __sklearn_clone__(self) -> "_Fitted":
        return self

    def fit(self, X: Any, y: Any = None) -> "_Fitted":
        return self

    def transform(self, X: Any) -> Any:
        return self.transformer.transform(X)


def _one_hot(name: str, encoder: OneHotEncoder, fields: Sequence[Field]) -> list[Column]:
    if encoder.drop is not None or encoder.min_frequency is not None or encoder.max_categories is not None:
        raise UnsupportedModel(f"{name}: OneHotEncoder with drop, min_frequency or max_categories is unsupported")
    columns = []
    for field, categories in zip(fields, encoder.categories_, strict=True):
        if field.numeric:
            raise UnsupportedModel(f"{name}: OneHotEncoder on the number {field.name} is unsupported; use strings")
        columns += [Column(f"{field.name}_{category}", field.name, {str(category): 1}) for category in categories]
    return columns
