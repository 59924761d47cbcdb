"""Transformers that turn words into numbers, as tables of the encoder's columns.

What a table says is what the fitted transformer itself answers for each of its categories: dropped and infrequent ones,
target means and codes of missing values need no code of their own.
"""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..encoders import Column
from ..errors import UnsupportedModel
from ..frames import Frame, is_missing
from ..front import as_pandas
from .builder import Builder
from .cells import Cell, Cells, Input, Made, dates_refused

UNKNOWN_WORD = "\x00 no category has this name \x00"


def encoded(step: Any, cells: Cells, graph: Builder, where: str) -> Cells:
    """Return the columns of an OneHotEncoder, OrdinalEncoder or TargetEncoder.

    Inputs become tables of the encoder; numbers that the graph has made are looked up in it.
    """
    if any(word is None for each in step.categories_ for word in each):
        graph.gap = None
    for each in cells.cells:
        dates_refused(each, where)
    out: list[Cell] = []
    for place, (cell, looked_up) in enumerate(zip(cells.cells, _answers(step), strict=True)):
        words, numbers, unknown, missing = looked_up
        if isinstance(cell, Input):
            out += _tables(cell, words, numbers, unknown, missing, graph)
        elif unknown is None:
            raise UnsupportedModel(
                f"{where} refuses unknown values of its column {place}, which is computed before it; "
                "use handle_unknown='ignore' (or 'use_encoded_value')"
            )
        else:
            out += _lookup(cell, words, numbers, unknown, missing, graph, where)
    return Cells(tuple(out), sparse=bool(getattr(step, "sparse_output", False)))


Answer = tuple[list[Any], np.ndarray, np.ndarray | None, np.ndarray | None]


def _answers(step: Any) -> list[Answer]:
    """Return for each column: its categories, their numbers [categories, width], those of unknown and missing values.

    None stands for a value that the transformer refuses.
    """
    categories = [list(each) for each in step.categories_]
    longest = max(map(len, categories))
    rows = [[each[i % len(each)] for each in categories] for i in range(longest)]
    all_numbers = _asked(step, rows)
    assert all_numbers is not None
    ends = np.cumsum([0, *_widths(step, all_numbers.shape[1])])
    answers: list[Answer] = []
    for place, words in enumerate(categories):
        own = slice(ends[place], ends[place + 1])
        present = [i for i, word in enumerate(words) if not is_missing(word)]
        gaps = [i for i, word in enumerate(words) if is_missing(word)]
        numbers = all_numbers[: len(words), own]
        unknown = _other(step, categories, place, _strange([words[i] for i in present]))
        missing = numbers[gaps[0]] if gaps else _other(step, categories, place, np.nan, own)
        unknown = None if unknown is None else unknown[own]
        answers.append(([words[i] for i in present], numbers[present], unknown, missing))
    return answers


def _widths(step: Any, total: int) -> list[int]:
    """Return how many columns of the answer each column has."""
    if hasattr(step, "_n_features_outs"):
        return list(step._n_features_outs)
    return [total // len(step.categories_)] * len(step.categories_)


def _strange(words: Sequence[Any]) -> Any:
    """Return a value that is no category."""
    if all(isinstance(word, str) for word in words):
        return UNKNOWN_WORD
    return float(max(float(word) for word in words)) + 1.0


def _other(step: Any, categories: list[list[Any]], place: int, value: Any, own: slice | None = None) -> Any:
    """Return the answer to a row that has this value in one column, or None if the transformer refuses it."""
    row = [each[0] for each in categories]
    row[place] = value
    numbers = _asked(step, [row])
    if numbers is None:
        return None
    return numbers[0] if own is None else numbers[0, own]


def _asked(step: Any, rows: list[list[Any]]) -> np.ndarray | None:
    """Return what the transformer answers [rows, columns], or None where it refuses."""
    pairs = zip(zip(*rows, strict=True), step.categories_, strict=True)
    columns = [np.array(column, dtype=_dtype(words)) for column, words in pairs]
    names = getattr(step, "feature_names_in_", None)
    frame = Frame(dict(zip(map(str, range(len(columns)) if names is None else names), columns, strict=True)))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of an unknown category, which is asked on purpose
            made = step.transform(frame.array() if names is None else as_pandas(frame))
    except (ValueError, TypeError):
        return None
    return np.asarray(made.toarray() if hasattr(made, "toarray") else made, dtype=np.float64)


def _dtype(words: np.ndarray) -> Any:
    return object if words.dtype.kind in "OUS" else np.float64


def _tables(
    cell: Input, words: list[Any], numbers: np.ndarray, unknown: Any, missing: Any, graph: Builder
) -> list[Cell]:
    """Return the columns of an input; a word that gives 0 in all of them stands in the first one."""
    replaced = dict(cell.instead)
    missing = _of(replaced[None], words, numbers, unknown) if None in replaced else missing
    aliases = {each: _of(instead, words, numbers, unknown) for each, instead in replaced.items() if each is not None}
    name, out = cell.field.name, []
    for i in range(numbers.shape[1]):
        table = {_plain(word): float(number) for word, number in zip(words, numbers[:, i], strict=True)}
        table |= {_plain(word): float(each[i]) for word, each in aliases.items() if each is not None}
        rest = None if unknown is None else float(unknown[i])
        hot = [word for word, number in table.items() if number != (0.0 if rest is None else rest)]
        kept = table if rest is None and i == 0 else {word: table[word] for word in hot}
        title = f"{name}_{hot[0]}" if len(hot) == 1 and numbers.shape[1] > 1 else name
        gap = None if missing is None else float(missing[i])
        out.append(graph.column(Column(title, name, kept, rest, gap)))
    return list(out)


def _of(word: Any, words: list[Any], numbers: np.ndarray, unknown: Any) -> Any:
    return numbers[words.index(word)] if word in words else unknown


def _plain(word: Any) -> Any:
    return word.item() if isinstance(word, np.generic) else word


def _lookup(
    cell: Made, words: list[Any], numbers: np.ndarray, unknown: Any, missing: Any, graph: Builder, where: str
) -> list[Cell]:
    """Return the columns of a number that the graph has made: which category it is, and what that one gives."""
    value = graph.tensor([cell], where).name
    same = graph.number(graph.node("Equal", value, np.array([words], dtype=np.float64)))
    rest = graph.node("Sub", 1.0, graph.node("ReduceMax", same, np.array([1]), keepdims=1))
    gap = graph.number(graph.node("IsNaN", value))
    known = graph.node("Concat", same, graph.node("Sub", rest, gap), gap, axis=1)
    index = graph.node("ArgMax", known, axis=1, keepdims=0)
    rows = np.vstack([numbers, unknown, unknown if missing is None else missing])
    made = graph.node("Gather", rows, index, axis=0)
    return graph.sized(made, numbers.shape[1]).cells()


def flags(cells: Sequence[Cell], which: Sequence[int], graph: Builder, where: str) -> list[Cell]:
    """Return for each chosen column whether it is missing, 1 or 0."""
    out: list[Cell] = []
    for i in which:
        cell = cells[i]
        if isinstance(cell, Input):
            out.append(graph.column(Column(f"{cell.field.name}_missing", cell.field.name, {}, 0.0, 1.0)))
        else:
            value = graph.tensor([cell], where).name
            out += graph.sized(graph.number(graph.node("IsNaN", value)), 1).cells()
    return out
