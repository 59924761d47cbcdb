"""iris: which of three species is it? A calibrated support vector machine on Fisher's measurements."""

import hashlib
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import data as sklearn_data
from sklearn.datasets import load_iris
from sklearn.model_selection import RepeatedStratifiedKFold, cross_validate, train_test_split
from sklearn.svm import SVC

from nestor import export, report

from .datasets import DataFile
from .labelled_rows import with_labelled

DATA: tuple[DataFile, ...] = ()
TARGET = "species"
SEED = 0
ARGUMENTS: dict[str, Any] = {"C": 10.0, "kernel": "rbf", "gamma": "scale"}
CALIBRATION = {"method": "temperature", "ensemble": False, "cv": 5}
CLASSES = {0: "setosa", 1: "versicolor", 2: "virginica"}
LEGAL = {"unit": "cm", "minimum": 0, "maximum": 100}
INPUTS: dict[str, dict[str, Any]] = {
    "sepal_length": {"description": "Length of the sepal, the outer leaf of the flower.", "example": 5.1, **LEGAL},
    "sepal_width": {"description": "Width of the sepal.", "example": 3.5, **LEGAL},
    "petal_length": {"description": "Length of the petal, the inner leaf of the flower.", "example": 1.4, **LEGAL},
    "petal_width": {"description": "Width of the petal.", "example": 0.2, **LEGAL},
}
NOTES = {
    "intended_use": """
        To show how a support vector machine with calibrated probabilities is served. As a botanical key it knows
        three species of iris and nothing else.
    """,
    "data": """
        Fisher's iris data as they ship inside scikit-learn: 150 flowers, 50 of each species, measured by Edgar
        Anderson in 1935. One flower stands in the table twice; the second was dropped before the split.
    """,
    "limits": """
        Any flower gets one of the three names, also one of another species. Far from the training data (a petal of
        40 cm) the kernel vanishes and every flower gets the same answer; such inputs are answered with a warning. The
        hold-out has 30 flowers, so its figures are coarse: one flower is 3.3 points of accuracy. The cross-validated
        figures are the better guide.
    """,
    "bias": """
        The flowers come from a few colonies of the Gaspé Peninsula, those of two species from the same pasture on
        the same day; irises of other places may be smaller or larger.
    """,
}
MEANINGS = {
    "accuracy_cv_mean": "mean accuracy over 10 x 5-fold stratified cross-validation on all rows",
    "accuracy_cv_std": "standard deviation of the same 50 figures, one per fold",
    "log_loss_cv_mean": "mean log loss over the same folds",
}


def read(data: Path | None = None) -> pd.DataFrame:
    """Return the 150 flowers: inputs in the order of `INPUTS`, then the target; `data` is not needed."""
    bunch = load_iris(as_frame=True)
    return bunch.frame.set_axis([*INPUTS, TARGET], axis="columns")


def split(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return training and hold-out rows, 80 to 20, stratified by the target, without duplicates of any row."""
    distinct = frame.drop_duplicates(ignore_index=True)
    rows, holdout = train_test_split(distinct, test_size=0.2, stratify=distinct[TARGET], random_state=SEED)
    return rows, holdout


def estimator(**changed: Any) -> CalibratedClassifierCV:
    """Return the unfitted classifier."""
    return CalibratedClassifierCV(SVC(**{**ARGUMENTS, **changed}), **CALIBRATION)


def cross_validated(frame: pd.DataFrame, **changed: Any) -> dict[str, float]:
    """Return figures over 50 folds: ten times five-fold cross-validation."""
    folds = RepeatedStratifiedKFold(n_splits=5, n_repeats=10, random_state=SEED)
    scoring = ["accuracy", "neg_log_loss"]
    found = cross_validate(
        estimator(**changed), frame[list(INPUTS)], frame[TARGET].to_numpy(), cv=folds, scoring=scoring
    )
    return {
        "accuracy_cv_mean": float(found["test_accuracy"].mean()),
        "accuracy_cv_std": float(found["test_accuracy"].std()),
        "log_loss_cv_mean": float(-found["test_neg_log_loss"].mean()),
    }


def train(data: Path | None, artifacts: Path, version: str | None = None, **changed: Any) -> Path:
    """Train on scikit-learn's copy of the data; write and return `artifacts/iris/<version>`."""
    frame = read()
    rows, holdout = split(frame)
    rows, more = with_labelled("iris", rows, holdout, INPUTS, TARGET)
    report("cross-validation")
    figures = cross_validated(frame.drop_duplicates(), **changed)
    report("fit and export", 0.5, **figures)
    return export(
        estimator(**changed).fit(rows[list(INPUTS)], rows[TARGET].to_numpy()),
        rows[list(INPUTS)],
        rows[TARGET],
        name="iris",
        description="Predicts the species of an iris from the lengths and widths of its sepals and petals.",
        inputs=INPUTS,
        classes=CLASSES,
        holdout=(holdout[list(INPUTS)], holdout[TARGET]),
        metrics=figures,
        meanings=MEANINGS,
        training={
            "dataset": "iris",
            "sha256": hashlib.sha256((resources.files(sklearn_data) / "iris.csv").read_bytes()).hexdigest(),
            "split": "exact duplicates dropped, then 20 % held out at random (seed 0), stratified by class",
            "arguments": {"svc": {**ARGUMENTS, **changed}, "calibration": CALIBRATION},
            **more,
        },
        notes=NOTES,
        authors=("Nestor contributors",),
        license="MIT",
        artifacts=artifacts,
        version=version,
    )
