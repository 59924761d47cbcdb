"""The process of one gate, as a runner starts it: `python -m nestor.training.gate.child <folder>`.

`job.json` in the folder names the version folders of candidate and champion, the labelled rows that were kept back, and
what has asked for the training. The digests of the training rows lie where the training has noted them. What is told
goes as `nestor.training.child` tells it; `folder` is the file of the report. A graph that runs for ever, or takes all
memory, takes this process alone.
"""

import json
import sys
import traceback
from pathlib import Path

from ...errors import NestorError
from ..child import begun, failed
from ..context import TRAINING_ROWS, tell
from .report import NoHoldout, report


def main(folder: Path) -> int:
    """Compare what `job.json` names, write `gate.json`; return the exit code."""
    job, line = begun(folder)
    candidate, champion = Path(job["candidate"]), Path(job["champion"])
    try:
        tell(line, stage="gate")
        kept = job["labelled"] and Path(job["labelled"])
        made = report(candidate, champion, candidate.parents[1] / TRAINING_ROWS, kept, job["trigger"])
        (folder / "gate.json").write_text(json.dumps(made, allow_nan=False))
        tell(line, folder=str(folder / "gate.json"))
    except NoHoldout as error:
        return failed(line, "no_holdout", str(error))
    except NestorError as error:
        return failed(line, "gate_failed", str(error))
    except Exception as error:  # a folder may hold whatever somebody has made
        traceback.print_exc()
        return failed(line, "gate_failed", f"{type(error).__name__}: {error}")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
