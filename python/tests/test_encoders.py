"""Columns: numbers as they are, and tables from values to numbers."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import manifest_of
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder

from nestor import export, families
from nestor.encoders import Column, Tabular, settled, tabular
from nestor.encodings import encoder_of
from nestor.errors import NestorError, UnsupportedModel
from nestor.fields import Field, fields_of
from nestor.front import as_pandas
from nestor.given import given

TOWNS = pd.DataFrame(
    {
        "town": ["a", "b", "c", "b"],
        "rooms": [1, 2, 3, 1],
        "is_new": [True, False, True, True],
        "size": [0.5, np.nan, -1.0, 2.0],
    }
)
FIELDS = fields_of(given(TOWNS), {"size": {"missing_values": [-1.0]}})


def encoded(columns: list[Column], frame: pd.DataFrame) -> list[list[float]]:
    return Tabular(FIELDS, columns).encode(given(frame))["features"].tolist()


def test_one_hot_is_a_table_of_one_word_each() -> None:
    encoder = tabular(FIELDS)
    assert [column.table for column in encoder.columns] == [{"a": 1}, {"b": 1}, {"c": 1}, None, None, None]
    matrix = as_pandas(encoder.named(encoder.matrix(given(TOWNS))))
    assert list(matrix) == ["town_a", "town_b", "town_c", "rooms", "is_new", "size"]
    assert matrix.iloc[:, :5].to_numpy().tolist() == [
        [1, 0, 0, 1, 1],
        [0, 1, 0, 2, 0],
        [0, 0, 1, 3, 1],
        [0, 1, 0, 1, 1],
    ]
    assert matrix["size"].isna().tolist() == [False, True, True, False]


def test_what_is_unknown_or_missing_gives_what_each_table_says() -> None:
    columns = [
        Column("ordinal", "town", {"a": 0, "b": 1}, unknown=-1, missing=np.nan),
        Column("target", "town", {"a": 0.25, "b": 0.75}, unknown=0.5, missing=7),
        Column("gap", "town", {}, unknown=0, missing=1),
    ]
    frame = pd.DataFrame({"town": ["a", "b", "Atlantis", None, np.nan]})
    found = encoded(columns, frame)
    assert found[:3] == [[0, 0.25, 0], [1, 0.75, 0], [-1, 0.5, 0]]
    assert str(found[3:]) == "[[nan, 7.0, 1.0], [nan, 7.0, 1.0]]"


def test_numbers_are_keys_too_and_those_that_mean_missing_are_missing() -> None:
    columns = [
        Column("rooms", "rooms", {1: 10, 2: 20}, unknown=-1),
        Column("size", "size", {0.5: 1}, unknown=0, missing=5),
    ]
    assert encoded([columns[0]], TOWNS) == [[10], [20], [-1], [10]]
    assert encoded([columns[1]], TOWNS) == [[1], [5], [5], [0]]


def test_a_value_that_the_server_would_refuse_is_refused() -> None:
    frame = pd.DataFrame({"town": [f"town {i}" for i in range(2_000)]})
    with pytest.raises(NestorError) as caught:
        encoded([Column("town", "town", {"a": 1, "b": 0})], frame)
    assert "and 1,990 more] that the estimator does not know; it knows ['a', 'b']" in str(caught.value)
    assert len(str(caught.value)) < 300
    with pytest.raises(NestorError, match="town has missing values, which the estimator does not take"):
        encoded([Column("town", "town", {"a": 1}, unknown=0)], pd.DataFrame({"town": ["a", None]}))


def test_the_manifest_writes_keys_as_json_does_and_nan_as_null() -> None:
    numpys: Any = {np.int64(1): np.float64(0.5), 2.0: np.nan}
    flags: Any = {np.True_: 1, False: 0}
    columns = [
        Column("plain", "size"),
        Column("words", "town", {"a": 1, "true": 0}, unknown=np.nan, missing=2.5),
        Column("numbers", "rooms", numpys),
        Column("flags", "is_new", flags, unknown=0),
    ]
    assert Tabular(FIELDS, columns).manifest() == {
        "encoder": "tabular",
        "columns": [
            {"name": "plain", "input": "size"},
            {"name": "words", "input": "town", "table": {"a": 1, "true": 0}, "unknown": None, "missing": 2.5},
            {"name": "numbers", "input": "rooms", "table": {"1": 0.5, "2": None}},
            {"name": "flags", "input": "is_new", "table": {"true": 1, "false": 0}, "unknown": 0},
        ],
    }


ORDINAL = Column("town", "town", {"a": 0, "b": 1}, unknown=-1, missing=-2)
REFUSING = Column("town", "town", {"b": 1, "a": 0})


def town(columns: list[Column], frame: pd.DataFrame = TOWNS, **options: Any) -> Field:
    inputs = {"town": options}
    fields = fields_of(given(frame), inputs)
    return settled(fields, Tabular(fields, columns), given(frame), inputs)[0]


def test_an_input_is_open_where_every_table_knows_what_an_unknown_value_gives() -> None:
    found = town([ORDINAL])
    assert (found.open, found.categories, found.nullable, found.maximum_length) == (True, ("a", "b", "c"), False, 1000)
    assert Field.from_manifest(found.manifest()).open
    assert town([REFUSING, ORDINAL], TOWNS[:2]) == town([REFUSING], TOWNS[:2])
    assert town([REFUSING]).manifest()["categories"] == ["a", "b"]
    assert "open" not in town([REFUSING]).manifest()


def test_who_lists_the_categories_takes_no_others() -> None:
    found = town([ORDINAL], categories=["b", "Atlantis"])
    assert (found.open, found.categories) == (False, ("b", "Atlantis"))
    with pytest.raises(NestorError, match=r"does not know the categories \['Atlantis'\]"):
        town([REFUSING], categories=["b", "Atlantis"])


def test_words_may_be_missing_where_the_tables_say_what_they_give() -> None:
    gaps = pd.DataFrame({"town": ["a", "b", None]})
    assert town([ORDINAL], gaps).nullable
    assert not town([ORDINAL], gaps, nullable=False).nullable
    with pytest.raises(NestorError, match="town may be missing, but the estimator takes no missing value of it"):
        town([REFUSING], gaps)
    fields = fields_of(given(gaps), {})
    assert tabular(fields).matrix(given(gaps)).tolist() == [[1, 0], [0, 1], [0, 0]]
    assert settled(fields, tabular(fields), given(gaps), {}) == fields


def test_numbers_that_the_estimator_refuses_are_listed() -> None:
    encoder = Tabular(FIELDS, [Column("rooms", "rooms", {1: 0, 3: 1}), Column("is_new", "is_new", {True: 1, False: 0})])
    rooms, is_new = settled(FIELDS, encoder, given(TOWNS), {})[1:3]
    assert (rooms.categories, rooms.open, rooms.observed) == ((1, 3), False, None)
    assert is_new == FIELDS[2]
    encoder = Tabular(FIELDS, [Column("rooms", "rooms", {1: 0, 3: 1}, unknown=9)])
    rooms = settled(FIELDS, encoder, given(TOWNS), {})[1]
    assert (rooms.categories, rooms.open, rooms.maximum_length) == ((1, 2, 3), True, None)


def columns(transformer: Any, name: str, frame: pd.DataFrame) -> Pipeline:
    target = (frame["size"] > 0).astype(int)
    return make_pipeline(ColumnTransformer([("x", transformer, [name])]), LogisticRegression()).fit(frame, target)


def test_a_step_that_takes_dates_as_they_are_is_refused_with_the_mend() -> None:
    days = np.array(["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-01"], dtype="datetime64[ns]")
    frame = TOWNS[["size"]].fillna(1.0).assign(when=days)
    with pytest.raises(UnsupportedModel, match="takes the dates of 'when' as they are; .* fit on nestor.encode"):
        families.convert(columns(OneHotEncoder(handle_unknown="ignore"), "when", frame), fields_of(given(frame), {}))


def test_a_missing_word_that_is_none_is_asked_as_none(tmp_path: Path) -> None:
    frame = pd.DataFrame({"town": pd.Series(["a", None, "b"] * 20, dtype=object), "size": np.arange(60) % 7 - 3.0})
    version = export(columns(OneHotEncoder(), "town", frame), frame, name="x", artifacts=tmp_path, verbose=False)
    entry = manifest_of(version)["inputs"][0]
    assert (entry["categories"], entry["nullable"], "open" in entry) == (["a", "b"], True, False)


def test_an_encoder_is_made_again_from_its_manifest(tmp_path: Path) -> None:
    dated = TOWNS.assign(day=np.array(["2026-01-01", "2026-01-02T12:00", "NaT", "2026-01-03"], "datetime64[ms]"))
    frame = given(dated)
    fields = fields_of(frame, {"size": {"missing_values": [-1.0]}})
    seconds = 1_767_225_600.0
    columns = [
        Column("town_a", "town", {"a": 1.0}, unknown=float("nan")),
        Column("rooms", "rooms", {1.0: 5.0, 2.0: float("nan")}, unknown=-1.0),
        Column("new", "is_new", {True: 3.0, False: 4.0}),
        Column("day", "day", {seconds: 2.0}, unknown=0.0, missing=float("nan")),
        Column("size", "size"),
    ]
    made = Tabular(fields, columns, "FP32", "numbers")
    manifest = {"encoding": made.manifest(), "tensors": {"inputs": made.tensors}}
    again = encoder_of(tmp_path, manifest, fields)
    assert again is not None
    assert again.tensors == made.tensors
    np.testing.assert_array_equal(again.encode(frame)["numbers"], made.encode(frame)["numbers"])
    # What scikit-learn's own code finds in a text is not found without it.
    (tmp_path / "vocabulary.json").write_text('{"terms": ["good", "film"], "stop_words": ["a"]}')
    text = {"encoder": "tfidf", "input": "text", "vocabulary": "vocabulary.json", "sublinear_tf": False, "norm": None}
    tensors = {"inputs": [{"name": "ids"}, {"name": "weights"}]}
    words = encoder_of(tmp_path, {"encoding": text, "tensors": tensors}, fields)
    assert words is not None
    found = words.encode(given({"text": ["A good, GOOD film", "a"]}))
    assert (found["ids"].tolist(), found["weights"].tolist()) == ([[0, 1], [0, 0]], [[2, 1], [0, 0]])
    pairs = {**text, "ngram_range": [1, 2]}
    assert encoder_of(tmp_path, {"encoding": pairs, "tensors": tensors}, fields) is None
