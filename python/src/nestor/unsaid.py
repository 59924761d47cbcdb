"""What an export says at its end: what was left unsaid, with the argument that would say it, and a call to try."""

import json
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .card import SECTIONS

LISTED = 5
UNSAID = "not stated"


def warnings(manifest: Mapping[str, Any], description: str, notes: Mapping[str, str]) -> Iterator[str]:
    """Yield a line for each thing that was not said and that a reader of the model will miss."""
    if not description:
        yield "not said: what is predicted (description=...)"
    if manifest["authors"] == [UNSAID]:
        yield "not said: who made it (authors=...)"
    if manifest["license"] == UNSAID:
        yield 'not said: how it may be used (license="MIT", say)'
    free = [each["name"] for each in manifest["inputs"] if each["type"] in ("number", "integer")
            and not ("minimum" in each and "maximum" in each)]  # fmt: skip
    if free:
        more = f" and {len(free) - LISTED} more" if len(free) > LISTED else ""
        names = ", ".join(free[:LISTED])
        yield f'no legal bounds: {names}{more} (inputs={{"{free[0]}": {{"minimum": ..., "maximum": ...}}}})'
    if not manifest["training"]["holdout_rows"]:
        yield "no figures: nothing was held out (holdout=(X, y))"
    if lacking := [key for key, _ in SECTIONS if key not in notes]:
        yield f"not in the card: {', '.join(lacking)} (notes={{...}})"


def call(manifest: Mapping[str, Any], folder: Path) -> Iterator[str]:
    """Yield how the model is served and, last, a call of it with a row of its own."""
    row = json.dumps({each["name"]: each["example"] for each in manifest["inputs"]}, ensure_ascii=False)
    yield f"wrote {folder}; it is served by: ARTIFACTS_DIR={shlex.quote(str(folder.parents[1]))} npm start"
    yield (
        f"curl http://localhost:3000/models/{manifest['model']}/predict "
        f"-H 'Content-Type: application/json' -d {shlex.quote(row)}"
    )
