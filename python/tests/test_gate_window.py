"""Labelled rows that are kept from a training for the gate: which ones. What they decide is in test_gate.py."""

import json
from pathlib import Path
from typing import Any

import pytest

from nestor import NestorError
from nestor.fields import Field
from nestor.holdout import Holdout
from nestor.training.gate import window

BORN = "2026-11-27T08:00:00Z"


def lines(rows: list[dict[str, Any]]) -> str:
    """Return labelled rows as the server sends them."""
    return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)


def given(count: int, minute: int, first: int = 0) -> list[dict[str, Any]]:
    """Return rows that were labelled in one minute of the day on which the champion was made."""
    return [
        {"prediction_id": f"p{place}", "given": f"2026-11-27T08:{minute:02}:00.000Z", "inputs": {"x": "ä\u2028"}}
        | {"label": place % 2}
        for place in range(first, first + count)
    ]


def divided(folder: Path, rows: list[dict[str, Any]]) -> tuple[list[str], list[str] | None]:
    """Return the ids of the rows that stay with the training, and of those that are kept back."""
    (folder / "manifest.json").write_text(json.dumps({"created": BORN}))
    (folder / "rows").write_text(lines(rows), "utf-8")
    kept = window.divide(folder / "rows", folder, folder / "kept")
    ids = [
        [json.loads(line)["prediction_id"] for line in path.read_bytes().splitlines()] if path is not None else None
        for path in (folder / "rows", kept)
    ]
    assert ids[0] is not None
    return ids[0], ids[1]


def test_every_second_row_that_the_champion_cannot_know_is_kept_back(tmp_path: Path) -> None:
    old, new = given(900, 0), given(1_000, 1, first=900)
    learned, kept = divided(tmp_path, [*old, *new])
    assert kept == [f"p{place}" for place in range(901, 1_900, 2)]
    assert sorted(learned + kept) == sorted(row["prediction_id"] for row in [*old, *new])


def test_too_few_are_all_for_the_training_and_of_many_the_newest_are_kept_back(tmp_path: Path) -> None:
    assert divided(tmp_path, [*given(900, 0), *given(999, 1, first=900)])[1] is None
    _, kept = divided(tmp_path, given(6_000, 1))
    assert kept == [f"p{place}" for place in range(2_001, 6_000, 2)]


def test_a_row_with_a_hidden_input_is_not_kept_back(tmp_path: Path) -> None:
    hidden = [row | {"hidden": ["y"]} for row in given(10, 1, first=1_000)]
    learned, kept = divided(tmp_path, [*given(1_000, 1), *hidden])
    assert kept == [f"p{place}" for place in range(1, 1_000, 2)]
    assert set(learned) >= {row["prediction_id"] for row in hidden}


def test_of_a_prediction_whose_value_was_replaced_the_last_one_counts(tmp_path: Path) -> None:
    again = {**given(1, 2)[0], "label": 7}
    learned, kept = divided(tmp_path, [*given(1_000, 1), again])
    assert kept is not None
    assert len(learned + kept) == 1_000
    assert '"label": 7' in (tmp_path / "kept").read_text().splitlines()[-1]


def test_they_are_read_with_all_inputs_and_a_broken_file_is_named(tmp_path: Path) -> None:
    fields = [Field("x", "string", "", "a"), Field("y", "number", "", 1)]
    kept = tmp_path / "kept"
    kept.write_text(lines([{"inputs": {"y": 1}, "label": {"b": 2.0, "a": 1.0}}]))
    assert window.read(kept, fields, ["a", "b"]) == Holdout([{"x": None, "y": 1}], [[1.0, 2.0]])
    kept.write_text("{}\n")
    with pytest.raises(NestorError, match="kept: a line is no labelled row"):
        window.read(kept, fields, [])
    with pytest.raises(NestorError, match="rows: a line is no labelled row"):
        divided(tmp_path, [{"prediction_id": "p1"}])
