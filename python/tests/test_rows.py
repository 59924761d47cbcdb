"""Generated rows: legal, on both sides of every threshold, the same for the same seed."""

import math
from typing import Any

import numpy as np
import pandas as pd

from nestor.fields import fields_of
from nestor.rows import RowMaker, near, pools_of

INPUTS: dict[str, dict[str, Any]] = {
    "size": {"minimum": 0, "maximum": 1},
    "rooms": {"minimum": 0, "maximum": 9, "nullable": True, "missing_values": [0]},
}
FRAME = pd.DataFrame({"size": [0.1, 0.5, 0.9], "rooms": [0, 2, 5], "town": ["a", "b", "a"]})
FIELDS = fields_of(FRAME, INPUTS)


def maker(seed: int = 0) -> RowMaker:
    return RowMaker(FIELDS, pools_of(FRAME, FIELDS), {"size": [0.5, 1.0], "rooms": [2.5, 9.0]}, seed=seed)


def test_neighbours_of_a_float_threshold() -> None:
    below, on, above = math.nextafter(0.5, 0), 0.5, math.nextafter(0.5, 1)
    assert near(FIELDS[0], 0.5, np.float64) == [below, on, above]
    assert near(FIELDS[0], 1.0, np.float64) == [math.nextafter(1.0, 0), 1.0]


def test_neighbours_of_a_float32_threshold_in_both_precisions() -> None:
    values = near(FIELDS[0], 0.5, np.float32)
    singles = [float(np.nextafter(np.float32(0.5), np.float32(side))) for side in (0, 1)]
    assert values == sorted([*singles, math.nextafter(0.5, 0), 0.5, math.nextafter(0.5, 1)])


def test_neighbours_of_an_integer_threshold_are_whole_and_legal() -> None:
    assert near(FIELDS[1], 2.5, np.float64) == [2, 3]
    assert near(FIELDS[1], 9.0, np.float64) == [8, 9]
    assert near(FIELDS[1], 40.0, np.float64) == [9]


def test_samples_hold_the_example_and_every_threshold_with_its_neighbours() -> None:
    samples = maker().samples()
    assert samples[0][0] == "example"
    found = [row for kind, row in samples if kind == "threshold"]
    for value in (*near(FIELDS[0], 0.5, np.float64), 1.0):
        assert any(row["size"] == value for row in found)
    assert {row["rooms"] for row in found} >= {2, 3, 8, 9}
    assert len(samples) >= 2000


def test_every_row_is_legal() -> None:
    for kind, row in maker().take(2000):
        assert 0 <= row["size"] <= 1
        assert type(row["size"]) is float
        assert row["rooms"] is None or (type(row["rooms"]) is int and 0 <= row["rooms"] <= 9)
        assert row["town"] in ("a", "b")
        assert kind in ("natural", "threshold", "decimal", "bounds", "missing")


def test_the_same_seed_gives_the_same_rows() -> None:
    assert list(maker(1).take(100)) == list(maker(1).take(100))
    assert list(maker(1).take(100)) != list(maker(2).take(100))
