"""Why a graph and its estimator part on a row, as far as it is known, and the mend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .frames import Frame, is_missing

if TYPE_CHECKING:
    from .answers import Answers
    from .conversion import Conversion

REPORT = "please report it with this row; until then, another estimator or version of its library may be exported"


def cause(conversion: Conversion, row: Frame, theirs: Answers, ours: Answers) -> str:
    """Return a sentence with the cause and the mend; `row` is the one row, `theirs` and `ours` what was said of it."""
    gaps = [name for name in row.names if is_missing(row[name][0])]
    if gaps:
        return (
            f"cause: the row has a gap in {gaps[:10]}, and the graph sends gaps another way; "
            "mend: fill gaps before the estimator (SimpleImputer in its pipeline)"
        )
    if _finite(theirs) != _finite(ours):
        return (
            "cause: one of the two has no finite answer to numbers of this size; "
            'mend: say what is legal (inputs={"...": {"minimum": ..., "maximum": ...}})'
        )
    if any(each["datatype"] == "FP32" for each in _tensors(conversion)):
        if not conversion.files:  # a graph that somebody else made, with its estimator beside it
            return (
                "cause: most likely that the graph computes in float32, the estimator in float64; mend: give the "
                "estimator itself to nestor.export, or leave it out here: the graph is then its own reference, and the "
                "card says so"
            )
        return (
            "cause: most likely that the graph computes in float32, the estimator in float64; mend: an estimator whose "
            "graph stays in float64 (trees, linear models, support vectors), or a target without a large offset"
        )
    operators = {node.op_type for node in conversion.graph.graph.node}
    if "TopK" in operators and not any(each.startswith("TreeEnsemble") for each in operators):
        return (
            "cause: most likely training rows that are equally near to this one: which of them count is chosen by the "
            "order of a search, which the graph does not repeat; mend: drop training rows that are there twice before "
            "fit, use an odd n_neighbors or weights='distance'"
        )
    if large := [name for name in row.names if _large(row[name][0])]:
        return (
            f"cause: {large[:10]} has digits that float32 cannot hold; mend: say what is legal "
            '(inputs={"...": {"maximum": ...}}), or subtract an offset before fit'
        )
    return f"cause: not known; {REPORT}"


def _tensors(conversion: Conversion) -> list[dict[str, object]]:
    return [*conversion.encoder.tensors, *conversion.outputs]


def _finite(answers: Answers) -> bool:
    parts = [answers.raw] if answers.probabilities is None else [answers.raw, answers.probabilities]
    return all(np.isfinite(part.astype(np.float64)).all() for part in parts)


def _large(value: object) -> bool:
    return isinstance(value, int | float) and abs(value) > 2**24 and float(np.float32(value)) != float(value)
