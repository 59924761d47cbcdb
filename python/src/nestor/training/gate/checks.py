"""What the gate asks of a candidate: each check with its figure, its limit, and in words what was found and what to do.

The limits stand here, and in docs/data-scientist.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ...errors import NestorError
from ...evaluate import is_error
from ...fields import listed
from ...holdout import Holdout
from .scored import Version
from .statistics import Difference

LEAST_LOW = -0.005
SLICE_ROWS, SLICE_LOSS = 200, 0.02
LATENCY, SIZE = 1.2, 2.0
LEAKED = 0.01
ROWS, CLASS_ROWS = 500, 50
MOST_REASON = 2_000
# Where a metric was measured, and what would make it surer.
ON_HOLDOUT = "", "a larger hold-out would tell"
ON_LABELLED = " on the newest labelled rows", "more labels would tell"
# What callers see of an input, and what is kept of it; the rest describes it.
SCHEMA = (
    "type", "unit", "minimum", "maximum", "maximum_length", "nullable", "missing_values", "record", "open",
    "categories",
)  # fmt: skip


@dataclass(frozen=True)
class Check:
    """One check, as the report has it."""

    name: str
    figure: float | None
    limit: float | None
    passed: bool
    reason: str

    def json(self) -> dict[str, Any]:
        """Return it as the report has it."""
        return {**asdict(self), "reason": self.reason[:MOST_REASON]}


def verdict(checks: Sequence[Check]) -> str:
    """Return what follows from the checks: too few rows alone wait for a person, whatever else fails is a refusal."""
    failed = [check.name for check in checks if not check.passed]
    return "passed" if not failed else "needs_approval" if failed == ["enough_rows"] else "failed"


def floors(candidate: Version, primary: Difference) -> Check | None:
    """Return whether the figures reach what the training asks of them; None where it asks nothing."""
    asked: Mapping[str, float] = candidate.manifest["training"].get("floors", {})
    if not asked:
        return None
    measured = {primary.figure.name, *(["mae"] if primary.figure.is_error else [])}
    found = {name: primary.candidate if name in measured else candidate.manifest["metrics"][name] for name in asked}
    missed = {
        name: value for name, value in found.items() if (value > asked[name] if is_error(name) else value < asked[name])
    }
    shown = missed or found
    name = next(iter(shown))
    each = ", ".join(
        f"{key} {value:.4g} ({'at most' if is_error(key) else 'at least'} {asked[key]:.4g})"
        for key, value in shown.items()
    )
    mend = "; train it better, or ask less by floors= of nestor.export" if missed else ""
    return Check("floors", found[name], asked[name], not missed, each + mend)


def primary_metric(primary: Difference, whose: str) -> Check:
    """Return whether the candidate is no worse than the champion, beyond what may be chance; `whose` rows they are."""
    return _no_worse("primary_metric", primary, *(ON_LABELLED if whose == "labelled" else ON_HOLDOUT))


def second_metric(second: Difference, trigger: str | None) -> Check:
    """Return what the rows say that do not decide: without a `trigger` the newest labelled ones, else the hold-out.

    The labelled rows refuse as the hold-out does. Where something has asked for the training because rows are no longer
    as the hold-out is, that refuses nobody: it tells what is given up.
    """
    if trigger is None:
        return _no_worse("labelled_metric", second, *ON_LABELLED)
    said = (
        f"{_compared(second, ' on the hold-out')}; {trigger} asked for the training, so the newest labelled rows decide"
    )
    return Check("holdout_metric", second.low, None, True, said)


def _no_worse(name: str, found: Difference, where: str, more: str) -> Check:
    """Return the check of one metric; `where` it was measured and what would tell `more`, in words."""
    passed, said = found.low > LEAST_LOW, _compared(found, where)
    worse = found.gain <= LEAST_LOW
    mend = (
        "it answers worse; look for what has changed in its data or arguments"
        if worse
        else f"so it may be worse; {more}"
    )
    return Check(name, found.low, LEAST_LOW, passed, said if passed else f"{said}; {mend}")


def _compared(found: Difference, where: str) -> str:
    name = found.figure.name.replace("_", " ")
    unit = ", in shares of the champion's error" if found.figure.is_share else ""
    return (
        f"{name}{where} {found.candidate:.4g}, the champion's {found.champion:.4g}: a gain of {found.gain:+.4f}, with "
        f"95 % certainty at least {found.low:+.4f}{unit}"
    )


def slices(found: Sequence[tuple[str, int, Difference]]) -> Check:
    """Return whether no part of the rows that is large enough has a worse figure; `found`: name, rows, difference.

    What may be chance counts for nothing: else two trainings on the same data would refuse each other.
    """
    large = [(each.gain, name, rows, each.high) for name, rows, each in found if rows >= SLICE_ROWS]
    if not large:
        return Check("slices", None, -SLICE_LOSS, True, f"no part of the hold-out has {SLICE_ROWS} rows")
    gain, name, rows, _ = min(large)
    worse = sorted((each, name, rows) for each, name, rows, high in large if each < -SLICE_LOSS and high < 0)
    if not worse:
        chance = ", which may be chance" if gain < -SLICE_LOSS else ""
        said = f"the least gain of {len(large)} parts is {gain:+.4f}, in {rows:,} rows of {name}{chance}"
        return Check("slices", gain, -SLICE_LOSS, True, said)
    said = ", ".join(f"{name} ({gain:+.4f} in {rows:,} rows)" for gain, name, rows in worse[:5])
    more = f" and {len(worse) - 5} more" if len(worse) > 5 else ""
    mend = "look at how many training rows it has of these, or overrule with the reason why that is right"
    return Check("slices", gain, -SLICE_LOSS, False, f"worse than the champion for {said}{more}; {mend}")


def parity(candidate: Version) -> Check:
    """Return whether the graph gives the estimator's answers that its export wrote down."""
    tolerance = candidate.manifest["tolerance"]
    try:
        count = candidate.artifact.check()
    except NestorError as error:
        return Check("parity", None, None, False, f"{error}; export the model anew with the libraries of this runner")
    measured = ", ".join(f"{name} within {value:.3g}" for name, value in tolerance.items())
    said = f"the graph gives the estimator's answers to {count:,} samples ({measured or 'labels equal'})"
    return Check("parity", max(tolerance.values(), default=0.0), None, True, said)


