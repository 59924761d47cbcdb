"""SimpleImputer: of inputs it only says what stands for a missing value; of other numbers it is nodes of the graph."""

from typing import Any

import numpy as np

from ..errors import UnsupportedModel
from ..frames import is_missing
from .builder import Builder
from .cells import Cell, Cells, Input
from .words import flags


def imputed(step: Any, cells: Cells, graph: Builder, where: str) -> Cells:
    """Return the columns behind a SimpleImputer, its indicators last."""
    out: list[Cell] = []
    absent = is_missing(step.missing_values)
    for i, (cell, fill) in enumerate(zip(cells.cells, step.statistics_, strict=True)):
        if is_missing(fill) and not step.keep_empty_features:
            continue  # a column that had no value in training
        if isinstance(cell, Input) and (absent or not cell.field.numeric):
            out.append(_instead(step, cell, fill, absent, f"{where}, column {i}"))
            continue
        value = graph.tensor([cell], where).name
        gap = graph.node("IsNaN", value) if absent else graph.node("Equal", value, float(step.missing_values))
        out += graph.sized(graph.node("Where", gap, float(fill), value), 1).cells()
    if step.indicator_ is not None:
        if not absent:
            raise UnsupportedModel(
                f"{where} has add_indicator=True and missing_values={step.missing_values!r}; use NaN"
            )
        out += flags(cells.cells, step.indicator_.features_, graph, where)
    return Cells(tuple(out), cells.sparse)


def _instead(step: Any, cell: Input, fill: Any, absent: bool, where: str) -> Input:
    """Return the input with the imputer's rule, behind those of imputers before it."""
    if cell.field.numeric and isinstance(fill, str):
        raise UnsupportedModel(f"{where} fills the numbers of {cell.field.name!r} with the word {fill!r}; use a number")
    key = None if absent else step.missing_values
    before = [(value, fill if given == key else given) for value, given in cell.instead if value != key]
    plain = fill.item() if isinstance(fill, np.generic) else fill
    # What an imputer before this one has filled in is not missing any more.
    return Input(cell.field, cell.instead if key in dict(cell.instead) else (*before, (key, plain)))
