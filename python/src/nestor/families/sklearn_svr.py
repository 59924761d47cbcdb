"""scikit-learn's support vector regressions as float64 graphs: skl2onnx sums them in float32."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.svm import SVR, NuSVR
from sklearn.utils.validation import check_is_fitted

from ..conversion import Conversion
from ..encoders import rows_at_once
from ..front import Front
from . import persist
from .kernels import kernel
from .nodes import Nodes, dense, numbers


def matches(estimator: Any) -> bool:
    """Whether it is an SVR or NuSVR."""
    return type(estimator) in (SVR, NuSVR)


def convert(estimator: Any, front: Front, classes: Sequence[Any] | None) -> Conversion:
    """Return the regression as a graph; raise UnsupportedModel for a kernel of its own."""
    check_is_fitted(estimator)
    front = front.reading(getattr(estimator, "feature_names_in_", None))
    nodes = Nodes(front.tensor)
    products = nodes.add("MatMul", kernel(estimator, nodes), np.ascontiguousarray(dense(estimator.dual_coef_).T))
    value = nodes.add("Add", products, estimator.intercept_)
    outputs = {"value": (numbers("value", 1), value)}
    encoder = front.encoder
    encoder.chunk = rows_at_once(encoder.chunk, int(np.prod(estimator.support_vectors_.shape)))

    return Conversion(
        graph=front.before(nodes.finish(outputs)),
        encoder=encoder,
        outputs=[each for each, _ in outputs.values()],
        decision={"kind": "value", "output": "value"},
        classes=None,
        answer=front.valued,
        files={persist.FILE: persist.dumps(estimator)},
        libraries=["scikit-learn", "skops"],
        # Sums over the vectors, whose weights are as large as the widest target, cancel to a small one.
        limits={"relative": 1e-8},
        floors={"raw": 1e-12},
    )
