"""What a version says of rows with known answers, as the server would: refused, wrong, or how far off."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ...answers import Answers
from ...artifact import Artifact
from ...conversion import Served
from ...errors import NestorError
from ...fields import Field, Row, frame_of
from ...holdout import Holdout
from ...times import DATE_TIME
from .statistics import Figure

ACCURACY = Figure("accuracy")
MEAN_ABSOLUTE_ERROR = Figure("mean_absolute_error", is_error=True, is_share=True)
BRIER = Figure("brier", is_error=True)
# Rows that are timed one by one, how often each, and when that ends at the latest, in seconds.
TIMED_ROWS, ROUNDS, TIMED_SECONDS = 32, 30, 10.0


class Version:
    """A version folder that is opened: its graph, read and run as the server does it."""

    def __init__(self, folder: Path) -> None:
        self.artifact = Artifact(folder)
        self.sha256 = hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()
        self.bytes = (folder / "model.onnx").stat().st_size

    @property
    def manifest(self) -> dict[str, Any]:
        """Its manifest."""
        return self.artifact.manifest

    @property
    def fields(self) -> list[Field]:
        """Its inputs."""
        return self.artifact.fields

    @cached_property
    def holdout(self) -> Holdout | None:
        """The rows that were held out when it was trained, None where it has none."""
        return Holdout.of(self.artifact.folder)

    @property
    def served(self) -> Served:
        """The graph behind the encoding of its manifest; raises NestorError where it cannot be opened here."""
        return self.artifact.served

    def fits(self, holdout: Holdout) -> bool:
        """Whether the rows have all of its inputs."""
        return all(field.name in holdout.rows[0] for field in self.fields)

    def takes(self, row: Row) -> bool:
        """Whether the server would answer the row, so far as its inputs say."""
        return all(_takes(field, row[field.name]) for field in self.fields)

    def scored(self, holdout: Holdout) -> "Scored":
        """Return what it says of n rows, which have all of its inputs; raise NestorError where it takes none."""
        taken = np.array([self.takes(row) for row in holdout.rows])
        rows = holdout.take(taken)
        if not rows.rows:
            raise NestorError(
                f"version {self.manifest['version']} takes none of the {len(taken):,} rows of the hold-out"
            )
        answers = self.served.answer(frame_of(rows.rows, self.fields))
        return _scored(answers, self.served.conversion.classes, taken, rows.targets)


@dataclass(frozen=True)
class Scored:
    """What a version says of n rows: whether it has an answer (`answered` [n]), and what each figure is the mean of.

    A row without an answer is a wrong one; of numbers it is infinitely off until `comparable` knows better. `last` [n]
    is P of the last of two classes, NaN without an answer; None where there is none.
    """

    answered: np.ndarray
    values: dict[Figure, np.ndarray]
    last: np.ndarray | None = None


def _scored(answers: Answers, classes: Sequence[Any] | None, taken: np.ndarray, targets: Sequence[Any]) -> Scored:
    numbers = [answers.raw] if answers.probabilities is None else [answers.raw, answers.probabilities]
    finite = np.isfinite(np.hstack([each.astype(np.float64) for each in numbers])).all(axis=1)

    def spread(values: Any, otherwise: float) -> np.ndarray:
        made = np.full(len(taken), otherwise)
        made[taken] = np.where(finite, values, otherwise)
        return made

    answered = spread(1.0, 0.0) > 0
    if answers.labels is None:
        goal = np.array(targets, dtype=np.float64).reshape(len(targets), -1)
        errors = np.abs(answers.raw.astype(np.float64) - goal).mean(axis=1)
        return Scored(answered, {MEAN_ABSOLUTE_ERROR: spread(errors, np.inf)})
    right = [label == target for label, target in zip(answers.labels.tolist(), targets, strict=True)]
    values = {ACCURACY: spread(right, 0.0)}
    if answers.probabilities is None or classes is None:
        return Scored(answered, values)
    truth = np.array([[target == value for value in classes] for target in targets])
    squares = np.sum((answers.probabilities - truth) ** 2, axis=1) / (2 if len(classes) == 2 else 1)
    values[BRIER] = spread(squares, 1.0)
    return Scored(answered, values, spread(answers.probabilities[:, -1], np.nan) if len(classes) == 2 else None)


def comparable(one: Scored, other: Scored) -> tuple[Scored, Scored]:
    """Return both with a finite error for each row: where there is no answer, the largest that one of the two has."""
    if MEAN_ABSOLUTE_ERROR not in one.values:
        return one, other
    both = [each.values[MEAN_ABSOLUTE_ERROR] for each in (one, other)]
    finite = np.concatenate(both)[np.isfinite(np.concatenate(both))]
    worst = float(finite.max(initial=0.0))
    made = [np.where(np.isfinite(errors), errors, worst) for errors in both]
    return (
        replace(one, values={MEAN_ABSOLUTE_ERROR: made[0]}),
        replace(other, values={MEAN_ABSOLUTE_ERROR: made[1]}),
    )


def milliseconds(versions: Sequence[Version], rows: Sequence[Row]) -> list[float]:
    """Return what a row costs in each version's graph: the mean over rows of the least of several runs.

    The versions take turns, and what is measured is the time of this thread, so whatever else the machine does slows
    none of them alone. The encoding is not in it: the server has its own.
    """
    runs = []
    for version in versions:
        served, frame = version.served, frame_of(rows[:TIMED_ROWS], version.fields)
        names = [tensor["name"] for tensor in served.conversion.outputs]
        tensors = [served.conversion.encoder.encode(frame.take([i])) for i in range(len(frame))]
        runs.append([(served.session, names, each) for each in tensors])
    least = np.full((len(versions), len(runs[0])), np.inf)
    end = time.monotonic() + TIMED_SECONDS
    for _ in range(ROUNDS):
        for place in range(len(runs[0])):
            for which, own in enumerate(runs):
                session, names, tensor = own[place]
                began = time.thread_time()
                session.run(names, tensor)
                least[which, place] = min(least[which, place], time.thread_time() - began)
        if time.monotonic() > end:
            break
    return (least.mean(axis=1) * 1000).tolist()


def _takes(field: Field, value: Any) -> bool:
    """Whether the server takes a value of an input."""
    if value is None:
        return field.nullable
    if value in field.missing_values:
        return True
    if field.categories and not field.open:
        return value in field.categories
    if not field.numeric:
        return isinstance(value, str) and (field.maximum_length is None or len(value) <= field.maximum_length)
    if field.type == "boolean":
        return isinstance(value, bool)
    if field.type == "datetime":
        return isinstance(value, str) and DATE_TIME.fullmatch(value) is not None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if field.type == "integer" and not float(value).is_integer():
        return False
    return (field.minimum is None or value >= field.minimum) and (field.maximum is None or value <= field.maximum)
