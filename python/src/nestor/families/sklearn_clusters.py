"""scikit-learn's clusterings that say of a new row which cluster it belongs to, by the nearest centre or a mixture."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy.special import digamma
from sklearn.cluster import KMeans, MeanShift, MiniBatchKMeans
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture
from sklearn.utils.validation import check_is_fitted

from ..answers import Answers
from ..conversion import Conversion
from ..encoders import rows_at_once
from ..errors import UnsupportedModel
from ..frames import Frame
from ..front import Front
from . import persist
from .nodes import Nodes, dense, label, numbers

MIXTURES = (GaussianMixture, BayesianGaussianMixture)


def matches(estimator: Any) -> bool:
    """Whether it is KMeans, MiniBatchKMeans, MeanShift or a Gaussian mixture."""
    return type(estimator) in (KMeans, MiniBatchKMeans, MeanShift, *MIXTURES)


def convert(estimator: Any, front: Front, classes: Sequence[Any] | None) -> Conversion:
    """Return the clustering as a graph; raise UnsupportedModel for a single cluster."""
    check_is_fitted(estimator)
    front = front.reading(getattr(estimator, "feature_names_in_", None))
    clusters = list(range(_count(estimator)))
    if len(clusters) < 2:
        raise UnsupportedModel(f"{type(estimator).__name__} of one cluster says the same of every row")
    if getattr(estimator, "cluster_centers_", np.empty(0)).dtype == np.float32:
        raise UnsupportedModel(
            f"{type(estimator).__name__} was fitted on float32 and takes nothing else; fit it on X.astype('float64')"
        )
    nodes = Nodes(front.tensor)
    mixed = isinstance(estimator, MIXTURES)
    beside, index, tensor = (_mixture if mixed else _means)(estimator, nodes)
    outputs = {"label": (label(clusters), index), beside: (numbers(beside, len(clusters)), tensor)}
    encoder = front.encoder
    encoder.chunk = rows_at_once(encoder.chunk, len(clusters) * front.tensor["shape"][1])
    limits = {"probability": 1e-7} if mixed else {"relative": 1e-9}
    return Conversion(
        graph=front.before(nodes.finish(outputs)),
        encoder=encoder,
        outputs=[each for each, _ in outputs.values()],
        decision={"kind": "labelled" if mixed else "cluster", "label": "label", beside: beside},
        classes=clusters,
        answer=_mixture_answer(front) if mixed else _means_answer(front, np.asarray(estimator.cluster_centers_)),
        files={persist.FILE: persist.dumps(estimator)},
        libraries=["scikit-learn", "skops"],
        limits=limits,
        floors={"raw": 1e-12, "probability": 1e-12},
        dtype=front.dtype,
        clusters=True,
    )


def _count(estimator: Any) -> int:
    return len(estimator.weights_) if isinstance(estimator, MIXTURES) else len(estimator.cluster_centers_)


def _means(estimator: Any, nodes: Nodes) -> tuple[str, str, str]:
    """Draw which centre is nearest, in the estimator's own arithmetic, and how far each is.

    Source: `_update_chunk_dense` in sklearn/cluster/_k_means_lloyd.pyx leaves out the square of the row.
    """
    centres = np.asarray(estimator.cluster_centers_, dtype=np.float64)
    products = nodes.add("MatMul", nodes.rows, np.ascontiguousarray(-2.0 * centres.T))
    nearness = nodes.add("Add", products, (centres**2).sum(axis=1)[np.newaxis])
    index = nodes.add("ArgMin", nearness, axis=1, keepdims=0)
    return "distances", index, nodes.add("Sqrt", nodes.squared_distances(centres))


def _means_answer(front: Front, centres: np.ndarray) -> Callable[[Frame], Answers]:
    def answer(frame: Frame) -> Answers:
        rows = dense(front.matrix(frame)).astype(np.float64)
        # The estimator's own `transform` loses the digits of small distances.
        distances = np.stack([np.sqrt(((rows - centre) ** 2).sum(axis=1)) for centre in centres], axis=1)
        return Answers(distances, labels=np.asarray(front.outer.predict(front.rows(frame))).astype(np.int64))

    return answer


def _mixture(estimator: Any, nodes: Nodes) -> tuple[str, str, str]:
    """Draw the likeliest component and the probability of each.

    Source: `_estimate_log_gaussian_prob` in sklearn/mixture/_gaussian_mixture.py.
    """
    means, roots = estimator.means_, estimator.precisions_cholesky_
    columns = means.shape[1]
    if estimator.covariance_type in ("full", "tied"):
        each = np.broadcast_to(roots, (len(means), columns, columns))
        rows = nodes.add("MatMul", nodes.add("Unsqueeze", nodes.rows, np.array([0])), np.ascontiguousarray(each))
        apart = nodes.add("Sub", rows, np.einsum("kc,kcd->kd", means, each)[:, np.newaxis])
        squares = nodes.add("ReduceSum", nodes.add("Mul", apart, apart), np.array([2]), keepdims=0)
        far = nodes.add("Transpose", squares, perm=[1, 0])
        determinant = np.log(np.diagonal(each, axis1=1, axis2=2)).sum(axis=1)
    else:
        roots = roots if roots.ndim == 2 else np.repeat(roots[:, np.newaxis], columns, axis=1)
        precisions = roots**2
        products = nodes.add("MatMul", nodes.rows, np.ascontiguousarray(2.0 * (means * precisions).T))
        squares = nodes.add("MatMul", nodes.add("Mul", nodes.rows, nodes.rows), np.ascontiguousarray(precisions.T))
        far = nodes.add("Add", nodes.add("Sub", (means**2 * precisions).sum(axis=1)[np.newaxis], products), squares)
        determinant = np.log(roots).sum(axis=1)
    constant = determinant + _weights(estimator, columns) - 0.5 * columns * np.log(2 * np.pi)
    logs = nodes.add("Add", nodes.add("Mul", far, -0.5), constant[np.newaxis])
    return "probabilities", nodes.add("ArgMax", logs, axis=1, keepdims=0), nodes.add("Softmax", logs, axis=1)


def _weights(estimator: Any, columns: int) -> np.ndarray:
    """Return the logarithm of how much each component counts; one that was inferred is uncertain, which counts too.

    Source: `_estimate_log_weights`, `_estimate_log_prob` in sklearn/mixture/_bayesian_mixture.py.
    """
    if isinstance(estimator, GaussianMixture):
        return np.asarray(np.log(estimator.weights_))
    free, given = estimator.degrees_of_freedom_, estimator.weight_concentration_
    if estimator.weight_concentration_prior_type == "dirichlet_process":
        both = digamma(given[0] + given[1])
        left = np.hstack([0.0, np.cumsum(digamma(given[1]) - both)[:-1]])
        weights = digamma(given[0]) - both + left
    else:
        weights = digamma(given) - digamma(np.sum(given))
    spread = columns * np.log(2.0) + digamma(0.5 * (free - np.arange(columns)[:, np.newaxis])).sum(axis=0)
    uncertain = 0.5 * (spread - columns / estimator.mean_precision_) - 0.5 * columns * np.log(free)
    return np.asarray(weights + uncertain)


def _mixture_answer(front: Front) -> Callable[[Frame], Answers]:
    def answer(frame: Frame) -> Answers:
        rows = front.rows(frame)
        labels = np.asarray(front.outer.predict(rows)).astype(np.int64)
        return Answers(np.empty((len(frame), 0)), front.outer.predict_proba(rows), labels)

    return answer
