"""The inputs of a model as its callers see them: type, unit, bounds, categories, example."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from .errors import NestorError

Row = dict[str, Any]

OPTIONS = {
    "type", "description", "unit", "minimum", "maximum", "maximum_length", "nullable", "missing_values", "example",
    "categories",
}  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One input. `observed` is the range of the training data; `minimum` and `maximum` are what is legal at all."""

    name: str
    type: str
    description: str
    example: Any
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    observed: tuple[float, float] | None = None
    categories: tuple[str, ...] | None = None
    maximum_length: int | None = None
    nullable: bool = False
    missing_values: tuple[float, ...] = ()

    @property
    def numeric(self) -> bool:
        """Whether the input is a number, whole or not."""
        return self.type in ("number", "integer")

    def manifest(self) -> dict[str, Any]:
        """Return the input as the manifest lists it; keys that do not apply are absent."""
        observed = self.observed and {"minimum": self.observed[0], "maximum": self.observed[1]}
        entry = {
            "name": self.name,
            "type": self.type,
            "description": self.description,
            "unit": self.unit,
            "minimum": self.minimum,
            "maximum": self.maximum,
            "observed": observed,
            "categories": self.categories and list(self.categories),
            "maximum_length": self.maximum_length,
            "nullable": self.nullable or None,
            "missing_values": list(self.missing_values) or None,
            "example": self.example,
        }
        return {key: value for key, value in entry.items() if value is not None}

    @classmethod
    def from_manifest(cls, entry: Mapping[str, Any]) -> "Field":
        """Return the field that `manifest()` described."""
        values = dict(entry)
        if "observed" in values:
            values["observed"] = (values["observed"]["minimum"], values["observed"]["maximum"])
        for key in ("categories", "missing_values"):
            if key in values:
                values[key] = tuple(values[key])
        return cls(**values)


def given(X: Any, estimator: Any) -> pd.DataFrame:
    """Return rows as a frame with a name per column, whether they came as a frame, a series, an array or a list.

    The columns of an array are called as the estimator calls them, if it knows names; else `x0`, `x1`, ...
    """
    if isinstance(X, pd.DataFrame):
        return X
    if isinstance(X, pd.Series):
        return X.to_frame("x0" if X.name is None else None)
    if hasattr(X, "toarray"):
        raise NestorError(f"X is sparse ({type(X).__name__}), which is unsupported; use X.toarray()")
    array = np.asarray(X)
    if array.ndim == 1 and array.dtype.kind in "UO":
        return pd.DataFrame({"x0": array.astype(object)})
    if array.ndim != 2:
        raise NestorError(
            f"X must have two dimensions [rows, inputs], not {array.ndim}; use X.reshape(-1, 1) for one input"
        )
    known = [str(name) for name in getattr(estimator, "feature_names_in_", ())]
    bare = len(known) != array.shape[1] or known[0].startswith("Column_")
    return pd.DataFrame(array, columns=[f"x{i}" for i in range(array.shape[1])] if bare else known)


def fields_of(frame: pd.DataFrame, inputs: Mapping[str, Mapping[str, Any]]) -> list[Field]:
    """Describe every column of the training frame; `inputs` adds or overrides options by column name.

    Whole-number columns become `integer`, other numbers `number`, strings `category` with sorted values. A text
    column says `{"type": "text"}`. Raises NestorError for an unknown name or option.
    """
    if not isinstance(frame, pd.DataFrame):
        raise NestorError(f"frame must be a pandas DataFrame with one column per input, not {type(frame).__name__}")
    for name in frame.columns:
        if not isinstance(name, str) or not 1 <= len(name) <= 128 or name == "__proto__":
            raise NestorError(f"inputs: {name!r} is no name for an input; use a text of 1 to 128 characters")
    if not frame.columns.is_unique:
        raise NestorError(f"inputs: {sorted(set(frame.columns[frame.columns.duplicated()]))} occur twice; rename one")
    if unknown := sorted(set(inputs) - set(frame.columns)):
        raise NestorError(f"inputs: {unknown} are not columns of the frame; it has {list(frame.columns)}")
    for name, options in inputs.items():
        if wrong := sorted(set(options) - OPTIONS):
            raise NestorError(f"inputs: {name} has unknown options {wrong}; known are {sorted(OPTIONS)}")
    return [_field(name, frame[name], dict(inputs.get(name, {}))) for name in frame.columns]


def _field(name: str, column: pd.Series, options: dict[str, Any]) -> Field:
    if isinstance(column.dtype, pd.SparseDtype):
        raise NestorError(f"inputs: {name} is sparse, which is unsupported; use frame.sparse.to_dense()")
    if column.isna().all():
        raise NestorError(f"inputs: {name} has no value at all; drop it")
    kind = options.pop("type", None) or _type_of(name, column)
    options.setdefault("description", f"The {name.replace('_', ' ')}.")
    for key in ("categories", "missing_values"):
        if key in options:
            options[key] = tuple(options[key])
    present = column.dropna()
    if kind in ("number", "integer"):
        cast = int if kind == "integer" else float
        present = present[~present.isin(options.get("missing_values", ()))]
        options.setdefault("nullable", bool(column.isna().any()))
        options.setdefault("example", cast(present.iloc[(present - present.median()).abs().argmin()]))
        options["observed"] = (cast(present.min()), cast(present.max()))
        _check_bounds(name, options)
    elif not all(isinstance(value, str) for value in present.unique()):
        raise NestorError(f"inputs: {name} is to be {kind} but has other values than strings; use .astype(str)")
    elif kind == "category":
        options.setdefault("categories", tuple(sorted(str(value) for value in present.unique())))
        options.setdefault("example", str(present.mode().iloc[0]))
    else:
        options.setdefault("maximum_length", 10_000)
        options.setdefault("example", str(present.iloc[0]))
    return Field(name=name, type=kind, **options)


def _check_bounds(name: str, options: Mapping[str, Any]) -> None:
    low, high = options.get("minimum"), options.get("maximum")
    for what, value in (("example", options["example"]), *(("observed", value) for value in options["observed"])):
        if low is not None and value < low:
            raise NestorError(f"inputs: {name}: {what} {value} is below the minimum {low}; correct one of them")
        if high is not None and value > high:
            raise NestorError(f"inputs: {name}: {what} {value} is above the maximum {high}; correct one of them")


def _type_of(name: str, column: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(column) or pd.api.types.is_integer_dtype(column):
        return "integer"
    if pd.api.types.is_float_dtype(column):
        return "number"
    if all(isinstance(value, str) for value in column.dropna().unique()):
        if column.isna().any():
            raise NestorError(f"inputs: {name} has missing categories; replace them by a category of their own")
        return "category"
    raise NestorError(f"inputs: {name} has type {column.dtype}; use numbers or strings")


def frame_of(rows: Sequence[Row], fields: Sequence[Field]) -> pd.DataFrame:
    """Return rows as a frame with one column per field, in field order; None becomes NaN in numeric columns."""
    columns = {}
    for field in fields:
        values = [row[field.name] for row in rows]
        if field.numeric:
            columns[field.name] = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
        else:
            columns[field.name] = np.array(values, dtype=object)
    return pd.DataFrame(columns)


def text_input(fields: Sequence[Field], estimator: str) -> str:
    """Return the name of the one text input; raise NestorError if there are other inputs."""
    if [field.type for field in fields] != ["text"]:
        found = {field.name: field.type for field in fields}
        raise NestorError(f'inputs: {estimator} takes one input of {{"type": "text"}}, not {found}')
    return fields[0].name
