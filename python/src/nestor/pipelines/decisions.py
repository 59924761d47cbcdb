"""What `decision_function` gives, as nodes behind what stands before an estimator."""

from typing import Any

import numpy as np
from sklearn.linear_model._base import LinearClassifierMixin
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC, NuSVC

from .. import families
from ..encoders import rows_at_once
from ..families.kernels import kernel
from ..families.nodes import Nodes, dense, numbers
from ..families.svm import pairs_of
from .answered import Part
from .builder import Builder
from .piped import Piped


def decision(estimator: Any, front: Piped, parts: list[Part]) -> str:
    """Return the scores [n, 1] of two classes, [n, classes] of more; add the part that was asked for them, if any.

    Raises UnsupportedModel where there is no graph.
    """
    estimator = families.found_by_search(estimator)
    if isinstance(estimator, Pipeline):
        return decision(estimator.steps[-1][1], front.then(estimator.steps[:-1]), parts)
    graph = front.graph
    if isinstance(estimator, LinearClassifierMixin):
        rows = front.reading(None).tensor["name"]
        products = graph.node("MatMul", rows, np.atleast_2d(dense(estimator.coef_)).T)
        return graph.node("Add", products, estimator.intercept_)
    if type(estimator) in (SVC, NuSVC):
        return svc(estimator, front.reading(None).tensor["name"], graph)
    parts.append(Part(families.behind(estimator, front), graph, f"{front.where} ({type(estimator).__name__})"))
    return parts[-1].scores()


def svc(estimator: SVC, rows: str, graph: Builder) -> str:
    """Return a support vector classifier's scores; those of pairs become one for each class as scikit-learn does it.

    Source: libsvm's decision function; `_ovr_decision_function` in sklearn/utils/multiclass.py.
    """
    scores = pairwise(estimator, rows, graph)
    if len(estimator.classes_) == 2:
        return graph.node("Neg", scores)
    _, wins, pairs = pairs_of(estimator)
    if estimator.decision_function_shape == "ovo":
        return scores
    lost = graph.number(graph.node("Less", scores, 0.0))
    votes = graph.node("Add", graph.node("MatMul", lost, -pairs), wins)
    confidence = graph.node("MatMul", scores, pairs)
    scale = graph.node("Mul", graph.node("Add", graph.node("Abs", confidence), 1.0), 3.0)
    return graph.node("Add", votes, graph.node("Div", confidence, scale))


def pairwise(estimator: SVC, rows: str, graph: Builder) -> str:
    """Return the scores of pairs [n, pairs]; above 0 the first class of the pair wins.

    Of two classes scikit-learn turns the sign around, so that the score speaks for the second one.
    """
    near = _kernel(estimator, rows, graph)
    if len(estimator.classes_) == 2:
        return graph.node("Add", graph.node("MatMul", near, -dense(estimator.dual_coef_).T), -estimator.intercept_)
    return graph.node("Add", graph.node("MatMul", near, pairs_of(estimator)[0]), estimator.intercept_)


def _kernel(estimator: SVC, rows: str, graph: Builder) -> str:
    """Return the kernel [n, vectors] of the rows and the support vectors."""
    count, width = estimator.support_vectors_.shape
    graph.chunk = rows_at_once(graph.chunk, count * width)
    nodes = Nodes({"name": rows, "datatype": "FP64", "shape": [-1, width]})
    return graph.inline(nodes.finish({"kernel": (numbers("kernel", count), kernel(estimator, nodes))}))["kernel"]
