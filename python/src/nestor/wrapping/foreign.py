"""A graph that somebody else made: what it takes and gives, and what is mended in it before it is served."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from onnx import TensorProto, numpy_helper

from ..conversion import session
from ..errors import NestorError, UnsupportedModel, first_line
from ..libraries import MEND, SERVERS, older
from ..mlflow_folders import FILE, Folder

# What onnxruntime 1.30 reads at most.
MAXIMUM_IR, MAXIMUM_OPSET = 13, 26
KNOWN_DOMAINS = {"", "ai.onnx", "ai.onnx.ml", "com.microsoft"}
WHOLE: dict[int, Any] = {
    getattr(TensorProto, kind): np.iinfo(kind.lower())
    for kind in ("INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64")
}
FLOATS: dict[int, str] = {TensorProto.FLOAT16: "FP32", TensorProto.FLOAT: "FP32", TensorProto.DOUBLE: "FP64"}


@dataclass(frozen=True)
class Port:
    """A tensor that a graph takes or gives; `shape` is what stands behind the first axis, -1 where it is free."""

    name: str
    element: int
    batch: int
    shape: tuple[int, ...]

    @property
    def width(self) -> int:
        """How many values a row has."""
        return int(np.prod(self.shape, dtype=int))

    def text(self) -> str:
        """Return the tensor as errors name it."""
        kind = TensorProto.DataType.Name(self.element).lower() if self.element else "no tensor"
        return f"{self.name} {kind} [{', '.join(map(str, (self.batch, *self.shape)))}]"


def opened(model: str | Path | bytes | onnx.ModelProto) -> onnx.ModelProto:
    """Return the graph; raise NestorError for what is none, UnsupportedModel for what cannot be served."""
    graph = _read(model)
    _check_one_file(graph)
    _check_operators(graph)
    versions = {each.domain or "ai.onnx": each.version for each in graph.opset_import}
    if versions.get("ai.onnx", 1) > MAXIMUM_OPSET:
        raise UnsupportedModel(
            f"the graph is written in opset {versions['ai.onnx']}, the server's runtime knows {MAXIMUM_OPSET}; "
            f"export it with opset {MAXIMUM_OPSET} or lower (opset_version=, target_opset=)"
        )
    # The format of the file, not of the operators: what is newer in it, the runtime would name below.
    graph.ir_version = min(graph.ir_version, MAXIMUM_IR)
    try:
        # Lists of maps are taken off, and the runtime has none of double.
        session(without_zipmap(graph)[0])
    except UnsupportedModel:
        raise
    except Exception as error:  # the runtime raises classes of its own for each kind of fault
        reason = re.sub(r"^\[ONNXRuntimeError\] : \d+ : \w+ : ", "", str(error).strip().split("\n")[0])[:300]
        mend = f"export it with the standard operators of opset {MAXIMUM_OPSET} or lower"
        if "locale" in reason:
            mend = "nestor.export takes scikit-learn's text pipelines themselves, and their graph needs no locale"
        whose = "the server's"
        if older("onnxruntime", SERVERS):
            whose, mend = "this older", f"{MEND}, or {mend}"
        raise UnsupportedModel(f"{whose} runtime cannot load the graph: {reason}; {mend}") from error
    return graph


def _read(model: str | Path | bytes | onnx.ModelProto) -> onnx.ModelProto:
    if isinstance(model, onnx.ModelProto):
        made = onnx.ModelProto()
        made.CopyFrom(model)
        return made
    if isinstance(model, bytes):
        return _decoded(model, "the bytes are")
    path = _file(Path(model))
    try:
        graph = _decoded(path.read_bytes(), f"{path} is")
    except OSError as error:
        raise NestorError(f"{path} cannot be read: {error.strerror or error}") from error
    try:
        onnx.load_external_data_for_model(graph, str(path.parent))
    except Exception as error:  # the library raises classes of its own for what is not there, or lies elsewhere
        reason = first_line(error)
        raise NestorError(f"the weights that lie beside {path} cannot be read: {reason}; keep them together") from error
    return graph


def _file(path: Path) -> Path:
    """Return the graph's file, of an MLflow model folder too."""
    if not (path / FILE).is_file():
        return path
    folder = Folder(path)
    if folder.flavour != "onnx":
        raise NestorError(f"{path} holds a model of {folder.flavour}; nestor.load_model opens it for nestor.export")
    return folder.model


def _decoded(content: bytes, what: str) -> onnx.ModelProto:
    try:
        graph = onnx.load_model_from_string(content)
    except DecodeError as error:
        raise NestorError(f"{what} no ONNX graph; give the file that the exporter wrote") from error
    if not graph.graph.node:
        raise NestorError(f"{what} no ONNX graph, or one without operators; give the file that the exporter wrote")
    return graph


