"""What inputs are read from the columns of a frame: types, values as JSON, and back into a frame."""

from datetime import date, datetime, timezone
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nestor import card, encode
from nestor.baseline import bins
from nestor.errors import NestorError
from nestor.fields import Field, fields_of, frame_of
from nestor.given import given

TEXTS = ["2026-01-31T12:30:00.123456Z", "1969-12-31T23:59:59.9999Z", "2026-01-31T00:00:00.0+01:00"]
MOMENTS = pd.to_datetime(TEXTS, utc=True)
# By dtype: a column of three values, the input's type, its values as JSON, their numbers.
COLUMNS: dict[str, tuple[Any, str, list[Any], list[float] | None]] = {
    "bool": ([True, False, True], "boolean", [True, False, True], [1, 0, 1]),
    "boolean": (pd.array([True, None, False], dtype="boolean"), "boolean", [True, None, False], [1, np.nan, 0]),
    "object bool": (pd.Series([True, None, False], dtype=object), "boolean", [True, None, False], [1, np.nan, 0]),
    "int64": ([1, -2, 3], "integer", [1, -2, 3], [1, -2, 3]),
    "Int64": (pd.array([1, None, 3], dtype="Int64"), "integer", [1, None, 3], [1, np.nan, 3]),
    "Float64": (pd.array([1.5, None, 3.0], dtype="Float64"), "number", [1.5, None, 3.0], [1.5, np.nan, 3]),
    "float32": (np.array([0.1, np.nan, 3], dtype=np.float32), "number", [float(np.float32(0.1)), None, 3.0], None),
    "category of int": (pd.Categorical([3, 1, None]), "integer", [3, 1, None], [3, 1, np.nan]),
    "category of text": (pd.Categorical(["x", "y", None]), "category", ["x", "y", None], None),
    "category of bool": (pd.Categorical([True, False, True]), "boolean", [True, False, True], [1, 0, 1]),
    "string": (pd.array(["007", None, "42"], dtype="string"), "category", ["007", None, "42"], None),
    "object": (pd.Series(["x", np.nan, "y"], dtype=object), "category", ["x", None, "y"], None),
    "datetime64[ns]": (
        np.array(["2026-01-31", "NaT", "2026-01-31T12:30:15.25"], dtype="datetime64[ns]"),
        "datetime",
        ["2026-01-31", None, "2026-01-31T12:30:15.250Z"],
        [1769817600, np.nan, 1769862615.25],
    ),
    "datetime64[us, UTC]": (
        MOMENTS.astype("datetime64[us, UTC]"),
        "datetime",
        ["2026-01-31T12:30:00.123Z", "1969-12-31T23:59:59.999Z", "2026-01-30T23:00:00Z"],
        [1769862600.123, -0.001, 1769814000],
    ),
}


@pytest.mark.parametrize("dtype", COLUMNS)
def test_a_column_of_every_type_becomes_an_input_and_a_frame_again(dtype: str) -> None:
    column, kind, values, numbers = COLUMNS[dtype]
    frame = pd.DataFrame({"x": column})
    (field,) = fields_of(given(frame), {})
    assert field.type == kind
    assert [field.json(value) for value in frame["x"].tolist()] == values
    assert field.nullable == (None in values)
    assert Field.from_manifest(field.manifest()).manifest() == field.manifest()
    again = frame_of([{"x": value} for value in values], [field])
    assert [field.json(value) for value in again["x"].tolist()] == values
    for each in (given(frame), again) if numbers is not None else ():
        np.testing.assert_array_equal(field.numbers(each["x"]), np.array(numbers))


def test_the_manifest_writes_moments_as_callers_do() -> None:
    frame = pd.DataFrame({"x": np.array(["2026-01-31", "2026-02-01T10:00", "2026-02-03"], dtype="datetime64[s]")})
    entry = fields_of(given(frame), {"x": {"description": "d"}})[0].manifest()
    assert entry == {
        "name": "x",
        "type": "datetime",
        "description": "d",
        "observed": {"minimum": "2026-01-31", "maximum": "2026-02-03"},
        "example": "2026-02-01T10:00:00Z",
    }


def test_texts_of_dates_and_numbers_of_truth_values_may_be_said_to_be_such() -> None:
    frame = pd.DataFrame({"when": ["2026-01-31", "2026-02-01T10:00:00+02:00"], "is_new": [0, 1]})
    inputs = {"when": {"type": "datetime"}, "is_new": {"type": "boolean"}}
    assert [field.type for field in fields_of(given(frame), inputs)] == ["datetime", "boolean"]
    assert encode(frame, inputs).to_numpy().tolist() == [[1769817600, 0], [1769932800, 1]]


