"""The comparison of two trainings finds what it has to find, and only that."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from conftest import ARTIFACTS, manifest_of
from onnx import numpy_helper
from reproduced import differences, different_bytes

LIMIT = 1e-8


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the committed iris, to change one thing in."""
    return Path(shutil.copytree(ARTIFACTS / "iris" / "1", tmp_path / "1"))


def found(copy: Path) -> list[str]:
    return differences(copy, ARTIFACTS / "iris" / "1", LIMIT)


def in_json(name: str, change: Callable[[Any], object]) -> Callable[[Path], None]:
    """Return what changes a JSON file of a folder."""

    def changed(folder: Path) -> None:
        value = json.loads((folder / name).read_text())
        change(value)
        (folder / name).write_text(json.dumps(value))

    return changed


def add(place: Any, key: int | str, difference: float) -> None:
    place[key] += difference


def in_graph(difference: float) -> Callable[[Path], None]:
    """Return what moves the first weight of a folder's graph."""

    def changed(folder: Path) -> None:
        model = onnx.load(folder / "model.onnx")
        weights = next(each for each in model.graph.initializer if each.name == "weights")
        values = np.array(numpy_helper.to_array(weights))
        values[0, 0] += difference
        weights.raw_data = values.tobytes()
        onnx.save(model, folder / "model.onnx")

    return changed


def without_last_node(folder: Path) -> None:
    model = onnx.load(folder / "model.onnx")
    del model.graph.node[-1]
    onnx.save(model, folder / "model.onnx")


def replaced(name: str, old: str, new: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_text((folder / name).read_text().replace(old, new, 1))


SAMPLES, MANIFEST, BASELINE = "samples.json", "manifest.json", "baseline.json"
NO_MATTER: dict[str, Callable[[Path], object]] = {
    "nothing": lambda folder: None,
    "the time": in_json(MANIFEST, lambda it: it.update(created="2000-01-01T00:00:00Z")),
    "a last digit": in_json(SAMPLES, lambda it: add(it["samples"][7]["probabilities"], 0, 0.9 * LIMIT)),
    "a metric's": in_json(MANIFEST, lambda it: add(it["metrics"], "log_loss", -0.9 * LIMIT)),
    "a weight's": in_graph(0.9 * LIMIT),
    "a figure as the card rounds it": replaced("card.md", "| 0.0303 |", "| 0.0304 |"),
    "a picture": replaced("plots/roc.svg", "<svg", "<svg "),
}
MATTERS: dict[str, Callable[[Path], object]] = {
    "samples.json[7].label: 0, not 2": in_json(SAMPLES, lambda it: it["samples"][7].update(label=0)),
    "samples.json[7].kind": in_json(SAMPLES, lambda it: it["samples"][7].update(kind="odd")),
    "samples.json[7].input.petal_width": in_json(
        SAMPLES, lambda it: add(it["samples"][7]["input"], "petal_width", 1e-9)
    ),
    "samples.json[1999]: 'nothing'": in_json(SAMPLES, lambda it: it["samples"].pop()),
    "samples.json[1].input.sepal_length": in_json(SAMPLES, lambda it: it["samples"].insert(1, it["samples"].pop(2))),
    "samples.json, raw and probabilities[7][1][0]": in_json(
        SAMPLES, lambda it: add(it["samples"][7]["probabilities"], 0, 1.1 * LIMIT)
    ),
    "samples.json, raw and probabilities[7][0][0]": in_json(SAMPLES, lambda it: it["samples"][7].update(raw=[0.5])),
    "manifest.json.training.arguments.svc.C": in_json(
        MANIFEST, lambda it: add(it["training"]["arguments"]["svc"], "C", 1e-9)
    ),
    "manifest.json.tolerance.probability": in_json(MANIFEST, lambda it: it["tolerance"].update(probability=2e-12)),
    "manifest.json.classes[1].label": in_json(MANIFEST, lambda it: it["classes"][1].update(label="Versicolor")),
    "manifest.json, metrics.log_loss": in_json(MANIFEST, lambda it: add(it["metrics"], "log_loss", 1.1 * LIMIT)),
    "manifest.json, metrics: keys": in_json(MANIFEST, lambda it: it["metrics"].pop("f1")),
    "baseline.json.inputs.petal_width.counts[0]": in_json(
        BASELINE, lambda it: add(it["inputs"]["petal_width"]["counts"], 0, 1)
    ),
    "baseline.json.score.edges[3]": in_json(BASELINE, lambda it: add(it["score"]["edges"], 3, 1.1 * LIMIT)),
    "card.md[2]": replaced("card.md", "Predicts", "Tells"),
    "model.onnx[": without_last_node,
    "model.onnx, constants": in_graph(20 * LIMIT),
    "card.md: only in one": lambda folder: (folder / "card.md").unlink(),
    "plots/roc.svg: only in one": lambda folder: (folder / "plots/roc.svg").unlink(),
    "plots/more.svg: only in one": lambda folder: (folder / "plots/more.svg").touch(),
}


@pytest.mark.parametrize("what", NO_MATTER)
def test_what_another_processor_may_change_is_no_difference(what: str, copy: Path) -> None:
    NO_MATTER[what](copy)
    assert found(copy) == []


@pytest.mark.parametrize("place", MATTERS)
def test_a_difference_is_found_and_named(place: str, copy: Path) -> None:
    MATTERS[place](copy)
    said = found(copy)
    assert said
    assert said[0].startswith(place)


def test_a_number_that_is_none_is_a_difference(copy: Path) -> None:
    in_json(SAMPLES, lambda it: it["samples"][7]["probabilities"].__setitem__(0, float("nan")))(copy)
    assert len(found(copy)) == 1


@pytest.mark.parametrize("name", ["plots/roc.svg", "estimator.skops", "model.onnx", "manifest.json", "card.md"])
def test_one_byte_is_a_difference_on_one_machine(name: str, copy: Path) -> None:
    (copy / name).write_bytes((copy / name).read_bytes() + b" ")
    assert different_bytes(copy, ARTIFACTS / "iris" / "1") == [name]


def test_a_missing_file_is_a_difference_on_one_machine(copy: Path) -> None:
    (copy / "card.md").unlink()
    assert different_bytes(copy, ARTIFACTS / "iris" / "1") == ["card.md"]


def test_the_time_and_the_digests_are_none_on_one_machine(copy: Path) -> None:
    text = (copy / "manifest.json").read_text()
    (copy / "manifest.json").write_text(text.replace(manifest_of(copy)["created"], "2000-01-01T00:00:00Z"))
    (copy / "SHA256SUMS").write_text(re.sub("^.", "0", (copy / "SHA256SUMS").read_text()))
    assert different_bytes(copy, ARTIFACTS / "iris" / "1") == []
