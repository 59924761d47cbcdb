"""The movie-review sentences that both sentiment models are trained on, and what holds for both."""

import io
from pathlib import Path
from typing import Any

import pandas as pd

from .datasets import SST2_DEV, SST2_TRAIN, DataFile

DATA = (SST2_TRAIN, SST2_DEV)
TARGET = "class"
CLASSES = {0: "Negative", 1: "Positive"}
DATASET = {"dataset": "sst2", "sha256": SST2_TRAIN.sha256, "holdout_sha256": SST2_DEV.sha256}
MAXIMUM_LENGTH = 10_000
DATA_NOTE = """
    Sentences of film reviews from Rotten Tomatoes, labelled negative or positive, as in the Stanford Sentiment
    Treebank with two classes: 6,920 to train on, 6,911 of them distinct, and 872 (the usual development set) held out.
    The texts are in lower case, with most punctuation removed and contractions split ("do n't"). No held-out sentence
    is among the training ones.
"""
BIAS_NOTE = """
    English of professional critics writing about films before 2005. Names of people, groups and places carry a weight
    when critics happened to praise or damn films about them; a text about them may be scored by the name.
"""


def load(data: Path, file: DataFile) -> pd.DataFrame:
    """Return the distinct sentences of one file: columns `text` and `class`."""
    frame = pd.read_csv(io.BytesIO(file.read(data)), sep="\t", header=None, names=file.columns, quoting=3, dtype=str,
                        keep_default_na=False)  # fmt: skip
    return frame.astype({TARGET: int}).drop_duplicates("text", ignore_index=True)


def read(data: Path) -> pd.DataFrame:
    """Return every sentence, training ones first."""
    return pd.concat([load(data, file) for file in DATA], ignore_index=True)


def text_options(description: str, example: str) -> dict[str, dict[str, Any]]:
    """Return the description of the one input."""
    options = {"type": "text", "description": description, "maximum_length": MAXIMUM_LENGTH, "example": example}
    return {"text": options}
