"""Rows as callers of the package give them: a frame, a series, an array or a list, whose columns get names."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from .errors import NestorError

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


def given(X: Any, estimator: Any = None, say: Callable[[str], None] | None = None) -> pd.DataFrame:
    """Return rows as a frame with a name per column, whether they came as a frame, a series, an array or a list.

    The columns of an array, or of a frame that only counts them, are called as the estimator calls them, if it knows
    names; else `x0`, `x1`, ... Columns that the estimator does not know are left out, and `say` hears which.
    """
    return _known(_framed(X, estimator), estimator, say)


def _known(frame: pd.DataFrame, estimator: Any, say: Callable[[str], None] | None) -> pd.DataFrame:
    names = known_names(estimator)
    if names is None:
        return frame
    known = {name.replace(" ", "_") for name in names}  # as LightGBM writes them

    def used(column: str) -> bool:
        plain = column.replace(" ", "_")
        return plain in known or any(name.startswith(f"{plain}_") for name in known)  # one-hot

    kept = [column for column in frame.columns if used(column)]
    if not kept or len(kept) == frame.shape[1]:
        return frame
    if say:
        say(f"left out, the estimator does not know them: {', '.join(c for c in frame.columns if not used(c))}")
    return frame[kept]


def _framed(X: Any, estimator: Any) -> pd.DataFrame:
    if isinstance(X, pd.DataFrame):
        names = [str(name) for name in X.columns]
        if X.columns.equals(pd.RangeIndex(X.shape[1])) and known_names(estimator) != names:
            names = [f"x{i}" for i in range(X.shape[1])]
        return X if list(X.columns) == names else X.set_axis(names, axis="columns")
    if isinstance(X, pd.Series):
        return X.to_frame("x0" if X.name is None else str(X.name))
    if hasattr(X, "toarray"):
        raise NestorError(f"X is sparse ({type(X).__name__}), which is unsupported; use X.toarray()")
    array = np.asarray(X)
    if array.ndim == 1 and array.dtype.kind in "UO":
        return pd.DataFrame({"x0": array.astype(object)})
    if array.ndim != 2:
        raise NestorError(
            f"X must have two dimensions [rows, inputs], not {array.ndim}; use X.reshape(-1, 1) for one input"
        )
    known = known_names(estimator)
    bare = known is None or len(known) != array.shape[1]
    return pd.DataFrame(array, columns=[f"x{i}" for i in range(array.shape[1])] if bare else known)
