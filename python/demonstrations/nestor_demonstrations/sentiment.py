"""sentiment: is a sentence about a film kind or unkind? TF-IDF and multinomial naive Bayes."""

from pathlib import Path
from typing import Any

import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import Pipeline

from nestor import export

from . import sst2
from .labelled_rows import with_labelled
from .sst2 import DATA, read  # noqa: F401  (part of what a model's file offers)

ARGUMENTS: dict[str, Any] = {"alpha": 1.0}
NOTES = {
    "intended_use": """
        To sort short English texts about films by tone, and to show how a text model is served without a network.
        It must not judge people by what they wrote.
    """,
    "data": sst2.DATA_NOTE,
    "limits": """
        Words count, their order does not: "not good" is "not" and "good". Irony, comparison and other languages are
        beyond it. A text without a single known term (an empty one, too) gets the class priors, that is the shares of
        the classes in training. Tokens are runs of two or more letters, digits or underscores of the lower-cased text;
        characters that Unicode assigned after version 14 may be split otherwise than in training.
    """,
    "bias": sst2.BIAS_NOTE,
}


def fit(rows: pd.DataFrame, **changed: Any) -> Pipeline:
    """Return the pipeline fitted on columns `text` and `class`."""
    steps = [("tfidf", TfidfVectorizer()), ("bayes", MultinomialNB(**{**ARGUMENTS, **changed}))]
    return Pipeline(steps).fit(rows["text"], rows[sst2.TARGET])


def train(data: Path, artifacts: Path, version: str | None = None, **changed: Any) -> Path:
    """Train on the files in `data`; write and return `artifacts/sentiment/<version>`."""
    rows, holdout = (sst2.load(data, file) for file in DATA)
    inputs = sst2.text_options("The text to judge, best a sentence or two in English.", "that movie was boring")
    rows, more = with_labelled("sentiment", rows, holdout, inputs, sst2.TARGET)
    return export(
        fit(rows, **changed),
        rows[["text"]],
        rows[sst2.TARGET],
        name="sentiment",
        description="Predicts whether an English text about a film is negative or positive, from the words it has.",
        inputs=inputs,
        classes=sst2.CLASSES,
        holdout=(holdout[["text"]], holdout[sst2.TARGET]),
        training={
            **sst2.DATASET,
            "split": "the published development set is the hold-out",
            "arguments": {**ARGUMENTS, **changed},
            **more,
        },
        notes=NOTES,
        authors=("Nestor contributors",),
        license="MIT",
        artifacts=artifacts,
        version=version,
    )
