"""The encoder of a version folder from what its manifest says, as the server makes it: without the estimator."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .encoders import Column, Encoder, Tabular
from .fields import Field
from .part_encoders import String, joined
from .text_encoders import Terms, Tfidf, Tokens

# scikit-learn's own.
TOKEN = r"(?u)\b\w\w+\b"


def encoder_of(folder: Path, manifest: Mapping[str, Any], fields: Sequence[Field]) -> Encoder | None:
    """Return the encoder; None where a text is counted by more than words, which scikit-learn's own code has to do."""
    encoding, tensors = manifest["encoding"], list(manifest["tensors"]["inputs"])
    parts: list[Encoder] = []
    for part in encoding["parts"] if encoding["encoder"] == "parts" else [encoding]:
        made = _part(folder, part, tensors[0], fields)
        if made is None:
            return None
        parts.append(made)
        del tensors[: len(made.tensors)]
    return joined(parts)


def _part(folder: Path, part: Mapping[str, Any], tensor: Mapping[str, Any], fields: Sequence[Field]) -> Encoder | None:
    kind = part["encoder"]
    if kind == "tabular":
        by_name = {field.name: field for field in fields}
        columns = [_column(each, by_name[each["input"]]) for each in part["columns"]]
        return Tabular(fields, columns, tensor["datatype"], tensor["name"])
    if kind == "string":
        return String(part["input"], tensor["name"])
    vocabulary = json.loads((folder / part["vocabulary"]).read_text("utf-8"))
    if kind == "tokens":
        return Tokens(part["input"], vocabulary["terms"], part["token_pattern"], part["maximum_tokens"])
    options = Terms(**{name: part[name] for name in ("sublinear_tf", "norm", "binary") if name in part})
    if part.keys() != {"encoder", "input", "vocabulary", *options.manifest()}:
        return None
    return _words(part, vocabulary, options)


def _column(entry: Mapping[str, Any], field: Field) -> Column:
    table = entry.get("table")
    return Column(
        entry["name"],
        entry["input"],
        None if table is None else {_value(key, field): _number(number) for key, number in table.items()},
        _number(entry["unknown"]) if "unknown" in entry else None,
        _number(entry["missing"]) if "missing" in entry else None,
    )


def _value(key: str, field: Field) -> Any:
    """Return what stands in a frame for a key of a table."""
    if not field.numeric:
        return key
    return float(field.numbers([key if field.type == "datetime" else json.loads(key)])[0])


def _number(number: float | None) -> float:
    return float("nan") if number is None else number


def _words(part: Mapping[str, Any], vocabulary: Mapping[str, Any], options: Terms) -> Tfidf:
    idf = np.array(vocabulary["idf"]) if "idf" in vocabulary else None
    number = part["vocabulary"].removeprefix("vocabulary").removesuffix(".json").removeprefix("_")
    made = Tfidf(part["input"], vocabulary["terms"], TOKEN, idf, None, options, number=int(number or 1))
    if left_out := set(vocabulary.get("stop_words", ())):
        made.terms_of = lambda text: [token for token in made.find(text.lower()) if token not in left_out]
    return made
