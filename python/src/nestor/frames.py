"""The package's one table: columns by name, each a one-dimensional numpy array."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

import numpy as np

# Kinds of numpy types that are numbers: truth values, whole ones, those without a sign, floats.
NUMBERS = "biuf"


@dataclass(frozen=True)
class Frame:
    """Rows of inputs: `columns` has by name the values of n rows.

    Numbers, truth values and dates (in UTC) have numpy's own types, words are objects. A gap is NaN, NaT or None, never
    pandas' NA. `dtypes` has the pandas type of a column for which numpy has none (`Int64`, a time zone, categories,
    which a list may name too): an estimator that was fitted on a pandas frame is asked with the same again.
    """

    columns: Mapping[str, np.ndarray]
    dtypes: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def __getitem__(self, name: str) -> np.ndarray:
        return self.columns[name]

    @property
    def names(self) -> list[str]:
        """The names of the columns, in order."""
        return list(self.columns)

    def kind(self, name: str) -> str:
        """Return the letter that numpy has for the kind of a column's type; of categories it is "O", of objects."""
        kind: str = self.dtypes[name].kind if hasattr(self.dtypes.get(name), "kind") else self.columns[name].dtype.kind
        return kind

    def take(self, rows: slice | Sequence[int] | np.ndarray) -> "Frame":
        """Return some of the rows, by their places."""
        return Frame({name: values[rows] for name, values in self.columns.items()}, self.dtypes)

    def only(self, names: Iterable[str]) -> "Frame":
        """Return some of the columns, in the order of the names."""
        columns = {name: self.columns[name] for name in names}
        return Frame(columns, {name: kind for name, kind in self.dtypes.items() if name in columns})

    def array(self, dtype: Any = None) -> np.ndarray:
        """Return the values [rows, columns] in one type; without `dtype` truth values beside others make objects."""
        kinds = {values.dtype.kind for values in self.columns.values()}
        if dtype is None:
            mixed = "O" in kinds or (len(kinds) > 1 and kinds & {"b", "M"})
            dtype = object if mixed else np.result_type(*self.columns.values())
        # A column behind the other, as pandas has them: sums of rows depend on it in the last digit.
        made: np.ndarray = np.empty((len(self), len(self.columns)), dtype=dtype, order="F")
        for place, values in enumerate(self.columns.values()):
            made[:, place] = values
        return made

    def csv(self) -> bytes:
        """Return the rows as CSV in UTF-8, names first; what is missing is empty."""
        text = StringIO(newline="")
        lines = csv.writer(text, lineterminator="\n")
        lines.writerow(self.names)
        lines.writerows(zip(*map(_texts, self.columns.values()), strict=True))
        return text.getvalue().encode()


def _texts(values: np.ndarray) -> list[Any]:
    texts = values if values.dtype == object else values.astype(str)
    return np.where(missing(values), "", texts).tolist()


def column(values: Any) -> np.ndarray:
    """Return a list or an array of n values as a column; texts become objects."""
    try:
        made = np.asarray(values)
    except ValueError:  # lists of several lengths
        made = np.empty(0, dtype=object)
    if made.ndim == 1 and made.dtype.kind in NUMBERS + "Mc":
        return made
    if isinstance(values, np.ndarray):
        return values.astype(object)
    out = np.empty(len(values), dtype=object)
    out[:] = list(values)
    return out


def is_missing(value: Any) -> bool:
    """Whether one value is a gap: None, NaN, NaT, or pandas' NA."""
    return value is None or type(value).__name__ == "NAType" or bool(value != value)


def missing(values: np.ndarray) -> np.ndarray:
    """Return for each value of a column whether it is a gap, bool [n]."""
    if values.dtype == object:
        return np.array([value is None or value != value for value in values], dtype=bool)
    return np.isnat(values) if values.dtype.kind == "M" else values != values


def coded(values: np.ndarray) -> tuple[np.ndarray, list[Any]]:
    """Return for each value of a column its place among those that occur, [n], -1 for a gap; and those that occur."""
    gaps = missing(values)
    codes = np.full(len(values), -1, dtype=np.int64)
    if values.dtype == object:
        places: dict[Any, int] = {}
        codes[~gaps] = [places.setdefault(value, len(places)) for value in values[~gaps]]
        return codes, list(places)
    found, codes[~gaps] = np.unique(values[~gaps], return_inverse=True)
    return codes, found.tolist()


def ranks(values: np.ndarray) -> np.ndarray:
    """Return the ranks of n numbers, from 1; equal ones share the mean of theirs."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    last: np.ndarray = np.cumsum(counts)
    return (last - (counts - 1) / 2)[places]
