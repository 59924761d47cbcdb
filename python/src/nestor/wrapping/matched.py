"""Which columns of the rows fill which tensors of a graph."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from onnx import TensorProto

from ..errors import NestorError, UnsupportedModel
from ..frames import NUMBERS, Frame
from .foreign import FLOATS, WHOLE, Port

# The largest whole number that JSON carries exactly.
LARGEST = 2**53 - 1


@dataclass(frozen=True)
class Match:
    """Each tensor of the graph with its columns, in the order of the tensors."""

    pairs: Sequence[tuple[Port, list[str]]]

    def numbers(self) -> list[str]:
        """Return the columns that are numbers."""
        return [name for port, names in self.pairs if port.element != TensorProto.STRING for name in names]

    def strings(self) -> list[str]:
        """Return the columns that the graph takes as strings."""
        return [name for port, names in self.pairs if port.element == TensorProto.STRING for name in names]

    def feeds(self, frame: Frame) -> dict[str, np.ndarray]:
        """Return what the graph as it was given takes for the rows of a frame."""
        arrays = {}
        for port, names in self.pairs:
            if port.element == TensorProto.STRING:
                values = frame.only(names).array(object)
            else:
                values = frame.only(names).array(np.float64).astype(_numpy(port.element), order="C")
            arrays[port.name] = values.reshape(len(frame), *port.shape) if -1 not in port.shape else values
        return arrays

    def options(self, frame: Frame, inputs: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
        """Return `inputs` with what the tensors' types say of the columns: whole numbers, and their bounds."""
        options = dict(inputs)
        for port, names in self.pairs:
            for name in names:
                if port.element in WHOLE or port.element == TensorProto.BOOL:
                    options[name] = {**_whole(port, name, frame[name]), **options.get(name, {})}
        return options


def matched(ports: Sequence[Port], frame: Frame) -> Match:
    """Return the columns of each tensor: those of its name, or for a tensor of several columns the next ones.

    Raises NestorError where a tensor finds no columns, or a column no tensor.
    """
    for port in ports:
        if port.element not in {*FLOATS, *WHOLE, TensorProto.STRING, TensorProto.BOOL}:
            raise UnsupportedModel(f"the graph's input {port.text()} is neither numbers nor strings")
    names = frame.names
    if len(ports) == 1:
        port = ports[0]
        if port.shape.count(-1) == 0 and port.width != len(names):
            raise NestorError(
                f"the graph's input {port.text()} takes {port.width} columns, the rows have {len(names)}; "
                "give the columns that it was made for, in its order"
            )
        if port.shape.count(-1) and len(port.shape) > 1:
            raise UnsupportedModel(f"the graph's input {port.text()} has axes of free size; export it with fixed ones")
        return _checked([(port, names)], frame)
    called = {name.replace(" ", "_"): name for name in names} | {name: name for name in names}
    own = {port.name: called[port.name] for port in ports if port.width == 1 and port.name in called}
    rest = iter([name for name in names if name not in own.values()])
    pairs = []
    for port in ports:
        taken = [own[port.name]] if port.name in own else [] if port.width == 1 else _next(rest, port.width)
        if len(taken) != port.width:
            raise NestorError(
                f"no column for the graph's input {port.text()}; it takes {[each.name for each in ports][:10]}, the "
                f"rows have {names[:10]}: name the columns as the graph's inputs"
            )
        pairs.append((port, taken))
    if left := list(rest):
        raise NestorError(f"the graph takes nothing of the columns {left[:10]}; leave them out")
    return _checked(pairs, frame)


def _next(names: Any, count: int) -> list[str]:
    return [name for _, name in zip(range(count), names, strict=False)] if count > 0 else []


def _checked(pairs: list[tuple[Port, list[str]]], frame: Frame) -> Match:
    for port, names in pairs:
        for name in names:
            words = frame.kind(name) not in NUMBERS
            if words != (port.element == TensorProto.STRING):
                kinds = "words" if words else "numbers"
                raise NestorError(f"inputs: {name} has {kinds}, the graph's input is {port.text()}; convert the column")
    return Match(pairs)


def _whole(port: Port, name: str, column: np.ndarray) -> dict[str, Any]:
    values = column.astype(np.float64)
    if not (values == np.round(values)).all():
        what = "gaps" if np.isnan(values).any() else "fractions"
        raise NestorError(f"inputs: {name} has {what}, the graph's input {port.text()} takes whole numbers alone")
    if port.element == TensorProto.BOOL:
        return {"type": "integer", "minimum": 0, "maximum": 1}
    limits = WHOLE[port.element]
    if limits.bits == 64:
        return {"type": "integer"} | ({"minimum": 0} if limits.min == 0 else {})
    return {"type": "integer", "minimum": int(limits.min), "maximum": int(limits.max)}


def _numpy(element: int) -> np.dtype:
    import onnx.helper

    return onnx.helper.tensor_dtype_to_np_dtype(element)
