"""Estimators that ask others: votes, averages, stacks, calibrated ones; graphs composed from those of their parts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper
from sklearn import calibration, compose, ensemble, linear_model, model_selection, multiclass
from sklearn.base import is_classifier

from .. import families, graphs
from ..answers import Answers
from ..conversion import Conversion
from ..front import Front
from ..pipelines.answered import Part
from ..pipelines.calibrated import calibrated
from ..pipelines.decisions import decision
from ..pipelines.piped import Piped, begin
from ..pipelines.targets import undone
from . import persist
from .boosted import BOOSTINGS, begins_with_another, boosted
from .paired import one_against_one, output_code, second_of_two
from .pipeline import outermost


@dataclass
class Composed:
    """What a composed estimator answers, as tensors, and the parts that it asked."""

    front: Piped
    parts: list[Part] = field(default_factory=list)
    probabilities: str | None = None
    codes: str | None = None
    value: str | None = None

    def asked(self, estimator: Any, name: str, columns: Sequence[int] | None = None) -> Part:
        """Return a part behind the same columns, or some of them."""
        front = self.front.part(name) if columns is None else self.front.only(columns).part(name)
        part = Part(families.behind(estimator, front), self.front.graph, f"{front.where} ({type(estimator).__name__})")
        self.parts.append(part)
        return part


def soft(estimator: Any, made: Composed) -> None:
    """VotingClassifier and VotingRegressor."""
    names, weights = list(estimator.named_estimators_), estimator._weights_not_none
    parts = [made.asked(estimator.named_estimators_[name], name) for name in names if _kept(estimator, name)]
    if getattr(estimator, "voting", None) == "hard":
        made.codes = _most_votes([part.labels() for part in parts], len(estimator.classes_), weights, made)
        return
    tensors = [part.probabilities() if is_classifier(estimator) else part.value() for part in parts]
    graph = made.front.graph
    if weights is not None:
        tensors = [graph.node("Mul", each, float(weight)) for each, weight in zip(tensors, weights, strict=True)]
    mean = _mean(tensors, float(len(tensors) if weights is None else np.sum(weights)), made)
    made.probabilities, made.value = (mean, None) if is_classifier(estimator) else (None, mean)


def _kept(estimator: Any, name: str) -> bool:
    return not isinstance(estimator.named_estimators_[name], str)


def _mean(tensors: Sequence[str], divisor: float, made: Composed) -> str:
    total = tensors[0]
    for each in tensors[1:]:
        total = made.front.graph.node("Add", total, each)
    return made.front.graph.node("Div", total, divisor)


def _most_votes(labels: Sequence[str], classes: int, weights: Any, made: Composed) -> str:
    graph = made.front.graph
    counts = weights if weights is not None else [1] * len(labels)
    votes = [
        graph.node("Mul", _vote(label, classes, made), float(count))
        for label, count in zip(labels, counts, strict=True)
    ]
    return graph.node("ArgMax", _mean(votes, 1.0, made), axis=1, keepdims=0)


def _vote(label: str, classes: int, made: Composed) -> str:
    """Return 1 for the class that a part has chosen, 0 for the others [n, classes]."""
    graph = made.front.graph
    column = graph.node("Reshape", label, np.array([-1, 1]))
    return graph.number(graph.node("Equal", column, np.arange(classes)[np.newaxis]))


def bagged(estimator: Any, made: Composed) -> None:
    """BaggingClassifier and BaggingRegressor."""
    tensors = []
    for i, (each, columns) in enumerate(zip(estimator.estimators_, estimator.estimators_features_, strict=True)):
        part = made.asked(each, str(i), columns)
        if not is_classifier(estimator):
            tensors.append(part.value())
            continue
        classes = len(estimator.classes_)
        if not hasattr(each, "predict_proba"):
            tensors.append(_vote(part.labels(), classes, made))
        elif len(each.classes_) == classes:
            tensors.append(part.probabilities())
        else:  # its sample lacked some of the classes
            places = np.eye(classes)[np.asarray(each.classes_, dtype=np.int64)]
            tensors.append(made.front.graph.node("MatMul", part.probabilities(), places))
    mean = _mean(tensors, float(len(tensors)), made)
    made.probabilities, made.value = (mean, None) if is_classifier(estimator) else (None, mean)


def calibrated_mean(estimator: Any, made: Composed) -> None:
    """CalibratedClassifierCV."""
    every, tensors = estimator.calibrated_classifiers_, []
    for i, each in enumerate(every):
        name = str(i) if len(every) > 1 else "estimator"
        front, first = made.front.part(name), 0
        if hasattr(each.estimator, "decision_function"):
            scores = decision(each.estimator, front, made.parts)
        else:
            scores, first = made.asked(each.estimator, name).probabilities(), int(len(estimator.classes_) == 2)
        tensors.append(calibrated(each, scores, first, estimator.classes_, front.graph, front.where))
    made.probabilities = _mean(tensors, float(len(tensors)), made)


def other_target(estimator: Any, made: Composed) -> None:
    """TransformedTargetRegressor."""
    value = made.asked(estimator.regressor_, "regressor").value()
    made.value = undone(estimator.transformer_, value, made.front.graph)


def consensus(estimator: Any, made: Composed) -> None:
    """RANSACRegressor: the regressor that was fitted on the rows which agree."""
    made.value = made.asked(estimator.estimator_, "estimator").value()


def thresholded(estimator: Any, made: Composed) -> None:
    """FixedThresholdClassifier and TunedThresholdClassifierCV: the probabilities are the classifier's own."""
    fitted, method = getattr(estimator, "estimator_", estimator.estimator), estimator.response_method
    if method == "auto":
        method = "predict_proba" if hasattr(fitted, "predict_proba") else "decision_function"
    graph = made.front.graph
    first, second = 0, 1
    if (positive := getattr(estimator, "pos_label", None)) is not None and positive == estimator.classes_[0]:
        first, second = 1, 0
    if hasattr(fitted, "predict_proba"):
        made.probabilities = made.asked(fitted, "estimator").probabilities()
    if method == "predict_proba":
        assert made.probabilities is not None
        score = graph.node("Gather", made.probabilities, np.array(second), axis=1)
    else:
        scores = decision(fitted, made.front.part("estimator"), made.parts)
        score = graph.node("Reshape", scores if second else graph.node("Neg", scores), np.array([-1]))
    least: Any = getattr(estimator, "best_threshold_", getattr(estimator, "threshold", None))
    least = (0.5 if method == "predict_proba" else 0.0) if least == "auto" else float(least)
    over = graph.node("Cast", graph.node("GreaterOrEqual", score, least), to=TensorProto.INT64)
    made.codes = graph.node("Gather", np.array([first, second]), over)


