"""How a row of inputs becomes the tensors of the graph; each encoder is described in full by its manifest entry."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import pandas as pd

from .errors import NestorError
from .fields import Field

DATATYPES = {"FP64": np.float64, "FP32": np.float32, "INT64": np.int64}


class Encoder(Protocol):
    """Turns a frame of inputs into the named arrays that the graph takes."""

    tensors: list[dict[str, Any]]
    chunk: int  # rows that are run at once

    def encode(self, frame: pd.DataFrame) -> dict[str, np.ndarray]: ...

    def manifest(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Column:
    """One column of the tensor: an input itself, or (with `category`) whether the input equals that category."""

    name: str
    input: str
    category: str | None = None


@dataclass
class Tabular:
    """One tensor `[n, columns]`: numbers as they are (missing: NaN), categories one-hot."""

    fields: Sequence[Field]
    columns: Sequence[Column]
    datatype: str = "FP64"
    tensors: list[dict[str, Any]] = field(init=False)
    chunk = 10_000

    def __post_init__(self) -> None:
        shape = [-1, len(self.columns)]
        self.tensors = [{"name": "features", "datatype": self.datatype, "shape": shape}]

    def matrix(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the float64 frame `[n, columns]`, column names as in the manifest."""
        fields = {each.name: each for each in self.fields}
        out: dict[str, np.ndarray] = {}
        for column in self.columns:
            values = frame[column.input]
            if column.category is not None:
                out[column.name] = (values == column.category).to_numpy(dtype=np.float64)
                continue
            numbers = values.astype("float64").to_numpy(copy=True)
            numbers[np.isin(numbers, fields[column.input].missing_values)] = np.nan
            out[column.name] = numbers
        return pd.DataFrame(out)

    def encode(self, frame: pd.DataFrame) -> dict[str, np.ndarray]:
        """Return `{"features": array}` in the tensor's datatype."""
        matrix = self.matrix(frame).to_numpy(dtype=DATATYPES[self.datatype])
        return {"features": np.ascontiguousarray(matrix)}

    def manifest(self) -> dict[str, Any]:
        """Return the manifest's `encoding`."""
        columns = [{k: v for k, v in vars(column).items() if v is not None} for column in self.columns]
        return {"encoder": "tabular", "columns": columns}


def tabular(fields: Sequence[Field], names: Sequence[str] | None = None, datatype: str = "FP64") -> Tabular:
    """Return the encoder whose columns are the fields, categories one-hot as `input_category`.

    `names` puts the columns into the order the estimator was fitted with. Raises NestorError when an estimator's
    feature is no column.
    """
    columns: dict[str, Column] = {}
    for each in fields:
        if each.type == "text":
            raise NestorError(f"inputs: {each.name} is text; this estimator takes numbers and categories")
        for category in each.categories or (None,):
            name = each.name if category is None else f"{each.name}_{category}"
            if name in columns:
                raise NestorError(f"inputs: two columns would be called {name}; rename the input or the category")
            columns[name] = Column(name, each.name, category)
    if names is None:
        return Tabular(fields, list(columns.values()), datatype)
    if len(columns) != len(names):
        raise NestorError(
            f"the estimator takes {len(names)} features, the frame gives {len(columns)}: {list(columns)}; "
            "fit it on nestor.encode(frame)"
        )
    columns |= {name.replace(" ", "_"): column for name, column in columns.items()}  # as LightGBM writes them
    if unknown := [name for name in names if name not in columns]:
        raise NestorError(
            f"the estimator was fitted with features {unknown} that the frame does not give; "
            f"fit it on nestor.encode(frame), whose columns are {list(columns)}"
        )
    return Tabular(fields, [columns[name] for name in names], datatype)