def graphs_in(graph: onnx.GraphProto) -> Iterator[onnx.GraphProto]:
    """Yield the graph and those inside of its operators (branches, loops)."""
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            for inner in (*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs):
                yield from graphs_in(inner)


def _check_one_file(model: onnx.ModelProto) -> None:
    for graph in graphs_in(model.graph):
        values = [*graph.initializer, *(a.t for node in graph.node for a in node.attribute if a.HasField("t"))]
        for tensor in values:
            if tensor.data_location == TensorProto.EXTERNAL:
                places = {each.key: each.value for each in tensor.external_data}
                raise UnsupportedModel(
                    f"the weights lie in a file of their own ({places.get('location')}), which does not come with the "
                    "graph; give the path of the file that they lie beside"
                )


def _check_operators(model: onnx.ModelProto) -> None:
    known = KNOWN_DOMAINS | {function.domain for function in model.functions}
    for graph in graphs_in(model.graph):
        for node in graph.node:
            if node.domain not in known:
                raise UnsupportedModel(
                    f"the graph has the operator {node.op_type} of {node.domain}, which the server's runtime does not "
                    "have; export it without custom operators (the step that needs it can stand before the model)"
                )


def inputs_of(model: onnx.ModelProto) -> list[Port]:
    """Return what has to be given to the graph: its inputs but for those that have a value of their own."""
    given = {tensor.name for tensor in model.graph.initializer}
    return [_port(value) for value in model.graph.input if value.name not in given]


def outputs_of(model: onnx.ModelProto) -> list[Port]:
    """Return what the graph gives; an output that is no tensor has element 0."""
    return [_port(value) for value in model.graph.output]


def _port(value: onnx.ValueInfoProto) -> Port:
    tensor = value.type.tensor_type
    sizes = [axis.dim_value if axis.HasField("dim_value") else -1 for axis in tensor.shape.dim]
    return Port(value.name, tensor.elem_type, sizes[0] if sizes else -1, tuple(sizes[1:]))


def without_zipmap(model: onnx.ModelProto) -> tuple[onnx.ModelProto, list[Any] | None]:
    """Return the graph with the tensors of probabilities in place of lists of maps, and the classes these named."""
    made, classes = _copy(model), None
    kept, types = [], _types(model)
    for node in made.graph.node:
        if node.op_type != "ZipMap":
            kept.append(node)
            continue
        classes = classes_of(node)
        for output in made.graph.output:
            if output.name == node.output[0]:
                size = len(classes) if classes else None
                element = types.get(node.input[0], TensorProto.FLOAT)
                output.CopyFrom(onnx.helper.make_tensor_value_info(node.input[0], element, ["batch", size]))
    del made.graph.node[:]
    made.graph.node.extend(kept)
    return made, classes


def _types(model: onnx.ModelProto) -> dict[str, int]:
    """Return the types of the tensors inside of the graph, as far as they are known."""
    if all(node.op_type != "ZipMap" for node in model.graph.node):
        return {}
    inferred = onnx.shape_inference.infer_shapes(model).graph
    return {value.name: value.type.tensor_type.elem_type or TensorProto.FLOAT for value in inferred.value_info}


def classes_of(node: onnx.NodeProto) -> list[Any] | None:
    """Return the classes that an operator lists, or None if it lists none."""
    for attribute in node.attribute:
        if attribute.name.startswith("classlabels") and (attribute.ints or attribute.strings):
            return list(attribute.ints) or [text.decode() for text in attribute.strings]
    return None


def listed_classes(model: onnx.ModelProto) -> list[Any] | None:
    """Return the classes that the last operator with such a list names, or None."""
    found = [classes for node in model.graph.node if (classes := classes_of(node))]
    return found[-1] if found else None


def freed(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the graph with a free first axis of inputs and outputs; shapes of a fixed size inside follow it."""
    made = _copy(model)
    sizes = {port.batch for port in inputs_of(made) if port.batch > 0}
    for value in (*made.graph.input, *made.graph.output):
        if value.type.tensor_type.shape.dim:
            value.type.tensor_type.shape.dim[0].dim_param = "batch"
    # What was noted of the tensors between has the fixed size in it.
    del made.graph.value_info[:]
    shapes = {name for node in made.graph.node if node.op_type == "Reshape" for name in node.input[1:2]}
    constants = {tensor.name: tensor for tensor in made.graph.initializer}
    for node in made.graph.node:
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            constants[node.output[0]] = node.attribute[0].t
    for name in shapes & set(constants):
        shape = numpy_helper.to_array(constants[name]).copy()
        if len(shape) and int(shape[0]) in sizes:
            shape[0] = 0  # as large as the tensor that comes in
            constants[name].CopyFrom(numpy_helper.from_array(shape, constants[name].name))
    return made


def _copy(model: onnx.ModelProto) -> onnx.ModelProto:
    made = onnx.ModelProto()
    made.CopyFrom(model)
    return made
