"""The one way from a fitted estimator to an artifact folder; every model of this repository takes it too."""

import hashlib
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from . import card, evaluate, families, folder, plots
from .baseline import baseline
from .conversion import Answers, Conversion, compare
from .encoders import tabular
from .errors import NestorError
from .fields import Field, fields_of, frame_of
from .rows import RowMaker, maker_of, pools_of
from .samples import samples
from .texts import TextMaker

ADVERSARIAL_ROWS = 50_000

UNSAID = "not stated"


def encode(frame: pd.DataFrame, inputs: Mapping[str, Mapping[str, Any]] | None = None) -> pd.DataFrame:
    """Return the float64 frame to fit an estimator on: numbers as they are, categories one-hot as `input_category`."""
    return tabular(fields_of(frame, inputs or {})).matrix(frame)


def export(
    estimator: Any,
    frame: pd.DataFrame,
    *,
    name: str,
    description: str,
    inputs: Mapping[str, Mapping[str, Any]] | None = None,
    classes: Mapping[Any, str] | None = None,
    holdout: tuple[pd.DataFrame, Any] | None = None,
    metrics: Mapping[str, float] | None = None,
    meanings: Mapping[str, str] | None = None,
    training: Mapping[str, Any] | None = None,
    notes: Mapping[str, str] | None = None,
    authors: tuple[str, ...] = (UNSAID,),
    license: str = UNSAID,
    artifacts: str | Path = "artifacts",
    version: str | None = None,
) -> Path:
    """Export a fitted estimator; return the folder `artifacts/<name>/<version>`, written whole.

    `frame` is the training frame [rows, inputs] as callers send it: numbers and strings, categories not yet one-hot
    (fit on `encode(frame)`). `inputs` describes its columns (description, unit, minimum, maximum, example, ...);
    `classes` gives each class value its label; `holdout` is (frame, target) that the figures and plots are made from;
    `metrics` adds figures of your own, explained by `meanings`; `training` and `notes` go into manifest and card,
    `authors` and `license` (an SPDX name, if it has one) into the manifest.

    The graph is compared with the estimator before anything is written. Raises UnsupportedModel, FidelityError or
    NestorError, and then leaves nothing behind.
    """
    model = Path(artifacts) / checked_name(name)
    version = version or folder.next_version(model)
    folder.check_free(model, version)
    fields = fields_of(frame, inputs or {})
    conversion = families.convert(estimator, fields, list(classes) if classes else None)
    frames = [frame] if holdout is None else [frame, holdout[0]]
    maker = maker_of(conversion, fields, pools_of(frame, fields))
    found = compared(conversion, fields, frames, maker)
    labels = _labels(conversion, classes)
    facts = {"dataset": name, "sha256": hashlib.sha256(frame.to_csv(index=False).encode()).hexdigest()}
    facts |= {"split": "none" if holdout is None else "made by the caller", "arguments": {}} | dict(training or {})
    figures, pictures = _evaluation(conversion, frames, holdout, labels)
    manifest = {
        "schema": 1,
        "model": name,
        "version": version,
        "created": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "task": "classification" if labels else "regression",
        "description": description,
        "authors": list(authors),
        "license": license,
        "inputs": [field.manifest() for field in fields],
        "encoding": conversion.encoder.manifest(),
        "tensors": {"inputs": conversion.encoder.tensors, "outputs": conversion.outputs},
        **({"classes": [{"value": v, "label": label} for v, label in labels.items()]} if labels else {}),
        "decision": conversion.decision,
        "tolerance": tolerance(conversion, found),
        "metrics": {**figures, **(metrics or {})},
        "training": {
            **{key: facts.pop(key) for key in ("dataset", "sha256")},
            "rows": len(frame),
            "holdout_rows": len(holdout[0]) if holdout else 0,
            **facts,
            "libraries": {each: version_of(each) for each in (*conversion.libraries, "numpy", "onnx", "onnxruntime")},
        },
    }
    files = {
        "model.onnx": conversion.graph.SerializeToString(deterministic=True),
        "manifest.json": folder.document(manifest),
        "samples.json": samples(conversion, fields, maker.samples()),
        "baseline.json": baseline(conversion, frame, fields, labels),
        "card.md": card.write(manifest, notes or {}, meanings or {}).encode(),
        **conversion.files,
        **pictures,
    }
    written = folder.write(model, version, files)
    folder.set_first_champion(model, version)
    return written


def checked_name(name: str) -> str:
    """Return the model's name; raise NestorError if it cannot stand in a path and a URL."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,62}", name):
        raise NestorError(f"name {name!r} must match [a-z0-9][a-z0-9._-]{{0,62}}")
    return name


def compared(
    conversion: Conversion, fields: list[Field], frames: list[pd.DataFrame], maker: RowMaker | TextMaker
) -> dict[str, float]:
    """Return the largest differences between graph and estimator over real and adversarial rows, or raise."""
    adversarial = frame_of([row for _, row in maker.take(ADVERSARIAL_ROWS, natural=0.0)], fields)
    measured = [compare(conversion, pd.concat(frames), "data"), compare(conversion, adversarial, "adversarial")]
    return {key: max(each[key] for each in measured) for key in measured[0]}


def tolerance(conversion: Conversion, found: Mapping[str, float]) -> dict[str, float]:
    """Return what a replay may be off by: the family's floor, or twice what was measured where that is over it."""
    floors = {key: conversion.floors.get(key, 0.0) for key in found}
    return {key: floors[key] if found[key] <= floors[key] else _two_digits(2 * found[key]) for key in found}


def _two_digits(value: float) -> float:
    digits = 1 - math.floor(math.log10(value))
    return float(f"{math.ceil(round(value * 10**digits, 6)) / 10**digits:.2g}")


def _labels(conversion: Conversion, classes: Mapping[Any, str] | None) -> dict[Any, str]:
    values = [value.item() if isinstance(value, np.generic) else value for value in conversion.classes or []]
    if wrong := [value for value in values if isinstance(value, bool) or not isinstance(value, int | str)]:
        raise NestorError(f"classes: {wrong} are neither integers nor strings; fit on target.astype(int)")
    if classes is not None and list(classes) != values:
        raise NestorError(f"classes: the estimator's values are {values}, in this order, not {list(classes)}")
    return dict(classes) if classes is not None else {value: str(value) for value in values}


def _evaluation(
    conversion: Conversion, frames: list[pd.DataFrame], holdout: tuple[pd.DataFrame, Any] | None, labels: dict[Any, str]
) -> tuple[dict[str, float], dict[str, bytes]]:
    answers: Answers = conversion.answer(frames[-1])
    if holdout is None:
        return {}, plots.draw(None, answers, labels, conversion.importance)
    truth = np.asarray(holdout[1])
    figures = evaluate.classification(truth, answers, list(labels)) if labels else evaluate.regression(truth, answers)
    return figures, plots.draw(truth, answers, labels, conversion.importance)
