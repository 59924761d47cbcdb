"""Generated rows: legal, on both sides of every threshold, the same for the same seed."""

import math
from typing import Any

import numpy as np
import pandas as pd

from nestor.fields import fields_of
from nestor.front import as_pandas
from nestor.given import given
from nestor.rows import RowMaker, near, pools_of

INPUTS: dict[str, dict[str, Any]] = {
    "size": {"minimum": 0, "maximum": 1},
    "rooms": {"minimum": 0, "maximum": 9, "nullable": True, "missing_values": [0]},
}
FRAME = pd.DataFrame({"size": [0.1, 0.5, 0.9], "rooms": [0, 2, 5], "town": ["a", "b", "a"]})
FIELDS = fields_of(given(FRAME), INPUTS)
FREE = fields_of(
    given(pd.DataFrame({"number": [0.5, 1.5], "whole": [1, 2], "bound": [0.0, 1.0]})), {"bound": INPUTS["size"]}
)


def maker(seed: int = 0) -> RowMaker:
    return RowMaker(FIELDS, pools_of(given(FRAME), FIELDS), {"size": [0.5, 1.0], "rooms": [2.5, 9.0]}, seed=seed)


def test_neighbours_of_a_float_threshold() -> None:
    below, on, above = math.nextafter(0.5, 0), 0.5, math.nextafter(0.5, 1)
    assert near(FIELDS[0], [0.5, 1.0], np.float64).tolist() == [[below, on, above], [math.nextafter(1.0, 0), 1.0, 1.0]]


def test_neighbours_of_a_float32_threshold_in_both_precisions() -> None:
    singles = [float(np.nextafter(np.float32(0.5), np.float32(side))) for side in (0, 1)]
    found = near(FIELDS[0], [0.5], np.float32)
    assert sorted(found[0]) == sorted([*singles, math.nextafter(0.5, 0), 0.5, math.nextafter(0.5, 1)])


def test_neighbours_of_an_integer_threshold_are_whole_and_legal() -> None:
    assert near(FIELDS[1], [2.5, 9.0, 40.0], np.float64).tolist() == [[2, 2, 3], [8, 9, 9], [9, 9, 9]]


def test_an_endless_threshold_gives_the_largest_numbers_that_json_has() -> None:
    assert near(FREE[0], [math.inf], np.float64).tolist() == [[np.finfo(np.float64).max] * 3]
    assert near(FREE[1], [-math.inf], np.float64).tolist() == [[-(2**53) + 1] * 3]


def test_samples_hold_the_example_and_every_threshold_with_its_neighbours() -> None:
    samples = maker().samples()
    assert samples[0][0] == "example"
    found = [row for kind, row in samples if kind == "threshold"]
    assert {row["size"] for row in found} >= {math.nextafter(0.5, 0), 0.5, math.nextafter(0.5, 1), 1.0}
    assert {row["rooms"] for row in found} >= {2, 3, 8, 9}
    assert len(samples) == 2000


def test_many_thresholds_share_five_thousand_samples() -> None:
    thresholds = {name: np.linspace(0, 1, 50_000).tolist() for name in ("number", "bound")}
    many = RowMaker(FREE, {"number": [0.5], "whole": [1], "bound": [0.5]}, thresholds)
    samples = many.samples()
    assert len(samples) == 5000
    found = [row for kind, row in samples if kind == "threshold"]
    assert min(len({row[name] for row in found}) for name in ("number", "bound")) >= 3999
    assert (min(row["bound"] for row in found), max(row["bound"] for row in found)) == (0.0, 1.0)


def test_samples_do_not_depend_on_what_was_drawn_before() -> None:
    one, other = maker(), maker()
    list(other.frames(500))
    assert one.samples() == other.samples()


def test_every_row_is_legal() -> None:
    for kind, row in maker().take(2000):
        assert 0 <= row["size"] <= 1
        assert type(row["size"]) is float
        assert row["rooms"] is None or (type(row["rooms"]) is int and 0 <= row["rooms"] <= 9)
        assert row["town"] in ("a", "b")
        assert kind in ("natural", "threshold", "decimal", "bounds", "missing")


def test_difficult_rows_are_of_all_kinds() -> None:
    rows = pd.concat(map(as_pandas, maker().frames(25_000)), ignore_index=True)
    assert len(rows) == 25_000
    assert rows["rooms"].isna().any()
    assert {0.5, math.nextafter(0.5, 0), math.nextafter(0.5, 1), 0.0, 1.0} <= set(rows["size"])
    assert rows["size"].round(1).isin(rows["size"]).any()


def test_an_input_that_may_be_missing_is_missing_alone() -> None:
    frame = pd.DataFrame({name: [0.5, np.nan, 1.5] for name in "abc"})
    fields = fields_of(given(frame), {})
    rows = pd.DataFrame(RowMaker(fields, {name: [0.5] for name in "abc"}, {}).missing(200))
    alone = rows[rows.isna().sum(axis=1) == 1]
    assert all(alone[name].isna().any() for name in "abc")
    assert (rows.isna().sum(axis=1) > 1).any()


def test_extreme_rows_have_one_extreme_number_where_no_bound_is_said() -> None:
    pools = {"number": [0.5], "whole": [1], "bound": [0.25]}
    rows = pd.DataFrame(RowMaker(FREE, pools, {}).extreme(1e308))
    assert set(rows["bound"]) == {0.25}
    assert {1e308, -1e308, 2.0**53} <= set(rows["number"])
    assert rows["whole"].abs().max() == 2**53 - 1
    assert not ((rows["number"] != 0.5) & (rows["whole"] != 1)).any()
    assert RowMaker(FREE, pools, {}, np.float32).extreme(1e308)["number"].max() == np.finfo(np.float32).max


def test_the_same_seed_gives_the_same_rows() -> None:
    assert list(maker(1).take(100)) == list(maker(1).take(100))
    assert list(maker(1).take(100)) != list(maker(2).take(100))
