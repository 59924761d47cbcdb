"""The front of a pipeline: its steps as columns and nodes; the answers are compared with the pipeline's own."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto

from ..encoders import Encoder, Tabular
from ..errors import NestorError
from ..frames import Frame, missing
from ..front import Front, as_pandas
from ..part_encoders import joined
from ..vectorizers import reads_texts
from .builder import FEATURES, Builder
from .cells import Cell, Cells, Input, Made
from .steps import applied


@dataclass(frozen=True)
class Piped(Front):
    """Columns behind fitted steps.

    `start` is the front of rows that `nestor.encode` has made, or None where the inputs come as they are. `inside` is
    set for the parts of a composed estimator, whose graphs go into the one that grows in `graph`. `read` is the tensor
    of the last estimator; `bare` says that it is the encoder's own; `flat` that the
    estimator takes one text for a row, in no table.
    """

    start: Front | None = None
    features: tuple[str, ...] | None = None
    steps: tuple[Any, ...] = ()
    cells: Cells = Cells(())
    graph: Builder = field(default_factory=lambda: Builder(()))
    inside: bool = False
    where: str = ""
    read: Mapping[str, Any] = field(default_factory=dict)
    bare: bool = False
    flat: bool = False

    def then(self, steps: Sequence[tuple[str, Any]]) -> "Piped":
        """Return the front behind further fitted steps, each with its name."""
        cells = self.cells
        for name, step in steps:
            cells = applied(step, cells, self.graph, f"{self.where}.{name}" if self.where else name)
        fitted = [step for _, step in steps if step is not None and not isinstance(step, str)]
        return replace(self, cells=cells, steps=(*self.steps, *fitted))

    def behind(self, cells: Sequence[Cell], step: Any) -> "Piped":
        """Return the front whose columns a composed estimator's parts have made; its `transform` makes them too."""
        return replace(self, cells=Cells(tuple(cells)), steps=(*self.steps, step))

    def only(self, columns: Sequence[int]) -> "Piped":
        """Return the front of some of the columns."""
        return replace(self, cells=Cells(tuple(self.cells.cells[i] for i in columns), self.cells.sparse))

    def part(self, name: str) -> "Piped":
        """Return the front of a part of a composed estimator."""
        return replace(self, inside=True, where=f"{self.where}.{name}" if self.where else name)

    def reading(self, names: Iterable[Any] | None, datatype: str = "FP64", gaps: bool = False) -> "Piped":
        """Return the front for an estimator that reads this datatype; the names are the steps' own."""
        where, cells = self.where or type(self.outer).__name__, self.cells.cells
        made = [self.graph.number_of(cell, where) for cell in cells]
        own = [(cell.tensor, cell.index) for cell in made] == [(FEATURES, i) for i in range(len(self.graph.columns))]
        filled = any(isinstance(cell, Input) and cell.instead for cell in cells)
        gaps = gaps and self.cells.sparse
        bare = own and not filled and not gaps and not self.inside and not self.graph.nodes
        read = {"name": FEATURES, "datatype": datatype, "shape": [-1, len(made)]}
        if not bare:
            name = self.graph.tensor(cells, where).name
            if gaps:
                name = self.graph.node("Where", self.graph.node("Equal", name, 0.0), np.nan, name)
            read["name"] = name if datatype == "FP64" else self.graph.node("Cast", name, to=TensorProto.FLOAT)
        known = None if names is None else [str(name) for name in names]
        return replace(self, names=known, datatype=datatype, read=read, bare=bare)

    @property
    def table(self) -> Tabular:
        """The encoder of all columns that the graph has so far."""
        made = Tabular(self.fields, self.graph.columns, self.datatype if self.bare else "FP64")
        made.chunk = self.graph.chunk
        return made

    @property
    def encoder(self) -> Encoder:
        """The encoder of all columns and texts."""
        return joined([*([self.table] if self.graph.columns else []), *self.graph.texts])

    @property
    def tensor(self) -> dict[str, Any]:
        """The tensor that the last estimator's graph reads."""
        return dict(self.read)

    def rows(self, frame: Frame) -> Any:
        """Return n rows as the outermost estimator takes them."""
        if self.start is not None:
            return self.start.matrix(frame)
        fields = {each.name: each for each in self.fields}
        chosen = frame if self.features is None else frame.only(self.features)
        columns = {name: self._column(fields[name].missing_values, chosen, name) for name in chosen.names}
        if self.flat:
            return columns[self.fields[0].name]
        rows = Frame(columns, {name: kind for name, kind in chosen.dtypes.items() if not fields[name].missing_values})
        return rows.array() if self.features is None else as_pandas(rows)

    def _column(self, stand_ins: Sequence[float], frame: Frame, name: str) -> np.ndarray:
        """Return an input's values as the estimator takes them: what stands for a missing value is NaN (or None)."""
        values = frame[name]
        if stand_ins:
            numbers = values.astype(np.float64)
            return np.where(np.isin(numbers, stand_ins), np.nan, numbers)
        if values.dtype != object or name in frame.dtypes:
            return values
        return np.where(missing(values), self.graph.gap, values)

    def matrix(self, frame: Frame) -> Any:
        """Return n rows as the last estimator sees them."""
        rows = self.rows(frame)
        for step in self.steps:
            rows = step.transform(rows)
        return rows

    def source(self, column: int) -> str | None:
        """Return the input whose own number the last estimator sees in this column, or None."""
        cell = self.cells.cells[column]
        if isinstance(cell, Input):
            return cell.field.name
        if cell.tensor == FEATURES:
            found = self.graph.columns[cell.index]
            return found.input if found.table is None else None
        return cell.origin if cell.undo is None else None

    def thresholds(self, found: Mapping[int, Iterable[float]]) -> dict[str, list[float]]:
        """Return the distinct thresholds of each numeric input, ascending; those of scaled columns are undone."""
        plain: dict[int, Iterable[float]] = {}
        of_input: dict[str, set[float]] = {}
        for column, values in found.items():
            cell = self.cells.cells[column]
            if isinstance(cell, Made) and cell.origin is not None and cell.undo is not None:
                of_input.setdefault(cell.origin, set()).update(map(cell.undo, values))
            else:
                plain[column] = values
        for name, values in super().thresholds(plain).items():
            of_input.setdefault(name, set()).update(values)
        return {name: sorted(value for value in values if np.isfinite(value)) for name, values in of_input.items()}

    def before(self, made: onnx.ModelProto) -> onnx.ModelProto:
        """Return the graph of inputs to answers; that of a part is returned as it is."""
        return made if self.inside or self.bare else self.graph.finish(made, self.encoder)


