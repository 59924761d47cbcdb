"""Rows with the original estimator's answers, as JSON: what an artifact ships and what a replay reads."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from .conversion import Conversion
from .fields import Field, frame_of
from .rows import Kind

# What samples.json may hold at most; a replay of all of them stands before every start.
MOST_BYTES = 5_000_000


def line(value: Any) -> str:
    """Return one line of ASCII (some readers take U+2028 for a line's end); NaN and Infinity raise ValueError."""
    return json.dumps(value, allow_nan=False, separators=(",", ":"))


def answered(conversion: Conversion, fields: Sequence[Field], kinds: Iterable[Kind]) -> Iterator[dict[str, Any]]:
    """Yield each row with the original estimator's answer, as samples.json has it."""
    rows = list(kinds)
    answers = conversion.answer(frame_of([row for _, row in rows], fields))
    for i, (kind, row) in enumerate(rows):
        yield {"kind": kind, "input": row, "raw": answers.raw[i].tolist(), **answers[i : i + 1].first()}


def samples(conversion: Conversion, fields: Sequence[Field], kinds: Iterable[Kind]) -> bytes:
    """Return samples.json: one sample per line, so that a difference of two versions can be read.

    Where all of them were more than 5 MB, evenly chosen ones stand for them; the first, the example, always stands.
    """
    lines = [line(sample) for sample in answered(conversion, fields, kinds)]
    if (size := sum(len(each) + 2 for each in lines)) > MOST_BYTES:
        step = size / MOST_BYTES * 1.02
        lines = [lines[int(place * step)] for place in range(int(len(lines) / step))]
    body = ",\n".join(lines)
    return f'{{"schema":1,"samples":[\n{body}\n]}}\n'.encode()
