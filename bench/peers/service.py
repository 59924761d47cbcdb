"""The usual Python service beside Nestor: FastAPI, pydantic and LightGBM, in its fastest form.

`async def` handlers (a plain `def` goes through a thread pool and takes twice the time), uvloop and httptools, no
access log, one thread for LightGBM. It records nothing and keeps no metrics, which is in its favour.
"""

import os
from typing import Annotated, Literal

import lightgbm
import numpy as np
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

BOOSTER = lightgbm.Booster(model_file=os.environ["MODEL_FILE"])
NUMBERS = ("satisfaction_level", "last_evaluation", "number_project", "average_montly_hours", "time_spend_company",
           "Work_accident", "promotion_last_5years")  # fmt: skip
COLUMNS = {name: index for index, name in enumerate(BOOSTER.feature_name())}

Sales = Literal["IT", "RandD", "accounting", "hr", "management", "marketing", "product_mng", "sales", "support",
                "technical"]  # fmt: skip
Share = Annotated[float, Field(ge=0, le=1)]


class Employee(BaseModel):
    """The nine inputs, with the bounds that Nestor checks too."""

    model_config = ConfigDict(extra="forbid")
    satisfaction_level: Share
    last_evaluation: Share
    number_project: Annotated[int, Field(ge=0, le=100)]
    average_montly_hours: Annotated[int, Field(ge=0, le=744)]
    time_spend_company: Annotated[int, Field(ge=0, le=100)]
    Work_accident: Annotated[int, Field(ge=0, le=1)]
    promotion_last_5years: Annotated[int, Field(ge=0, le=1)]
    sales: Sales
    salary: Literal["high", "low", "medium"]


class Employees(BaseModel):
    """Many rows in one call."""

    instances: Annotated[list[Employee], Field(min_length=1, max_length=10_000)]


class Answer(TypedDict):
    """What the list endpoint says of one row."""

    prediction: int
    probability: float


app = FastAPI()


def encode(rows: list[Employee]) -> np.ndarray:
    """Return the rows as LightGBM was trained on them: seven numbers, then the one-hot columns."""
    data = np.zeros((len(rows), len(COLUMNS)))
    for index, row in enumerate(rows):
        data[index, : len(NUMBERS)] = [getattr(row, name) for name in NUMBERS]
        data[index, COLUMNS[f"sales_{row.sales}"]] = 1
        data[index, COLUMNS[f"salary_{row.salary}"]] = 1
    return data


@app.get("/ready")
async def ready() -> dict[str, str]:
    """Say that the model is loaded."""
    return {"status": "ok"}


@app.post("/predict")
async def predict(row: Employee) -> dict[str, int]:
    """Answer one row as Nestor's POST /predict does."""
    return {"prediction": int(BOOSTER.predict(encode([row]), num_threads=1)[0] > 0.5)}


@app.post("/predict/list")
async def predict_list(rows: Employees) -> dict[str, list[Answer]]:
    """Answer many rows: class and probability of each."""
    shares = BOOSTER.predict(encode(rows.instances), num_threads=1).tolist()
    return {"predictions": [{"prediction": int(share > 0.5), "probability": share} for share in shares]}
