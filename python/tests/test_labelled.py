"""The rows that callers have given feedback on, as a training gets them."""

import io
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import nestor
from nestor.training import context
from nestor_demonstrations import diabetes, iris
from nestor_demonstrations.labelled_rows import with_labelled

Row = dict[str, Any]


def row(prediction_id: str, label: Any, **inputs: Any) -> Row:
    """Return a line as the server sends it."""
    times = {"time": "2026-11-27T08:00:00.000Z", "given": "2026-11-28T08:00:00.000Z"}
    return {"prediction_id": prediction_id, "version": "1", **times, "inputs": inputs, "label": label}


@pytest.fixture
def has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lay rows of a model where a runner would."""

    def laid(model: str, rows: list[Row]) -> None:
        path = tmp_path / "labelled.ndjson"
        path.write_text("".join(f"{json.dumps(each, ensure_ascii=False)}\n" for each in rows), "utf-8")
        monkeypatch.setattr(context, "inside", context.Inside(model, "2", tmp_path, io.StringIO(), path))

    return laid


def test_there_are_none_without_a_runner_or_where_its_server_has_none(has: Any) -> None:
    for known in (nestor.labelled("iris"), has("iris", []) or nestor.labelled("iris")):
        assert (len(known), list(known.inputs.columns), len(known.times)) == (0, [], 0)


def test_they_come_as_they_were_sent_and_of_a_prediction_the_last_value(has: Any) -> None:
    has(
        "rent",
        [
            row("a", 9.5, rooms=2, town="Köln"),
            row("b", 7, rooms=1, town=None),
            row("a", 10.5, rooms=2, town="Köln") | {"hidden": ["income"]},
        ],
    )
    known = nestor.labelled("rent")
    assert known.inputs["rooms"].tolist() == [1, 2]
    assert known.inputs["town"].fillna("").tolist() == ["", "Köln"]
    assert (known.labels.tolist(), known.versions.tolist()) == ([7, 10.5], ["1", "1"])
    assert known.hidden.tolist() == [[], ["income"]]
    assert known.times[0] == pd.Timestamp("2026-11-27T08:00:00Z")
    with pytest.raises(nestor.NestorError, match="it has no labelled rows of 'iris'"):
        nestor.labelled("iris")


def test_a_demonstration_learns_them_and_never_what_is_held_out(has: Any) -> None:
    rows, holdout = iris.split(iris.read())
    assert with_labelled("iris", rows, holdout, iris.INPUTS, iris.TARGET) == (rows, {})
    held = holdout[list(iris.INPUTS)].iloc[0].to_dict()
    new = {"sepal_length": 9, "sepal_width": 9.5, "petal_length": 9, "petal_width": 9}
    has("iris", [row("a", 1, **held), row("b", 2, **new)])
    more, said = with_labelled("iris", rows, holdout, iris.INPUTS, iris.TARGET)
    assert said == {"labelled_rows": 1}
    assert (len(more), more.dtypes.to_dict()) == (len(rows) + 1, rows.dtypes.to_dict())
    assert more.iloc[-1].to_dict() == {**new, iris.TARGET: 2}


def test_a_demonstration_does_not_take_a_hidden_value_for_a_missing_one(has: Any) -> None:
    rows = iris.read()
    kept = {"sepal_length": 9, "sepal_width": 9.5, "petal_length": 9}
    has("iris", [row("a", 1, **kept) | {"hidden": ["petal_width"]}, row("b", 2, **kept, petal_width=9)])
    more, said = with_labelled("iris", rows, rows[:0], iris.INPUTS, iris.TARGET)
    assert (len(more), said) == (len(rows) + 1, {"labelled_rows": 1})
    assert more.iloc[-1].to_dict() == {**kept, "petal_width": 9, iris.TARGET: 2}


def test_what_callers_left_out_is_what_stands_for_it_in_the_data(has: Any) -> None:
    names = list(diabetes.INPUTS)
    rows = pd.DataFrame([[*range(1, 9), 0], [*range(11, 19), 1]], columns=[*names, diabetes.TARGET])
    asked = {name: 30 for name in names if name != "glucose"}
    has("diabetes", [row("a", 1, **asked), row("b", 0, **asked, glucose=None)])
    more, _ = with_labelled("diabetes", rows, rows[:0], diabetes.INPUTS, diabetes.TARGET)
    assert more["glucose"].tolist() == [2, 12, 0, 0]
    assert more.dtypes.to_dict() == rows.dtypes.to_dict()