def latency(candidate: float, champion: float) -> Check:
    """Return whether a row costs not much more; both in milliseconds in the graph."""
    ratio = candidate / max(champion, 1e-9)
    said = f"a row takes {candidate:.3g} ms in its graph, {champion:.3g} ms in the champion's: {ratio:.2f} times"
    mend = "; train fewer or smaller trees, or overrule if it is worth that"
    return Check("latency", ratio, LATENCY, ratio <= LATENCY, said + ("" if ratio <= LATENCY else mend))


def size(candidate: Version, champion: Version) -> Check:
    """Return whether the graph is not much larger."""
    ratio = candidate.bytes / champion.bytes
    said = f"model.onnx has {candidate.bytes:,} bytes, the champion's {champion.bytes:,}: {ratio:.2f} times"
    mend = "; train fewer or smaller trees, or overrule if it is worth that"
    return Check("size", ratio, SIZE, ratio <= SIZE, said + ("" if ratio <= SIZE else mend))


def schema(candidate: Version, champion: Version) -> Check:
    """Return whether callers may send what they sent and get what they got, but for changes that the training names."""
    found = changes(candidate.manifest, champion.manifest)
    named: Mapping[str, str] = candidate.manifest["training"].get("changes", {})
    silent = {name: said for name, said in found.items() if name not in named}
    if silent:
        said = "; ".join(silent.values())
        mend = f"keep it as it was, or name it: nestor.export(..., changes={{{next(iter(silent))!r}: '...'}})"
        return Check("schema", len(silent), 0, False, f"{said}; {mend}")
    if found:
        said = "; ".join(f"{each} ({named[name]})" for name, each in found.items())
        return Check("schema", 0, 0, True, f"changed as the training says: {said}")
    return Check("schema", 0, 0, True, "inputs and answers are those of the champion")


