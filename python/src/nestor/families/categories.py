"""Columns that a booster takes as pandas categories: words or numbers, and the codes that it splits on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ..encoders import Column, Tabular
from ..errors import NestorError, UnsupportedModel
from ..frames import Frame, coded
from ..front import Front, as_pandas


@dataclass(frozen=True)
class Categories(Front):
    """A front for a booster that was fitted on a frame with categories, which it takes as they are.

    `lists` has by feature the categories in the order of their codes, `unknown` what other values give there (None:
    they are refused), `missing` what a missing one gives.
    """

    lists: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    unknown: Mapping[str, float | None] = field(default_factory=dict)
    missing: float | None = None

    @classmethod
    def of(
        cls,
        front: Front,
        lists: Mapping[str, Sequence[Any]],
        unknown: Mapping[str, float | None],
        missing: float | None = float("nan"),
    ) -> "Categories":
        """Return the front for an estimator with these categories, which must stand first in what was brought."""
        if type(front) is not Front:
            raise UnsupportedModel("categories behind other steps are unsupported; fit on the frame itself")
        return cls(front.fields, front.outer, front.names, front.datatype, lists, unknown, missing)

    @cached_property
    def table(self) -> Tabular:
        """The encoder: each feature's number as it is, or the code of its category."""
        assert self.names is not None
        return Tabular(self.fields, [self._column(name) for name in self.names], self.datatype)

    def _column(self, name: str) -> Column:
        found = next((each for each in self.fields if name in (each.name, each.name.replace(" ", "_"))), None)
        if found is None:
            raise NestorError(
                f"the estimator was fitted with a feature {name} that the frame does not give; "
                f"its columns are {[each.name for each in self.fields][:10]}"
            )
        if name in self.lists:
            codes = {value: float(code) for code, value in enumerate(self.lists[name])}
            return Column(name, found.name, codes, self.unknown.get(name), self.missing)
        if not found.numeric:
            raise NestorError(f"inputs: {found.name} has words, which the estimator was not fitted with as categories")
        return Column(name, found.name)

    def matrix(self, frame: Frame) -> Any:
        """Return n rows as a pandas frame with the features as the booster takes them."""
        made = self.table.named(self.table.matrix(frame))
        own = {each.name: frame[each.input].astype(object) for each in self.table.columns if each.table is not None}
        met = {name: self._met(values, name) for name, values in own.items()}
        return as_pandas(Frame({**made.columns, **own}, met))

    def _met(self, values: np.ndarray, name: str) -> list[Any]:
        """Return the categories of a column: those that are known, and those that came, as pandas gives both."""
        known = list(self.lists[name])
        return known + [value for value in coded(values)[1] if value not in set(known)]
