"""The artifacts of the models trained here: whole, small, free of pickle, and giving their estimator's answers."""

import json
import math
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from conftest import ARTIFACTS, check_sums, manifest_of, samples_of

from nestor import families
from nestor.answers import Answers
from nestor.artifact import Artifact
from nestor.conversion import Served, compare
from nestor.errors import NestorError
from nestor.families import persist
from nestor.fields import frame_of
from nestor.holdout import Holdout
from nestor.rows import maker_of
from nestor_demonstrations import MODELS

VERSIONS = sorted(path.parent for name in MODELS for path in (ARTIFACTS / name).glob("*/manifest.json"))
EXAMPLES = {"turnover": 1, "iris": 0, "sentiment": 0, "sentiment-deep": 1, "diabetes": 0}
every_version = pytest.mark.parametrize("version", VERSIONS, ids=lambda path: f"{path.parent.name}-{path.name}")


@pytest.mark.parametrize("name", MODELS)
def test_every_model_has_a_champion(name: str) -> None:
    champion = json.loads((ARTIFACTS / name / "aliases.json").read_text())["champion"]
    assert ARTIFACTS / name / champion in VERSIONS


@every_version
def test_the_folder_is_whole_small_and_without_pickle(version: Path) -> None:
    check_sums(version)
    files = [path for path in version.rglob("*") if path.is_file()]
    names = {path.relative_to(version).as_posix() for path in files}
    assert names >= {"model.onnx", "manifest.json", "samples.json", "baseline.json", "card.md", "holdout.ndjson"}
    holdout = Holdout.of(version)
    assert holdout is not None
    assert len(holdout.rows) == manifest_of(version)["training"]["holdout_rows"]
    assert names >= {f"plots/{name}.svg" for name in ("roc", "calibration", "confusion_matrix", "score_distribution")}
    assert sum(path.stat().st_size for path in files) < 10_000_000
    for path in files:
        assert path.suffix not in (".pkl", ".pickle", ".joblib", ".pt", ".pth")
        if path.suffix == ".skops":
            assert all(name.endswith((".json", ".npy")) for name in zipfile.ZipFile(path).namelist())


@every_version
def test_the_graph_is_one_that_the_runtime_reads(version: Path) -> None:
    manifest, graph = manifest_of(version), onnx.load(version / "model.onnx")
    onnx.checker.check_model(graph, full_check=True)
    assert graph.ir_version <= 13
    assert {each.domain: each.version for each in graph.opset_import}[""] <= 26
    for side in ("inputs", "outputs"):
        declared = manifest["tensors"][side]
        found = graph.graph.input if side == "inputs" else graph.graph.output
        assert [each.name for each in found] == [tensor["name"] for tensor in declared]
        for each, tensor in zip(found, declared, strict=True):
            axes = each.type.tensor_type.shape.dim
            assert axes[0].dim_param == "batch"
            assert [axis.dim_value or -1 for axis in axes] == tensor["shape"]


@every_version
def test_samples_are_the_estimators_answers_and_the_graphs(version: Path) -> None:
    artifact = Artifact(version)
    manifest, samples, fields, conversion = artifact.manifest, artifact.samples, artifact.fields, artifact.conversion
    assert len(samples) >= (500 if fields[0].type == "text" else 2000)
    assert samples[0]["input"] == {field.name: field.example for field in fields}
    assert samples[0]["label"] == EXAMPLES[version.parent.name]
    conversion.graph = onnx.load(version / "model.onnx")
    frame = frame_of([sample["input"] for sample in samples], fields)
    tolerance = manifest["tolerance"]
    for answers in (conversion.answer(frame), Served(conversion).answer(frame)):
        assert answers.labels is not None
        assert answers.labels.tolist() == [sample["label"] for sample in samples]
        assert _largest(answers, samples, "raw") <= tolerance.get("raw", 0)
        assert _largest(answers, samples, "probabilities") <= tolerance["probability"]


def _largest(answers: Answers, samples: list[dict[str, Any]], key: str) -> float:
    return float(np.abs(getattr(answers, key) - np.array([s[key] for s in samples])).max(initial=0))


@every_version
def test_a_version_is_replayed_without_its_estimator(version: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(families, "load")
    assert Artifact(version).check() == len(samples_of(version))


@every_version
def test_the_graph_holds_on_20_000_generated_rows(version: Path) -> None:
    artifact = Artifact(version)
    fields, conversion, tolerance = artifact.fields, artifact.conversion, artifact.manifest["tolerance"]
    conversion.graph = onnx.load(version / "model.onnx")
    kinds = list(maker_of(conversion, fields, artifact.pools(), seed=3).take(20_000))
    found = compare(conversion, frame_of([row for _, row in kinds], fields), "generated")
    assert found["raw"] <= tolerance.get("raw", 0)
    assert found["probability"] <= tolerance["probability"]


@every_version
def test_the_baseline_counts_every_training_row_and_the_answers_to_every_row_held_out(version: Path) -> None:
    baseline, manifest = json.loads((version / "baseline.json").read_text()), manifest_of(version)
    assert baseline["rows"] == manifest["training"]["rows"]
    assert list(baseline["inputs"]) == [entry["name"] for entry in manifest["inputs"]]
    assert sum(baseline["classes"].values()) == manifest["training"]["holdout_rows"]
    assert sum(baseline["score"]["counts"]) == manifest["training"]["holdout_rows"]
    binned = [*baseline["inputs"].values()]
    binned += [
        each[key] for each in baseline["inputs"].values() if each["kind"] == "text" for key in ("length", "tokens")
    ]
    for each in [*binned, baseline["score"]]:
        if "edges" in each:
            assert each["edges"] == sorted(set(each["edges"]))
            assert len(each["counts"]) == len(each["edges"]) + 1
    for each in binned:
        if "counts" in each:
            assert sum(each["counts"]) + each.get("missing", 0) == baseline["rows"]


@every_version
def test_the_card_says_what_it_must(version: Path) -> None:
    card, manifest = (version / "card.md").read_text(), manifest_of(version)
    for heading in ("Intended use", "Data", "Limits", "Bias and fairness", "Metrics", "Inputs", "Fidelity"):
        assert f"## {heading}\n" in card
    for name, value in manifest["metrics"].items():
        assert math.isfinite(value)
        assert f"| {name} | {value:.4f} |" in card
    assert manifest["training"]["sha256"] in card
    assert ("raw outputs" in card) == ("raw" in manifest["tolerance"]) == (manifest["decision"]["kind"] != "labelled")


def test_an_estimator_that_the_libraries_here_cannot_open_names_those_that_can(monkeypatch: pytest.MonkeyPatch) -> None:
    def lacking(content: bytes) -> None:
        raise AttributeError("module 'sklearn.calibration' has no attribute '_TemperatureScaling'")

    monkeypatch.setattr(persist, "loads", lacking)
    written = "it was written with others: pip install scikit-learn=="
    with pytest.raises(NestorError, match=rf"no attribute '_TemperatureScaling'\); {written}"):
        _ = Artifact(ARTIFACTS / "iris" / "1").conversion
