"""One file per model family; each says which estimators are its own, converts them and loads them back.

A family module has `FILE` (its estimator's file in the artifact), `matches`, `convert` and `load`.
"""

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from ..conversion import Conversion
from ..errors import TrainerError, UnsupportedModel
from ..fields import Field
from . import lightgbm, xgboost

FAMILIES: tuple[ModuleType, ...] = (lightgbm, xgboost)


def convert(estimator: Any, fields: Sequence[Field], classes: Sequence[Any] | None = None) -> Conversion:
    """Return the estimator as a graph, by the first family that knows it; raise UnsupportedModel if none does."""
    for family in FAMILIES:
        if family.matches(estimator):
            return family.convert(estimator, fields, classes)
    raise UnsupportedModel(f"{type(estimator).__module__}.{type(estimator).__qualname__} is no supported estimator")


def load(folder: Path, manifest: dict[str, Any]) -> Conversion:
    """Return the conversion of an artifact folder's estimator; raise TrainerError if it has none."""
    fields = [Field.from_manifest(entry) for entry in manifest["inputs"]]
    classes = [entry["value"] for entry in manifest["classes"]] if "classes" in manifest else None
    for family in FAMILIES:
        if (folder / family.FILE).exists():
            return family.convert(family.load(folder, manifest), fields, classes)
    raise TrainerError(f"{folder} has no estimator file; looked for {[family.FILE for family in FAMILIES]}")
