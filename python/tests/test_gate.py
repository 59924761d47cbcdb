"""The gate's report: each refusal with its reason, and what neither passes nor fails."""

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import onnx
import pandas as pd
import pytest
from onnx import helper

import nestor
from nestor import NestorError, exporting, folder, plots
from nestor.holdout import FILE
from nestor.training import context
from nestor.training.gate import checks, scored
from nestor.training.gate.report import NoHoldout, report
from nestor.training.gate.statistics import Difference

Made = Callable[..., Path]
TOWNS = ["Aa", "Bb", "Cc"]


def people(count: int, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Return rows of a number and two words, and whether each is one of those that leave."""
    random = np.random.default_rng(seed)
    rows = pd.DataFrame(
        {
            "age": random.integers(18, 70, count),
            "score": random.normal(size=count).round(9),
            "town": random.choice(TOWNS, count),
        }
    )
    leaves = rows["score"] > np.where(rows["town"] == "Aa", -0.5, 0.5) + 0.5 * (rows["age"] > 44)
    return rows, (leaves ^ (random.random(count) < 0.05)).astype(int).to_numpy()


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Made:
    """Trains a version of `people` as a runner would have it, and returns its folder."""
    monkeypatch.setattr(exporting, "ADVERSARIAL_ROWS", 200)
    monkeypatch.setattr(plots, "draw", lambda *_: {})
    monkeypatch.setattr(scored, "ROUNDS", 10)
    monkeypatch.setattr(folder, "_sync_folder", lambda *_: None)

    def training(
        number: int,
        rows: pd.DataFrame | None = None,
        target: Any = None,
        held: tuple[Any, Any] | None = None,
        trees: int = 20,
        **said: Any,
    ) -> Path:
        if rows is None:
            rows, target = people(3_000, number)
        monkeypatch.setattr(
            context, "inside", context.Inside("people", str(number), tmp_path / str(number), io.StringIO())
        )
        fitted = lightgbm.LGBMClassifier(n_estimators=trees, num_leaves=7, n_jobs=1, verbose=-1)
        fitted.fit(nestor.encode(rows), target)
        held = people(2_000, 99) if held is None else held or None
        return nestor.export(fitted, rows, target, name="people", holdout=held, verbose=False, **said)

    return training


def about(candidate: Path, champion: Path, **more: Any) -> dict[str, Any]:
    """Return the report as the runner makes it; asserts that it is JSON within its bounds, and its order of checks."""
    made = report(candidate, champion, candidate.parents[1] / context.TRAINING_ROWS, **more)
    assert len(json.dumps(made, allow_nan=False)) < 128 * 1024
    order = ["floors", "primary_metric", "labelled_metric", "holdout_metric", "slices", "parity", "latency", "size"]
    order += ["schema", "leakage", "enough_rows"]
    names = [check["name"] for check in made["checks"]]
    assert names == [name for name in order if name in names]
    return made


def failed(made: dict[str, Any]) -> dict[str, str]:
    """Return the reasons of the checks that failed."""
    return {check["name"]: check["reason"] for check in made["checks"] if not check["passed"]}


def test_the_same_training_on_other_rows_passes_and_its_report_is_whole(made: Made) -> None:
    champion, candidate = made(1), made(2)
    found = about(candidate, champion)
    assert failed(found) == {}
    assert found["verdict"] == "passed"
    assert (found["candidate"]["version"], found["champion"]["version"]) == ("2", "1")
    assert len(found["candidate"]["sha256"]) == 64
    assert found["holdout"] == {"of": "champion", "rows": 2_000}
    metric = found["metric"]
    assert metric["name"] == "accuracy"
    assert metric["gain"] == pytest.approx(metric["candidate"] - metric["champion"])
    assert metric["low"] < metric["gain"]
    assert 0 <= metric["no_gain"] <= 1
    drawn = found["pictures"]
    assert [each["name"] for each in drawn["differences"]] == ["accuracy", "brier"]
    assert {"town = Aa", "class 0", "class 1"} <= {each["name"] for each in drawn["slices"]}
    assert any(each["name"].startswith("age ≤ ") for each in drawn["slices"])
    for side in ("candidate", "champion"):
        curve = drawn["roc"][side]
        assert (curve[0], curve[-1]) == ([0, 0], [1, 1])
        assert len(curve) <= 200
        assert sum(each["rows"] for each in drawn["calibration"][side]) == 2_000


def test_a_worse_candidate_is_refused(made: Made) -> None:
    rows, target = people(3_000, 2)
    odd = np.random.default_rng(0).random(len(rows)) < 0.45
    found = about(made(2, rows, np.where(odd, 1 - target, target), trees=200), made(1))
    assert found["verdict"] == "failed"
    assert "it answers worse" in failed(found)["primary_metric"]


def test_one_that_leaks_is_refused_and_compared_on_the_other_rows(made: Made) -> None:
    champion = made(1)
    held, truth = people(2_000, 99)
    rows, target = people(3_000, 2)
    leaking = made(2, pd.concat([rows, held[:1_000]], ignore_index=True), np.append(target, truth[:1_000]))
    found = about(leaking, champion)
    assert list(failed(found)) == ["leakage"]
    reason = failed(found)["leakage"]
    assert reason.startswith("1,0")
    assert "of 2,000 rows of the hold-out were trained on, equal in inputs and target; compared on " in reason
    assert 900 < found["holdout"]["rows"] <= 1_000
    # The whole hold-out: there is nothing else to compare on.
    found = about(made(3, held, truth), champion)
    assert "compared on 2,000: all, for fewer than 500 others are left" in failed(found)["leakage"]


def test_without_y_the_inputs_alone_are_compared_and_without_digests_nothing_is_known(made: Made) -> None:
    champion, (held, truth) = made(1), people(2_000, 99)
    fitted = lightgbm.LGBMClassifier(n_estimators=20, num_leaves=7, n_jobs=1, verbose=-1)
    fitted.fit(nestor.encode(held), truth)
    made(2)  # where the next export goes
    shutil.rmtree(champion.parents[2] / "2")
    candidate = nestor.export(fitted, held, name="people", verbose=False)
    reason = failed(about(candidate, champion))["leakage"]
    assert "2,000 of 2,000 rows of the hold-out were trained on, equal in their inputs (without y= " in reason
    assert "the training rows are unknown" in failed(report(candidate, champion))["leakage"]


def test_a_changed_schema_is_refused_unless_the_training_names_it(made: Made) -> None:
    rows, target = people(3_000, 2)
    wide = {
        "town": {"categories": [*TOWNS[:2], "Cc"], "nullable": False},
        "age": {"minimum": 18, "unit": "years", "record": "drop"},
    }
    found = about(made(2, rows, target, inputs=wide), made(1))
    reason = failed(found)["schema"]
    assert "the input age has another unit (years, not none), minimum (18, not none), record (drop, not none)" in reason
    assert "nestor.export(..., changes={'age': '...'})" in reason
    named = made(3, rows, target, inputs=wide, changes={"age": "must be 18 at least, in years"})
    found = about(named, made(4))
    assert failed(found) == {}
    assert any("(must be 18 at least, in years)" in check["reason"] for check in found["checks"])


def test_where_the_champions_rows_lack_an_input_the_candidates_own_are_taken(made: Made) -> None:
    rows, target = people(3_000, 2)
    held, truth = people(2_000, 98)
    more = made(2, rows.assign(height=rows["score"] + 1), target, (held.assign(height=held["score"] + 1), truth))
    found = about(more, made(1))
    assert found["holdout"]["of"] == "candidate"
    assert list(failed(found)) == ["schema"]
    assert failed(found)["schema"].startswith("the input height is new; ")
    renamed = made(3, rows.rename(columns={"age": "years"}), target, (held.rename(columns={"age": "years"}), truth))
    with pytest.raises(NestorError, match="the input age is gone; the input years is new, and no hold-out has"):
        about(renamed, made(4))


def test_a_slow_and_large_one_is_refused(made: Made) -> None:
    champion = made(1)
    # More trees, which answer the same.
    slow = made(2, trees=400)
    assert {"latency", "size"} <= set(failed(about(slow, champion)))
    assert "times; train fewer or smaller trees" in failed(about(slow, champion))["latency"]
    # A graph with work that is for nothing.
    padded = made(3)
    graph = onnx.load(padded / "model.onnx")
    name = graph.graph.input[0].name
    before = name
    for i in range(1_000):
        graph.graph.node.insert(i, helper.make_node("Identity" if i == 999 else "Sin", [before], [f"pad{i}"]))
        before = f"pad{i}"
    graph.graph.node.append(helper.make_node("ReduceSum", [before], ["wasted"]))
    graph.graph.output.append(helper.make_tensor_value_info("wasted", onnx.TensorProto.DOUBLE, None))
    onnx.save(graph, padded / "model.onnx")
    assert "latency" in failed(about(padded, champion))


def test_too_few_rows_wait_for_a_person(made: Made) -> None:
    held, truth = people(2_000, 99)
    rows, target = people(3_000, 1)
    few = made(1, held=(held[:400], truth[:400]))
    found = about(made(2, rows, target), few)
    assert found["verdict"] == "needs_approval"
    assert failed(found)["enough_rows"].startswith("compared on 400 rows, of 500 that are needed")
    rare = np.flatnonzero(truth == 1)[:30].tolist() + np.flatnonzero(truth == 0)[:700].tolist()
    found = about(made(4, rows, target), made(3, held=(held.iloc[rare], truth[rare])))
    assert failed(found) == {
        "enough_rows": "class 1 has 30 rows, of 50 that are needed; too few to decide by rule, so a person approves"
    }


def test_floors_that_the_training_names_are_asked(made: Made) -> None:
    champion = made(1)
    found = about(made(2, floors={"accuracy": 0.5, "log_loss": 0.9}), champion)
    assert failed(found) == {}
    assert found["checks"][0]["name"] == "floors"
    found = about(made(3, floors={"accuracy": 0.99, "log_loss": 0.9}), champion)
    assert failed(found)["floors"].endswith("(at least 0.99); train it better, or ask less by floors= of nestor.export")
    with pytest.raises(NestorError, match=r"floors: \['acuracy'\] are no figures of this version; it has \['accuracy'"):
        made(4, floors={"acuracy": 0.5})
    with pytest.raises(NestorError, match="changes: age must be 1 to 500 characters"):
        made(4, changes={"age": " "})


def test_without_a_common_holdout_there_is_no_report(made: Made) -> None:
    champion, candidate = made(1, held=()), made(2, held=())
    assert not (champion / FILE).exists()
    with pytest.raises(NoHoldout, match=r"nestor.export\(..., holdout="):
        about(candidate, champion)
    assert about(made(3), champion)["holdout"]["of"] == "candidate"


def test_a_holdout_that_is_broken_is_said(made: Made) -> None:
    champion, candidate = made(1), made(2)
    (champion / FILE).write_text("{}\n")
    with pytest.raises(NestorError, match="a line is not"):
        about(candidate, champion)
    (champion / FILE).write_text("")
    with pytest.raises(NestorError, match="has no rows"):
        about(candidate, champion)


def test_numbers_are_compared_in_shares_of_the_champions_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "ADVERSARIAL_ROWS", 200)
    monkeypatch.setattr(plots, "draw", lambda *_: {})

    def priced(number: int, noise: float) -> Path:
        monkeypatch.setattr(
            context, "inside", context.Inside("price", str(number), tmp_path / str(number), io.StringIO())
        )
        rows, held = people(2_000, number)[0], people(1_000, 99)[0]
        truth = [1_000 * each["score"] + each["age"] for each in (rows, held)]
        fitted = lightgbm.LGBMRegressor(n_estimators=60, n_jobs=1, verbose=-1)
        fitted.fit(nestor.encode(rows), truth[0] + np.random.default_rng(1).normal(size=len(rows)) * noise)
        return nestor.export(fitted, rows, truth[0], name="price", holdout=(held, truth[1]), verbose=False)

    good, bad = priced(1, 100), priced(2, 900)
    found = about(bad, good)
    metric = found["metric"]
    assert metric["name"] == "mean_absolute_error"
    assert metric["gain"] == pytest.approx(1 - metric["candidate"] / metric["champion"])
    assert {"primary_metric", "slices"} <= set(failed(found))
    better = about(good, bad)
    assert better["metric"]["gain"] > 0.3
    assert better["metric"]["no_gain"] == 0
    assert "roc" not in better["pictures"]


def test_a_part_of_the_rows_is_worse_only_beyond_chance() -> None:
    def part(gain: float, high: float, rows: int = 300) -> tuple[str, int, Difference]:
        return ("town = Aa", rows, Difference(scored.ACCURACY, 0.9, 0.9, gain, 2 * gain - high, high, 0.5))

    by_chance = checks.slices([part(-0.03, 0.01), part(0.0, 0.02)])
    assert (by_chance.passed, by_chance.figure) == (True, -0.03)
    assert by_chance.reason == "the least gain of 2 parts is -0.0300, in 300 rows of town = Aa, which may be chance"
    worse = checks.slices([part(-0.03, -0.001), part(-0.019, -0.01)])
    assert not worse.passed
    assert worse.reason.startswith("worse than the champion for town = Aa (-0.0300 in 300 rows); ")
    assert checks.slices([part(-0.5, -0.4, rows=199)]).passed


def test_labelled_rows_are_asked_beside_the_holdout_and_decide_where_rows_are_no_longer_as_it_is(
    made: Made, tmp_path: Path
) -> None:
    def of_today(count: int, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
        rows, _ = people(count, seed)
        return rows, (rows["score"] > 1.2).astype(int).to_numpy()

    rows, truth = of_today(800, 7)
    pairs = zip(rows.to_dict("records"), truth.tolist(), strict=True)
    kept = tmp_path / "kept"
    kept.write_text("".join(f"{json.dumps({'inputs': inputs, 'label': label})}\n" for inputs, label in pairs))
    before, today, cheat = made(1), made(2, *of_today(3_000, 2)), made(3, rows, truth)

    backwards = about(before, today, labelled=kept)
    assert "accuracy on the newest labelled rows" in failed(backwards)["labelled_metric"]
    assert set(failed(about(today, before, labelled=kept))) == {"primary_metric", "slices"}
    for trigger in ("drift", "quality"):
        found = about(today, before, labelled=kept, trigger=trigger)
        assert (failed(found), found["verdict"], found["holdout"]) == ({}, "passed", {"of": "labelled", "rows": 800})
        assert found["metric"]["gain"] > 0.2
        told = next(check for check in found["checks"] if check["name"] == "holdout_metric")
        assert (told["passed"], told["limit"]) == (True, None)
        assert told["figure"] < -0.1
        assert told["reason"].endswith(f"; {trigger} asked for the training, so the newest labelled rows decide")
    # Rows that were trained on tell nothing.
    assert about(cheat, before, labelled=kept, trigger="drift")["holdout"]["of"] == "champion"
