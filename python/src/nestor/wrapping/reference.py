"""What a graph's outputs mean, and who says the right answers: the graph as it was given, or its estimator."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto

from ..answers import Answers, Target, sigmoid, softmax, spread
from ..conversion import session
from ..errors import NestorError, UnsupportedModel
from ..frames import Frame, missing
from ..front import as_pandas
from . import foreign
from .foreign import FLOATS, WHOLE, Port
from .matched import Match

# Rows that are looked at to see what the graph gives.
LOOKED_AT = 200
# What probabilities may be off by: a forest's votes, summed in float32, make 1.0000001.
SUMMED = 1e-3
LABELS = {*WHOLE, TensorProto.BOOL, TensorProto.STRING}
KINDS = ("value", "probabilities", "scores", "label", "multilabel")


@dataclass(frozen=True)
class Reading:
    """What the outputs mean: `numbers` are values, probabilities or scores, `label` is the class if there is one.

    `width` is how many numbers (or, of labels alone, labels) a row has. Several values or labels are `targets`.
    """

    kind: str
    numbers: tuple[str, ...]
    width: int
    label: str | None
    label_whole: bool
    single: bool
    classes: list[Any] | None
    targets: tuple[Target, ...] = ()

    @property
    def outputs(self) -> list[str]:
        """The names of the outputs that are read, numbers first."""
        return [*self.numbers, *([] if self.label is None else [self.label])]

    def answers(self, *given: Any) -> Answers:
        """Return the answers that the `outputs` of n rows are, decided as the served graph decides; labels may lack."""
        tensors = [np.asarray(each) for each in given]
        tensors = [each.astype(np.int64) if each.dtype.kind == "b" else each for each in tensors]
        count = max(len(self.numbers), 1)
        labels = tensors[0] if self.kind == "label" else tensors[count] if len(tensors) > count else None
        if labels is not None and self.kind in ("label", "multilabel"):
            labels = labels.reshape(len(labels), -1)
            labels = labels if self.targets else labels[:, 0]
        if self.kind == "label":
            return Answers(np.empty((len(tensors[0]), 0)), None, np.asarray(labels).astype(self._kind_of_labels))
        values = np.hstack([each.reshape(len(each), -1) for each in tensors[:count]]).astype(np.float64)
        if self.kind == "value":
            return Answers(values)
        if self.kind == "multilabel":
            chosen = (values > 0.5).astype(np.int64) if labels is None else labels.astype(np.int64)
            return Answers(np.empty((len(values), 0)), spread(values, self.targets), chosen)
        if self.kind == "scores":
            values = sigmoid(values) if values.shape[1] == 1 else softmax(values)
        if values.shape[1] == 1:
            values = np.hstack([1.0 - values, values])
        classes = np.array(self.classes, dtype=object)
        found = classes[np.argmax(values, axis=1)] if labels is None else labels.reshape(-1)
        return Answers(np.empty((len(values), 0)), values, np.asarray(found.tolist()))

    @property
    def _kind_of_labels(self) -> Any:
        return np.int64 if self.label_whole else object


def read(
    model: onnx.ModelProto,
    match: Match,
    frame: Frame,
    classes: Mapping[Any, str] | None,
    estimator: Any,
    gives: str | None,
) -> Reading:
    """Return what the graph's outputs mean; raise NestorError, saying what would tell, where it cannot be seen."""
    if gives not in (None, *KINDS):
        raise NestorError(f"gives={gives!r} must be one of {list(KINDS)}")
    plain, mapped = foreign.without_zipmap(model)
    ports = foreign.outputs_of(plain)
    strange = [port.text() for port in ports if port.element not in {*FLOATS, *LABELS}]
    known = mapped or foreign.listed_classes(model) or _classes_of(estimator) or (list(classes) if classes else None)
    labels = [port for port in ports if port.element in LABELS]
    numbers = [port for port in ports if port.element in FLOATS]
    if gives == "label":
        numbers, strange = [], []
    if strange:
        raise UnsupportedModel(
            f"the graph gives {', '.join(strange)}, which is neither numbers nor a label; "
            + ("say gives='label' for the label alone, or " if labels else "")
            + "export it with tensors alone (options={'zipmap': False} of skl2onnx), "
            "or give scikit-learn's estimator itself to nestor.export"
        )
    alike = all(port.width == 1 for port in numbers) and len(numbers) in (1, len(known or numbers))
    several = len(numbers) > 1 and (not alike or gives not in (None, "value", "probabilities"))
    if len(labels) > 1 or several:
        found = ", ".join(port.text() for port in ports)
        raise UnsupportedModel(
            f"the graph gives more than one answer: {found}; keep one: "
            "onnx.utils.extract_model(path, new_path, inputs, [output])"
        )
    whole = bool(labels) and labels[0].element != TensorProto.STRING
    label = labels[0].name if labels else None
    if gives == "value" and not numbers and whole:
        numbers, labels, label = labels, [], None
    if not numbers:
        return _labels_alone(_look(plain, match, frame, labels), labels, known)
    values = _look(plain, match, frame, numbers)
    width = values.shape[1]
    single = numbers[0].element != TensorProto.DOUBLE
    beside = _look(plain, match, frame, labels).shape[1] if labels else 1
    if known is None and labels and gives is None and beside == 1:
        raise NestorError(
            f"the graph gives a label ({labels[0].text()}) and names no classes; say classes={{value: label, ...}}, "
            f"and gives='label' if its numbers ({numbers[0].text()}) are neither probabilities nor scores of them"
        )
    kind = gives or ("multilabel" if 1 < beside == width else None)
    kind = kind or _kind(plain, numbers[0], values, known if labels or classes or estimator is not None else None)
    if beside > 1 and kind != "multilabel" and gives != "value":
        raise UnsupportedModel(
            f"the graph gives {labels[0].text()}, {beside} labels a row, and {numbers[0].text()}, which is no "
            "probability of each; say gives='label' for the labels alone"
        )
    names = tuple(port.name for port in numbers)
    if kind == "value":
        own = names if len(names) == width > 1 else [f"value_{i}" for i in range(width)]
        return Reading(kind, names, width, None, False, single, None, _targets(own, None))
    if kind == "multilabel":
        if label is not None and (not whole or beside != width):
            raise UnsupportedModel(
                f"the graph gives {labels[0].text()}, which is not 0 or 1 for each of {width} labels"
            )
        targets = tuple(Target(f"label_{i}", [0, 1]) for i in range(width))
        return Reading(kind, names, width, label, True, single, None, targets)
    if known is None:
        raise NestorError("the graph names no classes; say classes={value: label, ...} in the order of its outputs")
    if len(known) != (width if width > 1 else 2):
        raise NestorError(
            f"classes: {known} are {len(known)}, the graph gives {numbers[0].text()}, {width} numbers a row"
        )
    if labels:
        _check_type(labels[0], known)
    return Reading(kind, names, width, label, whole, single, known)


