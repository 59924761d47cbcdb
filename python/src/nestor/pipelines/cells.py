"""One column of a pipeline between two steps: an input that no step has turned into a number yet, or a number."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..errors import UnsupportedModel
from ..fields import Field


@dataclass(frozen=True)
class Input:
    """An input as it comes. `instead` says which values an imputer has replaced (None: a missing one) by which."""

    field: Field
    instead: tuple[tuple[Any, Any], ...] = ()

    def filled(self) -> Any:
        """Return what stands for a missing value, or None."""
        return dict(self.instead).get(None)


@dataclass(frozen=True)
class Made:
    """Column `index` of a float64 tensor of the graph.

    `origin` is the input whose number it is, scaled perhaps; `undo` then says which number of the input gives a value.
    """

    tensor: str
    index: int
    origin: str | None = None
    undo: Callable[[float], float] | None = field(default=None, compare=False)


Cell = Input | Made


@dataclass(frozen=True)
class Cells:
    """The columns between two steps; `sparse` where scikit-learn holds them as a sparse matrix."""

    cells: tuple[Cell, ...]
    sparse: bool = False


def dates_refused(cell: Cell, where: str) -> None:
    """Raise UnsupportedModel, saying `where`, for a date: what libraries make of one depends on its unit."""
    if isinstance(cell, Input) and cell.field.type == "datetime":
        raise UnsupportedModel(
            f"{where} takes the dates of {cell.field.name!r} as they are; give it numbers instead, or fit on "
            "nestor.encode(frame), which makes seconds since 1970 of them"
        )