def begin(front: Front, estimator: Any) -> Piped:
    """Return the front of an estimator that takes the inputs themselves, or the columns of `nestor.encode`.

    Raises NestorError where its features are neither.
    """
    if isinstance(front, Piped):
        return front
    known = getattr(estimator, "feature_names_in_", None)
    names = None if known is None else [str(name) for name in known]
    graph = Builder(front.fields)
    by_name = {each.name: each for each in front.fields}
    width = getattr(estimator, "n_features_in_", len(front.fields))
    if names is not None and set(names) <= set(by_name):
        cells: list[Cell] = [Input(by_name[name]) for name in names]
        return Piped(front.fields, front.outer, features=tuple(names), cells=Cells(tuple(cells)), graph=graph)
    if names is None and width == len(front.fields):
        cells = [Input(each) for each in front.fields]
        flat = len(cells) == 1 and reads_texts(estimator)
        return Piped(front.fields, front.outer, cells=Cells(tuple(cells)), graph=graph, flat=flat)
    start = front.reading(names)
    if names is None and len(start.table.columns) != width:
        raise NestorError(
            f"the estimator takes {width} columns, the frame has {len(front.fields)}; give the frame it was fitted on"
        )
    cells = [graph.column(column) for column in start.table.columns]
    return Piped(front.fields, front.outer, start=start, cells=Cells(tuple(cells)), graph=graph)
