"""scikit-learn's boosted trees: sums from a first value on, the inverse of the loss's link, and AdaBoost's votes."""

from typing import Any

import numpy as np
from sklearn.base import is_classifier

from .sklearn_tree_arrays import decision_tree, histogram_tree, leaf_values, table_of
from .sklearn_tree_graphs import Drawn, Graph
from .tree_ensemble import Tree, leaf


def gradient_boosting(estimator: Any, graph: Graph) -> Drawn:
    """Draw GradientBoostingClassifier and GradientBoostingRegressor."""
    first = estimator._raw_predict_init(np.zeros((1, estimator.n_features_in_)))[0]
    trees = [leaf(value, target) for target, value in enumerate(first.tolist())]
    for stage in estimator.estimators_:
        for target, part in enumerate(stage):
            trees.append(decision_tree(part, estimator.learning_rate * leaf_values(part)[:, 0, 0], target))
    return _linked(estimator, trees, len(first), graph, "GreaterOrEqual")


def histogram_boosting(estimator: Any, graph: Graph) -> Drawn:
    """Draw HistGradientBoostingClassifier and HistGradientBoostingRegressor, behind the codes of their categories."""
    first = np.asarray(estimator._baseline_prediction).ravel()
    trees = [leaf(value, target) for target, value in enumerate(first.tolist())]
    known, places = estimator._bin_mapper.make_known_categories_bitsets()
    for stage in estimator._predictors:
        trees += [histogram_tree(part, known, places, target) for target, part in enumerate(stage)]
    return _linked(estimator, trees, len(first), graph, "Greater")


def _linked(estimator: Any, trees: list[Tree], width: int, graph: Graph, beyond: str) -> Drawn:
    """Draw the answers that follow from raw scores; of two classes the second where they are `beyond` 0."""
    raw = graph.sums(trees, width)
    if not is_classifier(estimator):
        kind = type(estimator._loss.link).__name__
        return Drawn(trees, value=graph.add("Exp", raw) if kind == "LogLink" else raw, exact=kind != "LogLink")
    if width > 1:
        return _classes(trees, graph.softmax(raw), raw, [graph.first_maximum(raw)])
    half = type(estimator._loss.link).__name__ == "HalfLogitLink"
    probabilities = graph.sigmoid(graph.add("Mul", 2.0, raw) if half else raw)
    return _classes(trees, probabilities, raw, [graph.add(beyond, raw, 0.0)])


def _classes(trees: list[Tree], probabilities: str, decision: str, indices: list[str]) -> Drawn:
    return Drawn(trees, probabilities=probabilities, decision=decision, indices=indices, exact=False)


def adaboost_classifier(estimator: Any, graph: Graph) -> Drawn:
    """Draw AdaBoostClassifier: each tree votes for its class with its weight, and against the others (SAMME).

    Before scikit-learn 1.6 it is by default SAMME.R: the logarithms of the tree's shares of the classes are its votes.
    """
    classes, weights = estimator.classes_, estimator.estimator_weights_
    others = len(classes) - 1
    real = getattr(estimator, "algorithm", "SAMME") == "SAMME.R"
    votes = []
    for part, weight in zip(estimator.estimators_, weights, strict=False):
        shares = leaf_values(part)[:, 0]
        if real:
            logs = np.log(np.clip(shares, np.finfo(np.float64).eps, None))
            votes.append(others * (logs - 1 / len(classes) * logs.sum(axis=1, keepdims=True)))
        else:
            chosen = part.classes_[shares.argmax(axis=1)]
            votes.append(np.where(chosen[:, np.newaxis] == classes, weight, -1 / others * weight))
    trees, table = table_of(estimator.estimators_, votes)
    means = graph.add("Div", graph.table_sums(trees, table), float(weights.sum()))
    if others > 1:
        probabilities = graph.softmax(graph.add("Div", means, float(others)))
        return _classes(trees, probabilities, means, [graph.first_maximum(means)])
    first, second = graph.split(means, [1, 1])
    decision = graph.add("Sub", second, first)
    both = graph.add("Div", graph.add("Concat", graph.add("Neg", decision), decision, axis=1), 2.0)
    return _classes(trees, graph.softmax(both), decision, [graph.add("Greater", decision, 0.0)])


def adaboost_regressor(estimator: Any, graph: Graph) -> Drawn:
    """Draw AdaBoostRegressor: the weighted median of what the trees say."""
    parts = estimator.estimators_
    trees = [decision_tree(part, leaf_values(part)[:, 0, 0], target) for target, part in enumerate(parts)]
    values, order = graph.largest(graph.sums(trees, len(parts)), len(parts), largest=False)
    weights = graph.add("CumSum", graph.add("Gather", estimator.estimator_weights_[: len(parts)], order), np.array(1))
    half = graph.add("Mul", 0.5, graph.last(weights, len(parts), 1))
    reached = graph.add("Cast", graph.add("GreaterOrEqual", weights, half), to=7)
    median = graph.add("ArgMax", reached, axis=1, keepdims=1)
    return Drawn(trees, value=graph.add("GatherElements", values, median, axis=1))
