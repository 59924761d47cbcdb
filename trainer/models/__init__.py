"""One file per model: its data, how it is fitted, and what is said about it. The registry of the command line."""

from pathlib import Path
from typing import Protocol

import pandas as pd

from ..datasets import DataFile
from . import diabetes, iris, sentiment, turnover


class Model(Protocol):
    """What a model's file offers."""

    DATA: tuple[DataFile, ...]

    def read(self, data: Path | None) -> pd.DataFrame:
        """Return every row of the model's data, inputs first."""
        ...

    def train(self, data: Path | None, artifacts: Path, version: str | None = None) -> Path:
        """Train on the files in `data`; write and return `artifacts/<model>/<version>`."""
        ...


MODELS: dict[str, Model] = {"diabetes": diabetes, "iris": iris, "sentiment": sentiment, "turnover": turnover}
