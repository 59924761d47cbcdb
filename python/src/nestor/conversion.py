"""What a family makes of an estimator, and the proof that graph and estimator give the same answers."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
import pandas as pd

from .encoders import Encoder
from .errors import FidelityError

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
import onnxruntime  # noqa: E402  (reads the variable when it is imported)

# Rows that are compared at once.
PART = 10_000


@dataclass
class Answers:
    """Answers to n rows: `raw` [n, outputs], `probabilities` [n, classes] or None, `labels` [n] or None.

    For a regression `raw` is the value. For a labelled decision `raw` has no columns.
    """

    raw: np.ndarray
    probabilities: np.ndarray | None = None
    labels: np.ndarray | None = None

    def score(self) -> np.ndarray:
        """Return the one number that monitoring follows: P(last) of two classes, the largest P of more, the value."""
        if self.probabilities is None:
            return self.raw[:, 0]
        return self.probabilities[:, -1] if self.probabilities.shape[1] == 2 else self.probabilities.max(axis=1)

    def first(self) -> dict[str, Any]:
        """Return the first row's answer as plain values: `raw`, `probabilities`, `label`, as far as there are any."""
        answer: dict[str, Any] = {"raw": self.raw[0].tolist()} if self.raw.shape[1] else {}
        if self.probabilities is not None and self.labels is not None:
            answer |= {"probabilities": self.probabilities[0].tolist(), "label": self.labels.tolist()[0]}
        return answer


@dataclass
class Conversion:
    """An estimator as a graph.

    `answer` asks the original estimator. `limits` says how far the graph may be off at most (raw, raw relative
    to the largest answer, probability), `floors` what a replay must be allowed at least because other mathematical
    libraries round otherwise.
    """

    graph: onnx.ModelProto
    encoder: Encoder
    outputs: list[dict[str, Any]]
    decision: dict[str, Any]
    classes: list[Any] | None
    answer: Callable[[pd.DataFrame], Answers]
    files: dict[str, bytes]
    libraries: Sequence[str]
    limits: Mapping[str, float]
    floors: Mapping[str, float] = field(default_factory=dict)
    thresholds: dict[str, list[float]] = field(default_factory=dict)
    importance: dict[str, float] = field(default_factory=dict)
    dtype: type = np.float64


def sigmoid(raw: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(-raw)) without overflow warnings; an overflowing exp gives P = 0, which is right."""
    with np.errstate(over="ignore"):
        return 1.0 / (1.0 + np.exp(-raw))


def softmax(raw: np.ndarray) -> np.ndarray:
    """Return the softmax of each row, shifted by the row's maximum."""
    powers = np.exp(raw - raw.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def decide(decision: Mapping[str, Any], outputs: Mapping[str, np.ndarray], classes: Sequence[Any] | None) -> Answers:
    """Return what the server makes of the graph's outputs; the manifest's `decision` is all it knows."""
    kind = decision["kind"]
    if kind == "labelled":
        probabilities = outputs[decision["probabilities"]]
        return Answers(np.empty((len(probabilities), 0)), probabilities, outputs[decision["label"]])
    raw = outputs[decision["output"]]
    if kind == "value":
        return Answers(raw)
    assert classes is not None
    if kind == "sigmoid":
        positive = sigmoid(raw[:, 0].astype(np.float64))
        if decision["precision"] == "FP32":
            positive = positive.astype(np.float32)
        return Answers(raw, np.stack([1 - positive, positive], axis=1), np.array(classes)[(positive > 0.5).astype(int)])
    probabilities = softmax(raw.astype(np.float64))
    if decision.get("precision") == "FP32":
        probabilities = probabilities.astype(np.float32)
    best = np.argmax(raw if decision.get("argmax") == "raw" else probabilities, axis=1)
    return Answers(raw, probabilities, np.array(classes)[best])


def session(graph: onnx.ModelProto) -> onnxruntime.InferenceSession:
    """Return a session as the server opens it: one thread (more would change the order of the sums)."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    content = graph.SerializeToString(deterministic=True)
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


class Served:
    """The graph as the server runs it."""

    def __init__(self, conversion: Conversion) -> None:
        self.conversion = conversion
        self.session = session(conversion.graph)

    def answer(self, frame: pd.DataFrame) -> Answers:
        """Encode, run and decide n rows."""
        names, encoder = [tensor["name"] for tensor in self.conversion.outputs], self.conversion.encoder
        starts = range(0, max(len(frame), 1), encoder.chunk)
        parts = [self.session.run(names, encoder.encode(frame.iloc[i : i + encoder.chunk])) for i in starts]
        values = [np.concatenate(column) for column in zip(*parts, strict=True)]
        return decide(self.conversion.decision, dict(zip(names, values, strict=True)), self.conversion.classes)


def compare(
    conversion: Conversion, frame: pd.DataFrame, what: str, told: Callable[[int], None] | None = None
) -> dict[str, float]:
    """Return the largest differences `{"raw", "probability"}` between graph and estimator over the frame.

    `told` hears how many rows are done. Raises FidelityError when a label differs or a difference is over the family's
    limit, with the row that is furthest off.
    """
    served = Served(conversion)
    distances: dict[str, list[np.ndarray]] = {"raw": [], "probability": []}
    labels: list[np.ndarray] = []
    largest = 1.0
    for start in range(0, len(frame), PART):
        part = frame.iloc[start : start + PART]
        theirs, ours = conversion.answer(part), served.answer(part)
        distances["raw"].append(_distances(theirs.raw, ours.raw))
        largest = max(largest, float(np.abs(theirs.raw).max(initial=0.0)))
        if theirs.probabilities is not None and theirs.labels is not None:
            distances["probability"].append(_distances(theirs.probabilities, ours.probabilities))
            labels.append(theirs.labels != ours.labels)
        if told:
            told(min(start + PART, len(frame)))
    each = {key: np.concatenate(parts) for key, parts in distances.items() if parts}
    found = {key: float(values.max(initial=0.0)) for key, values in each.items()}
    checked = {**found, "relative": found.get("raw", 0.0) / largest}
    different = np.concatenate(labels) if labels else np.zeros(len(frame), dtype=bool)
    over = {key: limit for key, limit in conversion.limits.items() if key in checked and not checked[key] <= limit}
    faults = [f"{different.sum()} labels differ"] if different.any() else []
    faults += [f"{key} differs by {checked[key]:.3g} > {limit:.3g}" for key, limit in over.items()]
    if faults:
        worst = different if different.any() else each["probability" if "probability" in over else "raw"]
        row = frame.iloc[[int(np.argmax(worst))]]
        raise FidelityError(
            f"the exported graph is not the estimator on {len(frame)} {what} rows: {'; '.join(faults)}",
            {str(name): value for name, value in row.iloc[0].items()},
            conversion.answer(row).first(),
            served.answer(row).first(),
        )
    return {"raw": 0.0, **found}


def _distances(a: np.ndarray, b: np.ndarray | None) -> np.ndarray:
    """Return for each row how far its furthest number is off; a number that is none is infinitely far off."""
    assert b is not None
    apart = np.abs(a.astype(np.float64) - b.astype(np.float64))
    return np.nan_to_num(apart, nan=np.inf).max(axis=1, initial=0.0)
