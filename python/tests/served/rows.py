"""Rows to ask with, made without the package's own row maker: real ones, and ones that are difficult to answer."""

import math
from typing import Any

import numpy as np
import pandas as pd

# Values at which a cast to another type shows: the ends of float32's whole numbers and of float64's.
CASTS = (0.0, -0.0, 1e-40, 2.0**24 + 1, -(2.0**24) - 1, 2.0**53, 1e30)


def real(frame: pd.DataFrame, count: int, seed: int = 1) -> pd.DataFrame:
    """Return `count` rows of the frame, the same one again where it has fewer."""
    random = np.random.default_rng(seed)
    return frame.iloc[random.permutation(np.resize(np.arange(len(frame)), count))].reset_index(drop=True)


def difficult(frame: pd.DataFrame, count: int, far: bool = True, seed: int = 2) -> pd.DataFrame:
    """Return `count` rows whose columns are shuffled one by one and, in half of their cells, made difficult.

    Numbers become decimals in their range, midpoints of two values that occur (where trees split) and their neighbours,
    or (with `far`) values at which a cast shows. Gaps are kept; words, whole numbers and truth values stay among those
    that occur.
    """
    random = np.random.default_rng(seed)
    columns = {}
    for name in frame.columns:
        column = frame[name]
        values = column.iloc[random.integers(len(column), size=count)].reset_index(drop=True)
        if pd.api.types.is_float_dtype(column.dtype):
            made = _numbers(column.dropna().to_numpy(dtype=np.float64), count, far, random)
            change = (random.random(count) < 0.5) & values.notna().to_numpy()
            values = values.where(~change, pd.Series(made, dtype=column.dtype))
        columns[name] = values
    return pd.DataFrame(columns)


def _numbers(values: np.ndarray, count: int, far: bool, random: np.random.Generator) -> np.ndarray:
    middles = random.choice(values, size=(count, 2)).mean(axis=1)
    beside = np.nextafter(middles, random.choice([-np.inf, np.inf], size=count))
    decimals = [round(value, places) for value, places in zip(
        random.uniform(values.min(), values.max(), count).tolist(), random.integers(0, 7, count).tolist(), strict=True
    )]  # fmt: skip
    kinds = [np.array(decimals), middles, beside, random.choice(CASTS, size=count)]
    return np.choose(random.integers(4 if far else 3, size=count), kinds)


def json_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as a caller writes them: a gap is null, numbers and truth values are plain."""
    columns = {str(name): [_plain(value) for value in frame[name].tolist()] for name in frame.columns}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _plain(value: Any) -> Any:
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return value.item() if isinstance(value, np.generic) else value
