"""The comparison before an export: limits relative to each answer, extremes, and what a refusal says."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import RadiusNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from nestor import families, libraries, proof
from nestor.answers import Answers
from nestor.conversion import Conversion, compare, session
from nestor.distances import odds, scale_of
from nestor.errors import FidelityError, NestorError, UnsupportedModel
from nestor.families.tree_ensemble import BRANCH_LEQ, leaf, tree_ensemble
from nestor.fields import fields_of
from nestor.frames import Frame
from nestor.given import given
from nestor.progress import Progress
from nestor.rows import RowMaker, maker_of, pools_of

FRAME = pd.DataFrame({"x": np.linspace(0, 1, 40)})
GAP = pd.DataFrame({"x": [0.5, np.nan]})
# Targets from 1 to 3e7.
LINE = LinearRegression().fit(FRAME, 1 + 3e7 * FRAME["x"])


def said(estimator: Any, change: Callable[[Frame, Answers], Answers]) -> Conversion:
    """Return the estimator's conversion as if the estimator answered otherwise."""
    conversion = families.convert(estimator, fields_of(given(FRAME), {}))
    return replace(conversion, answer=lambda frame: change(frame, conversion.answer(frame)))


@pytest.mark.parametrize(
    ("target", "scale"),
    [
        ([1.0, 3e7, 10.0], 1.0),
        ([0.0, 1e-5, 2e-5], 1e-5),
        ([-4.0, -2.0], 2.0),
        ([0.0, 0.0], 1.0),
        (np.linspace(-100, 100, 2000), 1.0),
    ],
)
def test_the_scale_of_a_target_is_its_smallest_size(target: Any, scale: float) -> None:
    assert scale_of(np.array(target)) == pytest.approx(scale, rel=0.1)


def test_odds_are_relative_to_the_rarer_side() -> None:
    theirs, ours = np.array([[1 - 37e-6, 37e-6]]), np.array([[1 - 74e-6, 74e-6]])
    assert odds(theirs, ours, 1e-15).max() == pytest.approx(1.0)
    assert odds(theirs, theirs, 1e-15).max() == 0
    assert odds(np.array([[1.0, 1e-17]]), np.array([[1.0, 0.0]]), 1e-15).max() == 0
    assert odds(np.array([[0.9, 0.1]]), np.array([[1.0, 0.0]]), 1e-15).max() == np.inf


def test_a_small_value_that_is_off_is_refused_beside_large_ones() -> None:
    """At 1 of up to 3e7 the answer is off by 2, which is less than a ten millionth of the largest."""
    off = said(LINE, lambda frame, answers: Answers(answers.raw + np.where(answers.raw < 2, 2.0, 0.0)))
    with pytest.raises(FidelityError, match="a value differs relative to itself") as caught:
        compare(off, given(FRAME), "data")
    assert caught.value.row == {"x": 0.0}
    assert caught.value.expected["raw"] == pytest.approx([3.0])
    assert caught.value.found["raw"] == pytest.approx([1.0])
    assert "cause: not known" in str(caught.value)


def test_a_rare_probability_that_is_off_is_refused() -> None:
    rare = LogisticRegression().fit(FRAME, FRAME["x"] > 0.9)
    rare.intercept_ -= 12

    def doubled(frame: Frame, answers: Answers) -> Answers:
        assert answers.probabilities is not None
        twice = 2 * answers.probabilities[:, 1]
        return replace(answers, probabilities=np.stack([1 - twice, twice], axis=1))

    assert max(compare(said(rare, lambda frame, answers: answers), given(FRAME), "data").values()) < 1e-12
    with pytest.raises(FidelityError, match="odds differ by 1 > 1e-09"):
        compare(said(rare, doubled), given(FRAME), "data")


def test_what_is_off_by_the_digits_of_float32_is_said_to_be() -> None:
    def single(frame: Frame, answers: Answers) -> Answers:
        return Answers(answers.raw.astype(np.float32))

    conversion = said(LINE, single)
    conversion.outputs[0]["datatype"] = "FP32"
    with pytest.raises(FidelityError, match="cause: most likely that the graph computes in float32"):
        compare(conversion, given(FRAME), "data")


def test_a_row_with_a_gap_is_said_to_have_one() -> None:
    conversion = families.convert(LINE, fields_of(given(FRAME), {}))
    with pytest.raises(FidelityError, match=r"cause: the row has a gap in \['x'\]"):
        compare(replace(conversion, answer=lambda frame: Answers(np.ones((len(frame), 1)))), given(GAP), "data")


def test_where_neither_has_a_number_nothing_is_compared() -> None:
    conversion = families.convert(LINE, fields_of(given(FRAME), {}))
    assert compare(replace(conversion, answer=conversion.served.answer), given(GAP), "data") == {"raw": 0.0}


