"""A version folder, read back: what the command line, the notebooks and the tests look things up in."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import onnx

from . import families
from .answers import Answers, Target
from .conversion import Conversion, Served
from .encodings import encoder_of
from .errors import NestorError
from .fields import Field, Row, frame_of
from .frames import Frame


@dataclass(frozen=True)
class Artifact:
    """The version in `folder`, for example `artifacts/turnover/1`."""

    folder: Path

    @classmethod
    def champion(cls, model: Path) -> "Artifact":
        """Return the champion of a model's folder (without aliases its highest version); raise NestorError if none."""
        if (model / "aliases.json").exists():
            return cls(model / json.loads((model / "aliases.json").read_text())["champion"])
        versions = [int(path.name) for path in model.glob("*") if path.name.isdigit()]
        if not versions:
            raise NestorError(f"{model} has no version; train it first")
        return cls(model / str(max(versions)))

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The manifest; raises NestorError if there is none."""
        if not (self.folder / "manifest.json").exists():
            raise NestorError(f"{self.folder} has no manifest.json; it is no version of a model")
        return json.loads((self.folder / "manifest.json").read_text())

    @cached_property
    def fields(self) -> list[Field]:
        """The inputs, in order."""
        return [Field.from_manifest(entry) for entry in self.manifest["inputs"]]

    @cached_property
    def samples(self) -> list[dict[str, Any]]:
        """The rows with the original estimator's answers."""
        return json.loads((self.folder / "samples.json").read_text())["samples"]

    @cached_property
    def baseline(self) -> dict[str, Any]:
        """The training rows' bins."""
        return json.loads((self.folder / "baseline.json").read_text())

    @cached_property
    def conversion(self) -> Conversion:
        """The estimator that lies in the folder, converted anew."""
        return families.load(self.folder, self.manifest)

    @cached_property
    def served(self) -> Served:
        """The graph of the folder behind the encoding of its manifest, as the server runs it.

        The estimator is opened only for a text whose terms scikit-learn's own code has to find; raises NestorError
        where it cannot be.
        """
        manifest, graph = self.manifest, onnx.load(self.folder / "model.onnx")
        encoder = encoder_of(self.folder, manifest, self.fields)
        if encoder is None:
            return Served(replace(self.conversion, graph=graph))
        conversion = Conversion(
            graph=graph,
            encoder=encoder,
            outputs=manifest["tensors"]["outputs"],
            decision=manifest["decision"],
            classes=_values(manifest),
            answer=_nobody,
            files={},
            libraries=[],
            limits={},
            targets=[Target(each["name"], _values(each)) for each in manifest.get("targets", [])],
            clusters=manifest["task"] == "clustering",
        )
        return Served(conversion)

    def answer(self, rows: Sequence[Row]) -> Answers:
        """Return what the served graph answers to n rows, each an input's value by its name."""
        return self.served.answer(frame_of(rows, self.fields))

    def check(self) -> int:
        """Return how many samples were replayed; raise NestorError for a file that is not as it was, or an answer."""
        self.check_digests()
        served, samples = self.answer([sample["input"] for sample in self.samples]), self.samples
        tolerance = self.manifest["tolerance"]
        for i, sample in enumerate(samples):
            found = served[i : i + 1].first()
            for key, within in (("raw", "raw"), ("probabilities", "probability")):
                pairs = zip(sample.get(key, []), found.get(key, []), strict=True)
                if not all(abs(a - b) <= tolerance[within] for a, b in pairs):
                    raise NestorError(f"{self.folder}: sample {i}: {key} {found[key]}, not {sample[key]}")
            if sample.get("label") != found.get("label"):
                raise NestorError(f"{self.folder}: sample {i}: label {found['label']!r}, not {sample['label']!r}")
        return len(samples)

    def check_digests(self) -> None:
        """Raise NestorError for a file that is missing, or not as SHA256SUMS has it."""
        if not (self.folder / "SHA256SUMS").exists():
            raise NestorError(f"{self.folder} has no SHA256SUMS; it is no version of a model")
        for line in (self.folder / "SHA256SUMS").read_text().splitlines():
            digest, name = line[:64], line[66:]
            path = self.folder / name
            if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
                raise NestorError(f"{path} is missing or not as SHA256SUMS has it; export the model anew")

    def pools(self) -> dict[str, list[Any]]:
        """Return the values of the natural samples, to draw further natural rows from without the training data."""
        natural = [sample["input"] for sample in self.samples if sample["kind"] == "natural"]
        return {field.name: [row[field.name] for row in natural] for field in self.fields}

    def metrics(self) -> dict[str, float]:
        """Return the evaluation's figures by name."""
        return dict(self.manifest["metrics"])

    def card(self) -> str:
        """Return the model card, Markdown."""
        return (self.folder / "card.md").read_text()

    def plot(self, name: str) -> bytes:
        """Return a picture of the evaluation, SVG: roc, calibration, confusion_matrix, importance, ..."""
        return (self.folder / "plots" / f"{name}.svg").read_bytes()


def _values(entry: dict[str, Any]) -> list[Any] | None:
    return [each["value"] for each in entry["classes"]] if "classes" in entry else None


def _nobody(_: Frame) -> Answers:
    raise NestorError("there is no estimator here, only the graph that was made of it")
