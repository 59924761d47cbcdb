"""nestor.wrap: what it reads of a graph, what it says of the answers, what it refuses and how to mend that."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pandas as pd
import pytest
import skl2onnx
from conftest import check_sums, manifest_of, samples_of
from onnx import TensorProto, helper, numpy_helper
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

import nestor
from nestor import conversion, exporting, libraries
from nestor.__main__ import main
from nestor.errors import FidelityError, NestorError

F, INT, S = TensorProto.FLOAT, TensorProto.INT64, TensorProto.STRING
ROWS = pd.DataFrame({"a": [0.5, 1.0, -2.0, 4.0], "b": [1.0, 0.25, 3.0, -1.0]})


@pytest.fixture(autouse=True)
def _few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "ADVERSARIAL_ROWS", 200)


def tensor(name: str, element: int, *shape: Any) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, element, shape)


def model(nodes: Any, inputs: Any, outputs: Any, constants: Any = None, **options: Any) -> onnx.ModelProto:
    """Return a model in opset 20, or in what `options` say."""
    values = [numpy_helper.from_array(value, name) for name, value in (constants or {}).items()]
    opsets = {"": options.get("opset", 20), "ai.onnx.ml": 3, **options.get("domains", {})}
    graph = helper.make_graph(nodes, "made", inputs, outputs, values)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid(*each) for each in opsets.items()], ir_version=9)


WEIGHTS = {"W": np.array([[1.0], [2.0]], dtype="float32")}
NODE = helper.make_node


def linear(batch: Any = "n") -> onnx.ModelProto:
    """Return a + 2b."""
    return model([NODE("MatMul", ["X", "W"], ["y"])], [tensor("X", F, batch, 2)], [tensor("y", F, batch, 1)], WEIGHTS)


def wrapped(graph: Any, tmp_path: Path, rows: Any = ROWS, **options: Any) -> Path:
    return nestor.wrap(graph, rows, **{"name": "made", "artifacts": tmp_path, "verbose": False, **options})


def answers(version: Path, rows: Any) -> Any:
    return nestor.Artifact(version).answer(rows)


def test_a_graph_alone_is_its_own_reference_and_the_card_says_so(tmp_path: Path) -> None:
    version = wrapped(linear(), tmp_path)
    check_sums(version)
    manifest = manifest_of(version)
    assert manifest["task"] == "regression"
    assert manifest["training"]["reference"] == "graph"
    assert manifest["encoding"] == {
        "encoder": "tabular",
        "columns": [{"name": "a", "input": "a"}, {"name": "b", "input": "b"}],
    }
    assert manifest["tensors"]["inputs"] == [{"name": "X", "datatype": "FP32", "shape": [-1, 2]}]
    card = (version / "card.md").read_text()
    assert "compared with the graph as it was given (nobody has said what is right)" in card
    assert "that graph's answers" in card
    assert samples_of(version)[0]["raw"] == [
        samples_of(version)[0]["input"]["a"] + 2 * samples_of(version)[0]["input"]["b"]
    ]
    assert nestor.Artifact(version).check() == len(samples_of(version))


def test_the_estimators_answers_are_the_reference_where_there_is_one(tmp_path: Path) -> None:
    version = wrapped(linear(), tmp_path, estimator=lambda rows: rows["a"] + 2 * rows["b"])
    assert manifest_of(version)["training"]["reference"] == "estimator"
    assert "compared with the fitted estimator" in (version / "card.md").read_text()
    with pytest.raises(FidelityError, match="the exported graph is not the estimator"):
        wrapped(linear(), tmp_path, name="wrong", estimator=lambda rows: rows["a"] + 3 * rows["b"])
    assert not list((tmp_path / "wrong").glob("*"))


def test_an_array_reaches_the_estimator_as_the_array_it_was(tmp_path: Path) -> None:
    seen: list[Any] = []

    def asked(rows: Any) -> Any:
        seen.append((type(rows), rows.dtype))
        return rows @ WEIGHTS["W"]

    version = wrapped(linear(), tmp_path, ROWS.to_numpy("float32"), estimator=asked)
    assert set(seen) == {(np.ndarray, np.dtype("float32"))}
    assert [each["name"] for each in manifest_of(version)["inputs"]] == ["x0", "x1"]


def test_answers_that_came_with_the_graph_are_compared(tmp_path: Path) -> None:
    right = ROWS["a"] + 2 * ROWS["b"]
    version = wrapped(linear(), tmp_path, None, samples=(ROWS, right))
    assert manifest_of(version)["training"]["given_answers"] == 4
    assert "(4 answers given with it were compared too)" in (version / "card.md").read_text()
    with pytest.raises(FidelityError, match="1 of 4 rows differ") as caught:
        wrapped(linear(), tmp_path, name="wrong", samples=(ROWS, right + [0, 0, 1, 0]))
    assert caught.value.row == {"a": -2.0, "b": 3.0}


def test_a_fixed_batch_inside_of_the_graph_is_made_free(tmp_path: Path) -> None:
    constants = {**WEIGHTS, "shape": np.array([1, 2])}
    nodes = [NODE("Reshape", ["X", "shape"], ["flat"]), NODE("MatMul", ["flat", "W"], ["y"])]
    graph = model(nodes, [tensor("X", F, 1, 2, 1)], [tensor("y", F, 1, 1)], constants)
    version = wrapped(graph, tmp_path)
    assert answers(version, ROWS.to_dict("records")).raw.ravel().tolist() == [2.5, 1.5, 4.0, 2.0]


def test_a_batch_that_cannot_be_made_free_is_refused(tmp_path: Path) -> None:
    # The sum is over the rows: of one row itself, of more something else.
    nodes = [NODE("ReduceSum", ["X", "axis"], ["sum"], keepdims=1), NODE("Add", ["X", "sum"], ["y"])]
    graph = model(nodes, [tensor("X", F, 1, 1)], [tensor("y", F, 1, 1)], {"axis": np.array([0])})
    with pytest.raises(NestorError, match="made for 1 row at a time"):
        wrapped(graph, tmp_path, ROWS[["a"]])


def test_one_tensor_for_each_column_of_any_type(tmp_path: Path) -> None:
    nodes = [
        NODE("Cast", ["whole"], ["w"], to=F),
        NODE("Cast", ["flag"], ["f"], to=F),
        NODE("LabelEncoder", ["town"], ["t"], domain="ai.onnx.ml", keys_strings=["A", "B"], values_floats=[10.0, 20.0],
             default_float=-1.0),
        NODE("Sum", ["number", "w", "f", "t"], ["y"]),
    ]  # fmt: skip
    inputs = [
        tensor("town", S, "n", 1), tensor("number", F, "n", 1), tensor("whole", TensorProto.INT32, "n", 1),
        tensor("flag", TensorProto.BOOL, "n", 1),
    ]  # fmt: skip
    rows = pd.DataFrame({"number": [0.5, 1.5], "town": ["A", "B"], "whole": [1.0, 2.0], "flag": [True, False]})
    version = wrapped(model(nodes, inputs, [tensor("y", F, "n", 1)]), tmp_path, rows)
    manifest = manifest_of(version)
    assert manifest["encoding"] == {
        "encoder": "parts",
        "parts": [
            {"encoder": "tabular", "columns": [{"name": n, "input": n} for n in ("number", "whole", "flag")]},
            {"encoder": "string", "input": "town"},
        ],
    }
    whole = next(each for each in manifest["inputs"] if each["name"] == "whole")
    assert (whole["type"], whole["minimum"], whole["maximum"]) == ("integer", -(2**31), 2**31 - 1)
    found = answers(version, [{"number": 0.5, "town": "B", "whole": 3, "flag": 1}])
    assert found.raw.tolist() == [[24.5]]
    assert nestor.Artifact(version).check() > 0


def test_a_text_that_the_graph_reads_by_itself(tmp_path: Path) -> None:
    encoder = NODE("LabelEncoder", ["text"], ["y"], domain="ai.onnx.ml", keys_strings=["good", "bad"],
                   values_floats=[1.0, 0.0], default_float=0.5)  # fmt: skip
    graph = model([encoder], [tensor("text", S, "n", 1)], [tensor("y", F, "n", 1)])
    rows = pd.DataFrame({"text": ["good", "bad", "so so"]})
    with pytest.raises(NestorError, match="may be a probability or a score"):
        wrapped(graph, tmp_path, rows, classes={0: "bad", 1: "good"})
    version = wrapped(graph, tmp_path, rows, inputs={"text": {"type": "text"}}, gives="probabilities",
                      classes={0: "bad", 1: "good"})  # fmt: skip
    assert answers(version, [{"text": "never seen"}, {"text": "good"}]).labels.tolist() == [0, 1]


def test_scores_become_probabilities(tmp_path: Path) -> None:
    constants = {"W": np.array([[1.0, -1.0, 0.0], [0.0, 2.0, 1.0]], dtype="float32")}
    graph = model([NODE("MatMul", ["X", "W"], ["z"])], [tensor("X", F, "n", 2)], [tensor("z", F, "n", 3)], constants)
    version = wrapped(graph, tmp_path, classes={"x": "X", "y": "Y", "z": "Z"})
    found = answers(version, [{"a": 1.0, "b": 0.0}])
    assert found.labels.tolist() == ["x"]
    assert found.probabilities[0].tolist() == pytest.approx((np.exp([1, -1, 0]) / np.exp([1, -1, 0]).sum()).tolist())


def test_answers_may_be_the_numbers_that_the_graph_gives(tmp_path: Path) -> None:
    given = {"W": np.array([[1.0, -1.0, 0.0], [0.0, 2.0, 1.0]], dtype="float32")}
    graph = model([NODE("MatMul", ["X", "W"], ["z"])], [tensor("X", F, "n", 2)], [tensor("z", F, "n", 3)], given)
    scores = ROWS.to_numpy() @ given["W"]
    shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    for right in (scores, shares):
        wrapped(graph, tmp_path, samples=(ROWS, right), classes=dict(enumerate("xyz")))
    graph = model([NODE("MatMul", ["X", "W"], ["z"]), NODE("Sigmoid", ["z"], ["p"])], [tensor("X", F, "n", 2)],
                  [tensor("p", F, "n", 1)], WEIGHTS)  # fmt: skip
    second = 1 / (1 + np.exp(-(ROWS["a"] + 2 * ROWS["b"])))
    classes = {0: "no", 1: "yes"}
    for answer in (second, (second > 0.5).astype(float)):
        wrapped(graph, tmp_path, name="second", samples=(ROWS, answer), classes=classes)
    with pytest.raises(FidelityError, match="4 of 4 rows differ"):
        wrapped(graph, tmp_path, name="wrong", samples=(ROWS, second / 2), classes=classes)


def _external(folder: Path) -> Path:
    onnx.save(linear(), folder / "big.onnx", save_as_external_data=True, location="big.data", size_threshold=0)
    return folder / "big.onnx"


def _alone(graph: Path) -> Path:
    (graph.parent / "big.data").unlink()
    return graph


def test_weights_that_lie_beside_the_graph_come_into_the_version(tmp_path: Path) -> None:
    version = wrapped(_external(tmp_path), tmp_path / "out")
    assert answers(version, ROWS.to_dict("records")).raw.ravel().tolist() == [2.5, 1.5, 4.0, 2.0]


def _custom(folder: Path) -> onnx.ModelProto:
    nodes = [NODE("Parse", ["X"], ["y"], domain="our.company")]
    return model(nodes, [tensor("X", F, "n", 2)], [tensor("y", F, "n", 1)], domains={"our.company": 1})


def _lacking(folder: Path) -> onnx.ModelProto:
    # An operator of the standard that the runtime has no code for in this type.
    nodes = [NODE("Cast", ["X"], ["c"], to=TensorProto.COMPLEX64), NODE("Cast", ["c"], ["y"], to=F)]
    return model(nodes, [tensor("X", F, "n", 1)], [tensor("y", F, "n", 1)])


def _two(folder: Path) -> onnx.ModelProto:
    graph = linear()
    graph.graph.node.append(NODE("Concat", ["y", "y"], ["z"], axis=1))
    graph.graph.output.append(tensor("z", F, "n", 2))
    return graph


def _sequence(folder: Path) -> onnx.ModelProto:
    graph = linear()
    graph.graph.node.append(NODE("SequenceConstruct", ["y"], ["z"]))
    graph.graph.output.append(helper.make_tensor_sequence_value_info("z", F, ["n", 1]))
    return graph


def _signs(width: int, kind: int = INT) -> onnx.ModelProto:
    """Return whether each of the first `width` columns is above 0: as a number, or as a word."""
    nodes = [NODE("Slice", ["X", "zero", "width", "one"], ["s"]), NODE("Greater", ["s", "nought"], ["b"])]
    nodes.append(NODE("Cast", ["b"], ["i"], to=INT))
    words: Any = {"keys_int64s": [0, 1], "values_strings": ["down", "up"], "domain": "ai.onnx.ml"}
    nodes.append(NODE("LabelEncoder", ["i"], ["y"], **words) if kind == S else NODE("Identity", ["i"], ["y"]))
    constants = {"zero": np.array([0]), "width": np.array([width]), "one": np.array([1]), "nought": np.float32(0)}
    return model(nodes, [tensor("X", F, "n", 2)], [tensor("y", kind, "n", width)], constants)


def _shares() -> onnx.ModelProto:
    """Return the sigmoid of each column."""
    return model([NODE("Sigmoid", ["X"], ["y"])], [tensor("X", F, "n", 2)], [tensor("y", F, "n", 2)])


def test_several_values_are_targets(tmp_path: Path) -> None:
    constants = {"W": np.array([[1.0, -1.0, 0.0], [0.0, 2.0, 1.0]], dtype="float32")}
    graph = model([NODE("MatMul", ["X", "W"], ["z"])], [tensor("X", F, "n", 2)], [tensor("z", F, "n", 3)], constants)
    version = wrapped(graph, tmp_path)
    assert manifest_of(version)["targets"] == [{"name": f"value_{i}"} for i in range(3)]
    assert answers(version, [{"a": 1.0, "b": 0.5}]).raw.tolist() == [[1.0, 0.0, 0.5]]
    assert nestor.Artifact(version).check() > 0


def test_an_output_for_each_value_names_it(tmp_path: Path) -> None:
    graph = linear()
    graph.graph.node.append(NODE("Neg", ["y"], ["loss"]))
    graph.graph.output.append(tensor("loss", F, "n", 1))
    version = wrapped(graph, tmp_path, estimator=lambda rows: np.stack([rows @ [1, 2], -(rows @ [1, 2])], axis=1))
    assert manifest_of(version)["targets"] == [{"name": "y"}, {"name": "loss"}]
    assert answers(version, [{"a": 1.0, "b": 0.5}]).raw.tolist() == [[2.0, -2.0]]


@pytest.mark.parametrize(("kind", "classes"), [(INT, [0, 1]), (S, ["down", "up"])], ids=["whole number", "word"])
def test_a_label_alone(kind: int, classes: list[Any], tmp_path: Path) -> None:
    graph = _signs(1, kind)
    with pytest.raises(NestorError, match="gives a label .* and names no classes"):
        wrapped(_signs(1), tmp_path)
    version = wrapped(graph, tmp_path, classes={value: str(value).upper() for value in classes})
    manifest = manifest_of(version)
    assert manifest["decision"] == {"kind": "labelled", "label": manifest["tensors"]["outputs"][0]["name"]}
    assert answers(version, ROWS.to_dict("records")).labels.tolist() == [classes[i] for i in (1, 1, 0, 1)]
    assert nestor.Artifact(version).check() > 0
    right = [classes[i] for i in (1, 1, 0, 1)]
    wrapped(graph, tmp_path, name="given", samples=(ROWS, right), classes={value: str(value) for value in classes})
    with pytest.raises(FidelityError, match="1 of 4 rows differ"):
        wrapped(
            graph, tmp_path, name="wrong", samples=(ROWS, [*right[:3], right[2]]), classes=dict.fromkeys(classes, "")
        )


def test_whole_numbers_are_a_value_where_that_is_said(tmp_path: Path) -> None:
    version = wrapped(_signs(1), tmp_path, gives="value", estimator=lambda rows: (rows["a"].astype("float32") > 0) * 1)
    assert answers(version, ROWS.to_dict("records")).raw.ravel().tolist() == [1.0, 1.0, 0.0, 1.0]


def test_the_label_is_taken_where_what_stands_beside_it_cannot_be(tmp_path: Path) -> None:
    graph = _signs(1)
    graph.graph.node.append(NODE("SequenceConstruct", ["s"], ["z"]))
    graph.graph.output.append(helper.make_tensor_sequence_value_info("z", F, ["n", 1]))
    with pytest.raises(NestorError, match="say gives='label' for the label alone"):
        wrapped(graph, tmp_path, classes={0: "down", 1: "up"})
    version = wrapped(graph, tmp_path, classes={0: "down", 1: "up"}, gives="label")
    assert answers(version, ROWS.to_dict("records")).labels.tolist() == [1, 1, 0, 1]


def _beside(label: onnx.ModelProto, width: int) -> onnx.ModelProto:
    """Return a graph of labels with as many numbers beside them: columns of X."""
    label.graph.node.append(NODE("Slice", ["X", "zero", "many", "one"], ["p"]))
    label.graph.initializer.append(numpy_helper.from_array(np.array([width]), "many"))
    label.graph.output.append(tensor("p", F, "n", width))
    return label


def test_a_label_is_not_lost_for_the_numbers_beside_it(tmp_path: Path) -> None:
    # What a clustering or a search for anomalies gives.
    with pytest.raises(NestorError, match="gives='label' if its numbers"):
        wrapped(_beside(_signs(1), 1), tmp_path)
    version = wrapped(_beside(_signs(1), 1), tmp_path, classes={0: "in", 1: "out"}, gives="label")
    assert manifest_of(version)["decision"] == {"kind": "labelled", "label": "label_typed"}
    with pytest.raises(NestorError, match="which is no probability of each; say gives='label'"):
        wrapped(_beside(_signs(2), 1), tmp_path, name="two")


def test_labels_with_a_probability_each_are_seen(tmp_path: Path) -> None:
    rows = ROWS.abs() / 8
    version = wrapped(_beside(_signs(2), 2), tmp_path, rows, inputs={n: {"minimum": 0, "maximum": 1} for n in "ab"})
    assert [each["name"] for each in manifest_of(version)["targets"]] == ["label_0", "label_1"]
    assert answers(version, rows[:1].to_dict("records")).probabilities.tolist() == [[0.9375, 0.0625, 0.875, 0.125]]


def test_truth_values_are_a_label(tmp_path: Path) -> None:
    graph = model([NODE("Greater", ["X", "nought"], ["y"])], [tensor("X", F, "n", 1)],
                  [tensor("y", TensorProto.BOOL, "n", 1)], {"nought": np.float32(0)})  # fmt: skip
    version = wrapped(graph, tmp_path, ROWS[["a"]], classes={0: "no", 1: "yes"})
    assert answers(version, ROWS[["a"]].to_dict("records")).labels.tolist() == [1, 1, 0, 1]


@pytest.mark.parametrize("kind", ["list of maps", "a tensor for each class"])
def test_what_skl2onnx_makes_of_probabilities(kind: str, tmp_path: Path) -> None:
    fitted = LogisticRegression().fit(ROWS, ["x", "y", "z", "x"])
    # Of double, the runtime has no list of maps; that converter writes one all the same.
    maps: Any = {} if kind == "list of maps" else {"options": {id(fitted): {"zipmap": "columns"}}}
    taken = [("X", skl2onnx.common.data_types.DoubleTensorType([None, 2]))]
    graph = skl2onnx.convert_sklearn(fitted, initial_types=taken, target_opset=18, **maps)
    version = wrapped(graph, tmp_path, estimator=fitted)
    found = answers(version, ROWS.to_dict("records"))
    assert found.labels.tolist() == fitted.predict(ROWS).tolist()
    assert np.allclose(found.probabilities, fitted.predict_proba(ROWS))


def test_votes_that_float32_sums_to_a_little_more_than_one_are_probabilities(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).normal(size=(60, 2)).astype("float32")
    fitted = RandomForestClassifier(10, random_state=0).fit(rows, np.digitize(rows[:, 0], [-0.5, 0.5]))
    graph = skl2onnx.to_onnx(fitted, rows[:1], target_opset=18, options={"zipmap": False})
    assert conversion.session(graph).run(["probabilities"], {"X": rows})[0].max() > 1
    version = wrapped(graph, tmp_path, rows, estimator=fitted)
    found = answers(version, [{"x0": float(a), "x1": float(b)} for a, b in rows])
    assert np.allclose(found.probabilities, fitted.predict_proba(rows), atol=1e-6)


def test_trees_that_have_lost_digits_of_their_thresholds_are_not_their_estimator(tmp_path: Path) -> None:
    tree: dict[str, Any] = {"nodes_treeids": [0] * 3, "nodes_nodeids": [0, 1, 2], "nodes_featureids": [0] * 3,
            "nodes_modes": ["BRANCH_LEQ", "LEAF", "LEAF"], "nodes_values": [0.3, 0.0, 0.0],
            "nodes_truenodeids": [1, 0, 0], "nodes_falsenodeids": [2, 0, 0], "target_treeids": [0] * 2,
            "target_nodeids": [1, 2], "target_ids": [0] * 2, "target_weights": [1.0, 2.0], "n_targets": 1}  # fmt: skip
    node = NODE("TreeEnsembleRegressor", ["X"], ["y"], domain="ai.onnx.ml", **tree)
    graph = model([node], [tensor("X", F, "n", 2)], [tensor("y", F, "n", 1)])
    single = np.float32(0.3)
    wrapped(graph, tmp_path, estimator=lambda rows: np.where(rows["a"].astype("float32") <= single, 1.0, 2.0))
    # No row is far from right, and none of those given is wrong: the neighbours of the threshold are.
    with pytest.raises(FidelityError, match="give the estimator itself to nestor.export, or leave it out") as caught:
        wrapped(graph, tmp_path, name="lost", estimator=lambda rows: np.where(rows["a"] <= 0.3, 1.0, 2.0))
    assert abs(caught.value.row["a"] - 0.3) < 1e-7


def test_an_estimator_of_truth_values_answers_0_and_1(tmp_path: Path) -> None:
    fitted = LogisticRegression().fit(ROWS, [True, False, False, True])
    graph = skl2onnx.to_onnx(fitted, ROWS.to_numpy(dtype="float32")[:1], target_opset=18)
    version = wrapped(graph, tmp_path, estimator=fitted)
    assert [each["value"] for each in manifest_of(version)["classes"]] == [0, 1]
    assert {json.dumps(each["label"]) for each in samples_of(version)} <= {"0", "1"}


def test_several_labels_with_and_without_probabilities(tmp_path: Path) -> None:
    version = wrapped(_signs(2), tmp_path)
    classes = [{"value": 0, "label": "0"}, {"value": 1, "label": "1"}]
    assert manifest_of(version)["targets"] == [{"name": f"label_{i}", "classes": classes} for i in range(2)]
    assert answers(version, ROWS.to_dict("records")).labels.tolist() == [[1, 1], [1, 1], [0, 1], [1, 0]]
    with pytest.raises(NestorError, match="say gives='value' or gives='multilabel'"):
        wrapped(_shares(), tmp_path, name="shares")
    version = wrapped(_shares(), tmp_path, name="shares", gives="multilabel")
    found = answers(version, [{"a": 0.0, "b": 4.0}])
    assert found.labels.tolist() == [[0, 1]]
    assert found.probabilities.tolist()[0] == pytest.approx(
        [0.5, 0.5, 1 - 1 / (1 + np.exp(-4)), 1 / (1 + np.exp(-4))], rel=1e-5
    )
    assert nestor.Artifact(version).check() > 0


def _garbage(folder: Path) -> Path:
    (folder / "model.onnx").write_bytes(b"PK\x03\x04 no graph")
    return folder / "model.onnx"


REFUSED: dict[str, tuple[Callable[[Path], Any], dict[str, Any]]] = {
    "the weights lie in a file of their own (big.data)": (lambda folder: _external(folder).read_bytes(), {}),
    "the weights that lie beside": (lambda folder: _alone(_external(folder)), {}),
    "the operator Parse of our.company": (_custom, {}),
    "runtime cannot load the graph": (_lacking, {}),
    "written in opset 27, the server's runtime knows 26": (
        lambda folder: model([NODE("Neg", ["X"], ["y"])], [tensor("X", F, "n", 2)], [tensor("y", F, "n", 2)], opset=27),
        {},
    ),
    "is no ONNX graph": (_garbage, {}),
    "cannot be read": (lambda folder: folder / "nothing.onnx", {}),
    "more than one answer": (_two, {}),
    "which is neither numbers nor a label; export it with tensors alone": (_sequence, {}),
    "say classes={value: label, ...}, or gives='value' if it is a number": (lambda folder: _signs(1), {}),
    "samples: 3 answers a row, the graph gives 1": (lambda folder: linear(), {"samples": (ROWS, np.zeros((4, 3)))}),
    "takes 2 columns, the rows have 1": (lambda folder: linear(), {"X": ROWS[["a"]]}),
    "a has words": (lambda folder: linear(), {"X": pd.DataFrame({"a": ["x", "y"], "b": [0.0, 1.0]})}),
    "wrap needs rows": (lambda folder: linear(), {"X": None}),
    "gives='logits' must be one of": (lambda folder: linear(), {"gives": "logits"}),
    "classes: ['p', 'q', 'r'] are 3": (lambda folder: linear(), {"classes": {"p": "P", "q": "Q", "r": "R"}}),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_cannot_be_served_is_refused_with_its_mend(reason: str, tmp_path: Path) -> None:
    make, options = REFUSED[reason]
    with pytest.raises(NestorError) as caught:
        nestor.wrap(make(tmp_path), **{"X": ROWS, "name": "made", "artifacts": tmp_path / "out", **options})
    assert reason in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_a_runtime_that_is_older_than_the_servers_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libraries, "version", lambda name: "1.23.2")
    with pytest.raises(NestorError, match="this older runtime cannot load the graph: .*; use onnxruntime>=1.30"):
        nestor.wrap(_lacking(tmp_path), ROWS, name="made", artifacts=tmp_path / "out")


def test_whole_numbers_alone_where_the_graph_takes_them(tmp_path: Path) -> None:
    graph = model([NODE("Cast", ["X"], ["y"], to=F)], [tensor("X", INT, "n", 1)], [tensor("y", F, "n", 1)])
    with pytest.raises(NestorError, match="a has fractions"):
        wrapped(graph, tmp_path, ROWS[["a"]])
    with pytest.raises(NestorError, match="a has gaps"):
        wrapped(graph, tmp_path, pd.DataFrame({"a": [1.0, np.nan]}))


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    onnx.save(linear(), tmp_path / "model.onnx")
    ROWS.assign(right=ROWS["a"] + 2 * ROWS["b"]).to_csv(tmp_path / "rows.csv", index=False)
    files = ["wrap", tmp_path / "model.onnx", "--data", tmp_path / "rows.csv", "--artifacts", tmp_path / "out"]
    arguments = [*files, "--target", "right", "--name", "made", "--quiet"]
    assert main([str(each) for each in arguments]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "out" / "made" / "1")
    assert json.loads((tmp_path / "out" / "made" / "1" / "manifest.json").read_text())["training"]["given_answers"] == 4
    assert main(["check", str(tmp_path / "out" / "made" / "1")]) == 0
