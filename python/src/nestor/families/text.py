"""Texts by counts or TF-IDF with a linear model or naive Bayes behind, as a graph over the terms that a text has.

Not over the whole vocabulary: a text has some hundred terms of a hundred thousand.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from onnx import TensorProto, helper
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import (
    LinearRegression,
    LogisticRegression,
    Ridge,
    RidgeClassifier,
    SGDClassifier,
    SGDRegressor,
)
from sklearn.naive_bayes import BernoulliNB, ComplementNB, MultinomialNB
from sklearn.pipeline import Pipeline
from sklearn.svm import LinearSVC, LinearSVR

from .. import graphs
from ..answers import Answers
from ..conversion import Conversion
from ..errors import UnsupportedModel
from ..fields import text_input
from ..frames import Frame
from ..front import Front
from ..pipelines.piped import Piped
from ..text_encoders import Tfidf
from ..vectorizers import encoded, is_vectorizer, without_addresses
from . import persist, pipeline, sklearn_against_rest
from .nodes import dense

BAYES = (MultinomialNB, ComplementNB, BernoulliNB)
LINEAR = (LogisticRegression, SGDClassifier, LinearSVC, RidgeClassifier)
VALUES = (LinearRegression, Ridge, SGDRegressor, LinearSVR)
SOFTMAX = {"kind": "softmax", "output": "raw_score", "precision": "FP64", "argmax": "raw"}
LIMITS = {"raw": 1e-9, "probability": 1e-9}


@dataclass
class Head:
    """The last estimator as coefficients [terms, outputs] and intercepts [outputs], and what its raw scores mean.

    `raw` asks it for the scores of n rows. `above` turns weights into 1 where they are larger than that.
    """

    coefficients: np.ndarray
    intercepts: np.ndarray
    decision: dict[str, Any]
    raw: Callable[[Any], np.ndarray]
    above: float | None = None
    names: tuple[str, str] = ("coefficients", "intercepts")


def matches(estimator: Any) -> bool:
    """Whether it is a pipeline of a vectorizer of texts and a linear model or naive Bayes with one score a class."""
    parts = _parts(estimator)
    if parts is None:
        return False
    last = parts[2]
    return isinstance(last, (*BAYES, *LINEAR, *VALUES)) and not _needs_more(last)


def _parts(estimator: Any) -> tuple[Any, TfidfTransformer | None, Any] | None:
    """Return the vectorizer, the weights behind it if they are a step of their own, and the last estimator."""
    if not isinstance(estimator, Pipeline):
        return None
    steps = [step for _, step in estimator.steps if step is not None and not isinstance(step, str)]
    weights = steps.pop(1) if len(steps) == 3 and type(steps[1]) is TfidfTransformer else None
    return (steps[0], weights, steps[1]) if len(steps) == 2 and is_vectorizer(steps[0]) else None


def _needs_more(last: Any) -> bool:
    """Whether its probabilities are more than a sigmoid or a softmax of its scores."""
    return sklearn_against_rest.matches(last) and (len(last.classes_) > 2 or last.loss == "modified_huber")


def convert(estimator: Pipeline, front: Front, classes: Sequence[Any] | None) -> Conversion:
    """Return the pipeline as a graph; raise UnsupportedModel for a vectorizer option that the server has not."""
    if isinstance(front, Piped):  # a part of a composed estimator, whose graphs become one
        return pipeline.convert(estimator, front, classes)
    parts = _parts(estimator)
    assert parts is not None
    vectorizer, weights, last = parts
    input_ = text_input(front.fields, type(vectorizer).__name__)
    encoder = encoded(vectorizer, input_, weights=weights)
    head = _bayes(last) if isinstance(last, BAYES) else _linear(last)
    output = {"name": "raw_score", "datatype": "FP64", "shape": [-1, head.coefficients.shape[1]]}
    before = Pipeline(estimator.steps[:-1])

    def answer(frame: Frame) -> Answers:
        texts = frame[input_]
        raw = np.asarray(head.raw(before.transform(texts)), dtype=np.float64).reshape(len(texts), -1)
        if head.decision["kind"] == "value":
            return Answers(np.asarray(estimator.predict(texts), dtype=np.float64).reshape(len(texts), -1))
        labels = estimator.predict(texts)
        return Answers(raw, None if head.decision["kind"] == "margin" else estimator.predict_proba(texts), labels)

    spread = np.ptp(head.coefficients, axis=1) if head.coefficients.shape[1] > 1 else np.abs(head.coefficients[:, 0])
    strongest = np.argsort(spread)[-20:]
    return Conversion(
        graph=_graph(head, encoder, output),
        encoder=encoder,
        outputs=[output],
        decision=head.decision,
        classes=None if head.decision["kind"] == "value" else last.classes_.tolist(),
        answer=answer,
        files={persist.FILE: persist.dumps(without_addresses(estimator)), encoder.file: encoder.vocabulary()},
        libraries=["scikit-learn", "skops"],
        limits={"relative": 1e-9} if head.decision["kind"] == "value" else LIMITS,
        floors={"raw": 1e-12, "probability": 1e-12},
        importance={encoder.terms[i]: float(spread[i]) for i in strongest},
    )


def _bayes(last: Any) -> Head:
    scores = last.feature_log_prob_
    names = ("log_probabilities", "priors")
    if isinstance(last, MultinomialNB):
        return Head(scores.T, last.class_log_prior_, SOFTMAX, last.predict_joint_log_proba, names=names)
    if isinstance(last, ComplementNB):
        return Head(scores.T, np.zeros(len(scores)), SOFTMAX, last.predict_joint_log_proba, names=names)
    if last.binarize is not None and last.binarize < 0:
        raise UnsupportedModel(f"BernoulliNB binarize={last.binarize} counts the terms that a text has not; use 0.0")
    absent = np.log(1 - np.exp(scores))
    priors = last.class_log_prior_ + absent.sum(axis=1)
    return Head((scores - absent).T, priors, SOFTMAX, last.predict_joint_log_proba, last.binarize, names)


def _linear(last: Any) -> Head:
    coefficients = np.atleast_2d(dense(last.coef_)).astype(np.float64)
    intercepts = np.broadcast_to(np.asarray(last.intercept_, dtype=np.float64), len(coefficients))
    if isinstance(last, VALUES):
        if len(coefficients) > 1:
            raise UnsupportedModel(f"{type(last).__name__} of several values behind a text; fit one for each")
        return Head(coefficients.T, intercepts, {"kind": "value", "output": "raw_score"}, last.predict)
    return Head(coefficients.T, intercepts, _decision(last), last.decision_function)


def _decision(last: Any) -> dict[str, Any]:
    if not hasattr(last, "predict_proba"):
        return {"kind": "margin", "output": "raw_score"}
    return SOFTMAX if len(last.classes_) > 2 else {"kind": "sigmoid", "output": "raw_score", "precision": "FP64"}


def _graph(head: Head, encoder: Tfidf, output: dict[str, Any]) -> Any:
    node = helper.make_node
    weights, constants = "weights", {head.names[0]: head.coefficients, head.names[1]: head.intercepts}
    nodes = [node("Gather", [head.names[0], "ids"], ["terms"])]
    if head.above is not None:
        weights, constants["above"] = "present", np.array(head.above, dtype=np.float64)
        nodes.append(node("Greater", ["weights", "above"], ["is_present"]))
        nodes.append(node("Cast", ["is_present"], ["present"], to=TensorProto.DOUBLE))
    nodes += [
        node("Unsqueeze", [weights, "last"], ["columns"]),
        node("Mul", ["terms", "columns"], ["weighted"]),
        node("ReduceSum", ["weighted", "middle"], ["sums"], keepdims=0),
        node("Add", ["sums", head.names[1]], ["raw_score"]),
    ]
    constants |= {"last": np.array([2]), "middle": np.array([1])}
    return graphs.model(nodes, encoder.tensors, [output], [graphs.constant(n, v) for n, v in constants.items()])
