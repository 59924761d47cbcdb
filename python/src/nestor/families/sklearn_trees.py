"""scikit-learn's trees, forests and boosted trees as one float64 ensemble: equal to the last bit, or next to it."""

from collections.abc import Callable, Sequence
from typing import Any

import joblib
import numpy as np
from sklearn import ensemble, tree
from sklearn.base import is_classifier
from sklearn.utils.validation import check_is_fitted

from ..answers import Answers, Target
from ..conversion import Conversion
from ..encoders import rows_at_once
from ..errors import UnsupportedModel
from ..frames import Frame
from ..front import Front
from ..pipelines.answered import DECISION
from ..pipelines.piped import Piped, begin
from . import persist
from .nodes import label, numbers, words
from .sklearn_boosting import adaboost_classifier, adaboost_regressor, gradient_boosting, histogram_boosting
from .sklearn_forests import forest, isolation_forest
from .sklearn_tree_graphs import Drawn, Graph
from .trees import thresholds

HISTOGRAMS = (ensemble.HistGradientBoostingClassifier, ensemble.HistGradientBoostingRegressor)
DRAWS: dict[tuple[type, ...], Callable[[Any, Graph], Drawn]] = {
    (tree.DecisionTreeClassifier, tree.DecisionTreeRegressor): forest,
    (ensemble.RandomForestClassifier, ensemble.RandomForestRegressor): forest,
    (ensemble.ExtraTreesClassifier, ensemble.ExtraTreesRegressor): forest,
    (ensemble.GradientBoostingClassifier, ensemble.GradientBoostingRegressor): gradient_boosting,
    HISTOGRAMS: histogram_boosting,
    (ensemble.IsolationForest,): isolation_forest,
    (ensemble.AdaBoostClassifier,): adaboost_classifier,
    (ensemble.AdaBoostRegressor,): adaboost_regressor,
}


def matches(estimator: Any) -> bool:
    """Whether it is one of scikit-learn's ensembles of trees, or a single tree."""
    if isinstance(estimator, ensemble.AdaBoostClassifier | ensemble.AdaBoostRegressor):
        parts = getattr(estimator, "estimators_", ())
        return all(isinstance(each, tree.BaseDecisionTree) for each in parts)
    return isinstance(estimator, tuple(kind for kinds in DRAWS for kind in kinds))


def convert(estimator: Any, front: Front, classes: Sequence[Any] | None) -> Conversion:
    """Return the estimator as a graph; raise UnsupportedModel, naming what cannot be exported."""
    check_is_fitted(estimator)
    front, graph, drawn = _drawn(estimator, front)
    values = _classes(estimator)
    several = getattr(estimator, "n_outputs_", 1) > 1
    width = sum(map(len, values)) if drawn.probabilities else getattr(estimator, "n_outputs_", 1)
    kind, tensor = drawn.numbers
    outputs = {**_labels(values, drawn.indices, graph), kind: (numbers(kind, width), tensor)}
    if drawn.decision and isinstance(front, Piped) and front.inside:
        # A calibration may ask for it.
        outputs[DECISION] = (numbers(DECISION, 1 if width == 2 else width), drawn.decision)
    encoder = front.encoder
    encoder.chunk = rows_at_once(encoder.chunk, len(drawn.trees) * width)

    def answer(frame: Frame) -> Answers:
        rows = front.rows(frame)
        with in_order():
            said = np.asarray(front.outer.predict(rows))
            if kind == "value":
                return Answers(said.reshape(len(frame), width))
            if kind == "score":
                return Answers(front.outer.score_samples(rows).reshape(-1, 1), labels=said)
            shares = front.outer.predict_proba(rows)
        return Answers(np.empty((len(frame), 0)), np.hstack(shares) if several else shares, said)

    exact = {"raw": 0.0, "probability": 0.0}
    return Conversion(
        graph=front.before(graph.finish(outputs)),
        encoder=encoder,
        outputs=[each for each, _ in outputs.values()],
        decision=_decision(estimator, kind),
        classes=values[0].tolist() if values and not several else None,
        targets=_targets(values, estimator.n_outputs_) if several else (),
        answer=answer,
        files={persist.FILE: persist.dumps(front.outer)},
        libraries=["scikit-learn", "skops"],
        # Exponential functions of two mathematical libraries differ in the last bit.
        limits=exact if drawn.exact else {"relative": 1e-14, "probability": 1e-14},
        floors=exact if drawn.exact else {"raw": 1e-12, "probability": 1e-15},
        thresholds=front.thresholds(thresholds(drawn.trees)),
        dtype=front.dtype,
    )


def _classes(estimator: Any) -> list[np.ndarray]:
    """Return the class values of each output; none for a regression."""
    if isinstance(estimator, ensemble.IsolationForest):
        return [np.array([-1, 1])]
    if not is_classifier(estimator):
        return []
    return list(estimator.classes_) if isinstance(estimator.classes_, list) else [estimator.classes_]


def _labels(
    values: Sequence[np.ndarray], indices: Sequence[str], graph: Graph
) -> dict[str, tuple[dict[str, Any], str]]:
    """Return the output of labels, [n] or [n, outputs], and its name in the graph; none for a regression."""
    if not values:
        return {}
    listed = [each.tolist() for each in values]
    if len({words(each) for each in listed}) > 1:
        raise UnsupportedModel("some outputs have words as classes, others numbers; fit them as one or the other")
    labels = [graph.chosen(each, index) for each, index in zip(listed, indices, strict=True)]
    if len(labels) == 1:
        return {"label": (label(listed[0]), labels[0])}
    columns = [graph.add("Unsqueeze", each, np.array([1])) for each in labels]
    return {"label": ({**label(listed[0]), "shape": [-1, len(labels)]}, graph.add("Concat", *columns, axis=1))}


def _decision(estimator: Any, kind: str) -> dict[str, Any]:
    if kind == "value":
        return {"kind": "value", "output": "value"}
    if kind == "score":
        return {"kind": "anomaly", "label": "label", "score": "score", "threshold": float(estimator.offset_)}
    return {"kind": "labelled", "label": "label", "probabilities": "probabilities"}


def _targets(values: Sequence[np.ndarray], count: int) -> list[Target]:
    if not values:
        return [Target(f"value_{i}") for i in range(count)]
    return [Target(f"label_{i}", each.tolist()) for i, each in enumerate(values)]


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
