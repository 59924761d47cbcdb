"""scikit-learn's single trees and forests: the mean of what the trees say, and the depth of an isolation forest."""

from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.ensemble._iforest import _average_path_length

from ..errors import UnsupportedModel
from .sklearn_tree_arrays import decision_tree, leaf_values, table_of
from .sklearn_tree_graphs import Drawn, Graph


def forest(estimator: Any, graph: Graph) -> Drawn:
    """Draw a tree or a forest: shares of the classes, or values, summed in the trees' order and then divided."""
    parts = getattr(estimator, "estimators_", [estimator])
    classifier = is_classifier(estimator)
    sizes = np.atleast_1d(estimator.n_classes_).tolist() if classifier else [1] * estimator.n_outputs_
    columns = [np.hstack([said[:, i, :size] for i, size in enumerate(sizes)]) for said in map(leaf_values, parts)]
    if not classifier and sizes == [1]:
        trees = [decision_tree(part, said[:, 0]) for part, said in zip(parts, columns, strict=True)]
        return Drawn(trees, value=_mean(graph.sums(trees, 1), len(trees), graph))
    trees, table = table_of(parts, columns)
    means = _mean(graph.table_sums(trees, table), len(trees), graph)
    if not classifier:
        return Drawn(trees, value=means)
    return Drawn(trees, probabilities=means, indices=[graph.first_maximum(each) for each in graph.split(means, sizes)])


def _mean(sums: str, count: int, graph: Graph) -> str:
    return sums if count == 1 else graph.add("Div", sums, float(count))


def isolation_forest(estimator: Any, graph: Graph) -> Drawn:
    """Draw the score of an isolation forest and whether it is normal (1) or an anomaly (0).

    Source: `IsolationForest._compute_score_samples`, 2 ** -(depth / denominator). Where the score begins to be normal
    is looked for here, as a depth: the power of another mathematical library may be off by a last bit, and a training
    row may lie on the threshold itself.
    """
    parts = list(zip(estimator.estimators_, estimator.estimators_features_, strict=True))
    denominator = float(len(parts) * _average_path_length([estimator._max_samples])[0])
    if denominator == 0:
        raise UnsupportedModel("IsolationForest of max_samples=1 says the same of every row; fit it on more")
    trees = []
    for number, (part, features) in enumerate(parts):
        depths = estimator._decision_path_lengths[number] + estimator._average_path_length_per_tree[number] - 1.0
        trees.append(decision_tree(part, depths[part.tree_.children_left < 0], columns=features))
    deepest = sum(float(tree.leaves.max()) for tree in trees)

    def score(depth: np.ndarray) -> np.ndarray:
        return -(2.0 ** -(depth / denominator))

    depth = graph.sums(trees, 1)
    power = graph.add("Pow", 2.0, graph.add("Neg", graph.add("Div", depth, denominator)))
    normal = _least(lambda tried: bool(score(np.full(1, tried))[0] - estimator.offset_ >= 0), deepest)
    index = graph.add("GreaterOrEqual", depth, normal)
    return Drawn(trees, score=graph.add("Neg", power), indices=[index], exact=False)


def _least(holds: Any, most: float) -> float:
    """Return the least number from 0 to `most` for which something holds that holds for all beyond; else infinity."""
    low, high = np.array([0.0, most]).view(np.int64).tolist()  # the bits of positive numbers are in their order
    if not holds(most):
        return float(np.inf)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(float(np.int64(middle).view(np.float64))) else (middle + 1, high)
    return float(np.int64(low).view(np.float64))
