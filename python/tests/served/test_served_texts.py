"""Texts by counts and TF-IDF, served with the pipeline's own answers to every character that there is."""

import re
from functools import cache
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import pytest
from proof import check
from rows import json_rows
from server import Server
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier
from sklearn.naive_bayes import BernoulliNB, ComplementNB, MultinomialNB
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.svm import LinearSVC

import nestor
from nestor.texts import ODD, code_points

WORDS = re.findall(
    r"\S+",
    "the movie was good bad great awful not at all a film of its own kind naïve café déjà-vu Straße ÉTÉ coöperate "
    "ελληνικά ΟΔΥΣΣΕΥΣ İstanbul кино хорошо 映画 は 良い don't can't it's 10 2024 3.5 x_y $5 $ user@host ❤ 🙂 ok",
)
SWEEP = 500


@cache
def texts(count: int, seed: int) -> list[str]:
    """Return texts of up to thirty words."""
    random = np.random.default_rng(seed)
    spaces = [" ", " ", " ", ", ", ". ", "  ", "\n"]
    return ["".join(random.choice(WORDS) + random.choice(spaces) for _ in range(random.integers(1, 30)))
            for _ in range(count)]  # fmt: skip


def every_character(every: int) -> list[str]:
    """Return texts that together hold every code point (or each tenth, say), within words and alone."""
    points = code_points()[::every]
    parts = [points[i : i + SWEEP] for i in range(0, len(points), SWEEP)]
    return [" ".join(f"goo{point}d {point}" for point in part) for part in parts]


class OfText:
    """A pipeline of texts that is asked with rows of inputs."""

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator

    def predict(self, rows: pd.DataFrame) -> np.ndarray:
        return self.estimator.predict(rows["text"])

    def predict_proba(self, rows: pd.DataFrame) -> np.ndarray:
        return self.estimator.predict_proba(rows["text"])


def served_texts(server: Server, estimator: Pipeline, name: str, target: Any = None, every: int = 50) -> None:
    """Fit a pipeline, export it, and ask for ordinary and odd texts and for every character."""
    known = texts(300, 1)
    y = target or [("good" in text) + 2 * ("bad" in text) for text in known]
    estimator.fit(known, y)
    with TemporaryDirectory() as folder:
        frame = pd.DataFrame({"text": known})
        server.push(nestor.export(estimator, frame, name=name, artifacts=folder, verbose=False))
    rows = pd.DataFrame({"text": [*texts(1_000, 2), *ODD, *every_character(every)]})
    answers = [each for i in range(0, len(rows), 1_000)
               for each in server.predict(name, json_rows(rows[i : i + 1_000]))]  # fmt: skip
    check(rows, answers, OfText(estimator), 1e-9, None)


VECTORIZERS = {
    "bigrams": TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, stop_words="english"),
    "own-stop-words": TfidfVectorizer(stop_words=["not", "movie", "ελληνικά"], ngram_range=(2, 3), norm="l1"),
    "characters": TfidfVectorizer(analyzer="char", ngram_range=(1, 3), max_features=2_000),
    "within-words": TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), min_df=2, max_df=0.8),
    "counts": CountVectorizer(binary=True, lowercase=False),
    "unicode-accents": TfidfVectorizer(strip_accents="unicode", use_idf=False),
    "ascii-accents": TfidfVectorizer(strip_accents="ascii", norm=None, vocabulary=["good", "ete", "cafe", "strae"]),
    "own-token": CountVectorizer(token_pattern=r"(?u)\b\w[\w'-]*\b|[!?]|\d+\.\d"),
    "one-letter": TfidfVectorizer(token_pattern=r"(?u)\b\w+\b"),
    "not-space": TfidfVectorizer(token_pattern=r"\S+", smooth_idf=False),
}


# Tokens, white space and accents are what characters differ by: these are asked with all of them.
ALL = ("one-letter", "not-space", "unicode-accents")


@pytest.mark.parametrize("name", VECTORIZERS)
def test_what_a_text_is_counted_by(server: Server, name: str) -> None:
    served_texts(
        server, make_pipeline(VECTORIZERS[name], LogisticRegression()), f"text-{name}", every=1 if name in ALL else 20
    )


ESTIMATORS = {
    "multinomial": MultinomialNB(),
    "complement": ComplementNB(),
    "bernoulli": BernoulliNB(),
    "margin": LinearSVC(),
    "log-loss": SGDClassifier(loss="log_loss", max_iter=20, tol=None),
}


@pytest.mark.parametrize("name", ESTIMATORS)
def test_what_stands_behind_the_terms(server: Server, name: str) -> None:
    target = [int("good" in text) for text in texts(300, 1)] if name == "log-loss" else None
    vectorizer = TfidfVectorizer(ngram_range=(1, 2))
    served_texts(server, make_pipeline(vectorizer, ESTIMATORS[name]), f"text-{name}", target)


def test_counts_that_a_step_of_its_own_weighs(server: Server) -> None:
    steps = [CountVectorizer(), TfidfTransformer(sublinear_tf=True), LogisticRegression(solver="liblinear")]
    served_texts(server, make_pipeline(*steps), "text-steps", [int("good" in text) for text in texts(300, 1)])


def test_a_value_of_a_text(server: Server) -> None:
    served_texts(server, make_pipeline(TfidfVectorizer(), Ridge()), "text-value", [len(t) / 7 for t in texts(300, 1)])
