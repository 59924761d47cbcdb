"""What a model says of rows, and what the server makes of a graph's outputs to say it (manifest: `decision`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Target:
    """One of several answers to a row: its name and, of a classification, its class values."""

    name: str
    classes: Sequence[Any] | None = None


@dataclass
class Answers:
    """Answers to n rows: `raw` [n, outputs], `probabilities` [n, classes] or None, `labels` [n] or None.

    `raw` are the decision's raw scores, values, score of an anomaly or distances; a labelled decision has no columns of
    it. Of several targets raw and probabilities stand side by side, and labels are [n, targets].
    """

    raw: np.ndarray
    probabilities: np.ndarray | None = None
    labels: np.ndarray | None = None

    def __getitem__(self, rows: slice) -> "Answers":
        """Return the answers to some of the rows."""
        return Answers(
            self.raw[rows], *(each if each is None else each[rows] for each in (self.probabilities, self.labels))
        )

    def first(self) -> dict[str, Any]:
        """Return the first row's answer as plain values: `raw`, `probabilities`, `label`, as far as there are any."""
        answer: dict[str, Any] = {"raw": self.raw[0].tolist()} if self.raw.shape[1] else {}
        if self.probabilities is not None:
            answer["probabilities"] = self.probabilities[0].tolist()
        if self.labels is not None:
            answer["label"] = self.labels[:1].tolist()[0]
        return answer


def decide(
    decision: Mapping[str, Any],
    outputs: Mapping[str, np.ndarray],
    classes: Sequence[Any] | None,
    targets: Sequence[Target] = (),
) -> Answers:
    """Return what the server makes of the graph's outputs; it knows no more than these parts of the manifest."""
    if not targets:
        return _decided(decision, outputs, classes)
    widths = {name: [_width(decision, name, target) for target in targets] for name in outputs}
    parts = {name: np.split(outputs[name], np.cumsum(widths[name])[:-1], axis=1) for name in outputs}
    own = [{name: parts[name][i] for name in outputs} for i in range(len(targets))]
    return joined([_decided(decision, each, target.classes) for each, target in zip(own, targets, strict=True)])


def joined(parts: Sequence[Answers]) -> Answers:
    """Return the answers to several targets from those to each."""
    probabilities = [each.probabilities for each in parts if each.probabilities is not None]
    labels = [each.labels for each in parts if each.labels is not None]
    # Numbers and words side by side would all become words.
    kinds = {each.dtype.kind for each in labels}
    return Answers(
        np.hstack([each.raw for each in parts]),
        np.hstack(probabilities) if probabilities else None,
        np.stack([each.astype(object) if len(kinds) > 1 else each for each in labels], axis=1) if labels else None,
    )


def split(decision: Mapping[str, Any], answers: Answers, targets: Sequence[Target]) -> list[Answers]:
    """Return the answers to each of several targets."""
    raw = np.cumsum([0, *(_width(decision, decision.get("output", ""), target) for target in targets)])
    shares = np.cumsum([0, *(len(target.classes or ()) for target in targets)])
    found = []
    for i in range(len(targets)):
        labels = None if answers.labels is None else np.array(answers.labels[:, i].tolist())
        probabilities = answers.probabilities
        own = None if probabilities is None else probabilities[:, shares[i] : shares[i + 1]]
        found.append(Answers(answers.raw[:, raw[i] : raw[i + 1]], own, labels))
    return found


def spread(shares: Any, targets: Sequence[Target]) -> np.ndarray:
    """Return the probabilities of all classes side by side from what scikit-learn's `predict_proba` gives.

    Of several targets that is a list with an array for each, or the probability of each second class [n, targets].
    """
    if isinstance(shares, list):
        return np.hstack(shares)
    if not targets:
        return np.asarray(shares)
    return np.stack([1 - np.asarray(shares), shares], axis=2).reshape(len(shares), -1)


def score(decision: Mapping[str, Any], answers: Answers) -> np.ndarray | None:
    """Return the one number of each row that is watched [n]; None where there is none: labels alone.

    P of the last class for two classes, the largest probability for more, the raw score of a margin (the largest of
    several), the value, the score of an anomaly, or the distance to the nearest cluster.
    """
    if answers.probabilities is not None:
        return (
            answers.probabilities[:, -1] if answers.probabilities.shape[1] == 2 else answers.probabilities.max(axis=1)
        )
    if not answers.raw.shape[1]:
        return None
    return answers.raw.min(axis=1) if decision["kind"] == "cluster" else answers.raw.max(axis=1)


def sigmoid(raw: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(-raw)) without overflow warnings; an overflowing exp gives P = 0, which is right."""
    with np.errstate(over="ignore"):
        return 1.0 / (1.0 + np.exp(-raw))


def softmax(raw: np.ndarray) -> np.ndarray:
    """Return the softmax of each row, shifted by the row's maximum; a difference that overflows gives P = 0.

    A row with an infinite score has no probabilities: NaN.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        powers = np.exp(raw - raw.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _width(decision: Mapping[str, Any], output: str, target: Target) -> int:
    """Return how many columns of a tensor belong to one target."""
    kind, classes = decision["kind"], len(target.classes or ())
    if kind == "softmax" or (kind == "margin" and classes > 2) or output == decision.get("probabilities"):
        return classes
    return 1


def _decided(decision: Mapping[str, Any], outputs: Mapping[str, np.ndarray], classes: Sequence[Any] | None) -> Answers:
    kind = decision["kind"]
    if "label" in decision:
        labels = outputs[decision["label"]].ravel()
        if kind != "labelled":
            return Answers(
                outputs[decision["score" if kind == "anomaly" else "distances"]].reshape(len(labels), -1), labels=labels
            )
        probabilities = outputs[decision["probabilities"]] if "probabilities" in decision else None
        return Answers(np.empty((len(labels), 0)), probabilities, labels)
    raw = outputs[decision["output"]]
    if kind == "value":
        return Answers(raw)
    assert classes is not None
    values = np.array(classes)
    if kind == "margin":
        best = (raw[:, 0] > 0).astype(int) if len(classes) == 2 else np.argmax(raw, axis=1)
        return Answers(raw, labels=values[best])
    if kind == "sigmoid":
        positive = sigmoid(raw[:, 0].astype(np.float64))
        if decision["precision"] == "FP32":
            positive = positive.astype(np.float32)
        return Answers(raw, np.stack([1 - positive, positive], axis=1), values[(positive > 0.5).astype(int)])
    probabilities = softmax(raw.astype(np.float64))
    if decision.get("precision") == "FP32":
        probabilities = probabilities.astype(np.float32)
    best = np.argmax(raw if decision.get("argmax") == "raw" else probabilities, axis=1)
    return Answers(raw, probabilities, values[best])
