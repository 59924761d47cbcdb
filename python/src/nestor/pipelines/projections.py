"""Transformers that are one product with a matrix, or distances to centres, as float64 nodes."""

from typing import Any

import numpy as np

from ..encoders import rows_at_once
from ..errors import UnsupportedModel
from .builder import Builder, Tensor


def ica(step: Any, x: Tensor, graph: Builder, sparse: bool, where: str) -> Tensor:
    """FastICA."""
    return _product(graph.node("Sub", x.name, step.mean_) if step.whiten else x.name, step.components_.T, graph)


def factors(step: Any, x: Tensor, graph: Builder, sparse: bool, where: str) -> Tensor:
    """FactorAnalysis."""
    weighted = step.components_ / step.noise_variance_
    covariance = np.linalg.inv(np.eye(len(step.components_)) + weighted @ step.components_.T)
    return _product(graph.node("Sub", x.name, step.mean_), weighted.T @ covariance, graph)


def discriminants(step: Any, x: Tensor, graph: Builder, sparse: bool, where: str) -> Tensor:
    """LinearDiscriminantAnalysis, as a step that is not the last."""
    if step.solver == "lsqr":
        raise UnsupportedModel(f"{where} has no transform with solver='lsqr'; use 'svd'")
    name = graph.node("Sub", x.name, step.xbar_) if step.solver == "svd" else x.name
    return _product(name, step.scalings_[:, : step._max_components], graph)


def random(step: Any, x: Tensor, graph: Builder, sparse: bool, where: str) -> Tensor:
    """GaussianRandomProjection and SparseRandomProjection."""
    matrix = step.components_.toarray() if hasattr(step.components_, "toarray") else step.components_
    return _product(x.name, matrix.T, graph)


def distances(step: Any, x: Tensor, graph: Builder, sparse: bool, where: str) -> Tensor:
    """KMeans and MiniBatchKMeans, as a step that is not the last: how far each centre is."""
    centres = np.asarray(step.cluster_centers_, dtype=np.float64)
    graph.chunk = rows_at_once(graph.chunk, centres.size)
    apart = graph.node("Sub", graph.node("Unsqueeze", x.name, np.array([1])), centres[np.newaxis])
    squares = graph.node("ReduceSum", graph.node("Mul", apart, apart), np.array([2]), keepdims=0)
    return graph.sized(graph.node("Sqrt", squares), len(centres))


def _product(name: str, matrix: np.ndarray, graph: Builder) -> Tensor:
    return graph.sized(graph.node("MatMul", name, np.ascontiguousarray(matrix)), matrix.shape[1])
