"""LightGBM as fitted, against its own predict on the raw frame: kinds of boosting, objectives, gaps and categories."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
from boosters import equal, served

from nestor import families
from nestor.conversion import Served
from nestor.errors import UnsupportedModel
from nestor.families import lightgbm as family
from nestor.fields import fields_of
from nestor.given import given

QUIET: dict[str, Any] = {"verbosity": -1, "num_threads": 1, "deterministic": True, "n_estimators": 12}
LINKED = 4e-15


@pytest.fixture
def numbers() -> pd.DataFrame:
    """600 rows: a gap that means something, many zeros, whole numbers, decimals."""
    random = np.random.default_rng(1)
    made = pd.DataFrame(
        {
            "age of flat": random.normal(size=600).round(3),
            "loan": random.choice([0.0, 0.0, 1.5, 2.5, -3.25], size=600),
            "rooms": random.integers(0, 9, size=600),
            "price": random.uniform(0, 1, size=600),
        }
    )
    made.loc[random.random(600) < 0.3, "age of flat"] = np.nan
    return made


@pytest.fixture
def target(numbers: pd.DataFrame) -> np.ndarray:
    """A positive number that depends on each column, on the gap most."""
    gap = numbers["age of flat"].isna() * 3.0
    return (gap + numbers["loan"].abs() + numbers["rooms"] / 4 + numbers["price"] + 0.1).to_numpy()


def regressor(**options: Any) -> Any:
    return lightgbm.LGBMRegressor(**{**QUIET, **options})


RAW: dict[str, dict[str, Any]] = {
    "gaps": {"num_leaves": 4},
    "zeros": {"zero_as_missing": True},
    "no missing": {"use_missing": False},
    "dart": {"boosting_type": "dart", "drop_rate": 0.5},
    "goss": {"boosting_type": "goss"},
    "rf": {"boosting_type": "rf", "bagging_freq": 1, "bagging_fraction": 0.5},
    "huber": {"objective": "huber"},
    "mape": {"objective": "mape"},
    "quantile": {"objective": "quantile"},
    "custom": {"objective": lambda true, said: (said - true, np.ones_like(true))},
}
LINKS: dict[str, dict[str, Any]] = {
    "poisson": {"objective": "poisson"},
    "tweedie": {"objective": "tweedie"},
    "gamma": {"objective": "gamma"},
    "sqrt": {"reg_sqrt": True},
    "poisson forest": {"objective": "poisson", "boosting_type": "rf", "bagging_freq": 1, "bagging_fraction": 0.5},
}
SHARES: dict[str, dict[str, Any]] = {
    "cross_entropy": {"objective": "cross_entropy"},
    "lambda": {"objective": "cross_entropy_lambda"},
    "binary": {"objective": "binary"},
}


@pytest.mark.parametrize("kind", RAW)
def test_values_are_the_sums_of_the_leaves(kind: str, numbers: pd.DataFrame, target: np.ndarray) -> None:
    estimator = regressor(**RAW[kind]).fit(numbers, target)
    conversion, rows, answers = served(estimator, numbers)
    equal(answers.raw, estimator.predict(rows))
    assert conversion.limits == {"raw": 0.0, "probability": 4 * 3e-16}


@pytest.mark.parametrize("kind", LINKS)
def test_values_behind_a_link(kind: str, numbers: pd.DataFrame, target: np.ndarray) -> None:
    estimator = regressor(**LINKS[kind]).fit(numbers, target)
    conversion, rows, answers = served(estimator, numbers)
    equal(answers.raw, estimator.predict(rows), LINKED)
    assert conversion.limits == {"relative": LINKED}


@pytest.mark.parametrize("kind", SHARES)
def test_shares(kind: str, numbers: pd.DataFrame, target: np.ndarray) -> None:
    share = (target - target.min()) / np.ptp(target)
    estimator = regressor(**SHARES[kind]).fit(numbers, share.round() if kind == "binary" else share)
    _, rows, answers = served(estimator, numbers)
    equal(answers.raw, estimator.predict(rows), LINKED)


def test_a_regressor_of_two_classes_stays_one(numbers: pd.DataFrame, target: np.ndarray, tmp_path: Path) -> None:
    """What lies in an artifact is a booster, which would say classes."""
    estimator = regressor(objective="binary").fit(numbers, target > 2)
    conversion = families.convert(estimator, fields_of(given(numbers), {}))
    (tmp_path / "estimator.txt").write_bytes(conversion.files["estimator.txt"])
    again = families.convert(family.load(tmp_path, {"decision": conversion.decision}), fields_of(given(numbers), {}))
    assert again.decision == conversion.decision == {"kind": "value", "output": "value"}
    assert np.array_equal(again.answer(given(numbers)).raw, conversion.answer(given(numbers)).raw)


CLASSIFIERS: dict[str, dict[str, Any]] = {
    "sigmoid": {"sigmoid": 1.7},
    "unbalanced": {"is_unbalance": True},
    "forest": {"boosting_type": "rf", "bagging_freq": 1, "bagging_fraction": 0.5, "sigmoid": 0.5},
    "dart": {"boosting_type": "dart"},
    "cross_entropy": {"objective": "cross_entropy"},
    "softmax": {},
    "softmax forest": {"boosting_type": "rf", "bagging_freq": 1, "bagging_fraction": 0.5},
    "ova": {"objective": "multiclassova"},
    "ova sigmoid": {"objective": "multiclassova", "sigmoid": 2.0},
}


@pytest.mark.parametrize("kind", CLASSIFIERS)
def test_classes(kind: str, numbers: pd.DataFrame, target: np.ndarray) -> None:
    several = kind.startswith(("softmax", "ova"))
    labels = np.digitize(target, np.quantile(target, [0.3, 0.7] if several else [0.6]))
    names = labels if kind == "cross_entropy" else np.array(["few", "many", "none"])[labels]
    estimator = lightgbm.LGBMClassifier(**{**QUIET, **CLASSIFIERS[kind]}).fit(numbers, names)
    conversion, rows, answers = served(estimator, numbers)
    assert answers.labels is not None
    assert np.array_equal(answers.labels, np.asarray(estimator.predict(rows)))
    equal(answers.probabilities, estimator.predict_proba(rows), 1e-14)
    mine = conversion.answer(given(rows))
    assert np.array_equal(mine.raw, answers.raw)
    equal(mine.probabilities, estimator.predict_proba(rows))


LINEAR: dict[str, dict[str, Any]] = {
    "plain": {},
    "regularized": {"linear_lambda": 0.1},
    "gaps are zeros": {"use_missing": False},
    "dart": {"boosting_type": "dart", "drop_rate": 0.5},
    "forest": {"boosting_type": "rf", "bagging_freq": 1, "bagging_fraction": 0.5},
    "a tree of one leaf": {"min_child_samples": 400},
}


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", LINEAR)
def test_linear_trees(kind: str, numbers: pd.DataFrame, target: np.ndarray) -> None:
    """A gap in what a leaf multiplies gives the leaf's constant; products and sums are rounded one by one."""
    estimator = regressor(linear_tree=True, **LINEAR[kind]).fit(numbers, target)
    _, rows, answers = served(estimator, numbers)
    equal(answers.raw, estimator.predict(rows))


