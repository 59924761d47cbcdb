"""What came back as the truth about predictions: rows that a training adds to its data."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import NestorError
from ..libraries import pandas
from . import context

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Labelled:
    """Predicted rows with what turned out to be true of them, in the order in which that was said.

    `inputs` has a column for each input as callers sent it (a date as its text, a missing value as pandas has it),
    `labels` the value of a class, a number, or of several targets a dict. `times` are when each was predicted, in UTC,
    and `versions` by which version; `hidden` is a list of the inputs of which nobody has kept the value, and which are
    missing in the row for that reason. All have the same index, 0 to n-1; without rows `inputs` has no columns.
    """

    inputs: "pd.DataFrame"
    labels: "pd.Series[Any]"
    times: "pd.Series[pd.Timestamp]"
    versions: "pd.Series[str]"
    hidden: "pd.Series[Any]"

    def __len__(self) -> int:
        return len(self.labels)


def labelled(model: str) -> Labelled:
    """Return the rows of a model that callers have given feedback on: those of the server that a runner trains for.

    The runner has fetched them before the training began. Without a runner, or where its server has none, it is empty.
    Raises NestorError inside a runner for another model than the one that is trained, LibraryError without pandas.
    """
    inside = context.inside
    if inside is not None and model != inside.model:
        raise NestorError(f"this training is of the model {inside.model!r}; it has no labelled rows of {model!r}")
    return _frames([] if inside is None or inside.labelled is None else _read(inside.labelled))


def _read(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a file of lines of JSON; of a prediction whose value was replaced meanwhile the last one."""
    last: dict[str, dict[str, Any]] = {}
    with path.open("rb") as lines:
        for line in lines:
            row = json.loads(line)
            last.pop(row["prediction_id"], None)
            last[row["prediction_id"]] = row
    return list(last.values())


def _frames(rows: list[dict[str, Any]]) -> Labelled:
    pd = pandas()
    kind = None if rows else object
    return Labelled(
        inputs=pd.DataFrame([row["inputs"] for row in rows]),
        labels=pd.Series([row["label"] for row in rows], name="label", dtype=kind),
        times=pd.to_datetime(pd.Series([row["time"] for row in rows], name="time", dtype=kind), utc=True),
        versions=pd.Series([row["version"] for row in rows], name="version", dtype=kind),
        hidden=pd.Series([row.get("hidden", []) for row in rows], name="hidden", dtype=object),
    )