def _labels_alone(seen: np.ndarray, labels: list[Port], known: list[Any] | None) -> Reading:
    if not labels:
        raise UnsupportedModel("the graph gives no label and no numbers; export it with one of them")
    whole, width = labels[0].element != TensorProto.STRING, seen.shape[1]
    known = known or ([0, 1] if labels[0].element == TensorProto.BOOL else None)
    if known is None and width == 1:
        raise NestorError(
            f"the graph gives a label ({labels[0].text()}) and names no classes; say classes={{value: label, ...}}"
            + (", or gives='value' if it is a number" if whole else "")
        )
    if width > 1:
        own = known or ([0, 1] if whole and set(np.unique(seen).tolist()) <= {0, 1} else None)
        if own is None:
            raise NestorError(
                f"the graph gives {width} labels a row ({labels[0].text()}); say classes={{value: label}}"
            )
        _check_type(labels[0], own)
        return Reading("label", (), width, labels[0].name, whole, False, None, _targets(width, own))
    assert known is not None
    _check_type(labels[0], known)
    return Reading("label", (), 1, labels[0].name, whole, False, known)


def _targets(names: Any, classes: list[Any] | None) -> tuple[Target, ...]:
    """Return the targets of several answers; none for a single one."""
    listed = [f"label_{i}" for i in range(names)] if isinstance(names, int) else list(names)
    return tuple(Target(name, classes) for name in listed) if len(listed) > 1 else ()


def _check_type(port: Port, classes: list[Any]) -> None:
    if (port.element != TensorProto.STRING) == isinstance(classes[0], str):
        raise NestorError(f"classes: {classes[:10]} are of another type than the graph's label {port.text()}")


def _classes_of(estimator: Any) -> list[Any] | None:
    values = getattr(estimator, "classes_", None)
    if isinstance(values, list) and values and np.ndim(values[0]) == 1:  # of several labels, each its own
        listed = [np.asarray(each).tolist() for each in values]
        return listed[0] if all(each == listed[0] for each in listed) else None
    values = None if values is None else np.asarray(values)
    return None if values is None else (values.astype(np.int64) if values.dtype.kind == "b" else values).tolist()


