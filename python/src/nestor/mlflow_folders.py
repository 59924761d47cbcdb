"""What an MLflow model folder says of itself in its file MLmodel, read without MLflow."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from .errors import NestorError, UnsupportedModel
from .frames import Frame, missing
from .given import given
from .libraries import need
from .times import dates, seconds

FILE = "MLmodel"
# By flavour, the key that names the model's file.
FLAVOURS = {"sklearn": "pickled_model", "lightgbm": "data", "xgboost": "data", "catboost": "data", "onnx": "data"}
# What to do with a model that is no estimator.
MENDS = {
    "pytorch": "write its graph, torch.onnx.export(mlflow.pytorch.load_model(folder), ...), and give it to nestor.wrap",
    "tensorflow": "write its graph by tf2onnx or model.export(path, format='onnx'), and give it to nestor.wrap",
    "keras": "write its graph by tf2onnx or model.export(path, format='onnx'), and give it to nestor.wrap",
    "pyfunc": "it is code of its own; give nestor.export the fitted estimator that the code asks",
}


@dataclass(frozen=True)
class Folder:
    """A folder that MLflow's `save_model` or `log_model` wrote."""

    path: Path

    @cached_property
    def about(self) -> dict[str, Any]:
        """The content of MLmodel; raises NestorError for what is none, LibraryError without PyYAML."""
        need("yaml")
        import yaml

        try:
            about = yaml.safe_load((self.path / FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError, yaml.YAMLError) as error:
            raise NestorError(f"{self.path / FILE} cannot be read: {str(error).splitlines()[0]}") from error
        if not isinstance(about, dict) or not isinstance(about.get("flavors"), dict):
            raise NestorError(f"{self.path / FILE} names no flavors; give a folder that MLflow wrote")
        return about

    @property
    def flavour(self) -> str:
        """The library that the folder holds a model of; raises UnsupportedModel, with the mend, for another."""
        flavours = self.about["flavors"]
        loader = str(flavours.get("python_function", {}).get("loader_module", "")).split(".")
        meant = loader[1] if len(loader) > 1 else ""
        for name in (meant, *flavours):
            if name in FLAVOURS and name in flavours:
                return name
        mend = MENDS.get(meant, f"opened are {', '.join(FLAVOURS)}")
        raise UnsupportedModel(f"{self.path} holds a model of {meant or ', '.join(flavours)}, no estimator: {mend}")

    @property
    def options(self) -> dict[str, Any]:
        """What the flavour says: versions, class and file of the model."""
        return self.about["flavors"][self.flavour]

    @property
    def model(self) -> Path:
        """The model's file."""
        named = self.options.get(FLAVOURS[self.flavour])
        file = (self.path / str(named)).resolve()
        if self.path.resolve() not in file.parents or not file.is_file():
            raise NestorError(f"{self.path} has no file {named}, which its {FILE} names; copy the whole folder")
        return file

    @cached_property
    def columns(self) -> dict[str, str] | None:
        """The inputs' types by their names in the order of the signature; None where it names no columns."""
        inputs = json.loads((self.about.get("signature") or {}).get("inputs") or "[]")
        if not inputs or any("name" not in each or "tensor-spec" in each for each in inputs):
            return None
        return {each["name"]: str(each["type"]) for each in inputs}

    @property
    def example(self) -> Frame | None:
        """The rows that were saved as an example of the input; None where there are none in rows and columns."""
        saved = (self.about.get("saved_input_example_info") or {}).get("artifact_path")
        if not saved or not (self.path / str(saved)).is_file():
            return None
        rows = json.loads((self.path / str(saved)).read_text(encoding="utf-8"))
        try:
            if isinstance(rows, dict):
                names, lines = list(map(str, rows["columns"])), rows["data"]
            else:
                lines = [line if isinstance(line, list) else [line] for line in rows]
                names = [f"x{i}" for i in range(len(lines[0]))]
            columns = dict(zip(names, zip(*lines, strict=True), strict=True))
        except (KeyError, IndexError, TypeError, ValueError):
            return None
        return self.typed(given(columns))

    def typed(self, frame: Frame) -> Frame:
        """Return rows with the columns, order and types of the signature, as MLflow does before it asks a model.

        Raises NestorError for a column that is not there or has values of another type.
        """
        if self.columns is None:
            return frame
        if lacking := [name for name in self.columns if name not in frame.columns]:
            raise NestorError(f"the data lacks the columns {lacking[:10]}, which the signature in {FILE} has")
        columns = {name: _typed(frame[name], name, kind) for name, kind in self.columns.items()}
        kept = {name: dtype for name, dtype in frame.dtypes.items() if columns.get(name) is frame[name]}
        return Frame(columns, kept)


def _typed(values: np.ndarray, name: str, kind: str) -> np.ndarray:
    gaps = missing(values)
    try:
        if kind in ("double", "float"):
            return np.where(gaps, np.nan, values).astype(np.float64)
        if kind == "string":
            return np.array([each if gap else str(each) for each, gap in zip(values, gaps, strict=True)], dtype=object)
        if kind == "datetime":
            return dates(seconds(values))
    except (TypeError, ValueError) as error:
        raise NestorError(f"{name} is {kind} by the signature in {FILE}, the data has others: {error}") from error
    return values