def test_dates_of_far_years_are_read_and_framed() -> None:
    texts = ["0001-01-01", None, "1500-02-28T23:59:59.9999+01:00", "9999-12-31T23:59:59.999Z"]
    there = datetime(1500, 2, 28, 22, 59, 59, 999000, timezone.utc).timestamp()
    numbers = [-62135596800, np.nan, there, 253402300799.999]
    frame = pd.DataFrame({"when": pd.Series(texts, dtype=object)})
    (field,) = fields_of(given(frame), {"when": {"type": "datetime"}})
    again = frame_of([{"when": text} for text in texts], [field])
    assert pd.api.types.is_datetime64_any_dtype(again["when"])
    for each in (given(frame), again):
        np.testing.assert_array_equal(field.numbers(each["when"]), numbers)
    assert [field.json(moment) for moment in numbers] == ["0001-01-01", None, "1500-02-28T22:59:59.999Z", texts[3]]


def test_a_missing_word_stays_what_it_was_in_the_frame() -> None:
    for gap in (None, np.nan):
        frame = pd.DataFrame({"x": pd.Series(["a", gap], dtype=object)})
        again = frame_of([{"x": None}], fields_of(given(frame), {}))
        assert again["x"].dtype == object
        assert (again["x"][0] is None) == (gap is None)


REFUSED: dict[str, tuple[Any, dict[str, Any]]] = {
    "x has type object with values of type date; use pd.to_datetime(...)": ([date(2026, 1, 31)], {}),
    "with values of type Timedelta; use .dt.total_seconds()": (pd.to_timedelta([1], unit="s"), {}),
    "with values of type datetime; use np.array(values, dtype='datetime64[ms]')": (
        pd.Series([datetime(2026, 1, 31)], dtype=object),
        {},
    ),
    "with values of type Interval; use .astype(str)": (pd.cut([1, 2, 3], 2), {}),
    "with values of type int, str; use numbers, texts, truth values or dates": (["a", 1], {}),
    "x is to be datetime but has other values: '31.01.2026' is no date such as": (["31.01.2026"], {"type": "datetime"}),
    "x is to be datetime but has other values: Day out of range": (["2026-02-30"], {"type": "datetime"}),
    "x is to be datetime but has other values: '20260131' is no date such as": (["20260131"], {"type": "datetime"}),
    "x is to be boolean but has other values than True and False": ([0, 2], {"type": "boolean"}),
    "x is to be integer but has values that are not whole": ([0.5, 2], {"type": "integer"}),
    "x is a boolean, which has no minimum, maximum or missing_values": ([True], {"minimum": 0}),
    "x: record is 'no'; known are ['keep', 'hash', 'drop']": ([1], {"record": "no"}),
    "x has type 'date'; known are ['number', 'integer', 'boolean', 'datetime', 'category', 'text']": (
        [1],
        {"type": "date"},
    ),
}


def test_the_manifest_and_the_card_say_what_records_keep_of_an_input() -> None:
    frame = given(pd.DataFrame({"x": [1, 2], "y": [1, 2], "z": [1, 2]}))
    fields = fields_of(frame, {"x": {"record": "hash"}, "y": {"record": "drop"}, "z": {"record": "keep"}})
    entries = [field.manifest() for field in fields]
    assert [entry.get("record") for entry in entries] == ["hash", "drop", None]
    assert [Field.from_manifest(entry).record for entry in entries] == ["hash", "drop", "keep"]
    told = [card._input(entry) for entry in entries]
    assert "records keep a keyed hash of it |" in told[0]
    assert "records leave it out |" in told[1]
    assert "record" not in told[2]


@pytest.mark.parametrize("reason", REFUSED)
def test_other_columns_are_refused_with_their_mend(reason: str) -> None:
    column, options = REFUSED[reason]
    with pytest.raises(NestorError) as caught:
        fields_of(given(pd.DataFrame({"x": column})), {"x": options})
    assert reason in str(caught.value)


def test_numbers_that_are_kept_as_objects_are_numbers() -> None:
    frame = pd.DataFrame({"a": [1, 2, None], "b": [1.5, 2, 3], "c": [np.float32(1), None, 2.0]}, dtype=object)
    fields = fields_of(given(frame), {})
    assert [(field.type, field.nullable) for field in fields] == [
        ("integer", True),
        ("number", False),
        ("number", True),
    ]


def test_a_frame_without_rows_is_refused() -> None:
    with pytest.raises(NestorError, match="X has no rows; give the training rows"):
        fields_of(given(pd.DataFrame({"a": []})), {})


def test_moments_of_numbers_whose_squares_overflow_are_finite() -> None:
    found = bins(np.array([-1.6e308, 1.6e308, 1.6e308]))
    assert found["mean"] == pytest.approx(1.6e308 / 3)
    assert found["std"] == pytest.approx(1.6e308 * (8**0.5 / 3))
