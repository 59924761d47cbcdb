"""The inputs of a model as its callers see them: type, unit, bounds, categories, example."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from . import times
from .column_types import type_of
from .errors import NestorError
from .frames import Frame, coded, column, is_missing, missing

Row = dict[str, Any]

# What an error shows of an input's values.
LISTED = 10
# A category of which any text is taken takes so long ones at least, in characters.
LONGEST_WORD = 1_000
NUMERIC = ("number", "integer", "boolean", "datetime")
TYPES = (*NUMERIC, "category", "text")
# Numbers between which an input lies that has no bounds of its own.
BOUNDS = {"boolean": (0, 1), "datetime": (times.FIRST, times.LAST)}

OPTIONS = {
    "type", "description", "unit", "minimum", "maximum", "maximum_length", "nullable", "missing_values", "example",
    "categories", "record",
}  # fmt: skip
# What a server keeps of the values that callers send: themselves, a keyed hash of each, or nothing.
RECORDS = ("keep", "hash", "drop")


@dataclass(frozen=True)
class Field:
    """One input. `observed` is the range of the training data; `minimum` and `maximum` are what is legal at all.

    `categories` are the values that are taken; of an `open` input those that are known, and others are taken too.
    `none` says that a missing word is None in a frame, not NaN: some estimators tell them apart. `record` is what a
    server keeps of the values that callers send.
    """

    name: str
    type: str
    description: str
    example: Any
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    observed: tuple[float, float] | None = None
    categories: tuple[Any, ...] | None = None
    open: bool = False
    maximum_length: int | None = None
    nullable: bool = False
    missing_values: tuple[float, ...] = ()
    none: bool = False
    record: str = "keep"

    @property
    def numeric(self) -> bool:
        """Whether the input has a number of its own: it is one, a truth value, or a date."""
        return self.type in NUMERIC

    @property
    def whole(self) -> bool:
        """Whether its number is a whole one."""
        return self.type in ("integer", "boolean")

    @property
    def gap(self) -> float | None:
        """What a missing word is in a frame."""
        return None if self.none else float("nan")

    def numbers(self, values: Any) -> np.ndarray:
        """Return the float64 numbers of n values of a frame, or of a list; a missing one is NaN."""
        given = column(values)
        if self.type == "datetime" and given.dtype.kind != "f":
            return times.seconds(given)
        return (np.where(missing(given), np.nan, given) if given.dtype == object else given).astype(np.float64)

    def present(self, values: Any) -> np.ndarray:
        """Return the numbers with NaN for those that stand for a missing value, too."""
        numbers = self.numbers(values)
        return np.where(np.isin(numbers, self.missing_values), np.nan, numbers) if self.missing_values else numbers

    def typed(self, values: np.ndarray) -> np.ndarray:
        """Return n values as the column of a frame that an estimator is asked with.

        `values` are float64 numbers with NaN for a missing one, or words. Truth values become bool if none is missing.
        """
        if self.type == "datetime":
            return times.dates(values)
        return values.astype(bool) if self.type == "boolean" and not np.isnan(values).any() else values

    def json(self, value: Any) -> Any:
        """Return a value of a frame, or its number, as callers write it; None where it is missing."""
        if is_missing(value):
            return None
        if not self.numeric:
            return str(value)
        if self.type == "datetime":
            return times.text(float(value if isinstance(value, int | float) else times.seconds(column([value]))[0]))
        return {"number": float, "integer": int, "boolean": bool}[self.type](value)

    def manifest(self) -> dict[str, Any]:
        """Return the input as the manifest lists it; keys that do not apply are absent."""
        low, high = self.observed or (None, None)
        observed = self.observed and {"minimum": self.json(low), "maximum": self.json(high)}
        bounded = self.type not in BOUNDS
        entry = {
            "name": self.name,
            "type": self.type,
            "description": self.description,
            "unit": self.unit,
            "minimum": self.minimum if bounded else None,
            "maximum": self.maximum if bounded else None,
            "observed": observed,
            "categories": self.categories and list(self.categories),
            "open": self.open or None,
            "maximum_length": self.maximum_length,
            "nullable": self.nullable or None,
            "missing_values": list(self.missing_values) or None,
            "record": None if self.record == "keep" else self.record,
            "example": self.example,
        }
        return {key: value for key, value in entry.items() if value is not None}

    @classmethod
    def from_manifest(cls, entry: Mapping[str, Any]) -> "Field":
        """Return the field that `manifest()` described."""
        values = {**_bounds(entry["type"]), **entry}
        if "observed" in values:
            ends = [values["observed"]["minimum"], values["observed"]["maximum"]]
            values["observed"] = tuple(times.seconds(column(ends)) if values["type"] == "datetime" else ends)
        for key in ("categories", "missing_values"):
            if key in values:
                values[key] = tuple(values[key])
        return cls(**values)


def fields_of(frame: Frame, inputs: Mapping[str, Mapping[str, Any]]) -> list[Field]:
    """Describe every column of the training frame; `inputs` adds or overrides options by column name.

    Whole-number columns become `integer`, other numbers `number`, truth values `boolean`, dates `datetime`, strings
    `category` with sorted values; a column with gaps is `nullable`. A text column says `{"type": "text"}`. Raises
    NestorError for an unknown name or option.
    """
    if not len(frame):
        raise NestorError("X has no rows; give the training rows")
    for name in frame.names:
        if not 1 <= len(name) <= 128 or name == "__proto__":
            raise NestorError(f"inputs: {name!r} is no name for an input; use a text of 1 to 128 characters")
    if unknown := sorted(set(inputs) - set(frame.names)):
        raise NestorError(f"inputs: {unknown} are not columns of the frame; it has {frame.names}")
    for name, options in inputs.items():
        if wrong := sorted(set(options) - OPTIONS):
            raise NestorError(f"inputs: {name} has unknown options {wrong}; known are {sorted(OPTIONS)}")
    return [_field(name, frame, dict(inputs.get(name, {}))) for name in frame.names]


def _field(name: str, frame: Frame, options: dict[str, Any]) -> Field:
    values = frame[name]
    gaps = missing(values)
    if gaps.all():
        raise NestorError(f"inputs: {name} has no value at all; drop it")
    kind = options.pop("type", None) or type_of(name, frame)
    if kind not in TYPES:
        raise NestorError(f"inputs: {name} has type {kind!r}; known are {list(TYPES)}")
    if options.get("record", "keep") not in RECORDS:
        raise NestorError(f"inputs: {name}: record is {options['record']!r}; known are {list(RECORDS)}")
    options.setdefault("description", f"The {name.replace('_', ' ')}.")
    for key in ("categories", "missing_values"):
        if key in options:
            options[key] = tuple(options[key])
    field = Field(name=name, type=kind, **{**_bounds(kind), "example": None, **options})
    if kind in NUMERIC:
        return _numeric(field, values, bool(gaps.any()), options)
    codes, words = coded(values)
    if not all(isinstance(word, str) for word in words):
        raise NestorError(f"inputs: {name} is to be {kind} but has other values than strings; use .astype(str)")
    if kind == "text":
        options.setdefault("maximum_length", 10_000)
        options.setdefault("example", words[0])
        return replace(field, **options)
    options.setdefault("categories", tuple(sorted(words)))
    counts = np.bincount(codes[~gaps])
    options.setdefault("example", min(word for word, count in zip(words, counts, strict=True) if count == counts.max()))
    options.setdefault("nullable", bool(gaps.any()))
    return replace(field, **options, none=bool(gaps.any()) and all(gap is None for gap in values[gaps]))


def _numeric(field: Field, values: np.ndarray, gaps: bool, options: dict[str, Any]) -> Field:
    name = field.name
    if field.type in BOUNDS and {"minimum", "maximum", "missing_values"} & set(options):
        raise NestorError(f"inputs: {name} is a {field.type}, which has no minimum, maximum or missing_values")
    try:
        numbers = field.present(values)
    except (TypeError, ValueError) as error:
        raise NestorError(f"inputs: {name} is to be {field.type} but has other values: {error}") from error
    present = numbers[~np.isnan(numbers)]
    if field.type == "boolean" and not np.isin(present, [0, 1]).all():
        raise NestorError(f"inputs: {name} is to be boolean but has other values than True and False")
    if field.type == "integer" and not (present == np.round(present)).all():
        raise NestorError(f"inputs: {name} is to be integer but has values that are not whole")
    options.setdefault("nullable", gaps)
    with np.errstate(invalid="ignore"):  # infinite ones are refused later, by their column
        far = np.nan_to_num(np.abs(present - np.median(present)), nan=np.inf)
    options.setdefault("example", field.json(present[far.argmin()]))
    if field.type != "boolean":
        ends = (present.min(), present.max())
        options["observed"] = tuple(int(end) if field.type == "integer" else float(end) for end in ends)
    if field.type not in BOUNDS:
        _check_bounds(name, options)
    return replace(field, **options)


def _bounds(kind: str) -> dict[str, Any]:
    low, high = BOUNDS.get(kind, (None, None))
    return {} if low is None or high is None else {"minimum": low, "maximum": high}


def _check_bounds(name: str, options: Mapping[str, Any]) -> None:
    low, high = options.get("minimum"), options.get("maximum")
    for what, value in (("example", options["example"]), *(("observed", value) for value in options["observed"])):
        if low is not None and value < low:
            raise NestorError(f"inputs: {name}: {what} {value} is below the minimum {low}; correct one of them")
        if high is not None and value > high:
            raise NestorError(f"inputs: {name}: {what} {value} is above the maximum {high}; correct one of them")


def listed(values: Sequence[Any]) -> str:
    """Return values as a message shows them: ten at most, and how many more there are."""
    shown = ", ".join(repr(value) for value in values[:LISTED])
    return f"[{shown}]" if len(values) <= LISTED else f"[{shown}, and {len(values) - LISTED:,} more]"


def typed(columns: Mapping[str, np.ndarray], fields: Sequence[Field]) -> Frame:
    """Return the values of each field, float64 numbers or words, as the frame that an estimator is asked with."""
    dates = {field.name: times.UTC for field in fields if field.type == "datetime"}
    return Frame({field.name: field.typed(columns[field.name]) for field in fields}, dates)


def frame_of(rows: Sequence[Row], fields: Sequence[Field]) -> Frame:
    """Return rows as a frame with one column per field, in field order, as an estimator would be asked.

    Numbers are float64 with NaN for None, truth values bool (float64 where one is missing), dates datetime64, words
    objects.
    """
    columns: dict[str, np.ndarray] = {}
    for field in fields:
        values = [row[field.name] for row in rows]
        if field.numeric:
            columns[field.name] = field.numbers(values)
        else:
            columns[field.name] = np.array([field.gap if value is None else value for value in values], dtype=object)
    return typed(columns, fields)


def text_input(fields: Sequence[Field], estimator: str) -> str:
    """Return the name of the one text input; raise NestorError if there are other inputs."""
    if [field.type for field in fields] != ["text"]:
        found = {field.name: field.type for field in fields}
        raise NestorError(f'inputs: {estimator} takes one input of {{"type": "text"}}, not {found}')
    return fields[0].name
