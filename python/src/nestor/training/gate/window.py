"""The labelled rows of a model, divided: most are for the training, some of the newest for the gate alone."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from ...errors import NestorError
from ...fields import Field
from ...holdout import Holdout

LEAST_ROWS, MOST_ROWS = 500, 2_000


def divide(rows: Path, champion: Path, kept: Path) -> Path | None:
    """Move some of the newest labelled rows from the file `rows` to `kept`; return `kept`, None if they are too few.

    These are every second of the newest 4,000 that were labelled after the version folder `champion` was made, so that
    neither version is trained on them, where that gives 500. The others stay with the training: without any of the
    newest it would not know what has changed. A row with a hidden input is none of them: it would look as if the value
    had been missing, and versions answer otherwise then.

    Raises NestorError where a line is no labelled row.
    """
    born = datetime.fromisoformat(_utc(json.loads((champion / "manifest.json").read_text("utf-8"))["created"]))
    last: dict[str, tuple[bool, bytes]] = {}
    with rows.open("rb") as lines:
        for line in lines:
            try:
                row = json.loads(line)
                is_new = "hidden" not in row and datetime.fromisoformat(_utc(row["given"])) > born
                # Of a prediction whose value was replaced while the rows were fetched the last one counts.
                last.pop(row["prediction_id"], None)
                last[row["prediction_id"]] = is_new, line
            except (ValueError, KeyError, TypeError) as error:
                raise NestorError(f"{rows.name}: a line is no labelled row: {error}") from error
    newest = [name for name, (is_new, _) in last.items() if is_new][-2 * MOST_ROWS :]
    chosen = set(newest[1::2])
    if len(chosen) < LEAST_ROWS:
        return None
    for path, is_kept in ((kept, True), (rows, False)):
        path.write_bytes(b"".join(line for name, (_, line) in last.items() if (name in chosen) == is_kept))
    return kept


def read(kept: Path, fields: list[Field], targets: list[str]) -> Holdout:
    """Return the rows of a file that `divide` has written: an input that was not sent is None."""
    try:
        rows = [json.loads(line) for line in kept.read_bytes().splitlines()]
        inputs = [{field.name: row["inputs"].get(field.name) for field in fields} for row in rows]
        return Holdout(inputs, [_target(row["label"], targets) for row in rows])
    except (ValueError, KeyError, TypeError) as error:
        raise NestorError(f"{kept.name}: a line is no labelled row: {error}") from error


def _target(label: Any, targets: list[str]) -> Any:
    return [label[name] for name in targets] if isinstance(label, dict) else label


def _utc(text: str) -> str:
    # Python 3.10 does not read the letter.
    return text.removesuffix("Z") + "+00:00" if text.endswith("Z") else text
