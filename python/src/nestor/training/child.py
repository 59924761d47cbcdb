"""The process of one training, as a runner starts it by `born.py`: `python -m nestor.training.child <folder>`.

The folder holds `job.json`. Standard output has a JSON object a line: `stage`, `progress` and `metrics` while it goes
on, at the end `folder`, the version's, or `error` with code and detail. Whatever else a training prints goes to
standard error. Exit code 0: done; 42: arguments or data are at fault; 143: it was told to end; else it failed.
"""

import json
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import IO, Any

from ..errors import DataError, NestorError
from . import context
from .arguments import ArgumentsError
from .trainables import found

AT_FAULT = 42
TERMINATED = 143
MOST_DETAIL = 4_000


def main(folder: Path) -> int:
    """Run the training of `folder`; return the exit code."""
    job, line = begun(folder)
    rows = job.get("labelled")
    inside = context.Inside(job["model"], job["version"], folder / "artifacts", line, rows and Path(rows))
    context.inside = inside
    try:
        inside.tell(stage="start")
        version = found(job["modules"])[job["model"]].train(job["arguments"])
        inside.tell(folder=str(_checked(version, inside)))
    except ArgumentsError as error:
        return failed(line, "arguments", str(error), AT_FAULT)
    except DataError as error:
        return failed(line, "data", str(error), AT_FAULT)
    except NestorError as error:
        return failed(line, "refused", str(error))
    except Exception as error:  # a training may raise anything
        traceback.print_exc()
        return failed(line, "training_failed", f"{type(error).__name__}: {error}")
    return 0


def begun(folder: Path) -> tuple[dict[str, Any], IO[str]]:
    """Return what a process of a job is to do, and the line by which it tells its runner."""
    job = json.loads((folder / "job.json").read_text())
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    line = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # C libraries print too, and what they print must not be taken for what is told.
    os.dup2(2, 1)
    return job, line


def failed(line: IO[str], code: str, detail: str, exit_code: int = 1) -> int:
    """Tell the runner why the process ends; return the exit code."""
    context.tell(line, error={"code": code, "detail": detail[:MOST_DETAIL]})
    return exit_code


def _checked(version: Any, inside: context.Inside) -> Path:
    """Return the folder that a training has written; raise NestorError unless it is the one that was to be written."""
    wanted = inside.artifacts / inside.model / inside.version
    if not isinstance(version, str | os.PathLike) or Path(version) != wanted or not wanted.is_dir():
        raise NestorError(
            f"the function that trains {inside.model!r} returned {version!r}; let it return what nestor.export(..., "
            f"name={inside.model!r}) or nestor.wrap returns"
        )
    return wanted


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
