"""Which type of input a column of a frame becomes."""

import numpy as np
import pandas as pd

from .errors import NestorError

# By the type of its values, how a column that is no input becomes one.
MENDS = {
    "date": "use pd.to_datetime(...)",
    "Timedelta": "use .dt.total_seconds()",
    "Period": "use .dt.to_timestamp()",
    "Interval": "use .astype(str)",
    "Decimal": "use .astype(float)",
    "bytes": "use .str.decode('utf-8')",
}


def type_of(name: str, column: pd.Series) -> str:
    """Return the type of the input that a column becomes; raise NestorError, with the mend, for one that cannot."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = pd.Series(column.cat.categories)
    types = pd.api.types
    present = column.dropna()
    if types.is_bool_dtype(column) or all(isinstance(value, bool | np.bool_) for value in present):
        return "boolean"
    if types.is_integer_dtype(column):
        return "integer"
    if types.is_float_dtype(column):
        return "number"
    if types.is_datetime64_any_dtype(column):
        return "datetime"
    if all(isinstance(value, int | float | np.number) for value in present):  # numbers that are kept as objects
        return "integer" if all(isinstance(value, int | np.integer) for value in present) else "number"
    if all(isinstance(value, str) for value in present.unique()):
        return "category"
    kinds = sorted({type(value).__name__ for value in present})
    raise NestorError(
        f"inputs: {name} has type {column.dtype} with values of type {', '.join(kinds)}; "
        f"{MENDS.get(kinds[0], 'use numbers, texts, truth values or dates')}"
    )
