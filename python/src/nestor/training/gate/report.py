"""The report on a candidate beside the champion: what `POST /jobs/<id>/result` takes as `gate`."""

import math
from dataclasses import replace
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np

from ...errors import NestorError
from ...fields import frame_of
from ...holdout import Holdout, digests
from . import checks, pictures, window
from .scored import Scored, Version, comparable, milliseconds
from .slices import slices
from .statistics import BELOW, Difference, difference

MOST_SLICES = 100
# What asks for a training because rows are no longer as the hold-out is: the newest labelled rows decide then.
OF_TODAY = ("drift", "quality")


class NoHoldout(NestorError):
    """Neither version has rows to be compared on."""


def report(
    candidate: Path,
    champion: Path,
    training_rows: Path | None = None,
    labelled: Path | None = None,
    trigger: str = "request",
) -> dict[str, Any]:
    """Return the report on two version folders; `training_rows` are the digests that the candidate's training noted.

    `labelled` are rows that `window.divide` has kept back. Where drift or lost quality is the `trigger`, they decide in
    place of the hold-out; else they are asked beside it.

    Raises NoHoldout where neither has a hold-out, NestorError where a folder cannot be read or no hold-out fits both.
    """
    ours, theirs = Version(candidate), Version(champion)
    whose, holdout = _common(ours, theirs)
    leaked, with_target = _leaked(ours, holdout, training_rows)
    held = holdout.take(~leaked) if (~leaked).sum() >= checks.ROWS else holdout
    newest = None if labelled is None else _newest(ours, theirs, labelled, training_rows)
    rows, beside = held, newest
    if newest is not None and trigger in OF_TODAY:
        whose, rows, beside = "labelled", newest, held
    classes = [each["value"] for each in ours.manifest.get("classes", [])]
    one, other, differences = _differences(ours, theirs, rows)
    primary = differences[0]
    second = None if beside is None else _differences(ours, theirs, beside)[2][0]
    parts = _parts(rows, ours if whose == "candidate" else theirs, classes, one, other, primary)
    both = rows.take(one.answered & other.answered).rows
    asked = [
        checks.floors(ours, primary),
        checks.primary_metric(primary, whose),
        None if second is None else checks.second_metric(second, trigger if whose == "labelled" else None),
        checks.slices(parts),
        checks.parity(ours),
        checks.latency(*milliseconds([ours, theirs], both)) if both else None,
        checks.size(ours, theirs),
        checks.schema(ours, theirs),
        checks.leakage(leaked, theirs, len(held.rows), with_target),
        checks.enough_rows(rows, classes),
    ]
    made = [check for check in asked if check is not None]
    return {
        "candidate": {"version": ours.manifest["version"], "sha256": ours.sha256},
        "champion": {"version": theirs.manifest["version"], "sha256": theirs.sha256},
        "verdict": checks.verdict(made),
        "metric": {
            "name": primary.figure.name,
            **{key: getattr(primary, key) for key in ("candidate", "champion", "gain", "low", "no_gain")},
        },
        "holdout": {"of": whose, "rows": len(rows.rows)},
        "checks": [check.json() for check in made],
        "pictures": {
            "differences": [_drawn(each, each is primary) for each in differences],
            "slices": [
                {"name": name, "rows": count, **_figures(each), "difference": each.gain}
                for name, count, each in sorted(parts, key=lambda part: part[2].gain)[:MOST_SLICES]
            ],
            **_curves(rows, classes, one, other),
        },
    }


def _differences(ours: Version, theirs: Version, rows: Holdout) -> tuple[Scored, Scored, list[Difference]]:
    """Return what both say of the rows, and the difference in each figure, the primary one first."""
    one, other = comparable(ours.scored(rows), theirs.scored(rows))
    differences = [
        difference(figure, values, other.values[figure])
        for figure, values in one.values.items()
        if figure in other.values
    ]
    return one, other, differences


def _newest(ours: Version, theirs: Version, labelled: Path, training_rows: Path | None) -> Holdout | None:
    """Return the labelled rows that both versions can be compared on, None if these are too few.

    Left out are rows that the champion does not take, as they were answered by a version with other inputs, and rows
    that are equal to some that the candidate was trained on.
    """
    if not {field.name for field in ours.fields} <= {field.name for field in theirs.fields}:
        return None
    targets = [each["name"] for each in theirs.manifest.get("targets", [])]
    rows = window.read(labelled, theirs.fields, targets)
    rows = rows.take(np.array([theirs.takes(row) for row in rows.rows], dtype=bool))
    rows = rows.take(~_leaked(ours, rows, training_rows)[0]) if rows.rows else rows
    return rows if len(rows.rows) >= window.LEAST_ROWS else None


