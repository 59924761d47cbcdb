"""What the server makes of a graph's outputs, kind by kind, and what is watched of it."""

from typing import Any

import numpy as np
import pytest

from nestor.answers import Answers, Target, decide, joined, score, split

LABELLED = {"kind": "labelled", "label": "label", "probabilities": "probabilities"}
MARGIN = {"kind": "margin", "output": "raw"}


def test_a_margin_of_two_classes_is_the_sign() -> None:
    raw = np.array([[-1.0], [0.0], [5e-324]])
    answers = decide(MARGIN, {"raw": raw}, ["no", "yes"])
    assert answers.labels is not None
    assert answers.labels.tolist() == ["no", "no", "yes"]
    assert answers.probabilities is None
    assert answers[2:3].first() == {"raw": [5e-324], "label": "yes"}
    assert np.array_equal(score(MARGIN, answers), [-1.0, 0.0, 5e-324])  # type: ignore[arg-type]


def test_a_margin_of_more_is_the_first_maximum() -> None:
    answers = decide(MARGIN, {"raw": np.array([[1.0, 3.0, 3.0]])}, [4, 5, 6])
    assert answers.first() == {"raw": [1.0, 3.0, 3.0], "label": 5}
    assert score(MARGIN, answers) == [3.0]


def test_a_label_alone_has_nothing_to_watch() -> None:
    answers = decide({"kind": "labelled", "label": "label"}, {"label": np.array([1, 0])}, [0, 1])
    assert answers.first() == {"label": 1}
    assert score({"kind": "labelled"}, answers) is None


def test_an_anomaly_has_the_graphs_label_and_score() -> None:
    decision = {"kind": "anomaly", "label": "label", "score": "score", "threshold": -0.5}
    answers = decide(decision, {"label": np.array([-1, 1]), "score": np.array([[-0.6], [-0.4]])}, [-1, 1])
    assert answers.first() == {"raw": [-0.6], "label": -1}
    assert np.array_equal(score(decision, answers), [-0.6, -0.4])  # type: ignore[arg-type]


def test_a_cluster_has_its_distances_and_the_nearest_is_watched() -> None:
    decision = {"kind": "cluster", "label": "label", "distances": "distances"}
    answers = decide(decision, {"label": np.array([1]), "distances": np.array([[3.0, 2.0]])}, [0, 1])
    assert answers.first() == {"raw": [3.0, 2.0], "label": 1}
    assert score(decision, answers) == [2.0]


SEVERAL: dict[str, tuple[dict[str, Any], list[Target], dict[str, Any], dict[str, Any]]] = {
    "values": (
        {"kind": "value", "output": "value"},
        [Target("a"), Target("b")],
        {"value": [[1.0, 2.0]]},
        {"raw": [1.0, 2.0]},
    ),
    "labels with probabilities": (
        LABELLED,
        [Target("a", [0, 1]), Target("b", [7, 8, 9])],
        {"label": [[1, 9]], "probabilities": [[0.25, 0.75, 0.1, 0.2, 0.7]]},
        {"probabilities": [0.25, 0.75, 0.1, 0.2, 0.7], "label": [1, 9]},
    ),
    "sigmoids": (
        {"kind": "sigmoid", "output": "raw", "precision": "FP64"},
        [Target("a", [0, 1]), Target("b", ["n", "y"])],
        {"raw": [[0.0, 1000.0]]},
        {"raw": [0.0, 1000.0], "probabilities": [0.5, 0.5, 0.0, 1.0], "label": [0, "y"]},
    ),
    "margins": (
        MARGIN,
        [Target("a", [0, 1]), Target("b", [7, 8, 9])],
        {"raw": [[0.5, 1.0, 3.0, 2.0]]},
        {"raw": [0.5, 1.0, 3.0, 2.0], "label": [1, 8]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", SEVERAL)
def test_several_targets_stand_side_by_side(what: str) -> None:
    decision, targets, outputs, expected = SEVERAL[what]
    answers = decide(decision, {name: np.array(values) for name, values in outputs.items()}, None, targets)
    assert answers.first() == expected
    parts = split(decision, answers, targets)
    assert joined(parts).first() == expected
    assert len(parts) == 2


def test_rows_are_taken_from_all_that_is_there() -> None:
    answers = Answers(np.eye(3), np.eye(3), np.array(["a", "b", "c"]))
    assert answers[1:2].first() == {"raw": [0.0, 1.0, 0.0], "probabilities": [0.0, 1.0, 0.0], "label": "b"}
