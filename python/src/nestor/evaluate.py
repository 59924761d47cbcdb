"""Hold-out figures: one flat name -> number map that the manifest, the card and the plots share."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .answers import Answers, Target, split
from .conversion import Conversion

# What versions are compared by, by task.
PRIMARY = {"classification": "accuracy", "anomaly": "accuracy", "regression": "mean_absolute_error"}
# Of these less is better, also of their means.
ERRORS = {"log_loss", "brier", "mae", "rmse", "mean_absolute_error"}


def is_error(name: str) -> bool:
    """Whether less is better of the figure with this name."""
    return name in ERRORS or name.removeprefix("mean_") in ERRORS


def figures(conversion: Conversion, truth: np.ndarray, answers: Answers) -> dict[str, float]:
    """Return the figures of a hold-out, `truth` [n] or [n, targets]; a clustering has none."""
    if conversion.targets:
        return _averaged(truth, split(conversion.decision, answers, conversion.targets), conversion.targets)
    if conversion.task == "regression":
        return regression(truth, answers)
    if conversion.task == "clustering":
        return {}
    assert conversion.classes is not None
    found = classification(truth, answers, conversion.classes)
    if conversion.task == "anomaly":
        from sklearn import metrics

        normal = truth == conversion.classes[1]
        if normal.any() and not normal.all():
            found["roc_auc"] = float(metrics.roc_auc_score(normal, answers.raw[:, 0]))
    return found


def _averaged(truth: np.ndarray, answers: Sequence[Answers], targets: Sequence[Target]) -> dict[str, float]:
    each = [
        regression(goal, own) if target.classes is None else classification(goal, own, target.classes)
        for goal, own, target in zip(truth.T, answers, targets, strict=True)
    ]
    common = [name for name in each[0] if all(name in one for one in each) and "ci95" not in name]
    found = {f"mean_{name}": float(np.mean([one[name] for one in each])) for name in common}
    if targets[0].classes is not None:
        right = [own.labels == goal for goal, own in zip(truth.T, answers, strict=True)]
        found["exact_match"] = float(np.all(right, axis=0).mean())
    return found


def classification(truth: np.ndarray, answers: Answers, classes: Sequence[Any]) -> dict[str, float]:
    """Return the figures of a classifier; `truth` [n] has class values. ROC AUC of three or more is one-vs-rest.

    Without probabilities there are only those of the labels. Left out is what cannot be computed: areas need each class
    among the rows, the others no class among them that the estimator does not know.
    """
    from sklearn import metrics

    correct = int(np.sum(answers.labels == truth))
    low, high = wilson(correct, len(truth))
    found = {
        "accuracy": correct / len(truth),
        "accuracy_ci95_low": low,
        "accuracy_ci95_high": high,
        "f1": float(metrics.f1_score(truth, answers.labels, average="macro")),
    }
    places = {value: i for i, value in enumerate(classes)}
    if answers.probabilities is None or not set(truth.tolist()) <= set(places):
        return found
    probabilities = answers.probabilities.astype(np.float64)
    probabilities /= probabilities.sum(axis=1, keepdims=True)  # float32 ones do not add up to 1 in float64
    indices = np.array([places[value] for value in truth.tolist()])
    one_hot = np.eye(len(classes))[indices]
    if len(set(indices.tolist())) == len(classes):
        if len(classes) == 2:
            area = metrics.roc_auc_score(indices, probabilities[:, 1])
            average = metrics.average_precision_score(indices, probabilities[:, 1])
        else:
            area = metrics.roc_auc_score(indices, probabilities, multi_class="ovr")
            average = metrics.average_precision_score(one_hot, probabilities)
        found = {"roc_auc": float(area), "average_precision": float(average), **found}
    return {
        **found,
        "log_loss": float(metrics.log_loss(indices, probabilities, labels=range(len(classes)))),
        "brier": float(np.mean(np.sum((probabilities - one_hot) ** 2, axis=1)) / (2 if len(classes) == 2 else 1)),
    }


def left_out(truth: np.ndarray, classes: Sequence[Any]) -> str | None:
    """Return in words why a hold-out with these true classes [n] lacks figures, or None where it does not."""
    there = set(truth.tolist())
    if strange := sorted(there - set(classes), key=str):
        return f"the hold-out has {strange[:10]}, which the estimator does not know: there are figures of labels alone"
    if lacking := [value for value in classes if value not in there]:
        return f"the hold-out has no row of {lacking[:10]}: there is no area under a curve"
    return None


def regression(truth: np.ndarray, answers: Answers) -> dict[str, float]:
    """Return the figures of a regression; `truth` [n] in the unit of the prediction."""
    from sklearn import metrics

    predicted = answers.raw[:, 0].astype(np.float64)
    # One row, or rows of one value, have no variance to explain.
    spread = np.unique(truth).size > 1
    return {
        **({"r2": float(metrics.r2_score(truth, predicted))} if spread else {}),
        "mae": float(metrics.mean_absolute_error(truth, predicted)),
        "rmse": float(metrics.root_mean_squared_error(truth, predicted)),
    }


def wilson(correct: int, total: int, z: float = 1.959963984540054) -> tuple[float, float]:
    """Return the 95 % confidence interval of a share (Wilson 1927)."""
    share, weight = correct / total, z * z / total
    middle = (share + weight / 2) / (1 + weight)
    half = z / (1 + weight) * np.sqrt(share * (1 - share) / total + weight / (4 * total))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


MEANINGS = {
    "roc_auc": "chance that a random member of a class gets a higher probability of it than a random non-member",
    "average_precision": "area under the precision-recall curve",
    "accuracy": "share of rows whose predicted class is the true one",
    "accuracy_ci95_low": "lower end of the 95 % confidence interval of the accuracy (Wilson)",
    "accuracy_ci95_high": "upper end of the same interval",
    "f1": "harmonic mean of precision and recall, averaged over the classes",
    "log_loss": "mean negative log of the probability given to the true class (lower is better)",
    "brier": "mean squared error of the probabilities (lower is better)",
    "r2": "share of the variance explained",
    "mae": "mean absolute error, in the unit of the prediction",
    "rmse": "root of the mean squared error, in the unit of the prediction",
    "exact_match": "share of rows whose targets are all right",
}
MEANINGS |= {f"mean_{name}": f"{meaning}, averaged over the targets" for name, meaning in MEANINGS.items()}