def one_for_each(estimator: Any, made: Composed) -> None:
    """OneVsRestClassifier of one label a row; of two classes it has one part alone."""
    graph, scores, shares, probable = made.front.graph, [], [], hasattr(estimator, "predict_proba")
    for number, each in enumerate(estimator.estimators_):
        where = made.front.part(str(number))
        if probable:
            part = made.asked(each, str(number))
            shares.append(graph.node("Gather", part.probabilities(), np.array([1]), axis=1))
        scores.append(decision(each, where, made.parts) if hasattr(each, "decision_function") else shares[-1])
    if len(scores) == 1:
        made.codes = second_of_two(estimator.estimators_[0], scores[0], made)
        shares = [graph.node("Sub", 1.0, shares[0]), shares[0]] if shares else []
    else:
        made.codes = graph.node("ArgMax", graph.node("Concat", *scores, axis=1), axis=1, keepdims=0)
    if not shares:
        return
    every = graph.node("Concat", *shares, axis=1)
    total = graph.node("ReduceSum", every, np.array([1]), keepdims=1)
    made.probabilities = graph.node("Div", every, graph.node("Where", graph.node("Equal", total, 0.0), 1.0, total))


KINDS: dict[type, Callable[[Any, Composed], None]] = {
    ensemble.VotingClassifier: soft,
    ensemble.VotingRegressor: soft,
    ensemble.BaggingClassifier: bagged,
    ensemble.BaggingRegressor: bagged,
    calibration.CalibratedClassifierCV: calibrated_mean,
    compose.TransformedTargetRegressor: other_target,
    linear_model.RANSACRegressor: consensus,
    multiclass.OneVsRestClassifier: one_for_each,
    multiclass.OneVsOneClassifier: one_against_one,
    multiclass.OutputCodeClassifier: output_code,
    **dict.fromkeys(BOOSTINGS, boosted),
    model_selection.FixedThresholdClassifier: thresholded,
    model_selection.TunedThresholdClassifierCV: thresholded,
}
STACKS = (ensemble.StackingClassifier, ensemble.StackingRegressor)


