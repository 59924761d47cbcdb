"""The way from a graph that somebody else made to a version folder: torch, Keras, CatBoost, MLflow, a vendor."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from ..conversion import compare
from ..errors import FidelityError, NestorError, UnsupportedModel, first_line
from ..exporting import export
from ..families.wrapped import Wrapped, convert
from ..fields import fields_of
from ..frames import Frame
from ..front import Front
from ..given import given, is_pandas
from . import foreign
from .adapted import adapted
from .matched import matched
from .reference import LOOKED_AT, SUMMED, Reading, as_given, asked, read


def wrap(
    model: str | Path | bytes | onnx.ModelProto,
    X: Any = None,
    *,
    name: str,
    estimator: Any = None,
    samples: tuple[Any, Any] | None = None,
    gives: str | None = None,
    inputs: Mapping[str, Mapping[str, Any]] | None = None,
    classes: Mapping[Any, str] | None = None,
    training: Mapping[str, Any] | None = None,
    **said: Any,
) -> Path:
    """Make a version folder of a graph that another exporter wrote; return `artifacts/<name>/<version>`.

    The graph may take one tensor [rows, columns] or one per column, numbers and strings; lists of maps (ZipMap) are
    taken off, and a fixed number of rows is made free.

    Parameters:
        model: the file, its bytes, or the graph itself.
        X: rows as callers will send them, [rows, inputs]: a pandas frame, a dict of columns or an array; without it,
            the rows of `samples`.
        name, inputs, said: as `nestor.export` takes them. A column whose words the graph reads by itself is a category
            of the words in X, or any text with inputs={"column": {"type": "text"}}.
        estimator: who says the right answers of rows like X: something with `predict` (and `predict_proba`), or a
            function of the rows that gives what the graph gives.
        samples: rows and their right answers, where only these are known: labels or values [rows], probabilities
            [rows, classes], or what the graph gives.
        gives: "value", "probabilities", "scores" (before sigmoid or softmax), "label" (what else it gives is left out)
            or "multilabel" (the probability of each label), where it cannot be seen.
        classes: label by class value, in the graph's order; needed where the graph does not list its classes.

    Where neither estimator nor samples are given, nobody can say what is right: the served graph is compared with the
    one that was given, and the card says so. Raises what `export` raises.
    """
    if X is None and samples is None:
        raise NestorError("wrap needs rows: X=..., some rows as callers will send them, or samples=(rows, answers)")
    graph = foreign.opened(model)
    ports = foreign.inputs_of(graph)
    rows = X if X is not None else samples[0] if samples else None
    frame = given(rows, estimator if hasattr(estimator, "feature_names_in_") else _Named(ports))
    match = matched(ports, frame)
    options = match.options(frame, inputs or {})
    reading = read(graph, match, frame, classes, estimator, gives)
    original = as_given(graph, match, reading)
    wrapped = adapted(graph, match, reading)
    wrapped.answer = original
    if (size := max(port.batch for port in ports)) > 0:
        _check_freed(wrapped, frame, options, size)
    dtypes = None if is_pandas(rows) else frame.array().dtype
    if estimator is not None:
        wrapped.answer = asked(estimator, reading, frame, dtypes)
    facts: dict[str, Any] = {"reference": "estimator"} if estimator is not None else {"reference": "graph"}
    if samples is not None:
        facts["given_answers"] = _check_samples(wrapped, reading, samples)
    return export(
        wrapped,
        frame,
        name=name,
        inputs=options,
        classes=classes,
        training={**facts, **(training or {})},
        **said,
    )


class _Named:
    """What the columns of an array are called: as the graph's inputs, where each takes one of them."""

    def __init__(self, ports: Sequence[foreign.Port]) -> None:
        single = len(ports) > 1 and all(port.width == 1 for port in ports)
        self.feature_names_in_ = [port.name for port in ports] if single else []


def _check_freed(wrapped: Wrapped, frame: Frame, inputs: Mapping[str, Mapping[str, Any]], size: int) -> None:
    """Compare many rows at once with `size` at a time; raise UnsupportedModel where the answers are not the same."""
    rows = frame.take([*range(min(LOOKED_AT, len(frame))), 0])
    try:
        compare(convert(wrapped, Front(fields_of(frame, inputs), wrapped), None), rows, "data")
    except Exception as error:  # the runtime raises classes of its own where shapes do not fit
        raise UnsupportedModel(
            f"the graph was made for {size} row{'s' if size > 1 else ''} at a time, and gives other answers with more: "
            "export it with a free first axis (dynamic_axes= or dynamic_shapes= of torch, None as the first size of "
            f"skl2onnx and tf2onnx): {first_line(error)}"
        ) from error


def _decided(reading: Reading, answers: np.ndarray) -> np.ndarray:
    """Return answers that are the graph's own numbers (scores, or P of the second class alone) as probabilities."""
    labels = set(answers.ravel().tolist()) <= set(reading.classes or ())
    numbers = reading.kind in ("probabilities", "scores") and answers.dtype.kind == "f"
    if labels or not numbers or answers.shape[1] != reading.width:
        return answers
    within = ((answers >= 0) & (answers <= 1)).all()
    likely = within and (reading.width == 1 or np.allclose(answers.sum(axis=1), 1, atol=SUMMED))
    kind = "probabilities" if likely else reading.kind
    return np.asarray(replace(reading, kind=kind, numbers=reading.numbers[:1]).answers(answers).probabilities)


def _check_samples(wrapped: Wrapped, reading: Reading, samples: tuple[Any, Any]) -> int:
    """Compare with the answers that were given; return their number, raise FidelityError at the first that differs."""
    rows, right = given(samples[0], wrapped), np.asarray(samples[1])
    if len(rows) != len(right):
        raise NestorError(f"samples: {len(rows)} rows have {len(right)} answers; give one for each row")
    answer = wrapped.answer
    assert answer is not None
    found = answer(rows)
    given_answers = _decided(reading, right.reshape(len(rows), -1))
    if found.labels is not None and given_answers.shape[1] == max(len(reading.targets), 1):
        equal = (found.labels.reshape(len(rows), -1) == given_answers).all(axis=1)
    else:
        ours = found.raw if found.probabilities is None else found.probabilities
        if ours.shape != given_answers.shape:
            raise NestorError(f"samples: {given_answers.shape[1]} answers a row, the graph gives {ours.shape[1]}")
        equal = np.isclose(ours, given_answers, rtol=1e-4, atol=1e-6).all(axis=1)
    if equal.all():
        return len(rows)
    first = int(np.argmin(equal))
    row = {name: rows[name][first] for name in rows.names}
    said = {"answer": right[first].tolist()}
    message = f"the graph does not give the answers of samples: {int((~equal).sum())} of {len(rows)} rows differ"
    raise FidelityError(message, row, said, answer(rows.take([first])).first())
