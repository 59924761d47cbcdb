"""ONNX graphs: one place for the versions that the runtime takes, names of axes and fixed texts."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

# onnxruntime 1.30 reads IR <= 13 and opset <= 26; onnx would write newer ones by default.
IR_VERSION = 10
OPSET = 21
ML_OPSET = 5
# As the first version of this package was called: an estimator that is exported anew gives the graph it gave before.
PRODUCER, DOC_STRING = "nestor-trainer", "Exported by Nestor's trainer."
ELEMENT = {
    "FP64": TensorProto.DOUBLE, "FP32": TensorProto.FLOAT, "INT64": TensorProto.INT64, "BYTES": TensorProto.STRING,
}  # fmt: skip


def value_info(tensor: dict[str, Any]) -> onnx.ValueInfoProto:
    """Return the graph's declaration of a manifest tensor; the first axis is the batch, other free ones get names."""
    shape = ["batch" if i == 0 else (size if size >= 0 else f"axis_{i}") for i, size in enumerate(tensor["shape"])]
    return helper.make_tensor_value_info(tensor["name"], ELEMENT[tensor["datatype"]], shape)


def constant(name: str, values: np.ndarray) -> TensorProto:
    """Return an initializer."""
    return numpy_helper.from_array(np.ascontiguousarray(values), name)


def model(
    nodes: Sequence[onnx.NodeProto],
    inputs: Sequence[dict[str, Any]],
    outputs: Sequence[dict[str, Any]],
    constants: Sequence[TensorProto] = (),
) -> onnx.ModelProto:
    """Return a checked model with fixed versions and texts, so that equal graphs have equal bytes."""
    graph = helper.make_graph(
        list(nodes), "nestor", [value_info(t) for t in inputs], [value_info(t) for t in outputs], list(constants)
    )
    made = helper.make_model(
        graph,
        ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", ML_OPSET)],
        producer_name=PRODUCER,
        producer_version="1",
        doc_string=DOC_STRING,
    )
    onnx.checker.check_model(made)
    return made


def fixed(made: onnx.ModelProto, outputs: Sequence[str]) -> onnx.ModelProto:
    """Return a foreign converter's model with our versions, texts, output names and batch axis."""
    graph = made.graph
    renamed = dict(zip([each.name for each in graph.output], outputs, strict=True))
    for each in graph.node:
        for names in (each.input, each.output):
            names[:] = [renamed.get(name, name) for name in names]
    for each in [*graph.input, *graph.output]:
        each.name = renamed.get(each.name, each.name)
        each.type.tensor_type.shape.dim[0].dim_param = "batch"
    graph.name, made.ir_version = "nestor", IR_VERSION
    made.producer_name, made.producer_version, made.doc_string = PRODUCER, "1", DOC_STRING
    made.domain, made.model_version = "", 0
    onnx.checker.check_model(made)
    return made
