"""The rows that were held out: as callers send them, within bounds, and told from training rows by their digests."""

import io
import json
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
from conftest import check_sums, manifest_of

import nestor
from nestor import NestorError, exporting, holdout, plots
from nestor.fields import Field, fields_of
from nestor.frames import Frame
from nestor.given import given
from nestor.holdout import Holdout
from nestor.training import context


@pytest.fixture
def rows() -> pd.DataFrame:
    """A number with a gap, a date, a truth value and a word."""
    return pd.DataFrame(
        {
            "size": [1.5, None, 3.0],
            "day": np.array(["2026-01-01", "2026-01-02T12:00", "2026-01-03"], "datetime64[ms]"),
            "is_new": [True, False, True],
            "town": ["Aa", "Bé", "Aa"],
        }
    )


def described(rows: pd.DataFrame) -> tuple[Frame, list[Field]]:
    """Return rows as the package has them, and their inputs."""
    frame = given(rows)
    return frame, fields_of(frame, {})


def lines(content: bytes) -> list[Any]:
    """Return what the lines hold."""
    return [json.loads(each) for each in content.decode().splitlines()]


def test_a_line_is_what_a_caller_sends_and_the_right_answer(rows: pd.DataFrame) -> None:
    frame, fields = described(rows)
    assert lines(holdout.document(frame, np.array([True, False, True]), fields, False))[:2] == [
        {"inputs": {"size": 1.5, "day": "2026-01-01", "is_new": True, "town": "Aa"}, "target": 1},
        {"inputs": {"size": None, "day": "2026-01-02T12:00:00Z", "is_new": False, "town": "Bé"}, "target": 0},
    ]
    # A number that is none cannot be right; a class may be a word; several targets are a list.
    assert [each["target"] for each in lines(holdout.document(frame, np.array([2, np.nan, 4.5]), fields, True))] == [
        2.0,
        4.5,
    ]
    assert [each["target"] for each in lines(holdout.document(frame, np.array(["a", "b", "a"]), fields, False))] == [
        *"aba"
    ]
    both = lines(holdout.document(frame, np.array([[1.0, 0.0]] * 3), fields, False))
    assert both[0]["target"] == [1, 0]
    assert lines(holdout.document(frame, np.array([[1.0]] * 3), fields, False))[0]["target"] == 1


def test_of_many_rows_a_sample_stands_there_the_same_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    frame, fields = described(pd.DataFrame({"a": np.arange(25_000)}))
    content = holdout.document(frame, np.zeros(25_000), fields, False)
    numbers = [each["inputs"]["a"] for each in lines(content)]
    assert len(numbers) == 20_000
    assert numbers == sorted(set(numbers))
    assert holdout.document(frame, np.zeros(25_000), fields, False) == content
    monkeypatch.setattr(holdout, "MOST_BYTES", 100_000)
    content = holdout.document(frame, np.zeros(25_000), fields, False)
    assert 80_000 < len(content) <= 100_000


def test_equal_rows_have_equal_digests_whatever_they_came_as(rows: pd.DataFrame) -> None:
    frame, fields = described(rows)
    one = holdout.digests(frame, np.array([1, 0, 1]), fields, False)
    assert len(set(one.tolist())) == 3
    as_floats = holdout.digests(frame.take([2, 0]), np.array([1.0, 1.0]), fields, False)
    assert as_floats.tolist() == [one[2], one[0]]
    other_target = holdout.digests(frame, np.array([0, 0, 1]), fields, False)
    assert (other_target == one).tolist() == [False, True, True]
    assert not set(holdout.digests(frame, None, fields, False).tolist()) & set(one.tolist())


def test_an_export_writes_it_and_notes_the_training_rows_beside_the_version(
    frame: pd.DataFrame, target: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "ADVERSARIAL_ROWS", 200)
    monkeypatch.setattr(plots, "draw", lambda *_: {})
    monkeypatch.setattr(context, "inside", context.Inside("rent", "1", tmp_path, io.StringIO()))
    rows, held = frame[:250], frame[250:]
    fitted = lightgbm.LGBMRegressor(n_estimators=10, n_jobs=1, verbose=-1).fit(nestor.encode(rows), target[:250])
    version = nestor.export(
        fitted, rows, target[:250], name="rent", holdout=(held, target[250:]), floors={"mae": 9}, verbose=False
    )
    check_sums(version)
    assert manifest_of(version)["training"]["floors"] == {"mae": 9}
    found = Holdout.of(version)
    assert found is not None
    assert found.targets == target[250:].tolist()
    assert found.rows[0]["town"] == held["town"].iloc[0]
    with np.load(tmp_path / context.TRAINING_ROWS) as noted:
        assert len(noted["digests"]) == 250
        assert noted["with_target"]
    # A graph that somebody else made is wrapped with its hold-out too.
    monkeypatch.setattr(context, "inside", None)
    plain = frame[["size", "rooms"]].to_numpy(dtype=np.float32)
    graph = nestor.export(
        lightgbm.LGBMRegressor(n_estimators=10, n_jobs=1, verbose=-1).fit(plain[:250], target[:250]),
        plain[:250],
        name="plain",
        artifacts=tmp_path,
        verbose=False,
    )
    wrapped = nestor.wrap(
        graph / "model.onnx",
        plain[:250].astype(np.float64),
        name="wrapped",
        holdout=(plain[250:].astype(np.float64), target[250:]),
        artifacts=tmp_path,
        verbose=False,
    )
    kept = Holdout.of(wrapped)
    assert kept is not None
    assert len(kept.rows) == 50
    assert Holdout.of(graph) is None


def test_a_floor_of_no_figure_is_refused(frame: pd.DataFrame, target: np.ndarray) -> None:
    fitted = lightgbm.LGBMRegressor(n_estimators=3, n_jobs=1, verbose=-1).fit(nestor.encode(frame), target)
    with pytest.raises(NestorError, match=r"floors: \['accuracy'\] are no figures of this version"):
        nestor.export(fitted, frame, name="rent", floors={"accuracy": 1}, verbose=False)
