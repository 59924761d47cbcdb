"""Rows to test a graph with: natural ones, ones on every split threshold, decimals, bounds, missing and extreme values.

Natural rows are drawn column by column, so that no row of the training data (a person's, perhaps) is repeated. Rows are
made many at a time, a numpy array per input.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from .conversion import Conversion
from .fields import Field, Row, typed
from .frames import Frame, is_missing
from .texts import TextMaker

Kind = tuple[str, Row]
# By input, the values of n rows: float64 with NaN for a missing number, else objects.
Columns = dict[str, np.ndarray]

# Rows that are made at once.
PART = 10_000
# Texts that are drawn from where a text stands beside other inputs.
TEXTS = 2_000
# The largest whole number below which float64, and with it JSON, has every other.
SAFE = 2**53 - 1


def maker_of(
    conversion: Conversion, fields: Sequence[Field], pools: Mapping[str, Any], seed: int = 0
) -> "RowMaker | TextMaker":
    """Return the maker of rows for an estimator; `pools` has the values that natural rows are drawn from."""
    if len(fields) == 1 and fields[0].type == "text":
        return TextMaker(fields[0], pools[fields[0].name], seed)
    # Nobody's text leaves the training data.
    texts = {f.name: TextMaker(f, pools[f.name], seed).pool(TEXTS) for f in fields if f.type == "text"}
    return RowMaker(fields, {**pools, **texts}, conversion.thresholds, conversion.dtype, seed)


def pools_of(frame: Frame, fields: Sequence[Field]) -> Columns:
    """Return every value each input has in the frame, in the frame's order."""
    return {field.name: column_of(frame[field.name], field) for field in fields}


def column_of(values: Any, field: Field) -> np.ndarray:
    """Return an input's values as an array: numbers float64 with NaN for a missing one, others objects."""
    if field.numeric:
        return field.numbers(values)
    return np.array([field.gap if is_missing(value) else str(value) for value in values], dtype=object)


def rows_of(columns: Mapping[str, np.ndarray], fields: Sequence[Field]) -> list[Row]:
    """Return rows as callers write them; a missing value is None."""
    plain = {field.name: [field.json(value) for value in columns[field.name].tolist()] for field in fields}
    return [dict(zip(plain, values, strict=True)) for values in zip(*plain.values(), strict=True)]


def limits_of(field: Field, dtype: type = np.float64) -> tuple[float, float]:
    """Return the least and the greatest number that the server takes for an input."""
    most = float(SAFE) if field.type == "integer" else float(np.finfo(dtype).max)
    return (
        max(-most, -math.inf if field.minimum is None else float(field.minimum)),
        min(most, math.inf if field.maximum is None else float(field.maximum)),
    )


def near(field: Field, thresholds: Sequence[float], dtype: type) -> np.ndarray:
    """Return the legal values on and beside each threshold, [thresholds, neighbours]: whole numbers, or +-1 ulp.

    With float32 thresholds the neighbours in float32 and those in float64 (which round onto the threshold) are given.
    """
    at = np.array(thresholds, dtype=np.float64)
    if field.whole:
        values = [np.ceil(at) - 1, np.floor(at), np.ceil(at)]
    else:
        values = [np.nextafter(at, -np.inf), at, np.nextafter(at, np.inf)]
        if dtype is np.float32:
            values += [np.nextafter(at.astype(dtype), dtype(side)).astype(np.float64) for side in (-np.inf, np.inf)]
    return np.clip(np.stack(values, axis=1), *limits_of(field, dtype))