def matches(estimator: Any) -> bool:
    """Whether it is an estimator of scikit-learn's that asks others."""
    if type(estimator) in BOOSTINGS:
        return begins_with_another(estimator)
    return type(estimator) in (*KINDS, *STACKS) and not getattr(estimator, "multilabel_", False)


def convert(estimator: Any, front: Front, classes: Sequence[Any] | None) -> Conversion:
    """Return the estimator as a graph; raise UnsupportedModel, naming the part that cannot be converted."""
    piped = begin(front, estimator)
    made = Composed(piped)
    if type(estimator) in STACKS:
        conversion = _stacked(estimator, made)
    else:
        KINDS[type(estimator)](estimator, made)
        conversion = _conversion(estimator, made)
    return conversion if isinstance(front, Piped) else outermost(conversion, piped)


def _stacked(estimator: Any, made: Composed) -> Conversion:
    """Return the final estimator behind the columns that the parts answer."""
    graph, cells = made.front.graph, []
    names = [name for name, each in estimator.estimators if not isinstance(each, str)]
    for name, each, method in zip(names, estimator.estimators_, estimator.stack_method_, strict=True):
        if method == "decision_function":
            scores, width = decision(each, made.front.part(name), made.parts), len(each.classes_)
            cells += graph.sized(scores, 1 if width == 2 else width).cells()
            continue
        part = made.asked(each, name)
        if method == "predict":
            tensor = (
                part.value()
                if part.kind == "value"
                else graph.number(graph.node("Reshape", part.labels(), np.array([-1, 1])))
            )
            width = 1
        else:
            tensor, width = (part.probabilities() if method == "predict_proba" else part.scores()), len(each.classes_)
            if method == "predict_proba" and width == 2:
                tensor, width = graph.node("Gather", tensor, np.array([1]), axis=1), 1
            width = 1 if width == 2 else width
        cells += graph.sized(tensor, width).cells()
    if estimator.passthrough:
        cells += made.front.cells.cells
    where = f"{made.front.where}.final_estimator" if made.front.where else "final_estimator"
    last = families.behind(estimator.final_estimator_, replace(made.front.behind(cells, estimator), where=where))
    parts = [*(part.made for part in made.parts), last]
    last = replace(last, thresholds=thresholds_of(parts), limits=limits_of(parts))
    return _named(last, estimator.classes_.tolist()) if is_classifier(estimator) else last


def _named(made: Conversion, classes: list[Any]) -> Conversion:
    """Return a classifier of class numbers as one of the classes themselves."""
    if made.classes == classes:
        return made
    if "label" not in made.decision:
        return replace(made, classes=classes)
    name = made.decision["label"]
    graph = onnx.ModelProto()
    graph.CopyFrom(made.graph)
    for node in graph.graph.node:
        node.output[:] = ["class_number" if each == name else each for each in node.output]
    graph.graph.node.append(helper.make_node("Gather", ["class_values", "class_number"], [name]))
    graph.graph.initializer.append(graphs.constant("class_values", _values(classes)))
    outputs = [{**each, "datatype": _datatype(classes)} if each["name"] == name else each for each in made.outputs]
    for each in graph.graph.output:
        if each.name == name:
            each.type.tensor_type.elem_type = graphs.ELEMENT[_datatype(classes)]
    return replace(made, classes=classes, graph=graph, outputs=outputs)


