"""Rows as callers of the package give them, pandas frames among them: they become the package's own frame here."""

import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .errors import NestorError
from .frames import NUMBERS, Frame, column, missing
from .libraries import pandas

# Where libraries keep the names of features, and what they call those of an array.
NAMES = {
    "feature_names_in_": "Column_", "feature_name_": "Column_", "feature_name": "Column_",
    "feature_names": "Column_", "feature_names_": "",
}  # fmt: skip


def known_names(estimator: Any) -> list[str] | None:
    """Return the names of the features that an estimator was fitted with, or None where it knows none."""
    for attribute, counted in NAMES.items():
        names = getattr(estimator, attribute, None)
        names = names() if callable(names) else names
        if names is not None and len(names):
            found = [str(name) for name in names]
            return None if found == [f"{counted}{i}" for i in range(len(found))] else found
    return None


def is_pandas(X: Any) -> bool:
    """Whether it is a pandas DataFrame; who gives one has imported pandas."""
    loaded = sys.modules.get("pandas")
    return loaded is not None and isinstance(X, loaded.DataFrame)


def given(X: Any, estimator: Any = None, say: Callable[[str], None] | None = None) -> Frame:
    """Return rows with a name per column, whether they came as a pandas frame or series, as a dict (or a structured
    array) of columns, as an array or as a list.

    The columns of an array, or of a frame that only counts them, are called as the estimator calls them, if it knows
    names; else `x0`, `x1`, ... Columns that the estimator does not know are left out, and `say` hears which. Raises
    NestorError for what is no table.
    """
    if isinstance(X, Frame):
        columns: list[tuple[str, Any]] = [(name, X[name]) for name in X.names]
        kept = _known(columns, estimator, say)
        return X if kept is columns else X.only(name for name, _ in kept)
    kept = _known(_named(X, estimator), estimator, say)
    names = [name for name, _ in kept]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise NestorError(f"inputs: {twice} occur twice; rename one")
    made = {name: _column(name, values) for name, values in kept}
    lengths = {name: len(values) for name, (values, _) in made.items()}
    if len(set(lengths.values())) > 1:
        raise NestorError(f"X: its columns have not as many values each: {lengths}; give a value for each row")
    dtypes = {name: dtype for name, (_, dtype) in made.items() if dtype is not None}
    return Frame({name: values for name, (values, _) in made.items()}, dtypes)


def _known(columns: list[tuple[str, Any]], estimator: Any, say: Callable[[str], None] | None) -> list[tuple[str, Any]]:
    names = known_names(estimator)
    if names is None:
        return columns
    known = {name.replace(" ", "_") for name in names}  # as LightGBM writes them

    def used(name: str) -> bool:
        plain = name.replace(" ", "_")
        return plain in known or any(each.startswith(f"{plain}_") for each in names)  # one-hot

    kept = [(name, values) for name, values in columns if used(name)]
    if not kept or len(kept) == len(columns):
        return columns
    if say:
        say(f"left out, the estimator does not know them: {', '.join(name for name, _ in columns if not used(name))}")
    return kept


def _named(X: Any, estimator: Any) -> list[tuple[str, Any]]:
    """Return the columns with their names, each as it was given."""
    if is_pandas(X):
        names = [str(name) for name in X.columns]
        if list(X.columns) == list(range(len(names))) and known_names(estimator) != names:
            names = [f"x{i}" for i in range(len(names))]
        return [(name, X.iloc[:, place]) for place, name in enumerate(names)]
    if _is_column(X):
        name = getattr(X, "name", None)
        return [("x0" if name is None else str(name), X)]
    if isinstance(X, Mapping):
        return [(str(name), values) for name, values in X.items()]
    if hasattr(X, "toarray"):
        raise NestorError(f"X is sparse ({type(X).__name__}), which is unsupported; use X.toarray()")
    array = np.asarray(X)
    if array.dtype.names is not None:
        return [(name, array[name]) for name in array.dtype.names]
    if array.ndim == 1 and array.dtype.kind in "UO":
        return [("x0", array)]
    if array.ndim != 2:
        raise NestorError(
            f"X must have two dimensions [rows, inputs], not {array.ndim}; use X.reshape(-1, 1) for one input"
        )
    known = known_names(estimator)
    bare = known is None or len(known) != array.shape[1]
    names = [f"x{i}" for i in range(array.shape[1])] if bare else known or []
    return list(zip(names, array.T, strict=True))


def _is_column(values: Any) -> bool:
    """Whether it is a column of pandas."""
    loaded = sys.modules.get("pandas")
    return loaded is not None and isinstance(
        values, loaded.Series | loaded.Index | loaded.api.extensions.ExtensionArray
    )


def _column(name: str, values: Any) -> tuple[np.ndarray, Any]:
    """Return a column's values, and its pandas type where numpy has none like it."""
    if _is_column(values):
        return _of_pandas(name, pandas().Series(values))
    if isinstance(values, str) or not np.iterable(values) or (isinstance(values, np.ndarray) and values.ndim != 1):
        raise NestorError(f"inputs: {name} is no column of values; give a list or an array of one dimension")
    if isinstance(values, np.ma.MaskedArray):
        raise NestorError(f"inputs: {name} is a masked array; use .filled(np.nan), or None for words")
    made = _without_na(column(values))
    if made.dtype == object and not isinstance(values, np.ndarray):
        gaps = missing(made)
        if not gaps.all() and {type(value) for value in made[~gaps]} <= {int, float}:  # a list of numbers with None
            return np.where(gaps, np.nan, made).astype(np.float64), None
    return made, None


def _of_pandas(name: str, series: Any) -> tuple[np.ndarray, Any]:
    library, dtype = pandas(), series.dtype
    types = library.api.types
    if isinstance(dtype, library.SparseDtype):
        raise NestorError(f"inputs: {name} is sparse, which is unsupported; use frame.sparse.to_dense()")
    if isinstance(dtype, library.CategoricalDtype):
        gaps = series.isna().any()
        return _of_pandas(name, series.astype(object if gaps else dtype.categories.dtype))[0], dtype
    if isinstance(dtype, np.dtype) and dtype.kind in NUMBERS + "Mc":
        return series.to_numpy(), None
    if types.is_datetime64_any_dtype(dtype):
        plain = series if series.dt.tz is None else series.dt.tz_convert(None)
        return plain.to_numpy(dtype="datetime64[ns]" if types.is_extension_array_dtype(plain) else None), dtype
    if types.is_float_dtype(dtype) or (types.is_numeric_dtype(dtype) and series.isna().any()):
        return series.to_numpy(dtype=np.float64, na_value=np.nan), dtype
    if types.is_numeric_dtype(dtype):
        return series.to_numpy(dtype=dtype.numpy_dtype), dtype
    own = None if isinstance(dtype, np.dtype) and dtype.kind == "O" else dtype
    return _without_na(series.astype(object).to_numpy()), own


def _without_na(values: np.ndarray) -> np.ndarray:
    """Return objects with NaN where pandas has NA."""
    gaps = [type(value).__name__ == "NAType" for value in values] if values.dtype == object else []
    return np.where(gaps, np.nan, values) if any(gaps) else values
