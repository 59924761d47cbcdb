"""What the server would refuse to load or to answer, refused before the export, with the mend."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .errors import NestorError
from .evaluate import PRIMARY
from .fields import Field
from .given import known_names

# Beyond it, JSON's readers do not tell a whole number from the next one.
LARGEST_INTEGER = 2**53 - 1


def check_inputs(fields: Sequence[Field]) -> None:
    """Raise NestorError for an input whose values or options cannot stand in a manifest or a call."""
    for field in fields:
        numbers = [*(field.observed or ()), field.minimum, field.maximum, *field.missing_values, field.example]
        if field.numeric:
            # The example of a datetime is a text.
            _check_numbers(field, [each for each in numbers if each is not None and not isinstance(each, str)])
        for text in (field.name, field.description, field.unit, *(field.categories or ())):
            _check_text(f"inputs: {field.name}", text)
        if not field.description or field.unit == "":
            raise NestorError(f"inputs: {field.name}: description and unit cannot be empty; leave them out")
        if field.categories and len(set(field.categories)) < len(field.categories):
            raise NestorError(f"inputs: {field.name}: a category stands twice in {list(field.categories)[:10]}")
        if field.maximum_length is not None and field.maximum_length < 1:
            raise NestorError(f"inputs: {field.name}: maximum_length must be at least 1")


def _check_numbers(field: Field, numbers: Iterable[float]) -> None:
    for number in numbers:
        if not math.isfinite(number):
            raise NestorError(f"inputs: {field.name} has {number}, which JSON has not; replace it by NaN or a number")
        if field.type == "integer" and abs(number) > LARGEST_INTEGER:
            raise NestorError(
                f"inputs: {field.name} has {number}, and JSON does not carry whole numbers beyond 2^53 exactly; "
                f"send them as text (frame['{field.name}'].astype(str)), or drop the column if it is an id"
            )


def checked_floors(floors: Mapping[str, float], figures: Mapping[str, float], task: str) -> dict[str, float]:
    """Return the floors; raise NestorError for one that is no finite number, or of no figure that the version has."""
    known = [*figures, *([PRIMARY[task]] if task in PRIMARY else [])]
    if strange := [name for name in floors if name not in known]:
        raise NestorError(f"floors: {strange} are no figures of this version; it has {sorted(set(known))}")
    if wrong := [name for name, value in floors.items() if not math.isfinite(value)]:
        raise NestorError(f"floors: {wrong} must be finite numbers")
    return {name: float(value) for name, value in floors.items()}


def checked_changes(changes: Mapping[str, str]) -> dict[str, str]:
    """Return what callers have to do otherwise, by input or "answer"; raise NestorError where it is not said in words.

    An input that the version no longer has may be named too.
    """
    for name, text in changes.items():
        if not isinstance(text, str) or not text.strip() or len(text) > 500:
            raise NestorError(f"changes: {name} must be 1 to 500 characters that say what callers do otherwise")
        _check_text(f"changes: {name}", text)
    return dict(changes)


def check_fitted(estimator: Any) -> None:
    """Raise NestorError for an estimator that has not been fitted, or a class in place of one."""
    if isinstance(estimator, type):
        raise NestorError(
            f"{estimator.__name__} is a class; give a fitted estimator: {estimator.__name__}(...).fit(X, y)"
        )
    fitted = True
    if callable(said := getattr(estimator, "is_fitted", None)):
        fitted = bool(said())  # CatBoost's
    elif any(kind.__module__.split(".")[0] == "sklearn" for kind in type(estimator).__mro__):
        from sklearn.exceptions import NotFittedError
        from sklearn.utils.validation import check_is_fitted

        try:
            check_is_fitted(estimator)
        except NotFittedError:
            fitted = False
    if not fitted:
        raise NestorError(f"{type(estimator).__name__} is not fitted; give what its fit(X, y) returns")


def check_width(estimator: Any, fields: Sequence[Field]) -> None:
    """Raise NestorError where an estimator that knows no names was fitted with more or fewer features than X gives."""
    width = getattr(estimator, "n_features_in_", None)
    gives = {len(fields), sum(len(field.categories or (1,)) for field in fields)}
    if width is None or width in gives or known_names(estimator) is not None or fields[0].type == "text":
        return
    names = [field.name for field in fields]
    raise NestorError(
        f"the estimator was fitted with {width} features, X gives {max(gives)}: {names[:10]}; "
        "give X the columns that it was fitted with, in their order: X[[...]]"
    )


def check_classes(task: str, labels: Sequence[Mapping[Any, str]]) -> None:
    """Raise NestorError for classes that the server cannot tell apart or name; `labels` has those of each answer."""
    for each in labels:
        if each:
            _check_classes(task, each)


def _check_classes(task: str, labels: Mapping[Any, str]) -> None:
    if len(labels) < 2 and task == "classification":
        raise NestorError(f"classes: the estimator knows one class alone, {list(labels)}; fit it on two at least")
    if len(set(labels.values())) < len(labels):
        raise NestorError(f"classes: two have the same name in {list(labels.values())[:10]}; give each its own")
    for value, label in labels.items():
        if label == "":
            raise NestorError(
                f'classes: {value!r} has an empty name; give one to each class: classes={{{value!r}: "none", ...}}'
            )
        if not isinstance(label, str) or label == "__proto__":
            raise NestorError(f"classes: {label!r} is no name for a class; use a text")
        if isinstance(value, int) and abs(value) > LARGEST_INTEGER:
            raise NestorError(f"classes: {value} is beyond 2^53; fit on target.astype(str)")
        _check_text("classes", value)
        _check_text("classes", label)


def check_said(
    description: str, authors: Sequence[str], license: str | None, metrics: Mapping[str, float] | None
) -> None:
    """Raise NestorError for a fact about the model that cannot stand in a manifest."""
    for text in (description, license, *authors):
        _check_text("description, authors and license", text)
    if isinstance(authors, str) or not all(isinstance(each, str) and each for each in authors):
        raise NestorError('authors: give a list of names that are not empty, as ["Ada"]')
    for name, value in (metrics or {}).items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise NestorError(f"metrics: {name} is {value!r}; give a finite number, or leave it out")


def _check_text(where: str, text: Any) -> None:
    if isinstance(text, str):
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise NestorError(f"{where}: {text!r} holds half a character, which JSON has not; mend the text") from error
