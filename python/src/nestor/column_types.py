"""Which type of input a column of a frame becomes."""

import numpy as np

from .errors import NestorError
from .frames import Frame, missing

# By the letter that numpy has for the kind of a type.
KINDS = {"b": "boolean", "i": "integer", "u": "integer", "f": "number", "M": "datetime"}
# By the type of its values, how a column that is no input becomes one.
MENDS = {
    "date": "use pd.to_datetime(...)",
    "datetime": "use np.array(values, dtype='datetime64[ms]')",
    "timedelta64": "use values / np.timedelta64(1, 's')",
    "Timedelta": "use .dt.total_seconds()",
    "Period": "use .dt.to_timestamp()",
    "Interval": "use .astype(str)",
    "Decimal": "use .astype(float)",
    "bytes": "use .str.decode('utf-8')",
}


def type_of(name: str, frame: Frame) -> str:
    """Return the type of the input that a column becomes; raise NestorError, with the mend, for one that cannot."""
    values, kind = frame[name], frame.kind(name)
    kind = values.dtype.kind if kind == "O" else kind
    if kind in KINDS:
        return KINDS[kind]
    present = values[~missing(values)].tolist()
    if all(isinstance(value, bool | np.bool_) for value in present):
        return "boolean"
    if all(isinstance(value, int | float | np.number) for value in present):  # numbers that are kept as objects
        return "integer" if all(isinstance(value, int | np.integer) for value in present) else "number"
    if all(isinstance(value, str) for value in present):
        return "category"
    kinds = sorted({type(value).__name__ for value in present})
    raise NestorError(
        f"inputs: {name} has type {frame.dtypes.get(name, values.dtype)} with values of type {', '.join(kinds)}; "
        f"{MENDS.get(kinds[0], 'use numbers, texts, truth values or dates')}"
    )
