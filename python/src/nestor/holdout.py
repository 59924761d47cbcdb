"""Rows that were not trained on, with their right answers: the file of a version folder that the gate compares by."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .errors import NestorError
from .fields import Field, Row
from .frames import Frame
from .rows import pools_of, rows_of
from .samples import line

FILE = "holdout.ndjson"
MOST_ROWS = 20_000
MOST_BYTES = 20_000_000
# Rows that are written at once.
PART = 10_000


@dataclass(frozen=True)
class Holdout:
    """Rows as callers send them and the right answer to each: a class value or number, of several targets a list."""

    rows: Sequence[Row]
    targets: Sequence[Any]

    @classmethod
    def of(cls, version: Path) -> "Holdout | None":
        """Return the hold-out of a version folder, None where it has none; raise NestorError for a broken one."""
        path = version / FILE
        if not path.exists():
            return None
        try:
            read = [json.loads(each) for each in path.read_text("utf-8").splitlines()]
            found = cls([each["inputs"] for each in read], [each["target"] for each in read])
        except (ValueError, KeyError, TypeError) as error:
            raise NestorError(f"{path}: a line is not {{'inputs': {{...}}, 'target': ...}}: {error}") from error
        if not found.rows:
            raise NestorError(f"{path} has no rows; export the model with a hold-out, or without one")
        return found

    def take(self, chosen: np.ndarray) -> "Holdout":
        """Return some of the rows, bool [n]."""
        places = np.flatnonzero(chosen).tolist()
        return Holdout([self.rows[i] for i in places], [self.targets[i] for i in places])

    def lines(self) -> Iterator[str]:
        """Yield a line of JSON for each row."""
        for row, target in zip(self.rows, self.targets, strict=True):
            yield line({"inputs": row, "target": target})


def document(frame: Frame, truth: np.ndarray, fields: Sequence[Field], is_number: bool) -> bytes:
    """Return holdout.ndjson of rows and their target [n] or [n, targets]: at most 20,000 of them, in at most 20 MB.

    Of more a sample stands there, the same each time. Rows whose target is no number are left out, as no answer to them
    can be right. Empty where no row is left.
    """
    gaps = truth.dtype.kind == "f"
    kept = np.flatnonzero(np.isfinite(truth.reshape(len(truth), -1)).all(axis=1)) if gaps else np.arange(len(truth))
    chosen = np.random.default_rng(0).permutation(kept)[:MOST_ROWS]
    lines = [each for part in _parts(frame, truth, fields, is_number, np.sort(chosen)) for each in part.lines()]
    if (size := sum(len(each) + 1 for each in lines)) > MOST_BYTES:
        fewer = np.random.default_rng(0).permutation(len(lines))[: int(len(lines) * MOST_BYTES / size * 0.95)]
        lines = [lines[i] for i in np.sort(fewer)]
    return "".join(f"{each}\n" for each in lines).encode()


def digests(frame: Frame, truth: np.ndarray | None, fields: Sequence[Field], is_number: bool) -> np.ndarray:
    """Return a digest of each row and its target, uint64 [n]; without a target, of the row alone.

    Rows that are equal as callers write them have equal digests.
    """
    made = []
    for part in _parts(frame, truth, fields, is_number, np.arange(len(frame))):
        texts = part.lines() if truth is not None else map(line, part.rows)
        made += [hashlib.blake2b(text.encode(), digest_size=8).digest() for text in texts]
    return np.frombuffer(b"".join(made), dtype=np.uint64)


def _parts(
    frame: Frame, truth: np.ndarray | None, fields: Sequence[Field], is_number: bool, places: np.ndarray
) -> Iterator[Holdout]:
    if truth is not None and truth.ndim > 1 and truth.shape[1] == 1:
        truth = truth[:, 0]
    for start in range(0, len(places), PART):
        chosen = places[start : start + PART]
        rows = rows_of(pools_of(frame.take(chosen), fields), fields)
        targets = [None] * len(rows) if truth is None else [_plain(each, is_number) for each in truth[chosen].tolist()]
        yield Holdout(rows, targets)


def _plain(value: Any, is_number: bool) -> Any:
    """Return a target as JSON has it: class values as the manifest lists them, so True is 1."""
    if isinstance(value, list):
        return [_plain(each, is_number) for each in value]
    if is_number:
        return float(value)
    return int(value) if isinstance(value, bool | float) and value == int(value) else value
