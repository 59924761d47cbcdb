"""How often the gate is wrong: identical trainings promoted by chance, better ones that are not found.

`python tests/test_gate_statistics.py 2000` says it of so many pairs.
"""

import sys
import time
import tracemalloc
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from nestor.training.gate.statistics import Figure, difference

ACCURACY = Figure("accuracy")
ERROR = Figure("mean_absolute_error", is_error=True, is_share=True)
PAIRS = 200


def is_promoted(verdict: str, metric: Mapping[str, Any], trigger: str = "api") -> bool:
    """Whether a version is made champion by rule, as the server decides it (src/training/gate.ts)."""
    gains = metric["gain"] >= 0.002 and metric["no_gain"] <= 0.025
    return verdict == "passed" and (gains or trigger == "drift")


def promoted(pairs: int, rows: int, gain: float) -> float:
    """Return the share of pairs that are promoted by rule.

    Two trainings on other samples of the same data are right in the same rows, but for 4 % of them by the luck of each;
    a better one is so in a share of the rows in which it would be wrong.
    """
    found = 0
    for seed in range(pairs):
        random = np.random.default_rng(seed)
        right = random.random(rows) < 0.85
        candidate, champion = (right ^ (random.random(rows) < 0.04) for _ in range(2))
        candidate |= random.random(rows) < gain / np.mean(~candidate)
        made = difference(ACCURACY, candidate.astype(float), champion.astype(float))
        verdict = "passed" if made.low > -0.005 else "failed"
        found += is_promoted(verdict, {"gain": made.gain, "no_gain": made.no_gain})
    return found / pairs


def test_the_same_training_twice_is_not_promoted_by_chance() -> None:
    assert promoted(PAIRS, 600, 0.0) <= 0.05


def test_a_better_candidate_is_found() -> None:
    assert promoted(20, 5_000, 0.02) >= 0.95


def test_the_bootstrap_is_quick_small_and_the_same_each_time() -> None:
    random = np.random.default_rng(0)
    candidate, champion = random.exponential(size=(2, 20_000))
    tracemalloc.start()
    began = time.thread_time()
    first = difference(ERROR, candidate, champion)
    took = time.thread_time() - began
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert took < 5
    assert most < 200e6
    assert difference(ERROR, candidate, champion) == first


def test_its_bounds_are_those_of_the_normal_distribution() -> None:
    random = np.random.default_rng(3)
    candidate, champion = (random.random((2, 4_000)) < [[0.83], [0.80]]).astype(float)
    made = difference(ACCURACY, candidate, champion)
    half = 1.645 * np.std(candidate - champion) / np.sqrt(4_000)
    assert made.low == pytest.approx(made.gain - half, abs=0.0015)
    assert made.high == pytest.approx(made.gain + half, abs=0.0015)


def test_a_version_is_promoted_by_rule_for_a_gain_or_a_drift_alone() -> None:
    gain, none = {"gain": 0.01, "no_gain": 0.01}, {"gain": 0.0, "no_gain": 1.0}
    assert is_promoted("passed", gain)
    assert not is_promoted("needs_approval", gain)
    assert not is_promoted("passed", {"gain": 0.01, "no_gain": 0.2})
    assert not is_promoted("passed", {"gain": 0.001, "no_gain": 0.0})
    assert not is_promoted("passed", none)
    assert is_promoted("passed", none, "drift")
    equal = np.ones(600)
    assert difference(ACCURACY, equal, equal).no_gain == 1
    # A champion without any error cannot be beaten, and one that errs is worse.
    assert difference(ERROR, equal, equal * 0).gain == -1
    assert difference(ERROR, equal * 0, equal * 0).gain == 0


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else PAIRS
    for rows in (600, 1_000, 5_000):
        print(f"{rows:,} rows: of {count:,} identical pairs promoted: {promoted(count, rows, 0.0):.2%}", flush=True)
    print(f"5,000 rows, 0.02 better: of {count:,} found: {promoted(count, 5_000, 0.02):.2%}")
