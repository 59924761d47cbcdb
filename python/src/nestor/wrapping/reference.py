"""What a graph's outputs mean, and who says the right answers: the graph as it was given, or its estimator."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import onnx
import pandas as pd
from onnx import TensorProto

from ..answers import Answers, sigmoid, softmax
from ..conversion import session
from ..errors import NestorError, UnsupportedModel
from . import foreign
from .foreign import FLOATS, WHOLE, Port
from .matched import Match

# Rows that are looked at to see what the graph gives.
LOOKED_AT = 200
KINDS = ("value", "probabilities", "scores")


@dataclass(frozen=True)
class Reading:
    """What the outputs mean: `numbers` names a value, probabilities or scores, `label` the class if there is one."""

    kind: str
    numbers: str | None
    width: int
    label: str | None
    label_whole: bool
    single: bool
    classes: list[Any] | None

    def answers(self, numbers: Any, labels: Any = None) -> Answers:
        """Return the answers that n rows of `numbers` are, decided as the served graph decides."""
        values = np.asarray(numbers, dtype=np.float64)
        values = values.reshape(len(values), -1)
        if self.kind == "value":
            return Answers(values)
        if self.kind == "scores":
            values = sigmoid(values) if values.shape[1] == 1 else softmax(values)
        if values.shape[1] == 1:
            values = np.hstack([1.0 - values, values])
        classes = np.array(self.classes, dtype=object)
        chosen = classes[np.argmax(values, axis=1)] if labels is None else np.asarray(labels).reshape(-1)
        return Answers(np.empty((len(values), 0)), values, np.asarray(chosen.tolist()))


def read(
    model: onnx.ModelProto,
    match: Match,
    frame: pd.DataFrame,
    classes: Mapping[Any, str] | None,
    estimator: Any,
    gives: str | None,
) -> Reading:
    """Return what the graph's outputs mean; raise NestorError, saying what would tell, where it cannot be seen."""
    if gives not in (None, *KINDS):
        raise NestorError(f"gives={gives!r} must be one of {list(KINDS)}")
    plain, mapped = foreign.without_zipmap(model)
    ports = foreign.outputs_of(plain)
    if strange := [port.text() for port in ports if port.element not in {*FLOATS, *WHOLE, TensorProto.STRING}]:
        raise UnsupportedModel(f"the graph gives {', '.join(strange)}, which is neither numbers nor a label")
    known = mapped or foreign.listed_classes(model) or _classes_of(estimator) or (list(classes) if classes else None)
    labels = [port for port in ports if port.element not in FLOATS]
    numbers = [port for port in ports if port.element in FLOATS]
    if len(labels) > 1 or len(numbers) > 1:
        found = ", ".join(port.text() for port in ports)
        raise UnsupportedModel(
            f"the graph gives more than one answer: {found}; keep one: "
            "onnx.utils.extract_model(path, new_path, inputs, [output])"
        )
    if not numbers:
        raise UnsupportedModel(
            f"the graph gives a label ({labels[0].text()}) and no probabilities; export it with them"
        )
    values = _look(plain, match, frame, numbers[0])
    width = values.shape[1]
    single = numbers[0].element != TensorProto.DOUBLE
    kind = gives or _kind(plain, numbers[0], values, known if labels or classes or estimator is not None else None)
    if kind == "value":
        if width != 1:
            raise UnsupportedModel(
                f"the graph gives {width} numbers ({numbers[0].text()}) and names no classes; say classes="
                "{0: ..., 1: ...} if they are probabilities or scores of classes"
            )
        return Reading(kind, numbers[0].name, 1, None, False, single, None)
    if known is None:
        raise NestorError("the graph names no classes; say classes={value: label, ...} in the order of its outputs")
    if len(known) != (width if width > 1 else 2):
        raise NestorError(
            f"classes: {known} are {len(known)}, the graph gives {numbers[0].text()}, {width} numbers a row"
        )
    label = labels[0] if labels else None
    whole = label is not None and label.element != TensorProto.STRING
    if label is not None and whole == isinstance(known[0], str):
        raise NestorError(f"classes: {known} are of another type than the graph's label {label.text()}")
    return Reading(kind, numbers[0].name, width, label.name if label else None, whole, single, known)


