"""What two trainings of a model have to agree in: every byte on one machine; labels, and figures nearly, on two."""

import json
import re
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

import onnx
from conftest import manifest_of, samples_of
from onnx import numpy_helper

# How far a figure may be off (relative to it, where it is over 1) when another kind of processor trained the model:
# NumPy, OpenBLAS and the C library choose their arithmetic by processor. Each has the reason why a last digit can grow
# so far, and the largest difference found: the committed version against those of an AVX2 processor, as it is, with
# OPENBLAS_CORETYPE Haswell, Sandybridge, Nehalem and Prescott, and with NumPy and the C library held to SSE.
WITHIN = {
    "turnover": 1e-8,  # LightGBM sums float32 gradients; found 2e-16
    "diabetes": 2e-7,  # XGBoost answers in float32; found 0
    "sentiment": 1e-12,  # float64 throughout; found 2e-15
    "iris": 3e-8,  # the temperature is where a curve is lowest, which float64 can tell to 1e-8; found 3e-9
}


def different_bytes(one: Path, other: Path) -> list[str]:
    """Return the files of two version folders that differ, but for `created` and the digests."""
    names = sorted((files_of(one) | files_of(other)) - {"SHA256SUMS"})
    return [name for name in names if _bytes(one / name) != _bytes(other / name)]


def differences(one: Path, other: Path, within: float) -> list[str]:
    """Return what two version folders disagree in, a line each.

    Raw scores, probabilities, metrics, moments, bins of the score and floating-point constants of the graph may be off
    by `within`. All else has to be equal: names, inputs, kinds, labels, the graph's nodes, the card's words. Pictures
    and the estimator's own file are looked at by name only; samples.json holds what the estimator answers.
    """
    if lacking := files_of(one) ^ files_of(other):
        return [f"{name}: only in one of the folders" for name in sorted(lacking)]
    found: list[str] = []
    for part, (mine, yours, limit) in _parts(one, other, within).items():
        found += unequal(part, mine, yours, limit)
    return found


def _parts(one: Path, other: Path, within: float) -> dict[str, tuple[Any, Any, float]]:
    folders = (one, other)
    manifests = [manifest_of(folder) | {"created": ""} for folder in folders]
    metrics = [manifest.pop("metrics") for manifest in manifests]
    samples = [samples_of(folder) for folder in folders]
    figures = [[[each.pop("raw"), each.pop("probabilities", None)] for each in group] for group in samples]
    baselines = [json.loads((folder / "baseline.json").read_text()) for folder in folders]
    # A score that is an edge of the bins may fall to its other side; that all rows are counted is tested elsewhere.
    for baseline in baselines:
        baseline["score"].pop("counts")
    cards = [re.sub(r"\| [\d.]+ \|", "|", (folder / "card.md").read_text()).splitlines() for folder in folders]
    graphs = [_graph(folder / "model.onnx") for folder in folders]
    held = [(folder / "holdout.ndjson").read_text().splitlines() for folder in folders]
    vocabularies = [json.loads(path.read_text()) for folder in folders for path in folder.glob("vocabulary.json")]
    return {
        "manifest.json": (*manifests, 0.0),
        "manifest.json, metrics": (*metrics, within),
        "samples.json": (*samples, 0.0),
        "samples.json, raw and probabilities": (*figures, within),
        "baseline.json": (*baselines, within),
        "card.md": (*cards, 0.0),
        "holdout.ndjson": (*held, 0.0),
        "model.onnx": (*[text for text, _ in graphs], 0.0),
        "model.onnx, constants": (*[constants for _, constants in graphs], within),
        "vocabulary.json": (*(vocabularies or [None, None]), within),
    }


def unequal(place: str, one: Any, other: Any, within: float) -> Iterator[str]:
    """Yield a line for each place where two JSON values differ, floating-point numbers by more than `within`."""
    if isinstance(one, dict) and isinstance(other, dict):
        if list(one) != list(other):
            yield f"{place}: keys {list(one)}, not {list(other)}"
        for key in [key for key in one if key in other]:
            yield from unequal(f"{place}.{key}", one[key], other[key], within)
    elif isinstance(one, list) and isinstance(other, list):
        for i, (mine, yours) in enumerate(zip_longest(one, other, fillvalue="nothing")):
            yield from unequal(f"{place}[{i}]", mine, yours, within)
    elif isinstance(one, float) and isinstance(other, float):
        if not abs(one - other) <= within * max(1.0, abs(one), abs(other)):
            yield f"{place}: {one}, not {other} (within {within})"
    elif type(one) is not type(other) or one != other:
        yield f"{place}: {one!r}, not {other!r}"


def files_of(folder: Path) -> set[str]:
    """Return the files of a version folder, by their path in it."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def _bytes(file: Path) -> bytes | None:
    content = file.read_bytes() if file.exists() else None
    return re.sub(rb'"created": ".*"', b"", content) if content and file.name == "manifest.json" else content


def _graph(path: Path) -> tuple[list[str], list[list[float]]]:
    """Return the lines of a graph's text without its floating-point constants, and these."""
    model, constants = onnx.load(path), []
    for tensor in [*model.graph.initializer, *(each.t for node in model.graph.node for each in node.attribute)]:
        if tensor.data_type in (onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE):
            constants.append(numpy_helper.to_array(tensor).ravel().tolist())
            tensor.raw_data = b""
    return str(model).splitlines(), constants
