"""Makes the graphs of this folder. They take and give what the graph of turnover/1 does, and misbehave.

Run with the Python package's environment: python/.venv/bin/python test/support/graphs/make.py
"""

from pathlib import Path

import onnx
from onnx import TensorProto, helper

HERE = Path(__file__).parent


def constant(name: str, datatype: int, values: list[float]) -> onnx.NodeProto:
    """A one-dimensional tensor."""
    return helper.make_node("Constant", [], [name], value=helper.make_tensor(name, datatype, [len(values)], values))


def score(nodes: list[onnx.NodeProto]) -> onnx.ModelProto:
    """A graph of `nodes`, which make `raw_score` of `total`, the sum of each row's features."""
    total = [constant("axes", TensorProto.INT64, [1]), helper.make_node("ReduceSum", ["features", "axes"], ["total"])]
    graph = helper.make_graph(
        total + nodes,
        "graph",
        [helper.make_tensor_value_info("features", TensorProto.DOUBLE, [None, 20])],
        [helper.make_tensor_value_info("raw_score", TensorProto.DOUBLE, [None, 1])],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def endless() -> onnx.ModelProto:
    """Counts up for as long as 2**63 - 1 turns take."""
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["go_on"], ["still"]),
            constant("one", TensorProto.DOUBLE, [1.0]),
            helper.make_node("Add", ["count", "one"], ["counted"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("turn", TensorProto.INT64, []),
            helper.make_tensor_value_info("go_on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("count", TensorProto.DOUBLE, [None, 1]),
        ],
        [
            helper.make_tensor_value_info("still", TensorProto.BOOL, []),
            helper.make_tensor_value_info("counted", TensorProto.DOUBLE, [None, 1]),
        ],
    )
    turns = helper.make_tensor("turns", TensorProto.INT64, [], [2**63 - 1])
    return score(
        [
            helper.make_node("Constant", [], ["turns"], value=turns),
            helper.make_node("Loop", ["turns", "", "total"], ["raw_score"], body=body),
        ]
    )


def greedy() -> onnx.ModelProto:
    """Writes the first row's sum 500 million times (4 GB) to add them up, in each run."""
    return score(
        [
            constant("first", TensorProto.INT64, [0]),
            helper.make_node("Gather", ["total", "first"], ["one"], axis=0),
            constant("shape", TensorProto.INT64, [1, 500_000_000]),
            helper.make_node("Expand", ["one", "shape"], ["many"]),
            helper.make_node("ReduceMax", ["many"], ["most"], axes=[1]),
            helper.make_node("Add", ["total", "most"], ["raw_score"]),
        ]
    )


def worked(nodes: list[onnx.NodeProto]) -> list[onnx.NodeProto]:
    """`work`, the hours of all rows times their projects, and `raw_score`, the satisfaction, plus what `nodes` make of
    `work`, which must be nothing: `rest`."""
    return [
        *(constant(f"at_{column}", TensorProto.INT64, [column]) for column in (0, 2, 3)),
        helper.make_node("Gather", ["features", "at_0"], ["satisfaction"], axis=1),
        helper.make_node("Gather", ["features", "at_2"], ["projects"], axis=1),
        helper.make_node("Gather", ["features", "at_3"], ["hours"], axis=1),
        helper.make_node("Mul", ["projects", "hours"], ["works"]),
        helper.make_node("ReduceSum", ["works"], ["all_work"], keepdims=0),
        helper.make_node("Cast", ["all_work"], ["work"], to=TensorProto.INT64),
        *nodes,
        helper.make_node("Add", ["satisfaction", "rest"], ["raw_score"]),
    ]


def busy() -> onnx.ModelProto:
    """Takes about a millisecond for each hour and project of all its rows."""
    size = 300
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["go_on"], ["still"]),
            helper.make_node("MatMul", ["state", "matrix"], ["multiplied"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("turn", TensorProto.INT64, []),
            helper.make_tensor_value_info("go_on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("state", TensorProto.DOUBLE, [size, size]),
        ],
        [
            helper.make_tensor_value_info("still", TensorProto.BOOL, []),
            helper.make_tensor_value_info("multiplied", TensorProto.DOUBLE, [size, size]),
        ],
    )
    shape = helper.make_tensor("shape", TensorProto.INT64, [2], [size, size])
    return score(
        worked(
            [
                helper.make_node("Constant", [], ["shape"], value=shape),
                helper.make_node(
                    "ConstantOfShape",
                    ["shape"],
                    ["matrix"],
                    value=helper.make_tensor("", TensorProto.DOUBLE, [1], [0.0]),
                ),
                helper.make_node("Loop", ["work", "", "matrix"], ["state_after"], body=body),
                helper.make_node("ReduceMax", ["state_after"], ["rest"], keepdims=0),
            ]
        )
    )


def hungry() -> onnx.ModelProto:
    """Takes 8 MB for each hour and project of all its rows."""
    return score(
        worked(
            [
                constant("million", TensorProto.INT64, [1_000_000]),
                helper.make_node("Mul", ["work", "million"], ["size"]),
                constant("zero", TensorProto.DOUBLE, [0.0]),
                helper.make_node("Expand", ["zero", "size"], ["many"]),
                helper.make_node("ReduceMax", ["many"], ["rest"], keepdims=0),
            ]
        )
    )


for make in (endless, greedy, busy, hungry):
    model = make()
    onnx.checker.check_model(model, full_check=True)
    (HERE / f"{make.__name__}.onnx").write_bytes(model.SerializeToString())