def _classes_of(estimator: Any) -> list[Any] | None:
    values = getattr(estimator, "classes_", None)
    return None if values is None else np.asarray(values).tolist()


def _look(model: onnx.ModelProto, match: Match, frame: pd.DataFrame, port: Port) -> np.ndarray:
    rows = frame.iloc[:LOOKED_AT]
    return _run(model, match, rows, [port.name])[0].reshape(len(rows), -1)


def _kind(model: onnx.ModelProto, port: Port, values: np.ndarray, classes: list[Any] | None) -> str:
    """Return what the numbers are, by the operator that gives them and by what they are for some rows."""
    last = next((node.op_type for node in reversed(model.graph.node) if port.name in node.output), "")
    within = bool(((values >= 0) & (values <= 1)).all())
    if last in ("Softmax", "Sigmoid") and classes is not None:
        return "probabilities"
    if classes is None:
        return "value"
    if values.shape[1] > 1:
        return "probabilities" if within and np.allclose(values.sum(axis=1), 1, atol=1e-3) else "scores"
    if within:
        raise NestorError(
            f"the graph's output {port.text()} may be a probability or a score; say gives='probabilities' or "
            "gives='scores'"
        )
    return "scores"


def as_given(model: onnx.ModelProto, match: Match, reading: Reading) -> Callable[[pd.DataFrame], Answers]:
    """Return the graph as it was given, but for lists of maps, as the one who says what is right."""
    plain, _ = foreign.without_zipmap(model)
    names = [name for name in (reading.numbers, reading.label) if name is not None]
    run = _runner(plain, match)

    def answer(frame: pd.DataFrame) -> Answers:
        return reading.answers(*run(frame, names))

    return answer


def _run(model: onnx.ModelProto, match: Match, frame: pd.DataFrame, names: list[str]) -> list[np.ndarray]:
    return _runner(model, match)(frame, names)


def _runner(model: onnx.ModelProto, match: Match) -> Callable[[pd.DataFrame, list[str]], list[np.ndarray]]:
    """Return a function that runs rows through the graph, as many at once as its inputs say."""
    runs = session(model)
    sizes = {port.batch for port, _ in match.pairs if port.batch > 0}
    size = max(sizes, default=0)

    def run(frame: pd.DataFrame, names: list[str]) -> list[np.ndarray]:
        feeds = match.feeds(frame)
        if not size:
            return list(runs.run(names, feeds))
        # The last rows stand again where a run would have too few.
        places = np.minimum(np.arange(-(-len(frame) // size) * size), len(frame) - 1).reshape(-1, size)
        parts = [runs.run(names, {name: array[part] for name, array in feeds.items()}) for part in places]
        rows = [[np.asarray(each).reshape(size, -1) for each in part] for part in parts]
        return [np.concatenate(column)[: len(frame)] for column in zip(*rows, strict=True)]

    return run


def asked(estimator: Any, reading: Reading, like: pd.DataFrame, array: np.dtype | None) -> Callable[[Any], Answers]:
    """Return the estimator as the one who says what is right; it is given rows as the caller's own: `array` is their
    type if they were no frame."""
    kinds = like.dtypes.to_dict()

    def answer(frame: pd.DataFrame) -> Answers:
        typed = {name: kind for name, kind in kinds.items() if not frame[name].isna().any()}
        rows: Any = frame[list(like.columns)].astype(typed)
        rows = rows if array is None else rows.to_numpy(dtype=array)
        if not hasattr(estimator, "predict"):
            said = estimator(rows)
            return reading.answers(*said) if isinstance(said, tuple) else reading.answers(said)
        if reading.kind == "value":
            return reading.answers(np.asarray(estimator.predict(rows)))
        if not hasattr(estimator, "predict_proba"):
            raise NestorError(
                f"estimator: {type(estimator).__qualname__} has no predict_proba; give a function of the rows that "
                "returns what the graph gives"
            )
        found = replace(reading, kind="probabilities")
        return found.answers(estimator.predict_proba(rows), np.asarray(estimator.predict(rows)))

    return answer
