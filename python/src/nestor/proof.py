"""The proof that goes before every export: graph and estimator asked for real, difficult and extreme rows."""

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from .conversion import Conversion, compare
from .distances import scale_of
from .errors import NestorError
from .fields import Field, frame_of
from .frames import Frame
from .progress import Progress
from .rows import Kind, RowMaker
from .texts import TextMaker

# Sizes at which a number stops being one for an estimator: overflows, squares, float32, whole numbers, rounding.
SIZES = (
    1e308, 1e300, 1e200, 1e154, 1e100, float(np.finfo(np.float32).max), 1e36, 1e30, 1e18, 2.0**53, 1e12, 1e9, 1e6, 1e3,
)  # fmt: skip
# The least number that is tried where 0 is none for an estimator.
SMALL = 1e-9


def scale(conversion: Conversion, frame: Frame, y: Any) -> float | None:
    """Return the smallest size of a value of the target: of `y`, or without it of the estimator's answers."""
    if conversion.decision["kind"] != "value":
        return None
    return scale_of(np.asarray(conversion.answer(frame).raw if y is None else y, dtype=np.float64))


def compared(
    conversion: Conversion,
    frames: Sequence[Frame],
    maker: RowMaker | TextMaker,
    count: int,
    smallest: float | None,
    progress: Progress,
) -> dict[str, float]:
    """Return the largest differences between graph and estimator over the frames and `count` difficult rows, or raise.

    `smallest` is the target's smallest size.
    """
    measured, done, total = [], 0, sum(map(len, frames))
    for frame in frames:
        before = done

        def told(more: int, before: int = before) -> None:
            progress.count("compared with the estimator, your rows", before + more, total)

        measured.append(compare(conversion, frame, "data", told, smallest))
        done += len(frame)
    done = 0
    for rows in maker.frames(count):
        measured.append(compare(conversion, rows, "difficult", scale=smallest))
        done += len(rows)
        progress.count("compared with the estimator, difficult rows", done, count)
    return {key: max(each[key] for each in measured) for key in measured[0]}


def replayed(
    conversion: Conversion, fields: Sequence[Field], kinds: Sequence[Kind], found: Mapping[str, float], smallest: Any
) -> dict[str, float]:
    """Return the largest differences, with those on the rows that a replay will ask; raises what `compare` does."""
    rows = frame_of([row for _, row in kinds], fields)
    more = compare(conversion, rows, "sample", scale=smallest)
    return {key: max(found[key], more[key]) for key in found}


def above(conversion: Conversion, fields: Sequence[Field], maker: RowMaker, progress: Progress) -> list[Field]:
    """Return the inputs, with a legal minimum where the estimator fails at numbers below it, behind a logarithm say.

    Asked are inputs that were never negative and of which nobody has said a minimum: each alone, the others natural.
    """
    doubted = [field for field in fields if field.type in ("number", "integer") and field.minimum is None]
    doubted = [field for field in doubted if field.categories is None and field.observed and field.observed[0] >= 0]
    if not doubted or _answers(conversion, maker, doubted, [-1.0, 0.0]):
        return list(fields)
    found: dict[str, float] = {}
    for field in doubted:
        if _answers(conversion, maker, [field], [-1.0, 0.0]):
            continue
        seen = (field.observed or (0.0, 0.0))[0]
        tried = [least for least in ((0, 1) if field.type == "integer" else (0.0, SMALL)) if least <= seen]
        found[field.name] = next((least for least in tried if _answers(conversion, maker, [field], [least])), seen)
    for name, least in found.items():
        progress.say(f"legal minimum of {name} set to {least:.4g}, where none was said: the estimator fails below it")
    return [replace(field, minimum=found[field.name]) if field.name in found else field for field in fields]


def _answers(conversion: Conversion, maker: RowMaker, fields: Sequence[Field], values: Sequence[float]) -> bool:
    """Whether the estimator answers rows of which each has one of the values in one of the inputs."""
    rows = maker.natural(len(fields) * len(values))
    for place, field in enumerate(fields):
        rows[field.name][place * len(values) : (place + 1) * len(values)] = values
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            conversion.answer(maker.framed(rows))
    except NestorError:
        raise
    except Exception:  # a library raises whatever it stumbles over
        return False
    return True


def bounded(
    conversion: Conversion, fields: Sequence[Field], maker: RowMaker, smallest: float | None, progress: Progress
) -> list[Field]:
    """Return the inputs, with legal bounds where nobody has said any and not every number has the estimator's answer.

    Some estimators have none to numbers beyond float32 and some lose count among large ones; the bound is the largest
    size at which graph and estimator still answer alike. Raises FidelityError where there is no such size, NestorError
    where the estimator itself fails at each.
    """
    free = [field for field in fields if field.numeric and (field.minimum is None or field.maximum is None)]
    seen = max((abs(value) for field in free for value in field.observed or ()), default=0.0)
    most = float(np.finfo(conversion.dtype).max)
    sizes = [size for size in SIZES if seen < size <= most] or [most]
    fault: NestorError | None = None
    for size in sizes if free else []:
        try:
            # What overflows there warns, and is looked at here.
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                compare(conversion, maker.framed(maker.extreme(size)), "extreme", scale=smallest)
        except NestorError as error:
            fault = error
            continue
        if size == sizes[0]:
            break
        progress.say(f"legal bounds set to {size:.4g} either way, where none were said: beyond it answers would differ")
        return [_within(field, size) if field in free else field for field in fields]
    else:
        if fault is not None:
            raise fault
    return list(fields)


def _within(field: Field, size: float) -> Field:
    if field.type == "integer":
        size = int(min(size, 2**53 - 1))
    return replace(
        field,
        minimum=-size if field.minimum is None else field.minimum,
        maximum=size if field.maximum is None else field.maximum,
    )


def tolerance(conversion: Conversion, found: Mapping[str, float]) -> dict[str, float]:
    """Return what a replay may be off by: the family's floor, or twice what was measured where that is over it.

    Of raw scores nothing, where there are none.
    """
    has_raw = conversion.decision["kind"] != "labelled"
    floors = {key: conversion.floors.get(key, 0.0) for key in found if key != "raw" or has_raw}
    return {key: floors[key] if found[key] <= floors[key] else _two_digits(2 * found[key]) for key in floors}


def _two_digits(value: float) -> float:
    digits = 1 - math.floor(math.log10(value))
    return float(f"{math.ceil(round(value * 10**digits, 6)) / 10**digits:.2g}")
