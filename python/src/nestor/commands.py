"""What the commands of `python -m nestor` do."""

import argparse
import os
import re
import sys
from pathlib import Path
from typing import Any

from . import families
from .artifact import Artifact
from .conversion import Conversion
from .errors import NestorError
from .exporting import export as export_estimator
from .fields import Field, fields_of
from .frames import Frame
from .given import given, known_names
from .libraries import pandas
from .mlflow_folders import FILE, Folder
from .opening import load_model
from .training import runner as runners
from .wrapping import foreign
from .wrapping.wrap import wrap as wrap_graph


def describe(options: argparse.Namespace) -> None:
    """Print what a version folder is, or what a model would become and what stands in the way."""
    path = options.path
    folder = _mlflow(path)
    if path.is_dir() and folder is None:
        return _describe_folder(Artifact(path))
    if path.suffix == ".onnx" or (folder and folder.flavour == "onnx"):
        return _describe_graph(path)
    estimator = load_model(path)
    kind = f"{type(estimator).__module__}.{type(estimator).__qualname__}"
    names = _inputs_of(estimator, folder)
    print(f"{kind}: {len(names)} inputs: {_some(names)}")
    fields = [Field(name, "number", name, 0.0, nullable=True) for name in names]
    if folder and (example := folder.example) is not None:
        fields = fields_of(given(example, estimator), {})
    conversion = families.convert(estimator, fields, None, print)
    nodes = [node.op_type for node in conversion.graph.graph.node]
    print(f"it becomes a graph of {len(nodes)} operators ({_some(sorted(set(nodes)))}), answer: {_answer(conversion)}")
    print(f"may differ from the estimator by at most: {dict(conversion.limits)}; export compares")
    return None


def export(options: argparse.Namespace) -> None:
    """Export the estimator of a file or an MLflow folder and print the folder that was written."""
    rows, target = _rows(options)
    holdout = None
    if options.holdout:
        if options.target is None:
            raise NestorError("--holdout needs --target: the name of the column that holds the true answers")
        holdout = _read(options.holdout, options.target, _mlflow(options.path))
    print(export_estimator(load_model(options.path), rows, target, holdout=holdout, **_about_the_version(options)))


def wrap(options: argparse.Namespace) -> None:
    """Make a version folder of a graph and print its place."""
    rows, target = _rows(options)
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


def runner(options: argparse.Namespace) -> None:
    """Run trainings for a server until SIGTERM, or once."""
    key = _key(options.key_file)
    if options.data:
        os.environ["TRAINING_DATA"] = str(options.data)
    runners.run(
        options.server,
        key=key,
        modules=options.module,
        name=options.name,
        once=options.once,
        until_eof=options.until_eof,
    )


def _key(file: Path | None) -> str | None:
    """Return the key for the server, None if there is none; what is no key is not repeated."""
    try:
        if file is None:
            key, named = os.environ.get("NESTOR_API_KEY", ""), "NESTOR_API_KEY"
        elif str(file) == "-":
            key, named = sys.stdin.readline(), "the first line of standard input"
        else:
            key, named = file.read_text("utf-8"), f"--key-file {file}"
    except (OSError, ValueError) as error:
        raise NestorError(f"--key-file {file} cannot be read: {error}") from error
    key = key.strip()
    if file is None and not key:
        return None
    if not re.fullmatch(r"[!-~]+", key):
        raise NestorError(f"{named} holds no key: it must be a line such as nestor key create prints")
    return key


def _mlflow(path: Path) -> Folder | None:
    return Folder(path) if (path / FILE).is_file() else None


def _rows(options: argparse.Namespace) -> tuple[Frame, Any]:
    """Return the rows and the target that were named, or the example that lies in an MLflow folder."""
    folder = _mlflow(options.path)
    if options.data:
        return _read(options.data, options.target, folder)
    example = folder.example if folder else None
    if example is None:
        raise NestorError(f"{options.command} needs --data: a CSV file of rows, a column per input")
    if options.target:
        raise NestorError("--target needs --data: an input example has no answers")
    print(
        f"nestor: the folder's input example of {len(example)} rows stands for the training rows, so ranges and words "
        "are these alone; --data names others",
        file=sys.stderr,
    )
    return example, None


def _read(path: Path, target: str | None, folder: Folder | None) -> tuple[Frame, Any]:
    columns = (folder.columns if folder else None) or {}
    try:
        texts = {name: str for name, kind in columns.items() if kind == "string"}
        read = pandas().read_csv(path, float_precision="round_trip", dtype=texts)
    except (OSError, ValueError) as error:
        raise NestorError(f"{path} cannot be read as CSV: {error}") from error
    if target is not None and target not in read:
        raise NestorError(f"{path} has no column {target!r}; it has {list(read)}")
    answers = None if target is None else read[target].to_numpy()
    rows = given(read if target is None else read.drop(columns=target))
    return rows if folder is None else folder.typed(rows), answers


def _inputs_of(estimator: Any, folder: Folder | None) -> list[str]:
    names = known_names(estimator) or (list(folder.columns) if folder and folder.columns else None)
    return [f"x{i}" for i in range(_count(estimator))] if names is None else names


def _count(estimator: Any) -> int:
    for name in ("n_features_in_", "num_feature", "num_features"):
        if (value := getattr(estimator, name, None)) is not None:
            return int(value() if callable(value) else value)
    return len(getattr(estimator, "feature_names_", None) or [])


def _describe_graph(path: Path) -> None:
    graph = foreign.opened(path)
    print(f"{path}: a graph of {len(graph.graph.node)} operators that another exporter wrote")
    print(f"takes {_some(port.text() for port in foreign.inputs_of(graph))}")
    print(f"gives {_some(port.text() for port in foreign.outputs_of(foreign.without_zipmap(graph)[0]))}")
    print("python -m nestor wrap makes a version of it")


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