def _values(classes: Sequence[Any]) -> np.ndarray:
    return np.array(classes, dtype=object if _datatype(classes) == "BYTES" else np.int64)


def _datatype(classes: Sequence[Any]) -> str:
    return "BYTES" if any(isinstance(each, str) for each in classes) else "INT64"


def _conversion(estimator: Any, made: Composed) -> Conversion:
    """Return the graph that ends in what the composed estimator answers."""
    node, constants, decision = helper.make_node, [], {"kind": "value", "output": "value"}
    classes = estimator.classes_.tolist() if is_classifier(estimator) else None
    if classes is None:
        assert made.value is not None
        outputs = [{"name": "value", "datatype": "FP64", "shape": [-1, 1]}]
        inputs, nodes = [{**outputs[0], "name": made.value}], [node("Identity", [made.value], ["value"])]
    else:
        outputs = [{"name": "label", "datatype": _datatype(classes), "shape": [-1]}]
        decision = {"kind": "labelled", "label": "label"}
        constants = [graphs.constant("class_values", _values(classes))]
        inputs, nodes, codes = [], [], made.codes
        if codes is not None:
            inputs.append({"name": codes, "datatype": "INT64", "shape": [-1]})
        if made.probabilities is not None:
            outputs.append({"name": "probabilities", "datatype": "FP64", "shape": [-1, len(classes)]})
            decision["probabilities"] = "probabilities"
            inputs.append({**outputs[1], "name": made.probabilities})
            nodes.append(node("Identity", [made.probabilities], ["probabilities"]))
        if codes is None:
            codes = "class_number"
            nodes.append(node("ArgMax", [str(made.probabilities)], [codes], axis=1, keepdims=0))
        nodes.append(node("Gather", ["class_values", codes], ["label"]))
    parts = [part.made for part in made.parts]

    def answer(frame: Any) -> Answers:
        rows = made.front.rows(frame)
        if classes is None:
            return Answers(np.asarray(made.front.outer.predict(rows)).reshape(len(frame), 1))
        labels, none = made.front.outer.predict(rows), np.empty((len(frame), 0))
        return Answers(none, made.front.outer.predict_proba(rows) if made.probabilities else None, labels)

    return Conversion(
        graph=made.front.before(graphs.model(nodes, inputs, outputs, constants)),
        encoder=made.front.encoder,
        outputs=outputs,
        decision=decision,
        classes=classes,
        answer=answer,
        files={persist.FILE: persist.dumps(estimator)},
        libraries=libraries_of(parts),
        limits=limits_of(parts),
        floors={"raw": 1e-12, "probability": 1e-12} if classes is None else {"probability": 1e-12},
        thresholds=thresholds_of(parts),
    )


def libraries_of(parts: Sequence[Conversion]) -> list[str]:
    """Return what the parts are made with, and what keeps the estimator."""
    return list(dict.fromkeys([*(each for part in parts for each in part.libraries), "scikit-learn", "skops"]))


def limits_of(parts: Sequence[Conversion]) -> dict[str, float]:
    """Return how far an answer may be off: ten times as far as the part that is furthest off, and 1e-6 at least."""
    return {
        key: max([1e-6, *(10 * part.limits.get(key, 0.0) for part in parts)]) for key in ("relative", "probability")
    }


def thresholds_of(parts: Sequence[Conversion]) -> dict[str, list[float]]:
    """Return the distinct thresholds of all parts by input, ascending."""
    found: dict[str, set[float]] = {}
    for part in parts:
        for name, values in part.thresholds.items():
            found.setdefault(name, set()).update(values)
    return {name: sorted(values) for name, values in found.items()}
