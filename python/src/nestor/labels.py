"""What the classes and targets of a model are called, and whether a target fits them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from .answers import Answers, Target
from .conversion import Conversion
from .errors import NestorError
from .frames import Frame
from .given import is_pandas

# By class value: its label. One for each answer of a model, empty for a regression.
Labels = Sequence[dict[Any, str]]
ANOMALY = {-1: "anomaly", 1: "normal"}


def named(conversion: Conversion, y: Any) -> Conversion:
    """Return the conversion with its targets called as the columns of y are, if y is a pandas frame."""
    if not conversion.targets or not is_pandas(y):
        return conversion
    names = [str(name) for name in y.columns]
    if len(names) != len(conversion.targets):
        raise NestorError(
            f"y has {len(names)} columns, and the estimator answers {len(conversion.targets)} values of a row; give a "
            "column for each"
        )
    if "__proto__" in names or "" in names or len(set(names)) < len(names):
        raise NestorError(f"y: the columns {names} cannot name the targets; give each a name of its own")
    return replace(
        conversion, targets=[Target(name, each.classes) for name, each in zip(names, conversion.targets, strict=True)]
    )


def check_values(estimator: Any) -> None:
    """Raise NestorError for an estimator whose class values JSON cannot carry; some families cannot draw them."""
    found = getattr(estimator, "classes_", None)
    if isinstance(found, np.ndarray | list):
        for each in found if isinstance(found, list) and all(np.ndim(part) for part in found) else [found]:
            _plain(list(each))


def plain(conversion: Conversion) -> Conversion:
    """Return the conversion with classes as JSON has them: truth values and whole floats become integers.

    Raises NestorError for class values that JSON cannot carry.
    """
    targets = [Target(each.name, _plain(each.classes)) for each in conversion.targets]
    classes = _plain(conversion.classes)
    before = [*(conversion.classes or ()), *(value for each in conversion.targets for value in each.classes or ())]
    after = [*(classes or ()), *(value for each in targets for value in each.classes or ())]
    if [type(value) for value in before] == [type(value) for value in after]:
        return conversion

    def answer(frame: Frame) -> Answers:
        answers = conversion.answer(frame)
        return answers if answers.labels is None else replace(answers, labels=answers.labels.astype(np.int64))

    return replace(conversion, classes=classes, targets=targets, answer=answer)


def _plain(classes: Sequence[Any] | None) -> list[Any] | None:
    if classes is None:
        return None
    values = [value.item() if isinstance(value, np.generic) else value for value in classes]
    whole = [int(value) if isinstance(value, bool | float) and value == int(value) else value for value in values]
    if wrong := [value for value in whole if isinstance(value, bool) or not isinstance(value, int | str)]:
        raise NestorError(f"classes: {wrong[:10]} are neither whole numbers nor strings; fit on target.astype(str)")
    return whole


def labels_of(conversion: Conversion, classes: Mapping[Any, str] | None) -> Labels:
    """Return the labels of each answer; raise NestorError where `classes` are other ones than the estimator's."""
    answers = conversion.targets or [Target("", conversion.classes)]
    return [_labels(each.classes, classes, ANOMALY if conversion.task == "anomaly" else None) for each in answers]


def _labels(
    given: Sequence[Any] | None, classes: Mapping[Any, str] | None, usual: Mapping[Any, str] | None
) -> dict[Any, str]:
    values = list(given or [])
    if classes is not None and list(classes) != values:
        raise NestorError(f"classes: the estimator's values are {values}, in this order, not {list(classes)}")
    # The estimator's own values stand for those given: True is 1.
    named = dict(zip(values, classes.values(), strict=True)) if classes else None
    return named or dict(usual or {value: str(value) for value in values})


def check_target(y: Any, rows: int, conversion: Conversion, labels: Labels) -> None:
    """Raise NestorError if y has not a value per row and target, or values that are no class of the estimator's.

    What an anomaly detection or a clustering was fitted with is no answer of its own.
    """
    if y is None or conversion.task in ("anomaly", "clustering"):
        return
    target = np.asarray(y)
    if len(target) != rows:
        raise NestorError(f"y has {len(target)} values, X has {rows} rows; give the target of the same rows")
    columns = target.reshape(rows, -1)
    if columns.shape[1] != len(labels):
        raise NestorError(
            f"y has {columns.shape[1]} columns, and the estimator answers {len(labels)} values of a row; give a column "
            "for each, or no y where none can be right or wrong (quantiles of one target)"
        )
    for values, of_target in zip(columns.T, labels, strict=True):
        if of_target and (strange := sorted(set(values.tolist()) - set(of_target), key=str)):
            raise NestorError(
                f"y has {strange[:10]}, which are no classes of the estimator; its classes are {list(of_target)}"
            )


def entries(conversion: Conversion, labels: Labels) -> dict[str, Any]:
    """Return the manifest's `classes` or `targets`; a regression of one value has neither."""
    listed = [[{"value": value, "label": label} for value, label in each.items()] for each in labels]
    if not conversion.targets:
        return {"classes": listed[0]} if listed[0] else {}
    pairs = zip(conversion.targets, listed, strict=True)
    return {"targets": [{"name": target.name, **({"classes": own} if own else {})} for target, own in pairs]}
