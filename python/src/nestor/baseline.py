"""The bins that drift is measured with: of the training's inputs, and of the answers to rows it has not seen."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from .answers import Answers, score, split
from .conversion import Conversion
from .fields import Field
from .folder import document
from .frames import Frame

# Sums and squares of larger numbers overflow.
SQUARES = 1e150


def baseline(
    conversion: Conversion,
    frame: Frame,
    fields: Sequence[Field],
    labels: Sequence[dict[Any, str]],
    holdout: Frame | None = None,
) -> bytes:
    """Return baseline.json: the training rows' bins per input, those of the score, and how often each class was said.

    `labels` has the classes of each answer: one, or as many as there are targets. Score and classes are those of the
    hold-out rows if there are any: of rows that it was trained on an estimator is surer than of any that will come.
    """
    answers = conversion.answer(frame if holdout is None else holdout)
    document_: dict[str, Any] = {"schema": 1, "rows": len(frame), "inputs": {}}
    for field in fields:
        column = frame[field.name]
        text = field.type == "text"
        document_["inputs"][field.name] = (
            _text_bins(_reader(conversion, field), column, None if holdout is None else holdout[field.name])
            if text
            else _input_bins(field, column)
        )
    if not conversion.targets:
        document_ |= _answer_bins(conversion, answers, labels[0])
    else:
        parts = zip(conversion.targets, split(conversion.decision, answers, conversion.targets), labels, strict=True)
        document_["targets"] = {target.name: _answer_bins(conversion, own, names) for target, own, names in parts}
    return document(document_)


def _answer_bins(conversion: Conversion, answers: Answers, labels: dict[Any, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if (watched := score(conversion.decision, answers)) is not None:
        binned = bins(watched)
        found["score"] = {"kind": "numeric", **{key: binned[key] for key in ("edges", "counts", "mean", "std")}}
    if answers.labels is not None:
        found["classes"] = {label: int(np.sum(answers.labels == value)) for value, label in labels.items()}
    return found


def _input_bins(field: Field, column: np.ndarray) -> dict[str, Any]:
    categories = (False, True) if field.type == "boolean" else field.categories
    if categories is not None:
        found = Counter(field.json(value) for value in column.tolist())
        counts = [found[category] for category in categories]
        return {"kind": "category", "values": list(categories), "counts": counts, "missing": found[None]}
    values = field.present(column)
    missing = np.isnan(values)
    return {"kind": "numeric", **bins(values[~missing]), "missing": int(missing.sum())}


def _reader(conversion: Conversion, field: Field) -> Any:
    """Return the encoder of a text."""
    parts: Sequence[Any] = getattr(conversion.encoder, "parts", [conversion.encoder])
    return next(part for part in parts if getattr(part, "input", None) == field.name)


def _text_bins(encoder: Any, column: np.ndarray, holdout: np.ndarray | None) -> dict[str, Any]:
    if not hasattr(encoder, "tokens"):  # the graph reads the text by itself
        length = bins(np.array([len(text) for text in column]))
        return {"kind": "text", "length": {key: length[key] for key in ("edges", "counts")}}
    tokens = [encoder.tokens(text) for text in column]
    sizes = {"length": [len(text) for text in column], "tokens": [len(row) for row in tokens]}
    found = {key: bins(np.array(size)) for key, size in sizes.items()}
    shares = {key: {"edges": each["edges"], "counts": each["counts"]} for key, each in found.items()}
    found_text = {"kind": "text", **shares, "unknown_share": _share(*_unknown(encoder, column))}
    if holdout is None:
        return found_text
    count, unknown = _unknown(encoder, holdout)
    # A vocabulary has the tokens of its own texts; how many it lacks of others, only others tell.
    return found_text | {"holdout": {"tokens": count, "unknown": unknown}}


def _unknown(encoder: Any, column: np.ndarray) -> tuple[int, int]:
    """Return how many tokens the texts have, and how many of them the vocabulary lacks."""
    tokens = [token for text in column for token in encoder.tokens(text)]
    return len(tokens), sum(token not in encoder.index for token in tokens)


def _share(count: int, unknown: int) -> float:
    return unknown / max(1, count)


def bins(values: np.ndarray) -> dict[str, Any]:
    """Return deciles without duplicates as edges, the counts of (-inf, e1], (e1, e2], ..., (e9, inf), and moments."""
    values = values.astype(np.float64)
    largest = float(np.abs(values).max())
    scale = largest if largest > SQUARES else 1.0
    scaled = values / scale
    edges = np.unique(np.quantile(scaled, np.arange(1, 10) / 10)) * scale
    counts = np.bincount(np.searchsorted(edges, values, side="left"), minlength=len(edges) + 1)
    return {
        "edges": edges.tolist(),
        "counts": counts.tolist(),
        "mean": float(scaled.mean()) * scale,
        "std": float(scaled.std()) * scale,
        "minimum": float(values.min()),
        "maximum": float(values.max()),
    }
