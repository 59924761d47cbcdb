"""What the commands of `python -m nestor` do."""

import argparse
import pickle
from pathlib import Path
from typing import Any

import pandas as pd

from . import families
from .artifact import Artifact
from .conversion import Conversion
from .errors import NestorError
from .exporting import export as export_estimator
from .fields import Field
from .wrapping.wrap import wrap as wrap_graph


def describe(options: argparse.Namespace) -> None:
    """Print what a version folder is, or what an estimator would become and what stands in the way."""
    if options.path.is_dir():
        return _describe_folder(Artifact(options.path))
    estimator = opened(options.path)
    kind = f"{type(estimator).__module__}.{type(estimator).__qualname__}"
    names = _inputs_of(estimator)
    print(f"{kind}: {len(names)} inputs: {_some(names)}")
    fields = [Field(name, "number", name, 0.0, nullable=True) for name in names]
    conversion = families.convert(estimator, fields, None, print)
    nodes = [node.op_type for node in conversion.graph.graph.node]
    print(f"it becomes a graph of {len(nodes)} operators ({_some(sorted(set(nodes)))}), answer: {_answer(conversion)}")
    print(f"may differ from the estimator by at most: {dict(conversion.limits)}; export compares")
    return None


def export(options: argparse.Namespace) -> None:
    """Export the estimator of a pickle and print the folder that was written."""
    rows, target = _read(options.data, options.target)
    holdout = None
    if options.holdout:
        if options.target is None:
            raise NestorError("--holdout needs --target: the name of the column that holds the true answers")
        holdout = _read(options.holdout, options.target)
    print(export_estimator(opened(options.path), rows, target, holdout=holdout, **_about_the_version(options)))


def wrap(options: argparse.Namespace) -> None:
    """Make a version folder of a graph and print its place."""
    rows, target = _read(options.data, options.target)
    said = _about_the_version(options)
    if options.classes:
        said["classes"] = dict(enumerate(options.classes))
    samples = None if target is None else (rows, target)
    print(wrap_graph(options.path, rows, samples=samples, gives=options.gives, **said))


def _about_the_version(options: argparse.Namespace) -> dict[str, Any]:
    said = {key: getattr(options, key) for key in ("name", "description", "artifacts", "version")}
    return {**said, "verbose": not options.quiet}


def check(options: argparse.Namespace) -> None:
    """Replay a version folder's samples; raise NestorError, saying what differs, if one does."""
    artifact = Artifact(options.folder)
    print(f"{options.folder}: {artifact.check()} samples give the estimator's answers")


def opened(path: Path) -> Any:
    """Return the object of a pickle or joblib file; raise NestorError if it cannot be read."""
    if not path.is_file():
        raise NestorError(f"{path} is no file and no version folder")
    try:
        # scikit-learn brings it; its files may hold arrays beside the pickle.
        from joblib import load
    except ImportError:
        load = _unpickled
    try:
        return load(path)
    except Exception as error:  # a file that is no pickle makes it raise whatever it stumbles over
        raise NestorError(f"{path} cannot be opened as a pickle: {type(error).__name__}: {error}") from error


def _unpickled(path: Path) -> Any:
    with open(path, "rb") as file:
        return pickle.load(file)


def _read(path: Path, target: str | None) -> tuple[pd.DataFrame, Any]:
    try:
        frame = pd.read_csv(path, float_precision="round_trip")
    except (OSError, ValueError) as error:
        raise NestorError(f"{path} cannot be read as CSV: {error}") from error
    if target is None:
        return frame, None
    if target not in frame:
        raise NestorError(f"{path} has no column {target!r}; it has {list(frame)}")
    return frame.drop(columns=target), frame[target].to_numpy()


def _inputs_of(estimator: Any) -> list[str]:
    names = getattr(estimator, "feature_names_in_", None)
    if names is None and hasattr(estimator, "feature_name"):
        names = estimator.feature_name()
    if names is None:
        names = getattr(estimator, "feature_names", None)
    count = getattr(estimator, "n_features_in_", 0) if names is None else len(names)
    return [f"x{i}" for i in range(count)] if names is None else [str(name) for name in names]


def _describe_folder(artifact: Artifact) -> None:
    manifest = artifact.manifest
    print(f"{manifest['model']}, version {manifest['version']}: {manifest['description']}")
    print(f"inputs: {_some([entry['name'] for entry in manifest['inputs']])}")
    if "classes" in manifest:
        print(f"classes: {_some([entry['label'] for entry in manifest['classes']])}")
    if "targets" in manifest:
        print(f"targets: {_some([entry['name'] for entry in manifest['targets']])}")
    for name, value in manifest["metrics"].items():
        print(f"{name}: {value:.4f}")


def _answer(conversion: Conversion) -> str:
    kind = conversion.decision["kind"]
    if conversion.targets:
        return f"{conversion.task} of {len(conversion.targets)} targets"
    if conversion.classes is None:
        return "a number"
    beside = {"anomaly": ", with its score", "cluster": ", with distances", "margin": ""}
    without = "" if kind == "labelled" and "probabilities" not in conversion.decision else ", with probabilities"
    return f"one of {_some(conversion.classes)}{beside.get(kind, without)}"


def _some(values: Any, most: int = 10) -> str:
    listed = [str(value) for value in values]
    return ", ".join(listed[:most]) + (f" and {len(listed) - most} more" if len(listed) > most else "")
