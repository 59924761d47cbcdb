"""One file per model family; each says which estimators are its own, converts them and loads them back.

A family has `matches(estimator)` and `convert(estimator, fields, classes)`; a loader has `FILE`, the name of the
estimator's file in the artifact, and `load(folder, manifest)`.
"""

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from ..conversion import Conversion
from ..errors import TrainerError, UnsupportedModel
from ..fields import Field
from . import lightgbm, naive_bayes, persist, svm, xgboost

FAMILIES: tuple[ModuleType, ...] = (lightgbm, xgboost, svm, naive_bayes)
LOADERS: tuple[ModuleType, ...] = (lightgbm, xgboost, persist)


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
    for loader in LOADERS:
        if (folder / loader.FILE).exists():
            return convert(loader.load(folder, manifest), fields, classes)
    raise TrainerError(f"{folder} has no estimator file; looked for {[loader.FILE for loader in LOADERS]}")
