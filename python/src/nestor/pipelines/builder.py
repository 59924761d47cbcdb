"""A float64 graph that grows step by step: the encoder's columns, and tensors [n, width] that follow from them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from .. import graphs
from ..encoders import Column, Encoder, Tabular
from ..errors import UnsupportedModel
from ..fields import Field
from ..text_encoders import Tfidf
from .cells import Cell, Input, Made, dates_refused

FEATURES = "features"
LEGACY_TREES = {"TreeEnsembleClassifier", "TreeEnsembleRegressor"}


@dataclass(frozen=True)
class Tensor:
    """A float64 tensor [n, width] of the graph."""

    name: str
    width: int

    def cells(self) -> list[Cell]:
        """Return its columns."""
        return [Made(self.name, i) for i in range(self.width)]


class Builder:
    """Columns, nodes and constants so far; what is asked for twice is made once."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self.fields = fields
        self.columns: list[Column] = []
        self.texts: list[Tfidf] = []
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[TensorProto] = []
        self.opsets: dict[str, int] = {}
        # So many rows of the comparison are run at once.
        self.chunk = Tabular.chunk
        self.widths: dict[str, int] = {}
        # What stands for a missing word in the rows that the estimator takes: NaN, or None if it was fitted with that.
        self.gap: Any = np.nan
        self._known: dict[Any, str] = {}
        self._parts = 0

    def column(self, column: Column) -> Made:
        """Return the encoder's column, added if there is none that says the same."""
        for i, each in enumerate(self.columns):
            if replace(each, name=column.name) == column:
                return Made(FEATURES, i)
        taken = {each.name for each in self.columns}
        name, number = column.name, 2
        while name in taken:
            name, number = f"{column.name}_{number}", number + 1
        self.columns.append(replace(column, name=name))
        return Made(FEATURES, len(self.columns) - 1)

    def constant(self, values: Any) -> str:
        """Return the name of a constant: float64, or int64 where the values are whole numbers by type."""
        array = np.asarray(values)
        array = array.astype(np.int64 if array.dtype.kind in "iu" else np.float64) if array.dtype.kind != "b" else array
        key = ("constant", array.dtype.str, array.shape, array.tobytes())
        if key not in self._known:
            self._known[key] = f"front_c{len(self.constants)}"
            self.constants.append(numpy_helper.from_array(np.asarray(array, order="C"), self._known[key]))
        return self._known[key]

    def node(self, kind: str, *inputs: Any, **attributes: Any) -> str:
        """Return the output of an operator; inputs that are no names of tensors become constants."""
        names = [each if isinstance(each, str) else self.constant(each) for each in inputs]
        key = (kind, *names, *sorted((key, repr(value)) for key, value in attributes.items()))
        if key not in self._known:
            self._known[key] = f"front_{len(self.nodes)}"
            self.nodes.append(helper.make_node(kind, names, [self._known[key]], **attributes))
        return self._known[key]

    def number(self, condition: str) -> str:
        """Return a truth value as 0 or 1."""
        return self.node("Cast", condition, to=TensorProto.DOUBLE)

    def sigmoid(self, name: str) -> str:
        """Return 1 / (1 + exp(-x)); the runtime's own Sigmoid is off by up to half a percent where it is small."""
        return self.node("Div", 1.0, self.node("Add", 1.0, self.node("Exp", self.node("Neg", name))))

    def tensor(self, cells: Sequence[Cell], where: str) -> Tensor:
        """Return the cells side by side as numbers; raise UnsupportedModel, saying `where`, for a word among them."""
        made = [self.number_of(cell, where) for cell in cells]
        if not made:
            raise UnsupportedModel(f"{where}: no column is left; fit it on at least one")
        parts: list[tuple[str, list[int]]] = []
        for cell in made:
            if not parts or parts[-1][0] != cell.tensor:
                parts.append((cell.tensor, []))
            parts[-1][1].append(cell.index)
        names = [self._taken(name, places) for name, places in parts]
        name = names[0] if len(names) == 1 else self.node("Concat", *names, axis=1)
        fills = [cell.filled() if isinstance(cell, Input) else None for cell in cells]
        if any(fill is not None for fill in fills):
            values = np.array([[np.nan if fill is None else fill for fill in fills]], dtype=np.float64)
            name = self.node("Where", self.node("IsNaN", name), values, name)
        return self.sized(name, len(cells))

    def sized(self, name: str, width: int) -> Tensor:
        """Return a tensor whose number of columns is known to its maker."""
        self.widths[name] = width
        return Tensor(name, width)

    def number_of(self, cell: Cell, where: str) -> Made:
        """Return the cell as a number; raise UnsupportedModel, saying `where`, for a word."""
        if isinstance(cell, Made):
            return cell
        if not cell.field.numeric:
            raise UnsupportedModel(
                f"{where} takes the words of {cell.field.name!r} as they are; put an OneHotEncoder, OrdinalEncoder or "
                "TargetEncoder in front of it"
            )
        dates_refused(cell, where)
        return self.column(Column(cell.field.name, cell.field.name))

    def _taken(self, name: str, places: list[int]) -> str:
        # How many columns the encoder has is only known at the end.
        if self.widths.get(name) == len(places) and places == list(range(len(places))):
            return name
        return self.node("Gather", name, np.array(places), axis=1)

    def inline(self, made: onnx.ModelProto) -> dict[str, str]:
        """Add a graph whose inputs are tensors of this one; return what its outputs are called here."""
        self._parts += 1
        prefix = f"part{self._parts}_"
        renamed = onnx.compose.add_prefix(made, prefix)
        self.nodes += [helper.make_node("Identity", [e.name], [prefix + e.name]) for e in made.graph.input]
        self.nodes += renamed.graph.node
        self.constants += renamed.graph.initializer
        self.opsets |= {each.domain: each.version for each in made.opset_import}
        return {each.name: prefix + each.name for each in made.graph.output}

    def finish(self, made: onnx.ModelProto, encoder: Encoder) -> onnx.ModelProto:
        """Return the whole graph: this one, and behind it `made`, which reads tensors of this one."""
        nodes = [*self.nodes, *made.graph.node]
        graph = helper.make_graph(
            nodes,
            "nestor",
            [graphs.value_info(tensor) for tensor in encoder.tensors],
            list(made.graph.output),
            [*self.constants, *made.graph.initializer],
        )
        whole = helper.make_model(
            graph,
            ir_version=graphs.IR_VERSION,
            opset_imports=[helper.make_opsetid(*each) for each in sorted(self._opsets(made, nodes).items())],
            producer_name=graphs.PRODUCER,
            producer_version="1",
            doc_string=graphs.DOC_STRING,
        )
        onnx.checker.check_model(whole)
        return whole

    def _opsets(self, made: onnx.ModelProto, nodes: Sequence[onnx.NodeProto]) -> dict[str, int]:
        """Return the version of each domain; ai.onnx.ml lost its elder trees in 5, where the new one came."""
        kinds = {node.op_type for node in nodes}
        if kinds & LEGACY_TREES and "TreeEnsemble" in kinds:
            raise UnsupportedModel("two of the parts need different versions of ONNX's trees; export one of them alone")
        others = self.opsets | {each.domain: each.version for each in made.opset_import}
        return others | {"": graphs.OPSET, "ai.onnx.ml": 3 if kinds & LEGACY_TREES else graphs.ML_OPSET}
