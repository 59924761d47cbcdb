"""What the libraries of boosted trees share: the ensemble, what links its sums to answers, and their comparison."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx

from ..answers import Answers, Target, spread
from ..conversion import Conversion
from ..frames import Frame
from ..front import Front
from .chain import Chain
from .tree_ensemble import Tree, ensemble_node, tree_ensemble

# How far apart, relative to itself, a value may be that two mathematical libraries have computed by exp or log.
LINKED = {"FP64": 4e-15, "FP32": 1e-6}


@dataclass(frozen=True)
class Ensemble:
    """A fitted ensemble.

    `kind` is how its answer follows: `sigmoid` (two classes, or a target of two for each raw score), `softmax`, `each`
    (a sigmoid per class, the label that of the largest), `margin` (two classes without probabilities) or `value`.
    `width` is the raw scores per row. Operators may stand `before` the trees, which then sum in `datatype` (or `scores`
    appends what gives the raw scores in their place), and behind them: those of the raw score in `after`, and the
    `link` from it to a value.
    """

    trees: Sequence[Tree]
    mode: int
    kind: str
    width: int
    importance: dict[str, float]
    before: Callable[[Chain], None] | None = None
    datatype: str | None = None
    scores: Callable[[Chain], None] | None = None
    after: Callable[[Chain], None] | None = None
    link: Callable[[Chain], None] | None = None


def conversion(
    ensemble: Ensemble,
    front: Front,
    classes: Sequence[Any] | None,
    predict: Callable[[Any, bool], np.ndarray],
    labels: Callable[[Any], np.ndarray] | None,
    files: dict[str, bytes],
    library: str,
    error: float,
) -> Conversion:
    """Return the graph whose raw scores equal the estimator's bit for bit.

    `predict(matrix, raw)` gives the library's raw scores or predictions for the front's rows; `labels(matrix)` what the
    estimator's own `predict` says (without it: the class of the largest probability). `error` is how far apart the
    exponential functions of two mathematical libraries may put a probability.
    """
    kind, width = ensemble.kind, ensemble.width
    targets = _targets(kind, width)
    values = None if kind == "value" else list(range(max(width, 2)) if classes is None else classes)
    datatype = ensemble.datatype or front.tensor["datatype"]
    outputs, decision = _answered(kind, width, datatype, values)
    linked, found = ensemble.link is not None, thresholds(ensemble.trees)

    def answer(frame: Frame) -> Answers:
        matrix = front.matrix(frame)
        if values is None:
            return Answers(np.asarray(predict(matrix, not linked)).reshape(len(frame), width))
        predicted = np.asarray(predict(matrix, False))
        raw = np.empty((len(frame), 0)) if kind == "each" else np.asarray(predict(matrix, True)).reshape(len(frame), -1)
        if targets:
            said = predicted > 0.5 if labels is None else np.asarray(labels(matrix))
            return Answers(raw, None if kind == "margin" else spread(predicted, targets), said.astype(int))
        shares = predicted if predicted.ndim == 2 else np.stack([1 - predicted, predicted], axis=1)
        said = np.array(values)[shares.argmax(axis=1)] if labels is None else np.asarray(labels(matrix)).ravel()
        return Answers(raw, None if kind == "margin" else shares, said)

    return Conversion(
        graph=front.before(_graph(ensemble, front.tensor, outputs, datatype, values)),
        encoder=front.encoder,
        outputs=outputs,
        decision=decision,
        classes=None if targets else values,
        targets=targets,
        answer=answer,
        files=files,
        libraries=[library],
        limits={"relative": LINKED[datatype]} if linked else {"raw": 0.0, "probability": 4 * error},
        floors={"raw": 1e-15 if linked else 0.0, "probability": error},
        # What stands beyond the columns of the front is made before the trees.
        thresholds=front.thresholds({i: each for i, each in found.items() if i < front.tensor["shape"][1]}),
        importance=ensemble.importance,
        dtype=front.dtype,
    )


def _targets(kind: str, width: int) -> list[Target]:
    """Return a target for each raw score where each is an answer of its own."""
    if width == 1 or kind not in ("value", "sigmoid", "margin"):
        return []
    return [Target(f"value_{i}") if kind == "value" else Target(f"label_{i}", [0, 1]) for i in range(width)]


def _answered(
    kind: str, width: int, datatype: str, values: list[Any] | None
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the graph's outputs and the manifest's decision."""
    output = {"name": "value" if kind == "value" else "raw_score", "datatype": datatype, "shape": [-1, width]}
    if kind == "value":
        return [output], {"kind": "value", "output": output["name"]}
    if kind == "margin":
        return [output], {"kind": kind, "output": output["name"]}
    if kind != "each":
        return [output], {"kind": kind, "output": output["name"], "precision": datatype}
    assert values is not None
    label = {"name": "label", "datatype": "INT64" if isinstance(values[0], int) else "BYTES", "shape": [-1]}
    decision = {"kind": "labelled", "label": "label", "probabilities": "probabilities"}
    return [label, {**output, "name": "probabilities"}], decision


def _graph(
    ensemble: Ensemble, input_: dict[str, Any], outputs: list[dict[str, Any]], datatype: str, values: list[Any] | None
) -> onnx.ModelProto:
    steps = [ensemble.before, ensemble.scores, ensemble.after, ensemble.link]
    if not any(steps) and datatype == input_["datatype"]:
        return tree_ensemble(ensemble.trees, ensemble.mode, input_, outputs[0])
    chain = Chain(input_)
    if ensemble.before:
        ensemble.before(chain)
    columns = chain.tensor

    def sums(chain: Chain) -> None:
        chain.append(lambda name: ensemble_node(ensemble.trees, ensemble.mode, columns, name, ensemble.width, datatype))

    for step in (ensemble.scores or sums, ensemble.after, ensemble.link):
        if step:
            step(chain)
    if ensemble.kind != "each":
        return chain.model(outputs, [chain.tensor])
    assert values is not None
    probabilities = chain.tensor
    largest = chain.then("ArgMax", axis=1, keepdims=0)
    labels = np.array(values, dtype=np.int64 if isinstance(values[0], int) else object)
    return chain.model(outputs, [chain.add("Gather", labels, largest), probabilities])


def thresholds(trees: Sequence[Tree]) -> dict[int, set[float]]:
    """Return every distinct threshold of each column; those at infinity part no two numbers."""
    if not trees:
        return {}
    features = np.concatenate([tree.feature for tree in trees])
    values = np.concatenate([tree.threshold for tree in trees])
    asks_members = np.concatenate([np.isin(np.arange(len(tree.feature)), list(tree.members)) for tree in trees])
    part = np.isfinite(values) & ~asks_members
    features, values = features[part], values[part]
    return {column: set(values[features == column].tolist()) for column in np.unique(features).tolist()}
