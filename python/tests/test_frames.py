"""The package's one table, and what becomes one."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import rankdata

from nestor.errors import NestorError
from nestor.frames import Frame, coded, column, is_missing, missing, ranks
from nestor.front import as_pandas
from nestor.given import given

NUMBERS = {"a": np.array([1, 2, 3]), "b": np.array([0.5, np.nan, 2.5])}
FRAME = Frame({**NUMBERS, "c": np.array(["x", None, "y"], dtype=object)}, {"c": "string"})


def test_rows_and_columns_are_taken_with_their_types() -> None:
    assert (len(FRAME), FRAME.names, len(Frame({}))) == (3, ["a", "b", "c"], 0)
    found = FRAME.take([2, 0]).only(["c", "a"])
    assert {name: found[name].tolist() for name in found.names} == {"c": ["y", "x"], "a": [3, 1]}
    assert found.dtypes == {"c": "string"}
    assert FRAME.only(["a"]).dtypes == {}
    assert FRAME.take(slice(1, 9))["a"].tolist() == [2, 3]


def test_an_array_of_several_columns_has_the_type_that_holds_them_all() -> None:
    assert FRAME.only(["a"]).array().dtype == np.int64
    assert FRAME.only(["a", "b"]).array().dtype == np.float64
    assert FRAME.array().dtype == object
    mixed = Frame({"flag": np.array([True, False]), "size": np.array([0.5, 1.5])}).array()
    assert mixed.tolist() == [[True, 0.5], [False, 1.5]]
    assert Frame(NUMBERS).array(np.float32).dtype == np.float32


def test_csv_has_numbers_to_the_last_digit_and_nothing_for_a_gap() -> None:
    assert FRAME.csv() == b"a,b,c\n1,0.5,x\n2,,\n3,2.5,y\n"
    numbers = {"x": [0.1 + 0.2, 1e-300, -0.0], "n": [1, 2, 3], "flag": [True, False, True], "word": ['"', ",", "ü"]}
    assert given(numbers).csv() == pd.DataFrame(numbers).to_csv(index=False).encode()


@pytest.mark.parametrize("gap", [None, np.nan, float("nan"), pd.NA, pd.NaT, np.datetime64("NaT")])
def test_a_gap_is_one_whoever_writes_it(gap: Any) -> None:
    assert is_missing(gap)
    assert not any(map(is_missing, ["", 0, False, np.inf, "nan", np.datetime64("2026-01-31")]))


def test_values_are_counted_by_their_place_among_those_that_occur() -> None:
    for values in (["b", None, "a", "b", np.nan], [2.0, np.nan, 1.0, 2.0, np.nan]):
        codes, found = coded(column(values))
        assert [None if code < 0 else found[code] for code in codes] == [values[0], None, values[2], values[3], None]
        assert set(found) == {values[0], values[2]}
    assert missing(np.array(["2026-01-31", "NaT"], dtype="datetime64[D]")).tolist() == [False, True]


def test_equal_numbers_share_the_mean_of_their_ranks() -> None:
    values = np.array([3.0, 1.0, 3.0, 2.0, 3.0])
    assert ranks(values).tolist() == rankdata(values).tolist() == [4, 1, 4, 2, 4]


# What a caller gives: the names of its columns, and their values.
GIVEN: dict[str, tuple[Any, dict[str, list[Any]]]] = {
    "dict of lists": ({"a": [1, 2], 3: [0.5, None], "b": ["x", None]},
                      {"a": [1, 2], "3": [0.5, None], "b": ["x", None]}),
    "dict of columns": ({"a": pd.Series([1, None], dtype="Int64"), "b": np.array(["x", "y"])},
                        {"a": [1, None], "b": ["x", "y"]}),
    "structured array": (np.array([(1, "x"), (2, "y")], dtype=[("a", int), ("b", "U1")]),
                         {"a": [1, 2], "b": ["x", "y"]}),
    "array": (np.array([[1.5, 2.5]]), {"x0": [1.5], "x1": [2.5]}),
    "list of rows": ([[1, 2], [3, 4]], {"x0": [1, 3], "x1": [2, 4]}),
    "array of texts": (np.array(["x", "y"]), {"x0": ["x", "y"]}),
    "list of texts": (["x", "yy"], {"x0": ["x", "yy"]}),
    "series": (pd.Series(["x", pd.NA], name="word", dtype=object), {"word": ["x", None]}),
    "counted columns": (pd.DataFrame([[1, 2.5]]), {"x0": [1], "x1": [2.5]}),
    "frame": (FRAME, {"a": [1, 2, 3], "b": [0.5, None, 2.5], "c": ["x", None, "y"]}),
}  # fmt: skip


@pytest.mark.parametrize("kind", GIVEN)
def test_rows_of_any_form_become_a_frame(kind: str) -> None:
    rows, expected = GIVEN[kind]
    frame = given(rows)
    assert {name: [None if is_missing(v) else v for v in frame[name].tolist()] for name in frame.names} == expected


REFUSED: dict[str, Any] = {
    r"inputs: \['a'\] occur twice; rename one": pd.DataFrame([[1, 2]], columns=["a", "a"]),
    "inputs: a is no column of values; give a list or an array of one dimension": {"a": np.ones((2, 2))},
    "inputs: a is a masked array; use .filled": {"a": np.ma.array([1.0, 2.0], mask=[True, False])},
    "X: its columns have not as many values each: {'a': 1, 'b': 2}": {"a": [1], "b": [1, 2]},
    "inputs: a is sparse, which is unsupported; use frame.sparse": pd.DataFrame({"a": [1]}, dtype=pd.SparseDtype()),
    "X must have two dimensions .rows, inputs., not 1; use X.reshape": np.array([1.0, 2.0]),
}  # fmt: skip


@pytest.mark.parametrize("reason", REFUSED)
def test_what_is_no_table_is_refused_with_the_mend(reason: str) -> None:
    with pytest.raises(NestorError, match=reason):
        given(REFUSED[reason])


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_a_pandas_frame_comes_back_with_its_types(unit: Any) -> None:
    moments = pd.to_datetime(pd.Series(["2026-01-31 10:00:00", None, "2026-07-01 23:59:59"]))
    frame = pd.DataFrame(
        {
            "whole": [1, 2, 3],
            "single": np.array([0.1, np.nan, 3], dtype=np.float32),
            "flag": [True, False, True],
            "object": pd.Series(["a", None, np.nan], dtype=object),
            "numbers": pd.Series([1, None, True], dtype=object),
            "text": pd.Series(["a", None, "b"], dtype="str"),
            "string": pd.Series(["a", None, "b"], dtype="string"),
            "Int64": pd.array([1, None, 2**53], dtype="Int64"),
            "UInt8": pd.array([1, 2, 3], dtype="UInt8"),
            "Float32": pd.array([0.1, None, 3], dtype="Float32"),
            "boolean": pd.array([True, None, False], dtype="boolean"),
            "words": pd.Categorical(["a", None, "b"], categories=["b", "a", "c"], ordered=True),
            "codes": pd.Categorical([3, 1, None]),
            "whole codes": pd.Categorical([3, 1, 2]),
            "flags": pd.Categorical([True, False, True]),
            "days": moments.dt.as_unit(unit),
            "moments": moments.dt.tz_localize("Europe/Berlin").dt.as_unit(unit),
        },
        index=[7, 8, 9],
    )
    pd.testing.assert_frame_equal(as_pandas(given(frame)), frame.reset_index(drop=True))
