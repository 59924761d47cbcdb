"""One file per model: its data, how it is fitted, and what is said about it. The registry of the command line."""

from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

import pandas as pd

from .datasets import DataFile

# The file of each model; imported when it is asked for, because each brings a library of its own.
MODELS = {
    "diabetes": "diabetes",
    "iris": "iris",
    "sentiment": "sentiment",
    "sentiment-deep": "sentiment_deep",
    "turnover": "turnover",
}


class Model(Protocol):
    """What a model's file offers."""

    DATA: tuple[DataFile, ...]

    def read(self, data: Path | None) -> pd.DataFrame:
        """Return every row of the model's data, inputs first."""
        ...

    def train(self, data: Path | None, artifacts: Path, version: str | None = None, **changed: Any) -> Path:
        """Train on the files in `data`; write and return `artifacts/<model>/<version>`.

        `changed` are arguments of the estimator that are to differ from the model's own.
        """
        ...


def model(name: str) -> Model:
    """Return the model of that name."""
    return cast(Model, import_module(f"{__name__}.{MODELS[name]}"))
