"""turnover: will an employee leave? LightGBM on the public HR analytics data."""

import io
from pathlib import Path
from typing import Any

import lightgbm
import pandas as pd
from lightgbm.callback import CallbackEnv
from sklearn.model_selection import train_test_split

from nestor import encode, export, report

from .datasets import HR_TURNOVER
from .labelled_rows import with_labelled

DATA = (HR_TURNOVER,)
TARGET = "left"
SEED = 0
ARGUMENTS: dict[str, Any] = {"n_estimators": 100, "num_leaves": 15, "learning_rate": 0.1, "random_state": SEED}
# One thread and no choice of histogram layout by timing: the same data give the same trees.
DETERMINISM: dict[str, Any] = {"deterministic": True, "num_threads": 1, "force_row_wise": True, "verbosity": -1}
CLASSES = {0: "stays", 1: "leaves"}
INPUTS: dict[str, dict[str, Any]] = {
    "satisfaction_level": {
        "description": "How satisfied the employee is, from 0 (not at all) to 1 (fully).",
        "unit": "ratio", "minimum": 0, "maximum": 1, "example": 0.38,
    },
    "last_evaluation": {
        "description": "The result of the employee's last evaluation, from 0 (worst) to 1 (best).",
        "unit": "ratio", "minimum": 0, "maximum": 1, "example": 0.53,
    },
    "number_project": {
        "description": "How many projects the employee works on.",
        "unit": "projects", "minimum": 0, "maximum": 100, "example": 2,
    },
    "average_montly_hours": {
        "description": "How many hours the employee works in an average month.",
        "unit": "hours per month", "minimum": 0, "maximum": 744, "example": 157,
    },
    "time_spend_company": {
        "description": "How many years the employee has been with the company.",
        "unit": "years", "minimum": 0, "maximum": 100, "example": 3,
    },
    "Work_accident": {
        "description": "Whether the employee has had an accident at work (1) or not (0).",
        "minimum": 0, "maximum": 1, "example": 0,
    },
    "promotion_last_5years": {
        "description": "Whether the employee was promoted in the last five years (1) or not (0).",
        "minimum": 0, "maximum": 1, "example": 0,
    },
    "sales": {"description": "The department the employee works in.", "example": "support"},
    "salary": {"description": "The employee's salary level.", "example": "low"},
}  # fmt: skip
NOTES = {
    "intended_use": """
        To show which groups of employees tend to leave, so that the reasons can be looked into. A demonstration on
        public data: it must not decide about a single person, be it hiring, pay, promotion or dismissal.
    """,
    "data": """
        The HR analytics data set published on Kaggle as `jacksonchou/hr-data-for-analytics`. It is synthetic: no real
        employee stands behind a row. 3,008 of its 14,999 rows repeat another row exactly and were dropped before the
        split, so no duplicate of a training row is in the hold-out. (With the duplicates left in, a random split
        would show a ROC AUC near 0.995, which is memory, not skill.)
    """,
    "limits": """
        One company, made up, at one moment; nothing is known of when an employee left or why. Rules of the generator
        show through (whole clusters leave), so the figures below are better than any real company would give. Inputs
        outside the range seen in training are answered, with a warning, as the nearest value seen would be.
    """,
    "bias": """
        The data name no sex, age or origin, so fairness between such groups cannot be measured, and the other inputs
        may stand in for them. Salary level and department are inputs: the score differs by pay group by construction.
    """,
}


def read(data: Path) -> pd.DataFrame:
    """Return the data file, 14,999 rows: inputs in the order of `INPUTS`, then the target."""
    frame = pd.read_csv(io.BytesIO(HR_TURNOVER.read(data)), float_precision="round_trip")
    return frame[[*INPUTS, TARGET]]


def split(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return training and hold-out rows, 80 to 20, stratified by the target, without duplicates of any row."""
    rows = frame.drop_duplicates(ignore_index=True)
    train_rows, holdout = train_test_split(rows, test_size=0.2, stratify=rows[TARGET], random_state=SEED)
    return train_rows, holdout


def fit(rows: pd.DataFrame, **changed: Any) -> lightgbm.LGBMClassifier:
    """Return the classifier fitted on training rows."""
    classifier = lightgbm.LGBMClassifier(**{**ARGUMENTS, **changed}, **DETERMINISM)
    return classifier.fit(encode(rows[list(INPUTS)]), rows[TARGET], callbacks=[_told])


def _told(trees: CallbackEnv) -> None:
    report("trees", (trees.iteration + 1 - trees.begin_iteration) / (trees.end_iteration - trees.begin_iteration))


def train(data: Path, artifacts: Path, version: str | None = None, **changed: Any) -> Path:
    """Train on the file in `data`; write and return `artifacts/turnover/<version>`."""
    rows, holdout = split(read(data))
    rows, more = with_labelled("turnover", rows, holdout, INPUTS, TARGET)
    return export(
        fit(rows, **changed),
        rows[list(INPUTS)],
        rows[TARGET],
        name="turnover",
        description="Predicts whether an employee will leave the company, from working conditions and history.",
        inputs=INPUTS,
        classes=CLASSES,
        holdout=(holdout[list(INPUTS)], holdout[TARGET]),
        training={
            "dataset": "hr-turnover",
            "sha256": HR_TURNOVER.sha256,
            "split": "exact duplicates dropped, then 20 % held out at random (seed 0), stratified by class",
            "arguments": {**ARGUMENTS, **changed},
            **more,
        },
        notes=NOTES,
        authors=("Nestor contributors",),
        license="MIT",
        artifacts=artifacts,
        version=version,
    )
