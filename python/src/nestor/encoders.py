"""How a row of inputs becomes the tensors of the graph; each encoder is described in full by its manifest entry."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from .errors import NestorError
from .fields import LONGEST_WORD, Field, listed
from .frames import Frame, coded

DATATYPES = {"FP64": np.float64, "FP32": np.float32, "INT64": np.int64}


# A tensor of a run of the comparison has at most so many numbers, [rows, training rows, columns] for example.
MOST_NUMBERS = 4_000_000


def rows_at_once(most: int, numbers: int) -> int:
    """Return how many rows, at most `most`, are run at once where each makes a tensor of so many numbers."""
    return max(128, min(most, MOST_NUMBERS // max(1, numbers)))


class Encoder(Protocol):
    """Turns a frame of inputs into the named arrays that the graph takes."""

    tensors: list[dict[str, Any]]
    chunk: int  # rows that are run at once

    def encode(self, frame: Frame) -> dict[str, np.ndarray]: ...

    def manifest(self) -> dict[str, Any]: ...


Key = str | float | bool


@dataclass(frozen=True)
class Column:
    """One column of the tensor: an input's number as it is, or (with `table`) the number that its value stands for.

    `unknown` is what values give that are not in the table. Without it they give 0, and the server refuses a value that
    is in no table of the input: so a word that gives 0 everywhere stands in one of them with 0. `missing` is what a
    missing value gives; without it the server asks for a value. One-hot is a table of one word: `{"red": 1}`.
    """

    name: str
    input: str
    table: Mapping[Key, float] | None = None
    unknown: float | None = None
    missing: float | None = None

    def numbers(self, codes: np.ndarray, found: Sequence[Any]) -> np.ndarray:
        """Return the float64 numbers [n] that n values of a column with a table stand for.

        `found` are the values that occur, `codes` [n] has for each row the place of its own, -1 for a missing one.
        """
        assert self.table is not None
        places = {value: i for i, value in enumerate(found)}
        numbers = np.full(len(found) + 1, self.unknown or 0.0, dtype=np.float64)
        for value, number in self.table.items():
            if (place := places.get(value)) is not None:
                numbers[place] = number
        numbers[-1] = self.missing or 0.0  # the code of a missing value is -1
        return numbers[codes]

    def manifest(self, field: Field) -> dict[str, Any]:
        """Return the column as the manifest lists it: keys as JSON writes them, NaN as null; what is None is absent."""
        entry: dict[str, Any] = {"name": self.name, "input": self.input}
        if self.table is not None:
            entry["table"] = {_text(field.json(value)): _json(number) for value, number in self.table.items()}
        more = {"unknown": self.unknown, "missing": self.missing}
        return entry | {key: _json(number) for key, number in more.items() if number is not None}


def _text(value: Key) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _json(number: float) -> float | None:
    plain: float = np.asarray(number).item()
    return None if np.isnan(plain) else plain


@dataclass
class Tabular:
    """One tensor `[n, columns]`: numbers as they are (missing: NaN), and what tables make of the other values."""

    fields: Sequence[Field]
    columns: Sequence[Column]
    datatype: str = "FP64"
    name: str = "features"
    tensors: list[dict[str, Any]] = field(init=False)
    chunk = 10_000

    def __post_init__(self) -> None:
        shape = [-1, len(self.columns)]
        self.tensors = [{"name": self.name, "datatype": self.datatype, "shape": shape}]

    def matrix(self, frame: Frame) -> np.ndarray:
        """Return the float64 numbers `[n, columns]`.

        Raises NestorError for a value that the server would refuse.
        """
        fields = {each.name: each for each in self.fields}
        numbers: np.ndarray = np.empty((len(frame), len(self.columns)), order="F")
        for i, column in enumerate(self.columns):
            if column.table is None:
                numbers[:, i] = fields[column.input].present(frame[column.input])
        for name, tables in self._tables().items():
            values = fields[name].present(frame[name]) if fields[name].numeric else frame[name]
            codes, found = coded(values)
            self._check(name, [self.columns[i] for i in tables], codes, found)
            for i in tables:
                numbers[:, i] = self.columns[i].numbers(codes, found)
        return numbers

    def named(self, numbers: np.ndarray) -> Frame:
        """Return the numbers [n, columns] as a frame, columns called as in the manifest."""
        return Frame({column.name: numbers[:, i] for i, column in enumerate(self.columns)})

    def _tables(self) -> dict[str, list[int]]:
        """Return by input the places of its columns that have a table."""
        tables: dict[str, list[int]] = {}
        for i, column in enumerate(self.columns):
            if column.table is not None:
                tables.setdefault(column.input, []).append(i)
        return tables

    def _check(self, name: str, tables: Sequence[Column], codes: np.ndarray, found: Sequence[Any]) -> None:
        """Raise NestorError for a value of an input that none of its tables has and that one of them needs."""
        if any(each.missing is None for each in tables) and (codes < 0).any():
            raise NestorError(f"inputs: {name} has missing values, which the estimator does not take; fill them in")
        if any(each.unknown is None for each in tables):
            known: set[Key] = set().union(*(each.table or () for each in tables))
            if strange := [value for value in found if value not in known]:
                raise NestorError(
                    f"inputs: {name} has values {listed(strange)} that the estimator does not know; "
                    f"it knows {listed(sorted(known, key=str))}"
                )

    def encode(self, frame: Frame) -> dict[str, np.ndarray]:
        """Return `{name: array}` in the tensor's datatype."""
        return {self.name: np.ascontiguousarray(self.matrix(frame), dtype=DATATYPES[self.datatype])}

    def manifest(self) -> dict[str, Any]:
        """Return the manifest's `encoding`."""
        fields = {each.name: each for each in self.fields}
        return {"encoder": "tabular", "columns": [each.manifest(fields[each.input]) for each in self.columns]}


