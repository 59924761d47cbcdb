"""scikit-learn's trees, forests and boosted trees as one float64 ensemble: equal to the last bit, or next to it."""

from collections.abc import Callable, Sequence
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn import ensemble, tree
from sklearn.base import is_classifier
from sklearn.utils.validation import check_is_fitted

from ..conversion import Answers, Conversion
from ..errors import UnsupportedModel
from ..front import Front
from ..pipelines.piped import begin
from . import persist
from .sklearn_boosting import adaboost_classifier, adaboost_regressor, gradient_boosting, histogram_boosting
from .sklearn_forests import forest
from .sklearn_tree_graphs import Drawn, Graph
from .trees import thresholds

HISTOGRAMS = (ensemble.HistGradientBoostingClassifier, ensemble.HistGradientBoostingRegressor)
DRAWS: dict[tuple[type, ...], Callable[[Any, Graph], Drawn]] = {
    (tree.DecisionTreeClassifier, tree.DecisionTreeRegressor): forest,
    (ensemble.RandomForestClassifier, ensemble.RandomForestRegressor): forest,
    (ensemble.ExtraTreesClassifier, ensemble.ExtraTreesRegressor): forest,
    (ensemble.GradientBoostingClassifier, ensemble.GradientBoostingRegressor): gradient_boosting,
    HISTOGRAMS: histogram_boosting,
    (ensemble.AdaBoostClassifier,): adaboost_classifier,
    (ensemble.AdaBoostRegressor,): adaboost_regressor,
}
# The tensor [rows, trees, classes] of a run of the comparison has at most so many numbers.
MOST_NUMBERS = 4_000_000


def matches(estimator: Any) -> bool:
    """Whether it is one of scikit-learn's ensembles of trees, or a single tree."""
    if isinstance(estimator, ensemble.AdaBoostClassifier | ensemble.AdaBoostRegressor):
        parts = getattr(estimator, "estimators_", ())
        votes = getattr(estimator, "algorithm", "SAMME") != "SAMME.R"  # gone since scikit-learn 1.6
        return votes and all(isinstance(each, tree.BaseDecisionTree) for each in parts)
    return isinstance(estimator, tuple(kind for kinds in DRAWS for kind in kinds))


def convert(estimator: Any, front: Front, classes: Sequence[Any] | None) -> Conversion:
    """Return the estimator as a graph; raise UnsupportedModel, naming what cannot be exported."""
    check_is_fitted(estimator)
    if getattr(estimator, "n_outputs_", 1) > 1:
        raise UnsupportedModel(f"{type(estimator).__name__} predicts several values; fit one model per value")
    front, graph, drawn = _drawn(estimator, front)
    values = estimator.classes_.tolist() if is_classifier(estimator) else None
    if values is None:
        outputs, names = [{"name": "value", "datatype": "FP64", "shape": [-1, 1]}], [drawn.value]
        decision = {"kind": "value", "output": "value"}
    else:
        label, constant = _label(estimator.classes_)
        outputs = [label, {"name": "probabilities", "datatype": "FP64", "shape": [-1, len(values)]}]
        names = [graph.add("Gather", constant, drawn.indices[0]), drawn.probabilities]
        decision = {"kind": "labelled", "label": "label", "probabilities": "probabilities"}
    encoder = front.encoder
    encoder.chunk = max(128, min(encoder.chunk, MOST_NUMBERS // (len(drawn.trees) * len(values or [0]))))

    def answer(frame: pd.DataFrame) -> Answers:
        rows = front.rows(frame)
        with in_order():
            labels = np.asarray(front.outer.predict(rows))
            if values is None:
                return Answers(labels.reshape(len(frame), 1))
            return Answers(np.empty((len(frame), 0)), front.outer.predict_proba(rows), labels)

    exact = {"raw": 0.0, "probability": 0.0}
    return Conversion(
        graph=front.before(graph.finish(outputs, [str(name) for name in names])),
        encoder=encoder,
        outputs=outputs,
        decision=decision,
        classes=values,
        answer=answer,
        files={persist.FILE: persist.dumps(front.outer)},
        libraries=["scikit-learn", "skops"],
        # Exponential functions of two mathematical libraries differ in the last bit.
        limits=exact if drawn.exact else {"relative": 1e-14, "probability": 1e-14},
        floors=exact if drawn.exact else {"raw": 1e-12, "probability": 1e-15},
        thresholds=front.thresholds(thresholds(drawn.trees)),
        dtype=front.dtype,
    )


def _drawn(estimator: Any, front: Front) -> tuple[Front, Graph, Drawn]:
    """Return the front as the estimator reads it, and what was drawn behind it."""
    if (categories := getattr(estimator, "_preprocessor", None)) is not None:
        # Words and numbers become codes in front of the trees, which the estimator does by itself.
        front = begin(front, estimator).then([(type(estimator).__name__, categories)])
    datatype = "FP64" if isinstance(estimator, HISTOGRAMS) else "FP32"
    front = front.reading(getattr(estimator, "feature_names_in_", None), datatype)
    graph = Graph(front.tensor)
    return front, graph, next(draw for kinds, draw in DRAWS.items() if isinstance(estimator, kinds))(estimator, graph)


def in_order() -> Any:
    """Return a context in which scikit-learn sums trees in their order; threads sum them as they come to an end."""
    return joblib.parallel_config(backend="sequential")


def _label(classes: np.ndarray) -> tuple[dict[str, Any], np.ndarray]:
    """Return the output tensor of labels, and the class values as it holds them."""
    words = classes.dtype.kind in "UO"
    output = {"name": "label", "datatype": "BYTES" if words else "INT64", "shape": [-1]}
    return output, classes.astype(object if words else np.int64)