def test_linear_trees_of_classes(numbers: pd.DataFrame, target: np.ndarray) -> None:
    labels = np.digitize(target, np.quantile(target, [0.3, 0.7]))
    estimator = lightgbm.LGBMClassifier(**QUIET, linear_tree=True).fit(numbers, labels)
    _, rows, answers = served(estimator, numbers)
    equal(answers.raw, estimator.predict(rows, raw_score=True))
    assert np.array_equal(np.asarray(answers.labels), estimator.predict(rows))
    equal(answers.probabilities, estimator.predict_proba(rows), 1e-14)


@pytest.mark.parametrize("objective", ["lambdarank", "rank_xendcg"])
def test_rankings_answer_their_score(objective: str, numbers: pd.DataFrame, target: np.ndarray) -> None:
    grades = np.digitize(target, np.quantile(target, [0.3, 0.7]))
    estimator = lightgbm.LGBMRanker(**{**QUIET, "objective": objective}).fit(numbers, grades, group=[30] * 20)
    _, rows, answers = served(estimator, numbers)
    equal(answers.raw, estimator.predict(rows))


@pytest.fixture
def words(numbers: pd.DataFrame) -> pd.DataFrame:
    """The same with 90 words, three of them strange, and whole numbers as a category; both with gaps."""
    random = np.random.default_rng(2)
    names = ["<30k", "(0, 3]", "", *(f"w{i}" for i in range(87))]
    made = numbers.assign(town=np.resize(names, 600), code=random.integers(10, 17, size=600))
    made.loc[random.random(600) < 0.1, "town"] = None
    return made.astype({"town": "category", "code": "category"})


@pytest.fixture
def by_word(words: pd.DataFrame, target: np.ndarray) -> np.ndarray:
    """A target that depends on the words."""
    worth = np.random.default_rng(5).normal(size=91)
    codes = words["town"].cat.codes.to_numpy()
    return target + 3 * worth[codes] + (words["code"].astype(int) % 3).to_numpy()


