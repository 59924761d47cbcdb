"""What a family makes of an estimator, and the proof that graph and estimator give the same answers."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

import numpy as np
import onnx

from . import causes, distances
from .answers import Answers, Target, decide, score
from .encoders import Encoder
from .errors import FidelityError, NestorError, UnsupportedModel, first_line
from .frames import Frame
from .libraries import MEND, SERVERS, older

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
import onnxruntime  # noqa: E402  (reads the variable when it is imported)

# Rows that are compared at once.
PART = 10_000
# What each limit is of.
NAMES = {"raw": "raw differs", "relative": "a value differs relative to itself", "probability": "odds differ"}


@dataclass
class Conversion:
    """An estimator as a graph.

    `classes` are the class values of a classification, an anomaly detection or (`clusters`) a clustering; `targets`
    stand in their place where a row has several answers. `answer` asks the original estimator. `limits` says how far
    the graph may be off at most: `raw` (0: bit for bit), `relative` (a value as a share of itself), `probability`
    (odds, as a share). `floors` is what a replay must be allowed at least because other mathematical libraries round
    otherwise.
    """

    graph: onnx.ModelProto
    encoder: Encoder
    outputs: list[dict[str, Any]]
    decision: dict[str, Any]
    classes: list[Any] | None
    answer: Callable[[Frame], Answers]
    files: dict[str, bytes]
    libraries: Sequence[str]
    limits: Mapping[str, float]
    floors: Mapping[str, float] = field(default_factory=dict)
    thresholds: dict[str, list[float]] = field(default_factory=dict)
    importance: dict[str, float] = field(default_factory=dict)
    dtype: type = np.float64
    targets: Sequence[Target] = ()
    clusters: bool = False

    @cached_property
    def served(self) -> "Served":
        """The graph, opened once."""
        return Served(self)

    @property
    def task(self) -> str:
        """The manifest's task."""
        if self.decision["kind"] == "anomaly":
            return "anomaly"
        if self.clusters:
            return "clustering"
        return "classification" if (self.targets[0] if self.targets else self).classes is not None else "regression"

    def score(self, answers: Answers) -> np.ndarray | None:
        """Return the one number of each row that is watched [n]; None for labels alone and for several targets."""
        return None if self.targets else score(self.decision, answers)


