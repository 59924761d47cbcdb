"""Rows that are difficult for boosted trees, and the comparison with what the library itself says of them."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import xgboost

from nestor import families
from nestor.answers import Answers
from nestor.conversion import Conversion, Served
from nestor.errors import UnsupportedModel
from nestor.fields import fields_of
from nestor.given import given
from nestor.rows import near

FAR = [0.0, -0.0, 1e-36, -1e-36, 5e-324, 1e30, -1e30, 2.0**24 + 1, 2.0**31, 2.0**53]


def ids_and_gaps() -> pd.DataFrame:
    """Return 600 rows: a number with gaps, ids that float32 does not hold, whole numbers, decimals."""
    random = np.random.default_rng(1)
    made = pd.DataFrame(
        {
            "age": random.normal(size=600).round(3),
            "id": random.integers(2**24, 2**25, size=600) | 1,
            "rooms": random.integers(0, 9, size=600),
            "price": random.uniform(0, 1, size=600),
        }
    )
    made.loc[random.random(600) < 0.3, "age"] = np.nan
    return made


def of_ids_and_gaps(frame: pd.DataFrame) -> np.ndarray:
    """Return a positive number that depends on each column of those rows."""
    gap = frame["age"].isna() * 3.0
    return (gap + (frame["id"] % 1000) / 500 + frame["rooms"] / 4 + frame["price"] + 0.1).to_numpy()


def rows(frame: pd.DataFrame, conversion: Conversion, far: tuple[float, ...] = (1e308, -1e308)) -> pd.DataFrame:
    """Return 1,000 rows drawn column by column, and 1,000 on and beside thresholds, with gaps and far numbers.

    Words stay those of the frame. Columns that had gaps have more of them.
    """
    random = np.random.default_rng(3)
    drawn = {name: frame[name].sample(2000, replace=True, random_state=i) for i, name in enumerate(frame.columns)}
    made = pd.DataFrame({name: column.to_numpy() for name, column in drawn.items()}).astype(frame.dtypes.to_dict())
    for field in fields_of(given(frame), {}):
        if not field.numeric or isinstance(frame[field.name].dtype, pd.CategoricalDtype):
            continue
        values = made[field.name].to_numpy(dtype=np.float64, copy=True)
        found = conversion.thresholds.get(field.name, [])
        edges = [value for group in near(field, found, conversion.dtype) for value in group]
        edges += [value for value in [*FAR, *far] if field.type == "number" or value == int(value)]
        half = 1000 + np.flatnonzero(random.random(1000) < 0.5)
        values[half] = random.choice(np.array(edges, dtype=np.float64), len(half))
        if field.nullable:
            values[1000 + np.flatnonzero(random.random(1000) < 0.2)] = np.nan
        made[field.name] = values
    return made


def served(estimator: Any, frame: pd.DataFrame, **options: Any) -> tuple[Conversion, pd.DataFrame, Answers]:
    """Return the conversion, the difficult rows and what the graph answers to them."""
    conversion = families.convert(estimator, fields_of(given(frame), {}))
    difficult = rows(frame, conversion, **options)
    return conversion, difficult, Served(conversion).answer(given(difficult))


def equal(found: Any, expected: Any, within: float = 0.0) -> None:
    """Assert that numbers are equal, bit for bit or within a share of themselves."""
    expected = np.asarray(expected, dtype=np.float64).reshape(np.shape(found))
    np.testing.assert_allclose(np.asarray(found, dtype=np.float64), expected, rtol=within, atol=0)


def saves_categories(estimator: Any, frame: pd.DataFrame) -> bool:
    """Return whether the XGBoost that runs saves what its categories are; assert that one before 3.1 is refused."""
    if tuple(int(part) for part in xgboost.__version__.split(".")[:2]) >= (3, 1):
        return True
    with pytest.raises(UnsupportedModel, match="XGBoost before 3.1 does not save .*; fit it with xgboost>=3.1"):
        families.convert(estimator, fields_of(given(frame), {}))
    return False
