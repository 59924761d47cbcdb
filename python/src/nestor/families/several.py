"""Estimators that ask one other for each of several targets, side by side or in a chain."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import helper
from sklearn.base import is_classifier
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier, MultiOutputRegressor, RegressorChain
from sklearn.utils.validation import check_is_fitted

from .. import graphs
from ..answers import Answers, Target, spread
from ..conversion import Conversion
from ..errors import UnsupportedModel
from ..frames import Frame
from ..front import Front
from ..pipelines.answered import Part
from ..pipelines.piped import Piped, begin
from . import persist
from .composed import Composed, libraries_of, limits_of, thresholds_of
from .nodes import numbers, words
from .pipeline import outermost

CHAINS = (ClassifierChain, RegressorChain)


def matches(estimator: Any) -> bool:
    """Whether it is one of these, or OneVsRestClassifier fitted with several labels a row."""
    if type(estimator) is OneVsRestClassifier:
        return hasattr(estimator, "label_binarizer_") and bool(estimator.multilabel_)
    return type(estimator) in (MultiOutputClassifier, MultiOutputRegressor, *CHAINS)


def convert(estimator: Any, front: Front, classes: Sequence[Any] | None) -> Conversion:
    """Return the estimator as a graph; raise UnsupportedModel, naming the part that cannot be converted."""
    check_is_fitted(estimator)
    piped = begin(front, estimator)
    made = Composed(piped)
    parts = _chained(estimator, made) if type(estimator) in CHAINS else [
        made.asked(each, str(number)) for number, each in enumerate(estimator.estimators_)
    ]  # fmt: skip
    conversion = _joined(estimator, made, parts)
    return conversion if isinstance(front, Piped) else outermost(conversion, piped)


def _chained(estimator: Any, made: Composed) -> list[Part]:
    """Return the parts in the order of the targets; each has seen what those before it in the chain have said."""
    if getattr(estimator, "chain_method_", "predict") != "predict":
        raise UnsupportedModel(f"ClassifierChain asks {estimator.chain_method_!r}; fit it with chain_method='predict'")
    graph, cells, parts = made.front.graph, list(made.front.cells.cells), {}
    for number, each in zip(estimator.order_, estimator.estimators_, strict=True):
        part = Composed(made.front.behind(cells, estimator), made.parts).asked(each, str(number))
        said = _labels(part) if is_classifier(estimator) else part.value()
        number_said = graph.number(said) if is_classifier(estimator) else said
        cells += graph.sized(number_said, 1).cells()
        parts[int(number)] = part
    return [parts[number] for number in sorted(parts)]


def _labels(part: Part) -> str:
    """Return the class values [n, 1] of one target."""
    if words(part.made.classes or []) and "label" not in part.made.decision:
        raise UnsupportedModel(f"{part.where} has words for classes; fit it on whole numbers, with classes={{0: ...}}")
    return part.graph.node("Reshape", part.labels(), np.array([-1, 1]))


def _joined(estimator: Any, made: Composed, parts: Sequence[Part]) -> Conversion:
    """Return the graph whose outputs have the parts' answers side by side."""
    graph, count, asked = made.front.graph, len(parts), [part.made for part in parts]
    decision: dict[str, Any] = {"kind": "value", "output": "value"}
    shared = False
    if is_classifier(estimator):
        targets = [Target(f"label_{number}", part.classes) for number, part in enumerate(asked)]
        if any(part.classes is None or len(part.classes) < 2 for part in asked):
            raise UnsupportedModel(f"{type(estimator).__name__}: a target has one class alone; leave it out")
        datatype = "BYTES" if any(words(target.classes or []) for target in targets) else "INT64"
        outputs = {"label": {"name": "label", "datatype": datatype, "shape": [-1, count]}}
        tensors = {"label": [_labels(part) for part in parts]}
        decision = {"kind": "labelled", "label": "label"}
        shared = hasattr(estimator, "predict_proba")
        if shared:
            outputs["probabilities"] = numbers("probabilities", sum(len(target.classes or []) for target in targets))
            tensors["probabilities"] = [part.probabilities() for part in parts]
            decision["probabilities"] = "probabilities"
    else:
        targets = [Target(f"value_{number}") for number in range(count)]
        outputs, tensors = {"value": numbers("value", count)}, {"value": [part.value() for part in parts]}
    names = {name: graph.node("Concat", *each, axis=1) for name, each in tensors.items()}
    inputs = [{**outputs[name], "name": tensor} for name, tensor in names.items()]
    nodes = [helper.make_node("Identity", [tensor], [name]) for name, tensor in names.items()]

    def answer(frame: Frame) -> Answers:
        rows, outer = made.front.rows(frame), made.front.outer
        said = np.asarray(outer.predict(rows))
        if not is_classifier(estimator):
            return Answers(said.reshape(len(frame), count))
        shares = None
        if shared and type(estimator) is OneVsRestClassifier:
            # Its own predict_proba gives P of each second class, and 1 - P would lose the digits of the first.
            inner = made.front.matrix(frame)
            shares = np.hstack([each.predict_proba(inner) for each in estimator.estimators_])
        elif shared:
            shares = spread(outer.predict_proba(rows), targets)
        return Answers(np.empty((len(frame), 0)), shares, said.reshape(len(frame), count))

    return Conversion(
        graph=made.front.before(graphs.model(nodes, inputs, list(outputs.values()))),
        encoder=made.front.encoder,
        outputs=list(outputs.values()),
        decision=decision,
        classes=None,
        answer=answer,
        files={persist.FILE: persist.dumps(estimator)},
        libraries=libraries_of(asked),
        limits=limits_of(asked),
        floors={"raw": 1e-12, "probability": 1e-12},
        thresholds=thresholds_of(asked),
        targets=targets,
    )
