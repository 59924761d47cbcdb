"""What is put around a graph that somebody else made: one tensor for all its numbers in front, label and probabilities
behind. Nothing between is touched but a fixed number of rows."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper

from .. import graphs
from ..families.wrapped import Wrapped
from . import foreign
from .foreign import FLOATS, Port
from .matched import Match
from .reference import Reading

node = helper.make_node


class _Names:
    """Names that the graph does not have yet."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.taken = {
            name
            for graph in foreign.graphs_in(model.graph)
            for names in (
                *((*each.input, *each.output) for each in graph.node),
                (each.name for each in (*graph.input, *graph.output, *graph.initializer)),
            )
            for name in names
        }

    def new(self, wanted: str) -> str:
        """Return the name, or with a number behind it where the graph has one like it."""
        name = next(each for each in _numbered(wanted) if each not in self.taken)
        self.taken.add(name)
        return name


def _numbered(name: str) -> Iterable[str]:
    yield name
    for number in range(1, 1_000_000):
        yield f"{name}_{number}"


def adapted(model: onnx.ModelProto, match: Match, reading: Reading) -> Wrapped:
    """Return the graph with the server's tensors around it."""
    made, _ = foreign.without_zipmap(foreign.freed(model))
    if not any(each.domain in ("", "ai.onnx") for each in made.opset_import):
        made.opset_import.append(helper.make_opsetid("", graphs.OPSET))
    names = _Names(made)
    tensors, before, constants = _inputs(match, names)
    outputs, behind, more, decision = _outputs(reading, names)
    graph = made.graph
    nodes = [*before, *graph.node, *behind]
    inputs = {port.name: port for port, _ in match.pairs}
    kept = [value for value in graph.input if value.name not in inputs]  # those that have a value of their own
    del graph.node[:], graph.input[:], graph.output[:]
    graph.node.extend(nodes)
    graph.initializer.extend([*constants, *more])
    graph.input.extend([*(graphs.value_info(tensor) for tensor in tensors), *kept])
    graph.output.extend(graphs.value_info(tensor) for tensor in outputs)
    return Wrapped(made, match.numbers(), match.strings(), tensors, outputs, decision, reading.classes, reading.targets)


def _inputs(match: Match, names: _Names) -> tuple[list[dict[str, Any]], list[Any], list[Any]]:
    """Return the server's tensors, the operators that make the graph's own of them, and their constants."""
    tensors: list[dict[str, Any]] = []
    before: list[Any] = []
    constants: list[Any] = []
    ports = [port for port, _ in match.pairs if port.element != TensorProto.STRING]
    if len(ports) == 1 and _is_plain(ports[0]):
        tensors.append(_tensor(ports[0].name, FLOATS[ports[0].element], len(match.numbers())))
    elif ports:
        single = all(port.element in (TensorProto.FLOAT, TensorProto.FLOAT16) for port in ports)
        tensor = _tensor(names.new("features"), "FP32" if single else "FP64", len(match.numbers()))
        tensors.append(tensor)
        first = 0
        for port, columns in match.pairs:
            if port.element == TensorProto.STRING:
                continue
            value = tensor["name"]
            if len(ports) > 1:
                places = names.new(f"{port.name}_columns")
                constants.append(graphs.constant(places, np.arange(first, first + len(columns))))
                before.append(node("Gather", [value, places], [value := names.new(f"{port.name}_values")], axis=1))
            first += len(columns)
            before += _shaped(value, port, names, constants)
    for port, columns in match.pairs:
        if port.element != TensorProto.STRING:
            continue
        plain = len(columns) == 1 and len(port.shape) == 1
        own = [port.name] if plain else [names.new(f"{port.name}_{column}") for column in columns]
        tensors += [_tensor(name, "BYTES", 1) for name in own]
        if not plain:
            joined = names.new(f"{port.name}_strings")
            before += [node("Concat", own, [joined], axis=1), *_shaped(joined, port, names, constants)]
    return tensors, before, constants


def _is_plain(port: Port) -> bool:
    return port.element in (TensorProto.FLOAT, TensorProto.DOUBLE) and len(port.shape) == 1


def _shaped(value: str, port: Port, names: _Names, constants: list[Any]) -> list[Any]:
    """Return the operators that give the graph's own tensor its type and shape."""
    shape = names.new(f"{port.name}_shape")
    sizes = [0, *port.shape] if port.shape else [-1]
    constants.append(graphs.constant(shape, np.array(sizes, dtype=np.int64)))
    if port.element == TensorProto.STRING:
        return [node("Reshape", [value, shape], [port.name])]
    typed = names.new(f"{port.name}_typed")
    return [node("Cast", [value], [typed], to=port.element), node("Reshape", [typed, shape], [port.name])]