@pytest.mark.parametrize(
    "options",
    [{}, {"max_cat_to_onehot": 100}, {"boosting_type": "dart"}, {"max_cat_threshold": 90}, {"linear_tree": True}],
)
def test_categories(options: dict[str, Any], words: pd.DataFrame, by_word: np.ndarray) -> None:
    estimator = regressor(min_data_per_group=5, cat_smooth=1, **options).fit(words, by_word)
    assert estimator.booster_.trees_to_dataframe()["decision_type"].eq("==").sum() > 10
    conversion, rows, answers = served(estimator, words)
    equal(answers.raw, estimator.predict(rows))
    strange = rows.assign(town=pd.Categorical(["nobody"] * len(rows)), code=pd.Categorical([99] * len(rows)))
    equal(Served(conversion).answer(given(strange)).raw, estimator.predict(strange))
    fresh = families.convert(
        lightgbm.Booster(model_str=conversion.files["estimator.txt"].decode()), fields_of(given(words), {})
    )
    equal(Served(fresh).answer(given(rows)).raw, estimator.predict(rows))


@pytest.mark.parametrize("kind", [int, float])
def test_codes(kind: type, numbers: pd.DataFrame, target: np.ndarray) -> None:
    """Numbers that are named as categories: LightGBM cuts them to whole ones, and negative ones are none."""
    random = np.random.default_rng(4)
    codes = pd.Series(random.integers(0, 70, size=600)).astype(kind)
    if kind is float:
        codes = codes.mask(random.random(600) < 0.1)
    frame = numbers.assign(code=codes)
    estimator = regressor(min_data_per_group=5, cat_smooth=1, max_cat_to_onehot=2)
    estimator.fit(
        frame,
        target + np.random.default_rng(5).normal(size=71)[codes.fillna(70).to_numpy(dtype=int)],
        categorical_feature=["code"],
    )
    conversion, rows, _ = served(estimator, frame)
    rows["code"] = np.resize([-1, 0, 1, 31, 32, 33, 63, 64, 65, 69, 70, 1000, 2**31, 2**53], len(rows)).astype(float)
    if kind is float:
        rows["code"] += np.resize([0, 0.5, -0.5, -1e-9], len(rows))
        rows.loc[::7, "code"] = np.nan
    equal(Served(conversion).answer(given(rows)).raw, estimator.predict(rows))


def kept_apart(x: pd.DataFrame, y: np.ndarray) -> dict[str, Any]:
    """Return the rows that say when to stop, as this version of LightGBM takes them."""
    takes = inspect.signature(lightgbm.LGBMRegressor.fit).parameters
    return {"eval_X": x, "eval_y": y} if "eval_X" in takes else {"eval_set": [(x, y)]}


BEST: dict[str, Callable[[pd.DataFrame, np.ndarray], Any]] = {
    "early": lambda x, y: regressor(n_estimators=200).fit(
        x[:400], y[:400], **kept_apart(x[400:], y[400:]), callbacks=[lightgbm.early_stopping(2, verbose=False)]
    ),
    "booster": lambda x, y: lightgbm.train(
        {**QUIET, "n_estimators": 100},
        lightgbm.Dataset(x[:400], y[:400]),
        valid_sets=[lightgbm.Dataset(x[400:], y[400:])],
        callbacks=[lightgbm.early_stopping(2, verbose=False)],
    ),
    "plain booster": lambda x, y: lightgbm.train(QUIET, lightgbm.Dataset(x, y)),
}


@pytest.mark.filterwarnings("ignore:Found `n_estimators` in params")
@pytest.mark.parametrize("kind", BEST)
def test_the_trees_up_to_the_best_iteration(kind: str, numbers: pd.DataFrame, target: np.ndarray) -> None:
    noise = np.random.default_rng(6).normal(size=600)
    estimator = BEST[kind](numbers, target + noise)
    _, rows, answers = served(estimator, numbers)
    equal(answers.raw, estimator.predict(rows))


REFUSED: dict[str, Any] = {
    "gives no probabilities; use LGBMRegressor": lambda x, y: lightgbm.LGBMClassifier(
        **{**QUIET, "objective": "poisson"}
    ).fit(x, (y > 2).astype(int)),
}


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("reason", REFUSED)
def test_what_is_not_exported_is_refused_with_the_mend(reason: str, numbers: pd.DataFrame, target: np.ndarray) -> None:
    estimator = REFUSED[reason](numbers, target)
    with pytest.raises(UnsupportedModel, match=reason):
        families.convert(estimator, fields_of(given(numbers), {}))
