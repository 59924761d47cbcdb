"""Rows with the original estimator's answers, for whoever serves the model to compare its own answers with."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from .artifact import Artifact
from .fields import Field
from .frames import Frame
from .given import given
from .rows import Kind, maker_of, pools_of, rows_of
from .samples import answered, line

CHUNK = 10_000


def write_rows(artifact: Artifact, count: int, out: Path, data: Any = None, seed: int = 1) -> int:
    """Write `count` generated rows, after every row of `data` if given, one JSON sample per line; return their number.

    The answers are those of the estimator that lies in the version folder. Natural values are drawn from the
    artifact's own natural samples, so this needs no training data.
    """
    fields, conversion = artifact.fields, artifact.conversion
    kinds = maker_of(conversion, fields, artifact.pools(), seed).take(count)
    written = 0
    with open(out, "w", encoding="utf-8") as file:
        for chunk in _chunks([] if data is None else _data_rows(given(data), fields), kinds):
            for sample in answered(conversion, fields, chunk):
                file.write(line(sample) + "\n")
            written += len(chunk)
    return written


def _data_rows(data: Frame, fields: list[Field]) -> list[Kind]:
    return [("data", row) for row in rows_of(pools_of(data, fields), fields)]


def _chunks(first: list[Kind], rest: Iterator[Any]) -> Iterator[list[Kind]]:
    for start in range(0, len(first), CHUNK):
        yield first[start : start + CHUNK]
    while chunk := list(islice(rest, CHUNK)):
        yield chunk