def settled(
    fields: Sequence[Field], encoder: Any, frame: Frame, inputs: Mapping[str, Mapping[str, Any]]
) -> list[Field]:
    """Return the inputs as the server has to take them, by what the encoder's tables say of their values.

    An input is open where every table says what an unknown value gives, unless `inputs` lists its `categories`. Known
    are those of the training rows in `frame` too. Raises NestorError where the estimator takes less than was said.
    """
    tabular_parts = [part for part in getattr(encoder, "parts", [encoder]) if isinstance(part, Tabular)]
    tables: dict[str, list[Column]] = {}
    for column in (each for part in tabular_parts for each in part.columns):
        if column.table is not None:
            tables.setdefault(column.input, []).append(column)
    # Of a column that a pipeline drops any word is as good as another.
    read = {column.input for part in tabular_parts for column in part.columns}
    read |= {str(getattr(part, "input", "")) for part in getattr(encoder, "parts", [encoder])}
    out = []
    for each in fields:
        if each.nullable and any(column.missing is None for column in tables.get(each.name, ())):
            raise NestorError(f"inputs: {each.name} may be missing, but the estimator takes no missing value of it")
        said = "categories" in inputs.get(each.name, {})
        if each.type == "category" and each.name not in read and not said:
            each = replace(each, open=True, maximum_length=each.maximum_length or LONGEST_WORD)
        out.append(_settled(each, tables[each.name], frame, said) if each.name in tables else each)
    return out


def _settled(field: Field, columns: Sequence[Column], frame: Frame, said: bool) -> Field:
    known = [field.json(value) for each in columns for value in each.table or ()]
    own = list(field.categories or ()) if said else []
    if any(each.unknown is None for each in columns):
        values = own or sorted(set(known), key=_order)
        if strange := [value for value in values if value not in set(known)]:
            raise NestorError(f"inputs: {field.name}: the estimator does not know the categories {listed(strange)}")
        is_open = False
    else:
        seen = [field.json(value) for value in coded(frame[field.name])[1]]
        values = own or sorted({*seen, *known}, key=_order)
        is_open = not said
    if field.type == "boolean" and len(values) == 2:
        return field
    if is_open:
        longest = max([LONGEST_WORD, *(len(str(value)) for value in values)])
        length = None if field.numeric else field.maximum_length or longest
        return replace(field, categories=tuple(values), open=True, maximum_length=length)
    # A number between those that are known is not legal either, so there is no range.
    ends = {"observed": None, "minimum": min(values), "maximum": max(values)} if field.numeric else {}
    return replace(field, categories=tuple(values), **ends)


def _order(value: Key) -> tuple[bool, Key]:
    return isinstance(value, str), value


def tabular(fields: Sequence[Field], names: Sequence[str] | None = None, datatype: str = "FP64") -> Tabular:
    """Return the encoder whose columns are the fields, categories one-hot as `input_category`.

    `names` puts the columns into the order the estimator was fitted with. Raises NestorError when an estimator's
    feature is no column.
    """
    columns: dict[str, Column] = {}
    for each in fields:
        if each.type == "text":
            raise NestorError(f"inputs: {each.name} is text; this estimator takes numbers and categories")
        for category in each.categories or (None,):
            name = each.name if category is None else f"{each.name}_{category}"
            if name in columns:
                raise NestorError(f"inputs: two columns would be called {name}; rename the input or the category")
            gap = 0 if category is not None and each.nullable else None
            columns[name] = Column(name, each.name, None if category is None else {category: 1}, missing=gap)
    if names is None:
        return Tabular(fields, list(columns.values()), datatype)
    if len(columns) != len(names):
        raise NestorError(
            f"the estimator takes {len(names)} features, the frame gives {len(columns)}: {listed(list(columns))}; "
            f"{_mend(fields, names)}"
        )
    columns |= {name.replace(" ", "_"): column for name, column in columns.items()}  # as LightGBM writes them
    if unknown := [name for name in names if name not in columns]:
        raise NestorError(
            f"the estimator was fitted with features {unknown} that the frame does not give; "
            f"fit it on nestor.encode(frame), whose columns are {list(columns)}"
        )
    return Tabular(fields, [columns[name] for name in names], datatype)


def _mend(fields: Sequence[Field], names: Sequence[str]) -> str:
    """Return how a frame whose columns are no features of the estimator becomes one."""
    written = [each.name for each in fields if each.name in names and _numbers_as_text(each)]
    if written:
        return f"{listed(written)} are numbers as text, which it read as numbers; give them as such: X.astype(float)"
    if not any(each.categories for each in fields):
        given = {each.name for each in fields}
        if lacking := [name for name in names if name not in given]:
            return f"it lacks {listed(lacking)}; give the frame that the estimator was fitted on"
    return "fit it on nestor.encode(frame)"


def _numbers_as_text(field: Field) -> bool:
    try:
        return bool(field.categories) and all(np.isfinite(float(each)) for each in field.categories or ())
    except ValueError:
        return False