def test_rows_that_the_estimator_itself_does_not_take_are_refused_in_its_words() -> None:
    with pytest.raises(NestorError, match="the estimator fails on data rows .ValueError: Input X contains NaN"):
        compare(families.convert(LINE, fields_of(given(FRAME), {})), given(GAP), "data")


def bounds(conversion: Conversion) -> tuple[float | None, float | None]:
    fields = fields_of(given(FRAME), {})
    maker = maker_of(conversion, fields, pools_of(given(FRAME), fields))
    assert isinstance(maker, RowMaker)
    [field] = proof.bounded(conversion, fields, maker, 1.0, Progress(verbose=False))
    return field.minimum, field.maximum


def test_an_estimator_that_overflows_as_its_graph_does_needs_no_bounds() -> None:
    assert bounds(said(LINE, lambda frame, answers: answers)) == (None, None)


def test_an_estimator_that_takes_no_more_than_float32_gets_bounds() -> None:
    def refusing(frame: Frame, answers: Answers) -> Answers:
        if np.isinf(frame.array(np.float32)).any():
            raise ValueError("Input X contains infinity or a value too large for dtype('float32').")
        return answers

    with np.errstate(over="ignore"):
        assert bounds(said(LINE, refusing)) == (-float(np.finfo(np.float32).max), float(np.finfo(np.float32).max))


def test_an_estimator_that_takes_no_number_at_all_is_refused_with_its_words() -> None:
    def refusing(frame: Frame, answers: Answers) -> Answers:
        raise ValueError("no such number")

    with pytest.raises(NestorError, match="fails on extreme rows .ValueError: no such number.*say what is legal"):
        bounds(said(LINE, refusing))


def test_numbers_behind_a_logarithm_get_a_minimum_where_none_was_said(capsys: pytest.CaptureFixture[str]) -> None:
    frame = pd.DataFrame({"price": np.linspace(1, 90, 40), "count": range(1, 41), "change": np.linspace(0, 3, 40)})
    logs = make_pipeline(
        ColumnTransformer(
            [
                ("log1p", FunctionTransformer(np.log1p), ["price"]),
                ("log", FunctionTransformer(np.log), ["count"]),
            ],
            remainder="passthrough",
        ),
        LinearRegression(),
    )
    fields = fields_of(given(frame), {})
    conversion = families.convert(logs.fit(frame, frame["price"]), fields)
    made = maker_of(conversion, fields, pools_of(given(frame), fields))
    assert isinstance(made, RowMaker)
    found = proof.above(conversion, fields, made, Progress(True))
    assert {field.name: field.minimum for field in found} == {"price": 0.0, "count": 1, "change": None}
    said = "legal minimum of count set to 1, where none was said: the estimator fails below it"
    assert said in capsys.readouterr().err


def test_a_graph_that_cannot_be_run_on_some_rows_is_refused_in_words() -> None:
    """Nearest neighbours within a radius: skl2onnx looks up the row of number -1 where there is none."""
    near = RadiusNeighborsRegressor(radius=0.05).fit(FRAME, FRAME["x"])
    not_noticed = libraries.older("onnxruntime", libraries.SERVERS)
    said = "does not notice; use onnxruntime" if not_noticed else "the exported graph cannot be run on these rows"
    with pytest.raises(NestorError, match=said):
        compare(families.convert(near, fields_of(given(FRAME), {})), given(FRAME), "data")


def test_what_an_older_runtime_does_otherwise_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """onnxruntime 1.23 takes a root for a leaf where the numbers of its branches are the same."""
    near = RadiusNeighborsRegressor(radius=9).fit(FRAME, FRAME["x"])
    tensors = [{"name": name, "datatype": "FP64", "shape": [-1, 1]} for name in ("x", "value")]
    graph = tree_ensemble([leaf(1.0), leaf(2.0)], BRANCH_LEQ, *tensors)
    monkeypatch.setattr(libraries, "version", lambda name: "1.23.2")
    assert session(graph)
    lists = {each.name: each.ints for node in graph.graph.node for each in node.attribute}
    lists["nodes_falsenodeids"][lists["tree_roots"][1]] = lists["nodes_truenodeids"][lists["tree_roots"][1]]
    with pytest.raises(UnsupportedModel, match=r"trees otherwise than the server; use onnxruntime>=1.30 \(Python 3.11"):
        session(graph)
    monkeypatch.setattr(libraries, "version", lambda name: "1.30.0" if name == "onnxruntime" else "1.20.0")
    assert session(graph)
    monkeypatch.setattr(libraries, "version", lambda name: "1.23.2")
    with pytest.raises(UnsupportedModel, match="rows that are not there, .* use onnxruntime>=1.30"):
        families.convert(near, fields_of(given(FRAME), {}))
