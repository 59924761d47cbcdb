"""Any other scikit-learn classifier or regressor that skl2onnx converts; how exactly is measured, not promised."""

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
import skl2onnx
from onnx import helper
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidGraph
from onnxruntime.capi.onnxruntime_pybind11_state import NotImplemented as LacksOperator
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType
from sklearn.base import BaseEstimator, is_classifier, is_regressor
from sklearn.utils.validation import check_is_fitted

from .. import graphs
from ..answers import Target
from ..conversion import Conversion, session
from ..errors import UnsupportedModel, first_line
from ..frames import Frame
from ..front import Front, as_pandas
from ..libraries import MEND, SERVERS, older
from . import persist
from .nodes import dense

# What is off by more is no matter of rounding.
LIMITS = {"FP64": {"relative": 1e-9, "probability": 1e-9}, "FP32": {"relative": 1e-5, "probability": 1e-4}}
NAMES = {"classifier": ["label", "probabilities"], "regressor": ["value"]}


def matches(estimator: Any) -> bool:
    """Whether it is a scikit-learn classifier or regressor."""
    return isinstance(estimator, BaseEstimator) and (is_classifier(estimator) or is_regressor(estimator))


def convert(estimator: Any, front: Front, classes: Sequence[Any] | None) -> Conversion:
    """Return the estimator as skl2onnx converts it; raise UnsupportedModel, naming what it cannot convert."""
    check_is_fitted(estimator)
    names = getattr(estimator, "feature_names_in_", None)
    if is_classifier(estimator) and not hasattr(estimator, "predict_proba"):
        raise UnsupportedModel(f"{_name(estimator)} has no predict_proba; wrap it in CalibratedClassifierCV")
    if is_classifier(estimator) and _says_several(estimator):
        raise UnsupportedModel(
            f"{_name(estimator)} answers several labels of a row at once, which skl2onnx does not convert; "
            f"MultiOutputClassifier({type(estimator).__name__}(...)) is exported, a label for each"
        )
    if "RadiusNeighbors" in type(estimator).__name__ and older("onnxruntime", SERVERS):
        raise UnsupportedModel(
            f"{_name(estimator)}: its graph may look up rows that are not there, which the server refuses and "
            f"onnxruntime before {SERVERS} does not notice; {MEND}"
        )
    classifier = is_classifier(estimator)
    width = 1 if classifier else _width(estimator)
    front, graph = _runnable(estimator, front.reading(names), width)
    outputs = _outputs(graph)
    values = estimator.classes_.tolist() if classifier else None

    labelled = {"kind": "labelled", "label": "label", "probabilities": "probabilities"}
    return Conversion(
        graph=graph,
        encoder=front.encoder,
        outputs=outputs,
        decision=labelled if classifier else {"kind": "value", "output": "value"},
        classes=values,
        answer=front.labelled if classifier else front.valued,
        files={persist.FILE: persist.dumps(estimator)},
        libraries=["scikit-learn", "skl2onnx", "skops"],
        limits=LIMITS[front.datatype],
        floors={"raw": 0.0 if classifier else 1e-12, "probability": 1e-12},
        thresholds=front.thresholds(_thresholds(estimator)),
        dtype=front.dtype,
        targets=[Target(f"value_{i}") for i in range(width)] if width > 1 else (),
    )


def _says_several(estimator: Any) -> bool:
    """Whether a classifier was fitted with several labels a row: nearest neighbours and neural networks take them."""
    binarizer = getattr(estimator, "_label_binarizer", None)
    return bool(getattr(estimator, "outputs_2d_", False)) or getattr(binarizer, "y_type_", "").startswith("multilabel")


def _width(estimator: Any) -> int:
    """Return how many values a regressor predicts for a row."""
    names = getattr(estimator, "feature_names_in_", None)
    row = np.zeros((1, estimator.n_features_in_))
    rows = row if names is None else as_pandas(Frame(dict(zip(names, row.T, strict=True))))
    return int(np.size(estimator.predict(rows)))


def _runnable(estimator: Any, front: Front, width: int) -> tuple[Front, onnx.ModelProto]:
    """Return the front and the graph that the runtime takes.

    scikit-learn's trees and forests round their inputs to float32; everything else computes in float64, and so does
    the graph unless the runtime lacks an operator for it.
    """
    for datatype in ["FP32"] if _trees(estimator) else ["FP64", "FP32"]:
        read = front.reading(front.names, datatype)
        graph = read.before(_side_by_side(_graph(estimator, read.tensor), width))
        try:
            session(graph)
        except (Fail, InvalidGraph, LacksOperator) as error:
            lacking = str(error)
        else:
            return read, graph
    raise UnsupportedModel(f"{_name(estimator)}: the runtime cannot load its graph: {lacking}")