class RowMaker:
    """Makes rows of tabular inputs, the same ones for the same seed."""

    def __init__(
        self,
        fields: Sequence[Field],
        pools: Mapping[str, Any],
        thresholds: Mapping[str, Sequence[float]],
        dtype: type = np.float64,
        seed: int = 0,
    ) -> None:
        self.fields = fields
        self.pools = {field.name: column_of(pools[field.name], field) for field in fields}
        self.dtype = dtype
        self.seed = seed
        self.random = np.random.default_rng(seed)
        free = [field for field in fields if field.numeric and (field.open or field.categories is None)]
        found = {field.name: near(field, thresholds.get(field.name, ()), dtype) for field in free}
        self.near = {name: values for name, values in found.items() if len(values)}

    def natural(self, count: int) -> Columns:
        """Return rows whose every value is some training row's."""
        return {name: pool[self.random.integers(len(pool), size=count)] for name, pool in self.pools.items()}

    def crossing(self, count: int) -> Columns:
        """Return natural rows with about half of their numbers on or beside a threshold."""
        rows = self.natural(count)
        for name, values in self.near.items():
            chosen = self.random.random(count) < 0.5
            rows[name] = np.where(chosen, self.random.choice(values.ravel(), size=count), rows[name])
        return rows

    def decimal(self, count: int) -> Columns:
        """Return rows whose numbers have one to six decimals and lie in the observed range."""
        rows = self.natural(count)
        for field in self.fields:
            if field.numeric and field.observed is not None:
                powers = 10.0 ** (self.random.integers(1, 7, size=count) * (field.type != "integer"))
                values = np.rint(self.random.uniform(*field.observed, size=count) * powers) / powers
                rows[field.name] = np.clip(values, *limits_of(field, self.dtype))
        return rows

    def bounds(self, count: int) -> Columns:
        """Return natural rows with about half of their numbers at the end of what is legal (or was observed)."""
        rows = self.natural(count)
        for field in self.fields:
            if field.numeric and field.observed is not None:
                said = zip((field.minimum, field.maximum), field.observed, strict=True)
                ends = [seen if bound is None else bound for bound, seen in said]
                chosen = self.random.random(count) < 0.5
                rows[field.name] = np.where(chosen, self.random.choice(ends, size=count), rows[field.name])
        return rows

    def missing(self, count: int) -> Columns:
        """Return rows of which half lack one of the inputs that may be missing, and half about half of these."""
        rows = self.natural(count)
        nullable = [field for field in self.fields if field.nullable]
        alone = self.random.integers(len(nullable), size=count)
        for place, field in enumerate(nullable):
            gone = np.where(np.arange(count) % 2 == 0, alone == place, self.random.random(count) < 0.5)
            values = self.random.choice(np.array([field.gap, *field.missing_values]), size=count)
            rows[field.name] = np.where(gone, values, rows[field.name])
        return rows

    def unknown(self, count: int) -> Columns:
        """Return natural rows with values that did not occur in about half of the inputs that take any."""
        rows = self.natural(count)
        for field in self.fields:
            if field.open:
                chosen = self.random.random(count) < 0.5
                strange = rows[field.name] + 0.5 if field.type == "number" else self._strange(field, count)
                rows[field.name] = np.where(chosen, strange, rows[field.name])
        return rows

    def _strange(self, field: Field, count: int) -> np.ndarray:
        known = field.categories or ()
        if field.numeric:
            return np.clip(max(known) + 1.0 + self.random.integers(9, size=count), *limits_of(field, self.dtype))
        return np.array([f"{known[place]} {place}" for place in self.random.integers(len(known), size=count)], object)

    def extreme(self, size: float) -> Columns:
        """Return natural rows, each with a single number that is `size`, a whole number at a cast's end, or next to 0.

        Only where nobody has said what is legal, and with either sign, as far as the input takes it.
        """
        values = np.array([0.0, 5e-324, 1e-40, 2.0**24 + 1, 2.0**31, 2.0**53, 2.0**63, 1e30, size])
        values = values[values <= size]
        values = np.concatenate([values, -values])
        free = [f for f in self.fields if f.numeric and (f.minimum is None or f.maximum is None)]
        rows = self.natural(len(values) * len(free))
        for place, field in enumerate(free):
            there = slice(place * len(values), (place + 1) * len(values))
            made = values.round() if field.type == "integer" else values
            rows[field.name][there] = np.clip(made, *limits_of(field, self.dtype))
        return rows

    def kinds(self) -> dict[str, Callable[[int], Columns]]:
        """Return what makes difficult rows, by the name that samples.json has for it."""
        made: dict[str, Callable[[int], Columns]]
        made = {"threshold": self.crossing, "decimal": self.decimal, "bounds": self.bounds, "missing": self.missing}
        if any(field.open for field in self.fields):
            made["unknown"] = self.unknown
        if not any(field.nullable for field in self.fields):
            del made["missing"]
        return made

    def frames(self, count: int) -> Iterator[Frame]:
        """Yield `count` difficult rows of all kinds, part by part."""
        for start in range(0, count, PART):
            kinds = self.kinds()
            shares = _shares(min(PART, count - start), len(kinds))
            parts = [make(share) for make, share in zip(kinds.values(), shares, strict=True)]
            yield self.framed({f.name: np.concatenate([part[f.name] for part in parts]) for f in self.fields})

    def framed(self, columns: Columns) -> Frame:
        """Return rows as the frame that an estimator is asked with."""
        return typed(columns, self.fields)

    def take(self, count: int, natural: float = 0.4) -> Iterator[Kind]:
        """Yield `count` rows: the given share natural, the rest difficult."""
        for start in range(0, count, PART):
            size = min(PART, count - start)
            most = min(size, math.ceil(natural * size))
            kinds = self.kinds()
            made = [("natural", self.natural(most))]
            made += [(k, kinds[k](n)) for k, n in zip(kinds, _shares(size - most, len(kinds)), strict=True)]
            for kind, columns in made:
                yield from ((kind, row) for row in rows_of(columns, self.fields))

    def thresholds(self, most: int | None = None) -> Iterator[Kind]:
        """Yield one row for every distinct threshold and each of its neighbours.

        Where these are more than `most`, every number of `most` rows stands at a threshold, at one after the other of
        those that lie evenly among its input's.
        """
        values = {name: np.unique(near) for name, near in self.near.items()}
        total = sum(map(len, values.values()))
        if most is None or total <= most:
            rows, start = self.natural(total), 0
            for name, each in values.items():
                rows[name][start : start + len(each)] = each
                start += len(each)
        else:
            rows = self.natural(most)
            for name, each in values.items():
                evenly = np.linspace(0, len(each) - 1, most).round().astype(int)
                rows[name] = self.random.permutation(each[evenly])
        yield from (("threshold", row) for row in rows_of(rows, self.fields))

    def samples(self, least: int = 2000, most: int = 5000) -> list[Kind]:
        """Return the rows an artifact ships: the example, thresholds with their neighbours, >= 1,000 others.

        They are drawn anew, so that what was drawn for the comparison before makes no other samples.
        """
        self.random = np.random.default_rng(self.seed)
        first = [("example", {field.name: field.example for field in self.fields}), *self.thresholds(most - 1001)]
        return [*first, *self.take(max(1000, least - len(first)))]


def _shares(count: int, parts: int) -> list[int]:
    return [count // parts + (place < count % parts) for place in range(parts)]
