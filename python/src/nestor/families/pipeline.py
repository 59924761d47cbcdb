"""Pipelines: their steps become a front, and the last estimator's own family converts behind it."""

import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.feature_selection import RFE
from sklearn.pipeline import Pipeline

from .. import families
from ..answers import Answers
from ..conversion import Conversion
from ..frames import Frame
from ..front import Front
from ..pipelines.piped import Piped, begin
from ..vectorizers import without_addresses
from . import persist
from .sklearn_trees import in_order


def matches(estimator: Any) -> bool:
    """Whether it is a Pipeline, or RFE or RFECV, which select features and then ask an estimator."""
    return isinstance(estimator, Pipeline | RFE)


def convert(estimator: Pipeline | RFE, front: Front, classes: Sequence[Any] | None) -> Conversion:
    """Return the pipeline as a graph; raise UnsupportedModel, naming the step that cannot be converted."""
    steps = estimator.steps if isinstance(estimator, Pipeline) else _selected(estimator)
    name, last = steps[-1]
    piped = begin(front, estimator).then(steps[:-1])
    made = families.behind(last, piped, classes)
    return made if isinstance(front, Piped) else outermost(made, piped)


def _selected(estimator: RFE) -> list[tuple[str, Any]]:
    return [("selected", estimator), ("estimator", estimator.estimator_)]


def outermost(made: Conversion, front: Piped) -> Conversion:
    """Return the conversion whose answers are the outermost estimator's own, which goes into the folder whole."""

    def answer(frame: Frame) -> Answers:
        with warnings.catch_warnings(), in_order():
            # Rows are asked with words that it does not know, on purpose.
            warnings.filterwarnings("ignore", message="Found unknown categories")
            inner, rows = made.answer(frame), front.rows(frame)
            if inner.labels is None:
                return Answers(np.asarray(front.outer.predict(rows)).reshape(inner.raw.shape))
            shares = inner.probabilities
            if shares is not None and isinstance(theirs := front.outer.predict_proba(rows), list):
                shares = np.hstack(theirs)
            elif shares is not None and not made.targets:
                shares = theirs
            return Answers(inner.raw, shares, np.asarray(front.outer.predict(rows)).reshape(inner.labels.shape))

    files = {persist.FILE: persist.dumps(without_addresses(front.outer))}
    files |= {text.file: text.vocabulary() for text in front.graph.texts}
    libraries = list(dict.fromkeys([*made.libraries, "scikit-learn", "skops"]))
    return replace(made, answer=answer, files=files, libraries=libraries)
