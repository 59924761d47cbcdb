"""TF-IDF and multinomial naive Bayes, as a graph over the terms that a text has (not over the whole vocabulary)."""

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from onnx import helper
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import Pipeline

from .. import graphs
from ..conversion import Answers, Conversion
from ..errors import UnsupportedModel
from ..fields import text_input
from ..front import Front
from ..text_encoders import VOCABULARY, Tfidf
from . import persist

# What the server's tokens and weights are equal to; another value of any of these would be another encoding.
VECTORIZER = {
    "analyzer": "word", "binary": False, "decode_error": "strict", "dtype": np.float64, "input": "content",
    "lowercase": True, "ngram_range": (1, 1), "norm": "l2", "preprocessor": None, "stop_words": None,
    "strip_accents": None, "sublinear_tf": False, "token_pattern": r"(?u)\b\w\w+\b", "tokenizer": None,
    "use_idf": True,
}  # fmt: skip


def matches(estimator: Any) -> bool:
    """Whether it is a pipeline of a TfidfVectorizer and a MultinomialNB."""
    if not isinstance(estimator, Pipeline):
        return False
    return [type(step) for _, step in estimator.steps] == [TfidfVectorizer, MultinomialNB]


def convert(estimator: Pipeline, front: Front, classes: Sequence[Any] | None) -> Conversion:
    """Return the pipeline as a graph; raise UnsupportedModel for a vectorizer option that the server has not."""
    vectorizer, bayes = (step for _, step in estimator.steps)
    for name, expected in VECTORIZER.items():
        if (actual := getattr(vectorizer, name)) != expected:
            raise UnsupportedModel(f"TfidfVectorizer {name}={actual!r} is unsupported; use {expected!r}")
    input_ = text_input(front.fields, "TfidfVectorizer")
    # `\b\w\w+\b` finds the same tokens as the shorter pattern, which JavaScript can say too.
    encoder = Tfidf(input_, vectorizer.get_feature_names_out().tolist(), r"\w{2,}", vectorizer.idf_)
    output = {"name": "raw_score", "datatype": "FP64", "shape": [-1, len(bayes.classes_)]}

    def answer(frame: pd.DataFrame) -> Answers:
        texts = frame[input_]
        raw = bayes.predict_joint_log_proba(vectorizer.transform(texts))
        return Answers(raw, estimator.predict_proba(texts), estimator.predict(texts))

    spread = np.ptp(bayes.feature_log_prob_, axis=0)
    strongest = np.argsort(spread)[-20:]
    return Conversion(
        graph=_graph(bayes, encoder, output),
        encoder=encoder,
        outputs=[output],
        decision={"kind": "softmax", "output": "raw_score", "precision": "FP64", "argmax": "raw"},
        classes=bayes.classes_.tolist(),
        answer=answer,
        files={persist.FILE: persist.dumps(_bare(estimator)), VOCABULARY: encoder.vocabulary()},
        libraries=["scikit-learn", "skops"],
        limits={"raw": 1e-9, "probability": 1e-9},
        floors={"raw": 1e-12, "probability": 1e-12},
        importance={encoder.terms[i]: float(spread[i]) for i in strongest},
    )


def _bare(estimator: Pipeline) -> Pipeline:
    """Return a copy without the vectorizer's note of a memory address, which differs from run to run."""
    vectorizer, bayes = (step for _, step in estimator.steps)
    vectorizer = copy.copy(vectorizer)
    vars(vectorizer).pop("_stop_words_id", None)
    return Pipeline([(estimator.steps[0][0], vectorizer), (estimator.steps[1][0], bayes)])


def _graph(bayes: MultinomialNB, encoder: Tfidf, output: dict[str, Any]) -> Any:
    node = helper.make_node
    nodes = [
        node("Gather", ["log_probabilities", "ids"], ["terms"]),
        node("Unsqueeze", ["weights", "last"], ["columns"]),
        node("Mul", ["terms", "columns"], ["weighted"]),
        node("ReduceSum", ["weighted", "middle"], ["sums"], keepdims=0),
        node("Add", ["sums", "priors"], ["raw_score"]),
    ]
    constants = {
        "log_probabilities": bayes.feature_log_prob_.T,
        "priors": bayes.class_log_prior_,
        "last": np.array([2]),
        "middle": np.array([1]),
    }
    return graphs.model(nodes, encoder.tensors, [output], [graphs.constant(n, v) for n, v in constants.items()])
