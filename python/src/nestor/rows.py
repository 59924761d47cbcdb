"""Rows to test a graph with: natural ones, ones on every split threshold, decimals, bounds and missing values.

Natural rows are drawn column by column, so that no row of the training data (a person's, perhaps) is repeated.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from .conversion import Conversion
from .fields import Field, Row
from .texts import TextMaker

Kind = tuple[str, Row]


def maker_of(
    conversion: Conversion, fields: Sequence[Field], pools: Mapping[str, Sequence[Any]], seed: int = 0
) -> "RowMaker | TextMaker":
    """Return the maker of rows for an estimator; `pools` has the values that natural rows are drawn from."""
    if fields[0].type == "text":
        return TextMaker(fields[0], pools[fields[0].name], seed)
    return RowMaker(fields, pools, conversion.thresholds, conversion.dtype, seed)


def pools_of(frame: pd.DataFrame, fields: Sequence[Field]) -> dict[str, list[Any]]:
    """Return every value each input has in the frame, as JSON values, in the frame's order."""
    return {field.name: [_plain(field, value) for value in frame[field.name].tolist()] for field in fields}


def _plain(field: Field, value: Any) -> Any:
    if not field.numeric:
        return str(value)
    if pd.isna(value):
        return None
    return int(value) if field.type == "integer" else float(value)


def legal(field: Field, value: float) -> float:
    """Return the value clipped to the field's legal bounds."""
    low = -math.inf if field.minimum is None else field.minimum
    high = math.inf if field.maximum is None else field.maximum
    return _plain(field, min(max(value, low), high))


def near(field: Field, threshold: float, dtype: type) -> list[Any]:
    """Return the legal values on and beside a threshold: the whole numbers around it, or +-1 ulp.

    With float32 thresholds the neighbours in float32 and those in float64 (which round onto the threshold) are given.
    """
    if field.type == "integer":
        values: list[float] = [math.ceil(threshold) - 1, math.floor(threshold), math.ceil(threshold)]
    else:
        values = [float(np.nextafter(dtype(threshold), dtype(side))) for side in (-np.inf, np.inf)]
        values += [math.nextafter(threshold, -math.inf), threshold, math.nextafter(threshold, math.inf)]
    return sorted({legal(field, value) for value in values})


class RowMaker:
    """Makes rows of tabular inputs, the same ones for the same seed."""

    def __init__(
        self,
        fields: Sequence[Field],
        pools: Mapping[str, Sequence[Any]],
        thresholds: Mapping[str, Sequence[float]],
        dtype: type = np.float64,
        seed: int = 0,
    ) -> None:
        self.fields = fields
        self.pools = pools
        self.random = np.random.default_rng(seed)
        numeric = [field for field in fields if field.numeric]
        self.near = {f.name: [near(f, t, dtype) for t in thresholds.get(f.name, ())] for f in numeric}

    def natural(self) -> Row:
        """Return a row whose every value is some training row's."""
        return {f.name: self.pools[f.name][int(self.random.integers(len(self.pools[f.name])))] for f in self.fields}

    def thresholds(self) -> Iterator[Kind]:
        """Yield one row for every distinct threshold and each of its neighbours."""
        for field in self.fields:
            for values in self.near.get(field.name, ()):
                for value in values:
                    yield "threshold", {**self.natural(), field.name: value}

    def decimal(self) -> Row:
        """Return a row whose numbers have one to six decimals and lie in the observed range."""
        row = self.natural()
        for field in self.fields:
            if field.observed is not None:
                low, high = field.observed
                value = round(self.random.uniform(low, high), int(self.random.integers(1, 7)))
                row[field.name] = legal(field, round(value) if field.type == "integer" else value)
        return row

    def bounds(self) -> Row:
        """Return a natural row with about half of its numbers at the end of what is legal (or was observed)."""
        row = self.natural()
        for field in self.fields:
            if field.observed is not None and self.random.random() < 0.5:
                side = int(self.random.integers(2))
                bound = (field.minimum, field.maximum)[side]
                row[field.name] = legal(field, field.observed[side] if bound is None else bound)
        return row

    def crossing(self) -> Row:
        """Return a natural row with about half of its numbers on or beside a threshold."""
        row = self.natural()
        for name, groups in self.near.items():
            if groups and self.random.random() < 0.5:
                values = groups[self.random.integers(len(groups))]
                row[name] = values[self.random.integers(len(values))]
        return row

    def missing(self) -> Row:
        """Return a row in which about half of the inputs that may be missing are."""
        row = self.natural()
        for field in self.fields:
            if field.nullable and self.random.random() < 0.5:
                choices = [None, *(_plain(field, value) for value in field.missing_values)]
                row[field.name] = choices[self.random.integers(len(choices))]
        return row

    def take(self, count: int, natural: float = 0.4) -> Iterator[Kind]:
        """Yield `count` rows: the given share natural, the rest adversarial."""
        kinds = [("threshold", self.crossing), ("decimal", self.decimal), ("bounds", self.bounds)]
        if any(field.nullable for field in self.fields):
            kinds.append(("missing", self.missing))
        for i in range(count):
            if i < natural * count:
                yield "natural", self.natural()
            else:
                kind, make = kinds[i % len(kinds)]
                yield kind, make()

    def samples(self, least: int = 2000) -> list[Kind]:
        """Return the rows an artifact ships: the example, every threshold with its neighbours, >= 1,000 others."""
        first = [("example", {field.name: field.example for field in self.fields}), *self.thresholds()]
        return [*first, *self.take(max(1000, least - len(first)))]
