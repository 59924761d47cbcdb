"""What a training function finds around it: inside a runner its place and a line to whoever waits, else nothing."""

import json
import math
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np

from ..errors import DataError, NestorError

TRAINING_ROWS = "training-rows.npz"
# Seconds between two lines on the same stage, for a person who trains by hand.
PACE = 1.0


@dataclass
class Inside:
    """A runner's training: the model and number that it is to export, the folder to write to, the line to tell by.

    `labelled` is the file of the labelled rows that the runner's server has of the model, None if it has none.
    """

    model: str
    version: str
    artifacts: Path
    line: IO[str]
    labelled: Path | None = None

    def note_rows(self, digests: np.ndarray, with_target: bool) -> None:
        """Note the digests of the training rows beside the version, not in it: the gate looks for them elsewhere."""
        np.savez(self.artifacts / TRAINING_ROWS, digests=np.unique(digests), with_target=with_target)

    def tell(self, **said: Any) -> None:
        """Write one line of JSON to the runner."""
        tell(self.line, **said)


def tell(line: IO[str], **said: Any) -> None:
    """Write one object of JSON, on one line, to the runner."""
    print(json.dumps(said, allow_nan=False), file=line, flush=True)


@dataclass
class _Told:
    """What was printed last, outside a runner."""

    stage: str = ""
    at: float = field(default=-math.inf)


# Set once, by the process that a runner starts for one training.
inside: Inside | None = None
_told = _Told()


def place(artifacts: str | Path, name: str, version: str | None) -> tuple[Path, str | None]:
    """Return where an export of the model `name` goes: as it was said, or inside a runner as the runner has it.

    Raises NestorError inside a runner for another model than the one that was asked for.
    """
    if inside is None:
        return Path(artifacts), version
    if name != inside.model:
        raise NestorError(f"this training is of the model {inside.model!r}; it must not export {name!r}")
    return inside.artifacts, inside.version


def report(stage: str, share: float | None = None, **metrics: float) -> None:
    """Say how far a training is: what it does now, the share of it that is done (0 to 1), and figures so far.

    A runner passes it on to whoever waits for the job; elsewhere it is a line on standard error, at most one a second
    for the same stage. A share beyond 0 and 1 is taken as the nearer of them, a figure that is no finite number is left
    out. Raises NestorError for a stage without a word.
    """
    if not stage.strip():
        raise NestorError("report needs a stage: a word or two that say what the training does now")
    known = {name: float(value) for name, value in metrics.items() if math.isfinite(value)}
    done = None if share is None or not math.isfinite(share) else min(max(float(share), 0.0), 1.0)
    if inside is not None:
        inside.tell(stage=stage[:200], **({} if done is None else {"progress": done}), metrics=known)
        return
    now = time.monotonic()
    if stage == _told.stage and done != 1 and now - _told.at < PACE:
        return
    _told.stage, _told.at = stage, now
    figures = "".join(f", {name} {value:.6g}" for name, value in known.items())
    print(f"nestor: {stage}{'' if done is None else f': {done:.0%}'}{figures}", file=sys.stderr, flush=True)


def training_data() -> Path:
    """Return the folder of the training data, which the operator names by TRAINING_DATA; raise DataError if none is."""
    folder = os.environ.get("TRAINING_DATA", "")
    if not folder:
        raise DataError("no data for this training: set TRAINING_DATA, where the runner is started, to their folder")
    if not Path(folder).is_dir():
        raise DataError(f"no data for this training: TRAINING_DATA names {folder!r}, which is no folder")
    return Path(folder)