def session(graph: onnx.ModelProto) -> onnxruntime.InferenceSession:
    """Return a session as the server opens it: one thread (more would change the order of the sums).

    Raises UnsupportedModel for trees that the runtime here reads otherwise than the server's.
    """
    if older("onnxruntime", SERVERS) and _has_roots_that_are_misread(graph):
        raise UnsupportedModel(
            f"onnxruntime {onnxruntime.__version__} reads some of the graph's trees otherwise than the server; "
            f"{MEND}, or export the estimator anew with this nestor"
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what fails is raised, and said once
    content = graph.SerializeToString(deterministic=True)
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def _has_roots_that_are_misread(graph: onnx.ModelProto) -> bool:
    """Return whether some root's two branches have the same number: onnxruntime 1.23 takes such a root for a leaf.

    Nodes and leaves are counted apart, so they may be a node and a leaf. `families.tree_ensemble` writes none.
    """
    for node in graph.graph.node:
        if (node.domain, node.op_type) == ("ai.onnx.ml", "TreeEnsemble"):
            lists = {attribute.name: attribute.ints for attribute in node.attribute}
            yes, no = lists["nodes_truenodeids"], lists["nodes_falsenodeids"]
            if any(yes[root] == no[root] for root in lists["tree_roots"]):
                return True
    return False


class Served:
    """The graph as the server runs it."""

    def __init__(self, conversion: Conversion) -> None:
        self.conversion = conversion
        self.session = session(conversion.graph)

    def answer(self, frame: Frame) -> Answers:
        """Encode, run and decide n rows."""
        names, encoder = [tensor["name"] for tensor in self.conversion.outputs], self.conversion.encoder
        starts = range(0, max(len(frame), 1), encoder.chunk)
        parts = [self._run(names, encoder.encode(frame.take(slice(i, i + encoder.chunk)))) for i in starts]
        values = [np.concatenate(column) for column in zip(*parts, strict=True)]
        outputs = dict(zip(names, values, strict=True))
        return decide(self.conversion.decision, outputs, self.conversion.classes, self.conversion.targets)

    def _run(self, names: list[str], tensors: dict[str, np.ndarray]) -> list[np.ndarray]:
        try:
            return list(self.session.run(names, tensors))
        except Exception as error:  # each of the runtime's has a class of its own
            reason = first_line(error)
            raise UnsupportedModel(
                f"the exported graph cannot be run on these rows ({reason}), so it cannot be served; "
                "export another estimator, or wrap a graph of it that somebody else made (nestor.wrap)"
            ) from error


def asked(conversion: Conversion, frame: Frame, what: str) -> Answers:
    """Return what the estimator says of n rows; raise NestorError, calling them `what`, where it takes none of them."""
    try:
        return conversion.answer(frame)
    except NestorError:
        raise
    except Exception as error:  # a library raises whatever it stumbles over
        reason = first_line(error)
        raise NestorError(
            f"the estimator fails on {what} rows ({type(error).__name__}: {reason}); give it rows that it takes, "
            'and say what is legal (inputs={"...": {"minimum": ..., "maximum": ..., "nullable": False}})'
        ) from error


def compare(
    conversion: Conversion,
    frame: Frame,
    what: str,
    told: Callable[[int], None] | None = None,
    scale: float | None = None,
) -> dict[str, float]:
    """Return the largest differences `{"raw", "probability"}` between graph and estimator over the frame.

    `told` hears how many rows are done; `scale` is the smallest size that a value has, by default of those that the
    estimator answers here. Raises FidelityError when a label differs, a difference is over the family's limit, or one
    of the two has a number where the other has none, with the row that is furthest off. Rows to which neither has one
    count for nothing: the server refuses them.
    """
    served = conversion.served
    parts: list[_Compared] = []
    for start in range(0, len(frame), PART):
        part = frame.take(slice(start, start + PART))
        theirs = asked(conversion, part, what)
        parts.append(_Compared.of(theirs, served.answer(part), conversion.outputs))
        if told:
            told(min(start + PART, len(frame)))
    found = _Compared.joined(parts)
    far = found.far(scale)
    over = {key: limit for key, limit in conversion.limits.items() if key in far and not far[key].max() <= limit}
    faults = [f"{found.labels.sum()} labels differ"] if found.labels.any() else []
    faults += [f"{NAMES[key]} by {far[key].max():.3g} > {limit:.3g}" for key, limit in over.items()]
    if faults:
        place = int(np.argmax(found.labels if found.labels.any() else far[next(iter(over))]))
        row = frame.take([place])
        theirs, ours = conversion.answer(row), served.answer(row)
        raise FidelityError(
            f"the exported graph is not the estimator on {len(frame)} {what} rows: {'; '.join(faults)}",
            {name: _plain(row[name][0]) for name in row.names},
            theirs.first(),
            ours.first(),
            causes.cause(conversion, row, theirs, ours),
        )
    return {"raw": 0.0, **found.largest()}


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


@dataclass
class _Compared:
    """What two sides said of n rows: `raw` [n, outputs] and how far it is off, odds [n], whether labels differ [n]."""

    raw: np.ndarray
    off: np.ndarray
    probability: np.ndarray | None
    odds: np.ndarray | None
    labels: np.ndarray

    @classmethod
    def of(cls, theirs: Answers, ours: Answers, outputs: Sequence[Mapping[str, Any]]) -> "_Compared":
        raw = theirs.raw.astype(np.float64)
        off, odds, probability = distances.absolute(theirs.raw, ours.raw), None, None
        answered = np.isfinite(raw).all(axis=1)
        labels = np.zeros(len(raw), dtype=bool)
        if theirs.probabilities is not None and ours.probabilities is not None:
            single = any(tensor["datatype"] == "FP32" for tensor in outputs)
            resolution = 2 * float(np.finfo(np.float32 if single else np.float64).eps)
            answered &= np.isfinite(theirs.probabilities).all(axis=1)
            probability = distances.absolute(theirs.probabilities, ours.probabilities).max(axis=1, initial=0.0)
            odds = distances.odds(theirs.probabilities, ours.probabilities, resolution).max(axis=1, initial=0.0)
        if theirs.labels is not None and ours.labels is not None:
            labels = (theirs.labels != ours.labels).reshape(len(raw), -1).any(axis=1) & answered
        # An answer that is none is as good as any other: both are refused.
        none = ~answered & _none(ours)
        for each in (off, odds, probability):
            if each is not None:
                each[none] = 0.0
        raw[~np.isfinite(raw)] = 0.0
        return cls(raw, off, probability, odds, labels)

    @classmethod
    def joined(cls, parts: Sequence["_Compared"]) -> "_Compared":
        def whole(values: list[Any]) -> Any:
            return None if values[0] is None else np.concatenate(values)

        return cls(*(whole([getattr(part, each.name) for part in parts]) for each in fields(cls)))

    def far(self, scale: float | None) -> dict[str, np.ndarray]:
        """Return by the names of limits how far each row is off."""
        scale = distances.scale_of(self.raw) if scale is None else scale
        far = {"raw": self.off.max(axis=1, initial=0.0)}
        far["relative"] = distances.relative(self.raw, self.off, scale).max(axis=1, initial=0.0)
        return far if self.odds is None else {**far, "probability": self.odds}

    def largest(self) -> dict[str, float]:
        """Return the largest absolute differences, which a replay measures by."""
        found = {"raw": float(self.off.max(initial=0.0))}
        return found if self.probability is None else {**found, "probability": float(self.probability.max(initial=0.0))}


def _none(answers: Answers) -> np.ndarray:
    """Return for each row whether the server finds no answer: a number that is not finite."""
    numbers = [answers.raw] if answers.probabilities is None else [answers.raw, answers.probabilities]
    finite = np.isfinite(np.hstack([each.astype(np.float64) for each in numbers]))
    return np.invert(finite.all(axis=1))