def _tensor(name: str, datatype: str, width: int) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": [-1, width]}


def _outputs(reading: Reading, names: _Names) -> tuple[list[dict[str, Any]], list[Any], list[Any], dict[str, Any]]:
    """Return the server's outputs, the operators and constants that make them, and the decision."""
    behind: list[Any] = []
    constants: list[Any] = []

    def constant(wanted: str, values: Any) -> str:
        constants.append(graphs.constant(name := names.new(wanted), np.array(values)))
        return name

    def add(operator: str, inputs: list[str], wanted: str, **attributes: Any) -> str:
        behind.append(node(operator, inputs, [name := names.new(wanted)], **attributes))
        return name

    kind = "INT64" if reading.label_whole else "BYTES"
    if reading.kind == "value":
        value = _joined(reading, add, constant)
        return [_tensor(value, "FP64", reading.width)], behind, constants, {"kind": "value", "output": value}
    if reading.kind == "label":
        assert reading.label is not None
        several = len(reading.targets) > 0
        shape = constant("label_shape", [-1, reading.width] if several else [-1])
        label = add("Reshape", [reading.label, shape], "label")
        label = add("Cast", [label], "label_typed", to=TensorProto.INT64) if reading.label_whole else label
        tensor = {"name": label, "datatype": kind, "shape": [-1, reading.width] if several else [-1]}
        return [tensor], behind, constants, {"kind": "labelled", "label": label}
    # In the precision that they have, which says how exact they can be.
    single = reading.single and reading.kind in ("probabilities", "multilabel")
    real = np.float32 if single else np.float64
    datatype = "FP32" if single else "FP64"
    if reading.kind == "multilabel":
        value = _joined(reading, add, constant, single)
        if reading.label is None:
            label = add("Greater", [value, constant("half", real(0.5))], "above_half")
        else:
            label = add("Reshape", [reading.label, constant("label_shape", [-1, reading.width])], "labels")
        label = add("Cast", [label], "label", to=TensorProto.INT64)
        yes = add("Reshape", [value, constant("yes_shape", [-1, reading.width, 1])], "yes")
        pairs = add("Concat", [add("Sub", [constant("one", real(1.0)), yes], "no"), yes], "pairs", axis=2)
        shares = add("Reshape", [pairs, constant("pairs_shape", [-1, 2 * reading.width])], "probabilities")
        outputs = [_tensor(label, "INT64", reading.width), _tensor(shares, datatype, 2 * reading.width)]
        return outputs, behind, constants, {"kind": "labelled", "label": label, "probabilities": shares}
    assert reading.classes is not None
    width = reading.width
    value = _joined(reading, add, constant, single)
    if reading.kind == "scores":
        value = add("Sigmoid", [value], "sigmoid") if width == 1 else add("Softmax", [value], "softmax", axis=1)
    if width == 1:
        other = add("Sub", [constant("one", np.ones((1, 1), real)), value], "other")
        value = add("Concat", [other, value], "both", axis=1)
    probabilities = add("Identity", [value], "probabilities")
    if reading.label is None:
        best = add("ArgMax", [probabilities], "best", axis=1, keepdims=0)
        label = add("Gather", [constant("classes", _classes(reading.classes)), best], "label", axis=0)
    else:
        label = add("Reshape", [reading.label, constant("label_shape", [-1])], "label")
        if reading.label_whole:
            label = add("Cast", [label], "label_typed", to=TensorProto.INT64)
    kind = "BYTES" if isinstance(reading.classes[0], str) else "INT64"
    outputs = [
        {"name": label, "datatype": kind, "shape": [-1]},
        _tensor(probabilities, datatype, len(reading.classes)),
    ]
    return outputs, behind, constants, {"kind": "labelled", "label": label, "probabilities": probabilities}


def _joined(reading: Reading, add: Any, constant: Any, single: bool = False) -> str:
    """Return the name of one tensor [rows, width] of all numbers, side by side: float64, or float32 if `single`."""
    kind = TensorProto.FLOAT if single else TensorProto.DOUBLE
    shape = constant("value_shape", [-1, reading.width if len(reading.numbers) == 1 else 1])
    parts = []
    for name in reading.numbers:
        parts.append(add("Reshape", [add("Cast", [name], "value_typed", to=kind), shape], "value"))
    return parts[0] if len(parts) == 1 else str(add("Concat", parts, "values", axis=1))


def _classes(values: list[Any]) -> np.ndarray:
    return np.array(values, dtype=object if isinstance(values[0], str) else np.int64)
