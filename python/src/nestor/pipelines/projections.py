"""Transformers that are one product with a matrix, as float64 nodes."""

from typing import Any

import numpy as np

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


def _product(name: str, matrix: np.ndarray, graph: Builder) -> Tensor:
    return graph.sized(graph.node("MatMul", name, np.ascontiguousarray(matrix)), matrix.shape[1])
