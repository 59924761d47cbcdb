"""The pictures of an evaluation as SVG files."""

import io
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn import metrics
from sklearn.calibration import calibration_curve

from .answers import Answers

# Paints one class: axes, whether each row is of the class, its probabilities, its label.
ClassPainter = Callable[[Axes, np.ndarray, np.ndarray, str], None]


def draw(
    truth: np.ndarray | None,
    answers: Answers,
    score: np.ndarray | None,
    classes: Mapping[Any, str],
    importance: Mapping[str, float],
) -> dict[str, bytes]:
    """Return `{file name: SVG}`; `truth` [n] is the hold-out's target (without one: scores and importance only).

    `score` [n] is the number that is watched. Several targets have none, and no pictures but the importance.
    """
    pictures: dict[str, Callable[[Axes], None]] = {}
    if score is not None:
        pictures["score_distribution"] = lambda axes: _scores(axes, truth, score, classes)
    if importance:
        pictures["importance"] = lambda axes: _importance(axes, importance)
    probabilities = answers.probabilities
    # Curves need rows of the class and others.
    if truth is not None and probabilities is not None and classes and set(truth.tolist()) >= set(classes):
        pictures["roc"] = lambda axes: _per_class(axes, truth, probabilities, classes, _roc)
        pictures["calibration"] = lambda axes: _per_class(axes, truth, probabilities, classes, _calibration)
    if truth is not None and classes and set(truth.tolist()) & set(classes):
        pictures["confusion_matrix"] = lambda axes: _confusion(axes, truth, answers, classes)
    elif truth is not None and score is not None and not classes:
        pictures["residuals"] = lambda axes: _residuals(axes, truth, answers)
    return {f"plots/{name}.svg": _picture(paint) for name, paint in sorted(pictures.items())}


def _picture(paint: Callable[[Axes], None]) -> bytes:
    # A fixed salt and no date: the same figure gives the same bytes. Not by pyplot, whose backend is the caller's.
    with mpl.rc_context({"svg.hashsalt": "nestor", "font.size": 10}), warnings.catch_warnings():
        # A word in a script that the font has not is a box in the picture, no fault of the model.
        warnings.filterwarnings("ignore", message="Glyph")
        figure = Figure(figsize=(6, 4.5), layout="constrained")
        paint(figure.subplots())
        out = io.BytesIO()
        figure.savefig(out, format="svg", metadata={"Date": None})
    return out.getvalue()


def _per_class(
    axes: Axes, truth: np.ndarray, probabilities: np.ndarray, classes: Mapping[Any, str], paint: ClassPainter
) -> None:
    shown = list(enumerate(classes.items()))
    for index, (value, label) in shown[1:] if len(shown) == 2 else shown:
        paint(axes, truth == value, probabilities[:, index], label)
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":")
    axes.legend()


def _roc(axes: Axes, truth: np.ndarray, probability: np.ndarray, label: str) -> None:
    false, true, _ = metrics.roc_curve(truth, probability)
    axes.plot(false, true, label=f"{label} (area {metrics.auc(false, true):.3f})")
    axes.set(title="ROC", xlabel="false positive rate", ylabel="true positive rate")


def _calibration(axes: Axes, truth: np.ndarray, probability: np.ndarray, label: str) -> None:
    true, predicted = calibration_curve(truth, np.clip(probability, 0, 1), n_bins=10, strategy="quantile")
    axes.plot(predicted, true, marker="o", label=label)
    axes.set(title="Calibration", xlabel="mean predicted probability", ylabel="observed share")


def _confusion(axes: Axes, truth: np.ndarray, answers: Answers, classes: Mapping[Any, str]) -> None:
    matrix = metrics.confusion_matrix(truth, answers.labels, labels=list(classes))
    metrics.ConfusionMatrixDisplay(matrix, display_labels=list(classes.values())).plot(ax=axes, colorbar=False)
    axes.set_title("Confusion matrix")


def _importance(axes: Axes, importance: Mapping[str, float]) -> None:
    ranked = sorted(importance.items(), key=lambda item: item[1])[-20:]
    axes.barh([_plain(name) for name, _ in ranked], [gain for _, gain in ranked])
    axes.set(title="Importance", xlabel="importance")


def _plain(name: str) -> str:
    """Return a name that can stand in a picture: dollars begin no formula, and SVG has no control characters."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name).replace("$", r"\$")


def _scores(axes: Axes, truth: np.ndarray | None, score: np.ndarray, classes: Mapping[Any, str]) -> None:
    groups: Sequence[tuple[Any, np.ndarray]] = [(None, score)] if truth is None or not classes else [
        (label, score[truth == value]) for value, label in classes.items()
    ]  # fmt: skip
    values = np.concatenate([each for _, each in groups])
    # Numbers that differ in their last digits alone cannot be told apart in thirty bins.
    bins = 30 if np.ptp(values) > 1e-9 * np.abs(values).max() else 1
    axes.hist([values for _, values in groups], bins=bins, label=[label for label, _ in groups], stacked=True)
    axes.set(title="Score distribution", xlabel="score", ylabel="rows")
    if groups[0][0] is not None:
        axes.set_yscale("log")
        axes.legend(title="true class")


def _residuals(axes: Axes, truth: np.ndarray, answers: Answers) -> None:
    axes.scatter(answers.raw[:, 0], truth, s=12)
    axes.axline((float(truth.mean()), float(truth.mean())), slope=1, color="grey", linestyle=":")
    axes.set(title="Predicted and true values", xlabel="predicted", ylabel="true")
