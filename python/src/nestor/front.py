"""What stands before the last estimator: how rows of inputs become the tensor that its graph reads."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import onnx

from .answers import Answers
from .encoders import DATATYPES, Encoder, Tabular, tabular
from .fields import Field
from .frames import Frame
from .libraries import pandas


def as_pandas(frame: Frame) -> Any:
    """Return rows as an estimator takes them that was fitted on a pandas frame; raise LibraryError without pandas."""
    library = pandas()

    def series(name: str, values: np.ndarray) -> Any:
        made = library.Series(values, dtype=object if values.dtype == object else None)
        if name not in frame.dtypes:
            return made
        dtype = frame.dtypes[name]
        dtype = library.CategoricalDtype(dtype) if isinstance(dtype, list) else library.api.types.pandas_dtype(dtype)
        return (made.dt.tz_localize("UTC") if isinstance(dtype, library.DatetimeTZDtype) else made).astype(dtype)

    return library.DataFrame({name: series(name, values) for name, values in frame.columns.items()})


@dataclass(frozen=True)
class Front:
    """The encoder alone, for an estimator that was fitted on `nestor.encode(frame)`.

    A family first says what it reads (`front = front.reading(names, datatype)`), then takes `tensor` as the input of
    its graph and `matrix(frame)` as the rows of its own checks. `outer` is the estimator that was brought: what it says
    of `rows(frame)` is what the served answers are compared with.
    """

    fields: Sequence[Field]
    outer: Any
    names: Sequence[str] | None = None
    datatype: str = "FP64"

    def reading(self, names: Iterable[Any] | None, datatype: str = "FP64", gaps: bool = False) -> "Front":
        """Return the front for an estimator with these features in this order; None: those of the front, unnamed.

        `gaps` says that it takes the zeros of a sparse matrix for missing values; what `encode` makes is never sparse.
        Raises NestorError where the front does not give them.
        """
        return replace(self, names=None if names is None else [str(name) for name in names], datatype=datatype)

    @cached_property
    def table(self) -> Tabular:
        """The encoder of numbers and categories; raises NestorError where it lacks features that are read."""
        return tabular(self.fields, self.names, self.datatype)

    @property
    def encoder(self) -> Encoder:
        """The encoder of all inputs."""
        return self.table

    @property
    def tensor(self) -> dict[str, Any]:
        """The tensor [n, width] that the last estimator's graph reads: name, datatype, shape."""
        return self.table.tensors[0]

    @property
    def dtype(self) -> type:
        """The numpy type that an input's number is read in."""
        return DATATYPES[self.table.datatype]

    def rows(self, frame: Frame) -> Any:
        """Return n rows as the outermost estimator takes them."""
        return self.matrix(frame)

    def labelled(self, frame: Frame) -> Answers:
        """Return the probabilities and labels that the outermost estimator says of n rows."""
        rows = self.rows(frame)
        return Answers(np.empty((len(frame), 0)), self.outer.predict_proba(rows), self.outer.predict(rows))

    def valued(self, frame: Frame) -> Answers:
        """Return the values [n, values] that the outermost estimator says of n rows, float64."""
        said = np.asarray(self.outer.predict(self.rows(frame)), dtype=np.float64)
        return Answers(said.reshape(len(frame), -1))

    def matrix(self, frame: Frame) -> Any:
        """Return n rows as the last estimator sees them: a pandas frame if it was fitted with names, else an array."""
        matrix = self.table.matrix(frame)
        return matrix if self.names is None else as_pandas(self.table.named(matrix))

    def source(self, column: int) -> str | None:
        """Return the input whose own number the last estimator sees in this column, or None."""
        found = self.table.columns[column]
        return found.input if found.table is None else None

    def thresholds(self, found: Mapping[int, Iterable[float]]) -> dict[str, list[float]]:
        """Return the distinct thresholds of each numeric input, ascending, from those of the columns."""
        of_input: dict[str, set[float]] = {}
        for column, values in found.items():
            if (name := self.source(column)) is not None:
                of_input.setdefault(name, set()).update(values)
        return {name: sorted(values) for name, values in of_input.items()}

    def before(self, made: onnx.ModelProto) -> onnx.ModelProto:
        """Return the graph of inputs to answers from that of the last estimator, which begins with `tensor`."""
        return made
