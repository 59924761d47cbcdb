"""A calibrated RBF support vector classifier of three or more classes, in float64 from the kernel to the label."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
from onnx import TensorProto, helper
from sklearn.calibration import CalibratedClassifierCV
from sklearn.svm import SVC

from .. import graphs
from ..conversion import Conversion
from ..front import Front
from . import persist
from .nodes import dense


def matches(estimator: Any) -> bool:
    """Whether it is CalibratedClassifierCV(SVC(), ensemble=False), sigmoid or temperature, of at least 3 classes."""
    if not (isinstance(estimator, CalibratedClassifierCV) and len(estimator.calibrated_classifiers_) == 1):
        return False
    svc = estimator.calibrated_classifiers_[0].estimator
    return (
        type(svc) is SVC
        and (svc.kernel, svc.decision_function_shape, svc.break_ties) == ("rbf", "ovr", False)
        and len(svc.classes_) > 2
        and estimator.method in ("sigmoid", "temperature")
    )


def convert(estimator: CalibratedClassifierCV, front: Front, classes: Sequence[Any] | None) -> Conversion:
    """Return the estimator as a graph of elementary operators; its label is what the estimator's `predict` says."""
    front = front.reading(getattr(estimator, "feature_names_in_", None))
    values = estimator.classes_.tolist()
    outputs = [
        {"name": "label", "datatype": "INT64", "shape": [-1]},
        {"name": "probabilities", "datatype": "FP64", "shape": [-1, len(values)]},
    ]

    return Conversion(
        graph=front.before(_graph(estimator, front.tensor, outputs)),
        encoder=front.encoder,
        outputs=outputs,
        decision={"kind": "labelled", "label": "label", "probabilities": "probabilities"},
        classes=values,
        answer=front.labelled,
        files={persist.FILE: persist.dumps(estimator)},
        libraries=["scikit-learn", "skops"],
        limits={"probability": 1e-6},
        floors={"probability": 1e-12},
    )


def _graph(estimator: CalibratedClassifierCV, input_: dict[str, Any], outputs: list[Any]) -> Any:
    """Return kernel -> one-versus-one decisions -> one-versus-rest scores -> calibration -> label.

    Source: libsvm's decision function; `_ovr_decision_function` in sklearn/utils/multiclass.py (votes plus the sum of
    the pairs' decisions squeezed into (-1/3, 1/3)); `_CalibratedClassifier.predict_proba` in sklearn/calibration.py.
    """
    calibrated = estimator.calibrated_classifiers_[0]
    svc, calibrators = calibrated.estimator, calibrated.calibrators
    weights, wins, pairs = pairs_of(svc)
    width = len(svc.classes_)
    constants = {
        "vectors": dense(svc.support_vectors_)[np.newaxis],
        "minus_gamma": np.array(-svc._gamma),
        "weights": weights,
        "intercept": svc.intercept_,
        "zero": np.array(0.0),
        "one": np.array(1.0),
        "three": np.array(3.0),
        "pairs": pairs,
        "lost": -pairs,
        "wins": wins,
        "axis_1": np.array([1]),
        "axis_2": np.array([2]),
        "values": np.array(svc.classes_, dtype=np.int64),
    }
    node = helper.make_node
    nodes = [
        node("Unsqueeze", [input_["name"], "axis_1"], ["rows"]),
        node("Sub", ["rows", "vectors"], ["difference"]),
        node("Mul", ["difference", "difference"], ["squares"]),
        node("ReduceSum", ["squares", "axis_2"], ["distance"], keepdims=0),
        node("Mul", ["distance", "minus_gamma"], ["exponent"]),
        node("Exp", ["exponent"], ["kernel"]),
        node("MatMul", ["kernel", "weights"], ["weighted"]),
        node("Add", ["weighted", "intercept"], ["decisions"]),
        node("Less", ["decisions", "zero"], ["negative"]),
        node("Cast", ["negative"], ["lost_pairs"], to=TensorProto.DOUBLE),
        node("MatMul", ["lost_pairs", "lost"], ["moved_votes"]),
        node("Add", ["moved_votes", "wins"], ["votes"]),
        node("MatMul", ["decisions", "pairs"], ["confidence"]),
        node("Abs", ["confidence"], ["size"]),
        node("Add", ["size", "one"], ["size_1"]),
        node("Mul", ["size_1", "three"], ["scale"]),
        node("Div", ["confidence", "scale"], ["squeezed"]),
        node("Add", ["votes", "squeezed"], ["scores"]),
    ]
    if estimator.method == "temperature":
        constants["slope"] = np.array(calibrators[0].beta_)
        nodes += [
            node("Mul", ["scores", "slope"], ["logits"]),
            node("Softmax", ["logits"], ["probabilities"], axis=1),
        ]
    else:
        constants["slope"] = np.array([-each.a_ for each in calibrators])
        constants["offset"] = np.array([-each.b_ for each in calibrators])
        nodes += [
            node("Mul", ["scores", "slope"], ["sloped"]),
            node("Add", ["sloped", "offset"], ["logits"]),
            node("Sigmoid", ["logits"], ["each"]),
            node("ReduceSum", ["each", "axis_1"], ["sum"], keepdims=1),
            node("Div", ["each", "sum"], ["probabilities"]),
        ]
    nodes += [
        node("ArgMax", ["probabilities"], ["index"], axis=1, keepdims=0),
        node("Gather", ["values", "index"], ["label"]),
    ]
    assert width == pairs.shape[1]
    return graphs.model(nodes, [input_], outputs, [graphs.constant(name, value) for name, value in constants.items()])


def pairs_of(svc: SVC) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return weights [vectors, pairs], the votes if every first class won [classes], and +1/-1 per pair and class."""
    width = len(svc.classes_)
    ends = np.cumsum([0, *svc.n_support_])
    pairs = list(combinations(range(width), 2))
    coefficients = dense(svc.dual_coef_)
    weights = np.zeros((coefficients.shape[1], len(pairs)))
    sign = np.zeros((len(pairs), width))
    for column, (first, second) in enumerate(pairs):
        for one, other in ((first, second), (second, first)):
            rows = slice(ends[one], ends[one + 1])
            weights[rows, column] = coefficients[other - 1 if other > one else other, rows]
        sign[column, first], sign[column, second] = 1, -1
    return weights, (sign > 0).sum(axis=0).astype(np.float64), sign