def _common(ours: Version, theirs: Version) -> tuple[str, Holdout]:
    """Return whose hold-out both are compared on, and its rows: the champion's, or else the candidate's."""
    tasks = [version.manifest["task"] for version in (ours, theirs)]
    if tasks[0] != tasks[1]:
        raise NestorError(
            f"it cannot be compared: it is a {tasks[0]}, and the champion, version {theirs.manifest['version']}, a "
            f"{tasks[1]}; train it as a model with a name of its own"
        )
    if tasks[0] == "clustering":
        raise NoHoldout("no cluster is right or wrong, so nothing tells which version is better")
    held = {"champion": theirs.holdout, "candidate": ours.holdout}
    for whose, holdout in held.items():
        if holdout is not None and ours.fits(holdout) and theirs.fits(holdout):
            return whose, holdout
    changed = "; ".join(checks.changes(ours.manifest, theirs.manifest).values())
    if not changed:
        raise NoHoldout(
            "neither the champion nor the new version has a hold-out, so nothing tells which is better; give the "
            "training one: nestor.export(..., holdout=(rows, target))"
        )
    raise NestorError(
        f"it cannot be compared with the champion, version {theirs.manifest['version']}: {changed}, and no hold-out "
        "has the inputs of both; keep the inputs, or train it as a model with a name of its own"
    )


def _leaked(ours: Version, holdout: Holdout, training_rows: Path | None) -> tuple[np.ndarray, bool | None]:
    """Return which rows were trained on, bool [n], and whether targets were compared; None where nothing was noted."""
    if training_rows is None or not training_rows.exists():
        return np.zeros(len(holdout.rows), dtype=bool), None
    with np.load(training_rows) as noted:
        known, with_target = noted["digests"], bool(noted["with_target"])
    target = np.empty(len(holdout.targets), dtype=object)
    target[:] = holdout.targets
    frame = frame_of(holdout.rows, ours.fields)
    is_number = ours.manifest["task"] == "regression"
    return np.isin(digests(frame, target if with_target else None, ours.fields, is_number), known), with_target


def _parts(
    rows: Holdout, whose: Version, classes: list[Any], one: Scored, other: Scored, primary: Difference
) -> list[tuple[str, int, Difference]]:
    """Return name, rows and difference of each part of the rows; gains of numbers are shares of the error over all.

    `low` and `high` are one-sided 95 % bounds of the gains of all parts together: of thirty some look worse by chance.
    """
    mine, yours = one.values[primary.figure], other.values[primary.figure]
    parts = list(slices(rows, whose.fields, classes))
    sure = NormalDist().inv_cdf(1 - BELOW / max(1, len(parts)))
    size = primary.champion if primary.figure.is_share else 1.0
    found = []
    for name, chosen in parts:
        candidate, champion = mine[chosen], yours[chosen]
        better = champion - candidate if primary.figure.is_error else candidate - champion
        mean, count = float(better.mean()), len(better)
        gain = mean / size if size > 0 else math.copysign(1.0, mean) if mean else 0.0
        off = sure * float(better.std()) / math.sqrt(count) / size if size > 0 else 0.0
        part = replace(primary, candidate=float(candidate.mean()), champion=float(champion.mean()), gain=gain)
        found.append((name, count, replace(part, low=gain - off, high=gain + off)))
    return found


def _figures(each: Difference) -> dict[str, float]:
    return {"candidate": each.candidate, "champion": each.champion}


def _drawn(each: Difference, is_primary: bool) -> dict[str, Any]:
    limit = checks.LEAST_LOW if is_primary else None
    return {"name": each.figure.name, "estimate": each.gain, "low": each.low, "high": each.high, "limit": limit}


def _curves(rows: Holdout, classes: list[Any], one: Scored, other: Scored) -> dict[str, Any]:
    """Return ROC and calibration of both, of two classes, on the rows that both answer."""
    both = one.answered & other.answered
    if one.last is None or other.last is None or len(classes) != 2 or not both.any():
        return {}
    positive = np.array([target == classes[-1] for target in rows.targets], dtype=bool)[both]
    scores = {"candidate": one.last[both], "champion": other.last[both]}
    found: dict[str, Any] = {"calibration": {name: pictures.calibration(p, positive) for name, p in scores.items()}}
    curves = {name: pictures.roc(p, positive) for name, p in scores.items()}
    return found if None in curves.values() else {**found, "roc": curves}