def _name(estimator: Any) -> str:
    return f"{type(estimator).__module__}.{type(estimator).__qualname__}"


def _trees(estimator: Any) -> list[Any]:
    parts = [estimator, *np.ravel(getattr(estimator, "estimators_", []))]
    return [each.tree_ for each in parts if hasattr(each, "tree_")]


def _thresholds(estimator: Any) -> dict[int, set[float]]:
    """Return the distinct thresholds of each column, where trees see the inputs as they are."""
    found: dict[int, set[float]] = {}
    for tree in _trees(estimator):
        for feature, threshold in zip(tree.feature.tolist(), tree.threshold.tolist(), strict=True):
            if feature >= 0:
                found.setdefault(feature, set()).add(threshold)
    return found


def _graph(estimator: Any, tensor: dict[str, Any]) -> onnx.ModelProto:
    kind = FloatTensorType if tensor["datatype"] == "FP32" else DoubleTensorType
    classifier = is_classifier(estimator)
    if hasattr(rows := getattr(estimator, "_fit_X", None), "toarray"):
        # Nearest neighbours that were fitted on sparse rows keep them so, which skl2onnx does not know.
        estimator = copy.copy(estimator)
        estimator._fit_X = dense(rows)
    try:
        made = skl2onnx.convert_sklearn(
            estimator,
            initial_types=[(tensor["name"], kind([None, tensor["shape"][1]]))],
            target_opset={"": graphs.OPSET, "ai.onnx.ml": 3},
            options={id(estimator): {"zipmap": False}} if classifier else None,
        )
    except Exception as error:  # its converters raise whatever they stumble over
        reason = first_line(error)
        if "shape calculator" in reason:
            reason = "it has no converter of it"
        raise UnsupportedModel(
            f"{_name(estimator)}: skl2onnx {skl2onnx.__version__} does not convert it: {reason}; "
            "use another estimator, or bring a graph of it that somebody else made by nestor.wrap"
        ) from error
    if tensor["datatype"] == "FP64":
        _with_exact_sigmoids(made.graph)
    return graphs.fixed(made, NAMES["classifier" if classifier else "regressor"])


def _with_exact_sigmoids(graph: onnx.GraphProto) -> None:
    """Put 1 / (1 + exp(-x)) in place of the runtime's own Sigmoid, which is off by up to half a percent."""
    nodes = []
    for node in graph.node:
        if node.op_type != "Sigmoid":
            nodes.append(node)
            continue
        (x,), (out,), one = node.input, node.output, "one_of_sigmoids"
        nodes += [
            helper.make_node("Neg", [x], [f"{out}_minus"]),
            helper.make_node("Exp", [f"{out}_minus"], [f"{out}_power"]),
            helper.make_node("Add", [one, f"{out}_power"], [f"{out}_whole"]),
            helper.make_node("Div", [one, f"{out}_whole"], [out]),
        ]
        if all(each.name != one for each in graph.initializer):
            graph.initializer.append(graphs.constant(one, np.array(1.0)))
    del graph.node[:]
    graph.node.extend(nodes)


def _side_by_side(made: onnx.ModelProto, width: int) -> onnx.ModelProto:
    """Return the graph with several values as columns: skl2onnx puts those of a neural network below one another."""
    if width == 1:
        return made
    (value,) = NAMES["regressor"]
    for node in made.graph.node:
        node.output[:] = ["values" if name == value else name for name in node.output]
    made.graph.initializer.append(graphs.constant("values_shape", np.array([-1, width])))
    made.graph.node.append(helper.make_node("Reshape", ["values", "values_shape"], [value]))
    made.graph.output[0].type.tensor_type.shape.dim[1].dim_value = width
    return made


def _outputs(graph: onnx.ModelProto) -> list[dict[str, Any]]:
    datatypes = {element: name for name, element in graphs.ELEMENT.items()}
    outputs = []
    for each in graph.graph.output:
        tensor = each.type.tensor_type
        shape = [-1, *(axis.dim_value or -1 for axis in tensor.shape.dim[1:])]
        outputs.append({"name": each.name, "datatype": datatypes[tensor.elem_type], "shape": shape})
    return outputs
