"""diabetes: will diabetes show within five years? XGBoost on the Pima Indians data."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xgboost
from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score, train_test_split

from nestor import encode, export, report

from .datasets import PIMA
from .labelled_rows import with_labelled

DATA = (PIMA,)
TARGET = "class"
SEED = 0
ARGUMENTS: dict[str, Any] = {
    "n_estimators": 60, "max_depth": 3, "learning_rate": 0.04, "min_child_weight": 5, "subsample": 0.7,
    "colsample_bytree": 0.7, "random_state": SEED,
}  # fmt: skip
CLASSES = {0: "no diabetes", 1: "diabetes"}
# Nobody has a glucose of 0: in these five columns a zero stands for a value that was not taken.
MISSING = {"nullable": True, "missing_values": [0]}
INPUTS: dict[str, dict[str, Any]] = {
    "times_pregnant": {
        "description": "How many times the woman has been pregnant.",
        "unit": "pregnancies", "minimum": 0, "maximum": 30, "example": 1,
    },
    "glucose": {
        "description": "Plasma glucose two hours into an oral glucose tolerance test; 0 or null: not measured.",
        "unit": "mg/dL", "minimum": 0, "maximum": 1000, "example": 106, **MISSING,
    },
    "blood_pressure": {
        "description": "Diastolic blood pressure; 0 or null: not measured.",
        "unit": "mmHg", "minimum": 0, "maximum": 300, "example": 70, **MISSING,
    },
    "skin_fold_thick": {
        "description": "Thickness of the skin fold at the triceps; 0 or null: not measured.",
        "unit": "mm", "minimum": 0, "maximum": 200, "example": 28, **MISSING,
    },
    "serum_insuling": {
        "description": "Serum insulin two hours into the test; 0 or null: not measured.",
        "unit": "µU/mL", "minimum": 0, "maximum": 2000, "example": 135, **MISSING,
    },
    "mass_index": {
        "description": "Body mass index; 0 or null: not measured.",
        "unit": "kg/m²", "minimum": 0, "maximum": 150, "example": 34.2, **MISSING,
    },
    "diabetes_pedigree": {
        "description": "Diabetes pedigree function: how strongly diabetes runs in the family.",
        "unit": "score", "minimum": 0, "maximum": 10, "example": 0.142,
    },
    "age": {
        "description": "The woman's age.",
        "unit": "years", "minimum": 0, "maximum": 120, "example": 22,
    },
}  # fmt: skip
NOTES = {
    "intended_use": """
        To show how a model with missing inputs is served, on a data set that every textbook knows. It is no medical
        device: nobody may be diagnosed, treated or refused anything on the strength of it.
    """,
    "data": """
        The Pima Indians diabetes data of the US National Institute of Diabetes and Digestive and Kidney Diseases: 768
        women, 268 of whom were found to have diabetes within five years. Zeros in glucose, blood pressure, skin fold,
        insulin and body mass index are not measurements; they are treated as missing, here and in every request.
        Insulin is missing in nearly half of the rows.
    """,
    "limits": """
        768 rows are few: over repeated five-fold cross-validation the ROC AUC of single folds varies by several
        hundredths (see `roc_auc_cv_std`), and the hold-out figures, from one split, vary as much. The measurements
        date from the 1980s; laboratory methods and the definition of diabetes have changed since.
    """,
    "bias": """
        Only women of at least 21 years and of Pima heritage, who live near Phoenix, Arizona. For men, children and
        other populations the probabilities mean nothing; diabetes was several times as frequent in this group as in
        the general population.
    """,
}
MEANINGS = {
    "roc_auc_cv_mean": "mean ROC AUC over 10 x 5-fold stratified cross-validation on all rows",
    "roc_auc_cv_std": "standard deviation of the same 50 figures, one per fold",
}


def read(data: Path) -> pd.DataFrame:
    """Return the data file, 768 rows: inputs in the order of `INPUTS`, then the target; zeros as they are."""
    return pd.read_csv(io.BytesIO(PIMA.read(data)), header=None, names=PIMA.columns, float_precision="round_trip")


def split(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return training and hold-out rows, 80 to 20, stratified by the target (no row of the file occurs twice)."""
    rows, holdout = train_test_split(frame, test_size=0.2, stratify=frame[TARGET], random_state=SEED)
    return rows, holdout


def features(frame: pd.DataFrame) -> pd.DataFrame:
    """Return what the estimator is fitted on: the inputs with zeros that mean missing as NaN."""
    return encode(frame[list(INPUTS)], INPUTS)


def estimator(**changed: Any) -> xgboost.XGBClassifier:
    """Return the unfitted classifier; one thread, so that the same data give the same trees."""
    return xgboost.XGBClassifier(**{**ARGUMENTS, **changed}, tree_method="hist", n_jobs=1)


def cross_validated(frame: pd.DataFrame, **changed: Any) -> np.ndarray:
    """Return the ROC AUC of 50 folds: ten times five-fold cross-validation."""
    folds = RepeatedStratifiedKFold(n_splits=5, n_repeats=10, random_state=SEED)
    return cross_val_score(estimator(**changed), features(frame), frame[TARGET], cv=folds, scoring="roc_auc")


def train(data: Path, artifacts: Path, version: str | None = None, **changed: Any) -> Path:
    """Train on the file in `data`; write and return `artifacts/diabetes/<version>`."""
    frame = read(data)
    rows, holdout = split(frame)
    rows, more = with_labelled("diabetes", rows, holdout, INPUTS, TARGET)
    report("cross-validation")
    areas = cross_validated(frame, **changed)
    report("fit and export", 0.5, roc_auc_cv_mean=areas.mean())
    return export(
        estimator(**changed).fit(features(rows), rows[TARGET]),
        rows[list(INPUTS)],
        rows[TARGET],
        name="diabetes",
        description="Predicts whether a woman will show diabetes within five years, from eight measurements.",
        inputs=INPUTS,
        classes=CLASSES,
        holdout=(holdout[list(INPUTS)], holdout[TARGET]),
        metrics={"roc_auc_cv_mean": float(areas.mean()), "roc_auc_cv_std": float(areas.std())},
        meanings=MEANINGS,
        training={
            "dataset": "pima-indians-diabetes",
            "sha256": PIMA.sha256,
            "split": "20 % held out at random (seed 0), stratified by class",
            "arguments": {**ARGUMENTS, **changed},
            **more,
        },
        notes=NOTES,
        authors=("Nestor contributors",),
        license="MIT",
        artifacts=artifacts,
        version=version,
    )
