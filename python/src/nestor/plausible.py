"""Whether the rows are those of the estimator: columns in its order, answers better than chance, rows held out."""

from collections.abc import Mapping, Sequence
from itertools import combinations, permutations
from typing import Any

import numpy as np

from .answers import Answers
from .conversion import Conversion, asked
from .errors import NestorError
from .fields import Field
from .frames import NUMBERS, Frame, coded, missing, ranks

# Rows that orders of columns are tried on, and for how many columns: all orders, or one swap after the other.
ROWS, FEWEST = 100, 50
ALL_ORDERS, SWAPS = 6, 20
# What a better order must be better by, in accuracy or R2, with what is chance among so many orders and few rows.
BETTER, BY_CHANCE = 0.2, 1.5
# At or below these, areas under the curve and rank correlations say nothing.
AREA, CORRELATION = 0.55, 0.1
# Fewer rows say nothing.
LEAST = 10


def check_order(conversion: Conversion, fields: Sequence[Field], estimator: Any) -> None:
    """Raise NestorError where an estimator without names saw numbers in training that the columns of X have not.

    Looked at are where its trees split, and the means, bounds and rows that its first step keeps of each column.
    """
    ranges = {field.name: field.observed for field in fields if field.numeric and field.observed is not None}
    outside, total = {}, 0
    for name, (low, high) in ranges.items():
        values = np.array(conversion.thresholds.get(name, ()))
        total += len(values)
        if strange := values[(values < low) | (values > high)].tolist():
            outside[name] = strange[0]
            total -= 2 * len(strange)
    if outside and total < 0:
        raise _other_order("it splits", outside, ranges)
    kept = _kept(estimator) if len(ranges) == len(fields) else []
    for values in (each for each in kept if each.shape[1:] == (len(fields),)):
        columns = zip(ranges.items(), values.T, strict=True)
        beyond = {name: each[0] for (name, (low, high)), each in columns if (each < low).all() or (each > high).all()}
        if len(beyond) > 1:
            raise _other_order("it has seen", beyond, ranges)


def _kept(estimator: Any) -> list[np.ndarray]:
    """Return what the first step keeps of the columns it was fitted on: [values, columns] each, within their ranges."""
    first = getattr(estimator, "best_estimator_", estimator)
    first = first.steps[0][1] if hasattr(first, "steps") else first
    found = [getattr(first, name, None) for name in ("mean_", "center_", "data_min_", "statistics_", "_fit_X")]
    return [np.atleast_2d(each) for each in found if isinstance(each, np.ndarray) and each.dtype.kind == "f"]


def _other_order(what: str, outside: dict[str, float], ranges: Mapping[str, tuple[float, float]]) -> NestorError:
    name, value = next(iter(outside.items()))
    low, high = ranges[name]
    return NestorError(
        f"the columns of X stand in another order than the estimator was fitted with: {what} {name} at {value:.6g}, "
        f"but X has {low:.6g} to {high:.6g} there; it was fitted on an array, so give X its columns in that order: "
        "X[[...]]"
    )


def check_better_than_chance(conversion: Conversion, frame: Frame, truth: np.ndarray, what: str, named: bool) -> None:
    """Raise NestorError where the answers to rows with a known target [n] are no better than a constant.

    Where the estimator knows no names of columns, other orders of them are tried, and one that is better is named.
    """
    if len(truth) < LEAST or truth.ndim != 1 or conversion.decision["kind"] in ("anomaly", "cluster"):
        return
    answers = asked(conversion, frame, what)
    score, constant = _score(answers, truth), _constant(answers, truth)
    kind = "R2" if answers.labels is None else "accuracy"
    found = f"on the {what} rows its {kind} is {score:.3f}, where a constant has {constant:.3f}"
    # Half of the way to what is right in each row: a model that is better needs no other order.
    doubted = not named and score < (constant + 1) / 2
    if doubted and (order := _better_order(conversion, frame, truth, score)) is not None:
        raise NestorError(
            f"the columns stand in another order than the estimator was fitted with: {found}; "
            f"in the order {order} it is better; give X those columns in that order: X[{order}]"
        )
    if score > constant or not _at_chance(answers, truth):
        return
    doubt = "" if named else "; it was fitted on an array: are its columns in that order?"
    raise NestorError(
        f"the answers are no better than chance: {found}{doubt}; give the rows that it was fitted for, or "
        f"{'no holdout' if what == 'hold-out' else 'no y'} if they are"
    )