def changes(candidate: Mapping[str, Any], champion: Mapping[str, Any]) -> dict[str, str]:
    """Return in words what callers see of two manifests that is not alike, by input or "answer"."""
    mine, theirs = ({each["name"]: each for each in manifest["inputs"]} for manifest in (candidate, champion))
    found = {name: f"the input {name} is gone" for name in theirs if name not in mine}
    found |= {name: f"the input {name} is new" for name in mine if name not in theirs}
    for name in mine:
        if name in theirs and (parts := _unlike(mine[name], theirs[name])):
            found[name] = f"the input {name} has another {', '.join(parts)}"
    answers = [[manifest.get(key) for key in ("task", "classes", "targets")] for manifest in (candidate, champion)]
    kinds = ["probabilities" in _beside(manifest["decision"]) for manifest in (candidate, champion)]
    if answers[0] != answers[1]:
        found["answer"] = "the answers have another task, other classes or other targets"
    elif kinds[0] != kinds[1]:
        found["answer"] = f"the answers come {'with' if kinds[0] else 'without'} probabilities now"
    return found


def _unlike(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
    # Of an open input any word is taken, so those that are known are no promise.
    parts = SCHEMA[:-1] if mine.get("open") and theirs.get("open") else SCHEMA
    return [
        f"{part.replace('_', ' ')} ({_shown(mine.get(part))}, not {_shown(theirs.get(part))})"
        for part in parts
        if mine.get(part) != theirs.get(part)
    ]


def _shown(value: Any) -> str:
    return "none" if value is None else listed(value) if isinstance(value, list) else str(value)


def _beside(decision: Mapping[str, Any]) -> set[str]:
    """Return what stands beside the answer."""
    return {*decision, *(["probabilities"] if decision["kind"] in ("sigmoid", "softmax") else [])}


def leakage(leaked: np.ndarray, champion: Version, compared: int, with_target: bool | None) -> Check:
    """Return whether the hold-out stayed held out; `leaked` [n] says of each of its rows whether it was trained on."""
    about = champion.manifest["training"]
    limit = about.get("overlap", 0) / max(1, about.get("holdout_rows", 0)) + LEAKED
    if with_target is None:
        return Check(
            "leakage", None, limit, False, "the training rows are unknown: let the training call nestor.export"
        )
    share = float(leaked.mean())
    equal = "inputs and target" if with_target else "their inputs (without y= of nestor.export targets are unknown)"
    said = f"{int(leaked.sum()):,} of {len(leaked):,} rows of the hold-out were trained on, equal in {equal}"
    if leaked.any():
        rest = "the others" if compared < len(leaked) else f"all, for fewer than {ROWS} others are left"
        said += f"; compared on {compared:,}: {rest}"
    mend = f"; at most {limit:.2%} may be: hold the same rows out of every training"
    return Check("leakage", share, limit, share <= limit, said if share <= limit else said + mend)


def enough_rows(holdout: Holdout, classes: Sequence[Any]) -> Check:
    """Return whether there are enough rows to tell; too few let a person decide."""
    rows, mend = len(holdout.rows), "; too few to decide by rule, so a person approves"
    if rows < ROWS:
        return Check("enough_rows", rows, ROWS, False, f"compared on {rows:,} rows, of {ROWS} that are needed{mend}")
    counts = {value: sum(target == value for target in holdout.targets) for value in classes}
    few = {value: count for value, count in counts.items() if count < CLASS_ROWS}
    if few:
        said = ", ".join(f"class {value} has {count:,} rows" for value, count in few.items())
        return Check(
            "enough_rows", min(few.values()), CLASS_ROWS, False, f"{said}, of {CLASS_ROWS} that are needed{mend}"
        )
    least = f", at least {min(counts.values()):,} of each class" if counts else ""
    return Check("enough_rows", rows, ROWS, True, f"compared on {rows:,} rows{least}")
