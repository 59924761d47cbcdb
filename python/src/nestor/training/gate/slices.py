"""The rows of a hold-out in parts that people know by name: the words of an input, quarters of a number, a class."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ... import times
from ...fields import Field
from ...holdout import Holdout

# A name is cut after so many characters; a text of a caller may be long.
NAME = 80
# Fewer rows say nothing, of whatever they are.
FEWEST = 30


def slices(holdout: Holdout, fields: Sequence[Field], classes: Sequence[Any]) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the name of each part and its rows, bool [n]: of every input but texts, and of every class."""
    for field in fields:
        values = [row[field.name] for row in holdout.rows]
        if field.type == "text":
            continue
        has_words = field.categories or not field.numeric or field.type == "boolean"
        yield from _large(_words(field.name, values) if has_words else _quarters(field, values))
    yield from _large((f"class {value}", _equal(holdout.targets, value)) for value in classes)


def _large(parts: Any) -> Iterator[tuple[str, np.ndarray]]:
    for name, rows in parts:
        if FEWEST <= rows.sum() < len(rows):
            yield name[:NAME], rows


def _equal(values: Sequence[Any], value: Any) -> np.ndarray:
    return np.array([each == value for each in values], dtype=bool)


def _words(name: str, values: Sequence[Any]) -> Iterator[tuple[str, np.ndarray]]:
    found, codes = np.unique([str(value) for value in values], return_inverse=True)
    for place, word in enumerate(found.tolist()):
        yield f"{name} = {word}", codes == place


def _quarters(field: Field, values: Sequence[Any]) -> Iterator[tuple[str, np.ndarray]]:
    numbers = field.present(values)
    there = ~np.isnan(numbers)
    yield f"{field.name} is missing", ~there
    if not there.any():
        return
    edges = np.unique(np.quantile(numbers[there], [0.25, 0.5, 0.75]))
    codes = np.searchsorted(edges, numbers, side="left")
    shown = [times.text(edge) if field.type == "datetime" else f"{edge:.6g}" for edge in edges.tolist()]
    for place in range(len(edges) + 1):
        if place == len(edges):
            name = f"{field.name} > {shown[-1]}"
        elif place == 0:
            name = f"{field.name} ≤ {shown[0]}"
        else:
            name = f"{shown[place - 1]} < {field.name} ≤ {shown[place]}"
        yield name, (codes == place) & there