def _score(answers: Answers, truth: np.ndarray) -> float:
    if answers.labels is not None:
        return float(np.mean(answers.labels == truth))
    spread = np.mean((truth - truth.mean()) ** 2)
    return 1.0 - float(np.mean((truth - answers.raw[:, 0]) ** 2) / spread) if spread > 0 else np.inf


def _constant(answers: Answers, truth: np.ndarray) -> float:
    return 0.0 if answers.labels is None else float(np.unique(truth, return_counts=True)[1].max() / len(truth))


def _at_chance(answers: Answers, truth: np.ndarray) -> bool:
    if answers.labels is None:
        said = answers.raw[:, 0].astype(np.float64)
        known = ~np.isnan(said) & ~missing(truth)
        if np.unique(said[known]).size < 2:
            return False
        with np.errstate(invalid="ignore", divide="ignore"):  # of a target that is always the same
            return not np.corrcoef(ranks(said[known]), ranks(truth[known]))[0, 1] > CORRELATION
    if answers.probabilities is None:
        shares = [np.mean(answers.labels[truth == value] == value) for value in np.unique(truth)]
        return len(shares) > 1 and float(np.mean(shares)) < 1 / len(shares)
    return np.unique(truth).size > 1 and _area(answers.probabilities, truth) <= AREA


def _area(probabilities: np.ndarray, truth: np.ndarray) -> float:
    """Return the mean area under the ROC curve, one class against the rest; classes in ascending order."""
    areas = []
    values = np.unique(truth)
    for value, column in zip(values, probabilities.T[-len(values) :], strict=False):
        places, members = ranks(column), truth == value
        count = members.sum()
        areas.append((places[members].mean() - (count + 1) / 2) / (len(truth) - count))
    return float(np.mean(areas))


def _better_order(conversion: Conversion, frame: Frame, truth: np.ndarray, score: float) -> list[str] | None:
    chosen = np.random.default_rng(0).permutation(len(frame))[:ROWS]
    rows, target, names = frame.take(chosen), truth[chosen], frame.names
    if len(names) > SWAPS or len(rows) < FEWEST or not all(frame.kind(name) in NUMBERS for name in names):
        return None
    enough = score + BETTER + BY_CHANCE / len(rows) ** 0.5

    def best_of(orders: list[list[str]]) -> tuple[float, list[str]]:
        columns = {name: np.concatenate([rows[order[i]] for order in orders]) for i, name in enumerate(names)}
        answers = conversion.answer(Frame(columns))
        scores = []
        for i in range(len(orders)):
            part = slice(i * len(rows), (i + 1) * len(rows))
            labels = None if answers.labels is None else answers.labels[part]
            scores.append(_score(Answers(answers.raw[part], None, labels), target))
        place = int(np.argmax(scores))
        return scores[place], orders[place]

    if len(names) <= ALL_ORDERS:
        best, order = best_of([list(each) for each in permutations(names)])
        return order if best >= enough else None
    best, order = score, names
    for _ in range(len(names)):
        swapped = [[{a: b, b: a}.get(name, name) for name in order] for a, b in combinations(order, 2)]
        better, next_ = best_of(swapped)
        if better <= best:
            break
        best, order = better, next_
    return order if best >= enough else None


def overlap(train: Frame, holdout: Frame) -> int:
    """Return how many of the hold-out rows are training rows too, equal in each input."""
    rows: np.ndarray = np.zeros(len(train) + len(holdout), dtype=np.int64)
    for name in train.names:
        both = [train[name], holdout[name]]
        alike = all(values.dtype.kind in NUMBERS for values in both)
        codes, found = coded(np.concatenate(both if alike else [values.astype(object) for values in both]))
        rows = np.unique(rows * (len(found) + 1) + codes, return_inverse=True)[1]
    return int(np.isin(rows[len(train) :], rows[: len(train)]).sum())