def _look(model: onnx.ModelProto, match: Match, frame: Frame, ports: Sequence[Port]) -> np.ndarray:
    rows = frame.take(slice(LOOKED_AT))
    return np.hstack([each.reshape(len(rows), -1) for each in _runner(model, match)(rows, [p.name for p in ports])])


def _kind(model: onnx.ModelProto, port: Port, values: np.ndarray, classes: list[Any] | None) -> str:
    """Return what the numbers are, by the operator that gives them and by what they are for some rows."""
    last = next((node.op_type for node in reversed(model.graph.node) if port.name in node.output), "")
    within = bool(((values >= -SUMMED) & (values <= 1 + SUMMED)).all())
    if last in ("Softmax", "Sigmoid") and classes is not None:
        return "probabilities"
    if classes is None:
        if last == "Sigmoid" and values.shape[1] > 1:
            raise NestorError(
                f"the graph's output {port.text()} may be {values.shape[1]} values or the probabilities of as many "
                "labels; say gives='value' or gives='multilabel'"
            )
        return "value"
    if values.shape[1] > 1:
        return "probabilities" if within and np.allclose(values.sum(axis=1), 1, atol=SUMMED) else "scores"
    if within:
        raise NestorError(
            f"the graph's output {port.text()} may be a probability or a score; say gives='probabilities' or "
            "gives='scores'"
        )
    return "scores"


def as_given(model: onnx.ModelProto, match: Match, reading: Reading) -> Callable[[Frame], Answers]:
    """Return the graph as it was given, but for lists of maps, as the one who says what is right."""
    plain, _ = foreign.without_zipmap(model)
    run = _runner(plain, match)

    def answer(frame: Frame) -> Answers:
        return reading.answers(*run(frame, reading.outputs))

    return answer


def _runner(model: onnx.ModelProto, match: Match) -> Callable[[Frame, list[str]], list[np.ndarray]]:
    """Return a function that runs rows through the graph, as many at once as its inputs say."""
    runs = session(model)
    sizes = {port.batch for port, _ in match.pairs if port.batch > 0}
    size = max(sizes, default=0)

    def run(frame: Frame, names: list[str]) -> list[np.ndarray]:
        feeds = match.feeds(frame)
        if not size:
            return list(runs.run(names, feeds))
        # The last rows stand again where a run would have too few.
        places = np.minimum(np.arange(-(-len(frame) // size) * size), len(frame) - 1).reshape(-1, size)
        parts = [runs.run(names, {name: array[part] for name, array in feeds.items()}) for part in places]
        rows = [[np.asarray(each).reshape(size, -1) for each in part] for part in parts]
        return [np.concatenate(column)[: len(frame)] for column in zip(*rows, strict=True)]

    return run


def _typed(frame: Frame, like: Frame) -> Frame:
    """Return the columns of `like` in its types, but for those that have gaps."""
    columns, dtypes = {}, {}
    for name in like.names:
        values, of = frame[name], frame
        if not missing(values).any():
            of = like
            values = values if values.dtype.kind == "M" else values.astype(like[name].dtype)
        columns[name] = values
        if name in of.dtypes or values.dtype.kind == "M":
            dtypes[name] = of.dtypes.get(name, of[name].dtype)
    return Frame(columns, dtypes)


def asked(estimator: Any, reading: Reading, like: Frame, array: np.dtype | None) -> Callable[[Any], Answers]:
    """Return the estimator as the one who says what is right; it is given rows as the caller's own: `array` is their
    type if they were no frame."""

    def answer(frame: Frame) -> Answers:
        typed = _typed(frame, like)
        rows = as_pandas(typed) if array is None else typed.array(array)
        if not hasattr(estimator, "predict"):
            said = estimator(rows)
            return reading.answers(*said) if isinstance(said, tuple) else reading.answers(said)
        if reading.kind in ("value", "label"):
            return reading.answers(np.asarray(estimator.predict(rows)))
        if not hasattr(estimator, "predict_proba"):
            raise NestorError(
                f"estimator: {type(estimator).__qualname__} has no predict_proba; give a function of the rows that "
                "returns what the graph gives, or say gives='label' if its label is all that is to be served"
            )
        shares, labels = estimator.predict_proba(rows), np.asarray(estimator.predict(rows))
        if reading.kind == "multilabel":
            # A list with both classes of each label, or P of each second class.
            shares = np.stack([each[:, 1] for each in shares], axis=1) if isinstance(shares, list) else shares
            return reading.answers(shares, labels)
        # However many outputs the graph has for them.
        return replace(reading, kind="probabilities", numbers=reading.numbers[:1]).answers(shares, labels)

    return answer
