"""One file per model family; each says which estimators are its own, converts them and loads them back.

A family has `matches(estimator)` and `convert(estimator, front, classes)`; a loader has `load(folder, manifest)`.
They are imported when they are needed: who exports a LightGBM model does not wait for PyTorch, nor has to have it.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from ..answers import Target
from ..conversion import Conversion
from ..errors import NestorError, UnsupportedModel
from ..fields import Field
from ..front import Front
from ..libraries import ALWAYS, need

# The family, and the package that its estimators come from; the first that matches converts.
FAMILIES = (
    ("lightgbm", "lightgbm"),
    ("xgboost", "xgboost"),
    ("catboost", "catboost"),
    ("svm", "sklearn"),
    ("text", "sklearn"),
    ("wrapped", "nestor"),
    ("torch_text", "nestor"),
    ("pipeline", "sklearn"),
    ("composed", "sklearn"),
    ("several", "sklearn"),
    ("sklearn_trees", "sklearn"),
    ("sklearn_lines", "sklearn"),
    ("sklearn_svr", "sklearn"),
    ("sklearn_margins", "sklearn"),
    ("sklearn_against_rest", "sklearn"),
    ("sklearn_anomalies", "sklearn"),
    ("sklearn_clusters", "sklearn"),
    ("sklearn_platt", "sklearn"),
    ("sklearn_likelihoods", "sklearn"),
    ("sklearn_neighbors", "sklearn"),
    ("sklearn_centroids", "sklearn"),
    ("sklearn", "sklearn"),
)
# The libraries that a family works with, beside the one that the estimator comes from.
NEEDS = {
    "lightgbm": ("lightgbm",),
    "xgboost": ("xgboost",),
    "catboost": ("catboost",),
    "svm": ("sklearn", "skops"),
    "text": ("sklearn", "skl2onnx", "skops"),
    "wrapped": (),
    "torch_text": ("torch", "safetensors"),
    "pipeline": ("sklearn", "skl2onnx", "skops"),
    "composed": ("sklearn", "skl2onnx", "skops"),
    "several": ("sklearn", "skl2onnx", "skops"),
    "sklearn_trees": ("sklearn", "skops"),
    "sklearn_lines": ("sklearn", "skops"),
    "sklearn_svr": ("sklearn", "skops"),
    "sklearn_margins": ("sklearn", "skops"),
    "sklearn_against_rest": ("sklearn", "skops"),
    "sklearn_anomalies": ("sklearn", "skops"),
    "sklearn_clusters": ("sklearn", "skops"),
    "sklearn_platt": ("sklearn", "skops"),
    "sklearn_likelihoods": ("sklearn", "skops"),
    "sklearn_neighbors": ("sklearn", "skops"),
    "sklearn_centroids": ("sklearn", "skops"),
    "sklearn": ("sklearn", "skl2onnx", "skops"),
}
# The estimator's file in the artifact, and the module that loads it.
LOADERS = {
    "estimator.txt": "lightgbm",
    "estimator.json": "xgboost",
    "estimator.cbm": "catboost",
    "estimator.skops": "persist",
    "estimator.safetensors": "torch_text",
    # A graph that somebody else made has no estimator.
    "model.onnx": "wrapped",
}


def convert(
    estimator: Any,
    fields: Sequence[Field],
    classes: Sequence[Any] | None = None,
    say: Callable[[str], None] | None = None,
) -> Conversion:
    """Return the estimator as a graph, by the first family that knows it; raise UnsupportedModel if none does.

    Raises LibraryError where a library that the family needs is missing or too old; `say` hears of those that are newer
    than was tried.
    """
    if say:
        for sentence in need(*ALWAYS):
            say(sentence)
    estimator = found_by_search(estimator)
    return behind(estimator, Front(fields, estimator), classes, say)


def behind(
    estimator: Any, front: Front, classes: Sequence[Any] | None = None, say: Callable[[str], None] | None = None
) -> Conversion:
    """Return an estimator as a graph behind what stands before it; raises as `convert` does."""
    estimator = found_by_search(estimator)
    packages = {kind.__module__.split(".")[0] for kind in type(estimator).__mro__}
    for name, package in FAMILIES:
        if package not in packages:
            continue
        told = need(*NEEDS[name])
        if (family := import_module(f"{__name__}.{name}")).matches(estimator):
            if say:
                for sentence in told:
                    say(sentence)
            return family.convert(estimator, front, classes)
    raise UnsupportedModel(
        f"{type(estimator).__module__}.{type(estimator).__qualname__} is no supported estimator{_instead(estimator)}"
    )


def _instead(estimator: Any) -> str:
    """Return what an estimator that no family knows lacks, and what to do instead."""
    if hasattr(estimator, "predict"):
        if hasattr(estimator, "labels_"):
            return "; KMeans, MiniBatchKMeans, MeanShift and mixtures are"
        return "; where another library exports it to ONNX, nestor.wrap takes the graph"
    if hasattr(estimator, "labels_"):
        return (
            ": it has no predict, for it sorts only the rows that it was fitted on; "
            "fit a classifier on its labels_ and export that, or use KMeans or GaussianMixture"
        )
    if hasattr(estimator, "transform"):
        return ": it has no predict, for it makes columns; export a pipeline that ends in an estimator"
    return ": it has no predict"


def found_by_search(estimator: Any) -> Any:
    """Return the estimator that a search (GridSearchCV and its like) answers with, or that is frozen.

    Raises UnsupportedModel for a search that was fitted without one.
    """
    if hasattr(estimator, "best_estimator_"):
        return found_by_search(estimator.best_estimator_)
    if type(estimator).__name__ == "FrozenEstimator":
        return found_by_search(estimator.estimator)
    if hasattr(estimator, "cv_results_") and hasattr(estimator, "refit"):
        raise UnsupportedModel(f"{type(estimator).__name__} has no best_estimator_; fit it with refit=True")
    return estimator


def load(folder: Path, manifest: dict[str, Any]) -> Conversion:
    """Return the conversion of an artifact folder's estimator; raise NestorError if it has none."""
    fields = [Field.from_manifest(entry) for entry in manifest["inputs"]]
    classes = [entry["value"] for entry in manifest["classes"]] if "classes" in manifest else None
    for file, name in LOADERS.items():
        if (folder / file).exists():
            found = convert(import_module(f"{__name__}.{name}").load(folder, manifest), fields, classes)
            names = [entry["name"] for entry in manifest.get("targets", [])]
            targets = [Target(name, each.classes) for name, each in zip(names, found.targets, strict=True)]
            return replace(found, targets=targets)
    raise NestorError(f"{folder} has no estimator file; looked for {list(LOADERS)}")
