"""CatBoost as fitted, against its own predict on the raw frame: losses, gaps, words with their counts."""

import json
from pathlib import Path
from typing import Any

import catboost
import numpy as np
import pandas as pd
import pytest
from boosters import equal, ids_and_gaps, of_ids_and_gaps, served

from nestor import families
from nestor.conversion import Served
from nestor.errors import NestorError, UnsupportedModel
from nestor.families import catboost as family
from nestor.families import catboost_words
from nestor.fields import fields_of
from nestor.given import given

QUIET: dict[str, Any] = {
    "iterations": 20, "depth": 4, "verbose": False, "allow_writing_files": False, "thread_count": 1, "random_seed": 1,
}  # fmt: skip
LINKED = 4e-15


@pytest.fixture
def numbers() -> pd.DataFrame:
    """600 rows: gaps, whole numbers, decimals, numbers that float32 does not hold."""
    return ids_and_gaps()


@pytest.fixture
def target(numbers: pd.DataFrame) -> np.ndarray:
    """A positive number that depends on each column."""
    return of_ids_and_gaps(numbers)


def regressor(**options: Any) -> Any:
    return catboost.CatBoostRegressor(**{**QUIET, **options})


RAW: dict[str, dict[str, Any]] = {
    "plain": {},
    "gaps are large": {"nan_mode": "Max"},
    "quantile": {"loss_function": "Quantile:alpha=0.3"},
    "absolute": {"loss_function": "MAE"},
    "depthwise": {"grow_policy": "Depthwise"},
    "lossguide": {"grow_policy": "Lossguide", "max_leaves": 9},
    "ordered": {"loss_function": "Huber:delta=1", "boosting_type": "Ordered"},
}


@pytest.mark.parametrize("kind", RAW)
def test_values_are_the_sums_of_the_leaves(kind: str, numbers: pd.DataFrame, target: np.ndarray) -> None:
    estimator = regressor(**RAW[kind]).fit(numbers, target)
    _, rows, answers = served(estimator, numbers)
    equal(answers.raw, estimator.predict(rows))
    array = catboost.CatBoost({**QUIET, "loss_function": "RMSE"}).fit(numbers.to_numpy(), target)
    _, rows, answers = served(array, numbers)
    equal(answers.raw, array.predict(rows.to_numpy()))


@pytest.mark.parametrize("loss", ["Poisson", "Tweedie:variance_power=1.5"])
def test_values_behind_a_link(loss: str, numbers: pd.DataFrame, target: np.ndarray) -> None:
    estimator = regressor(loss_function=loss).fit(numbers, target)
    _, rows, answers = served(estimator, numbers)
    equal(answers.raw, estimator.predict(rows), LINKED)


def test_several_values(numbers: pd.DataFrame, target: np.ndarray) -> None:
    estimator = regressor(loss_function="MultiRMSE").fit(numbers, np.stack([target, -target], axis=1))
    conversion, rows, answers = served(estimator, numbers)
    equal(answers.raw, estimator.predict(rows))
    assert [each.name for each in conversion.targets] == ["value_0", "value_1"]


def test_focal_loss(numbers: pd.DataFrame, target: np.ndarray) -> None:
    options = {**QUIET, "loss_function": "Focal:focal_alpha=0.5;focal_gamma=1"}
    estimator = catboost.CatBoostClassifier(**options).fit(numbers, (target > 2).astype(int))
    _, rows, answers = served(estimator, numbers)
    assert np.array_equal(np.asarray(answers.labels), estimator.predict(rows))
    equal(answers.probabilities, estimator.predict_proba(rows), 1e-14)


@pytest.mark.parametrize("loss", ["MultiLogloss", "MultiCrossEntropy"])
def test_several_labels(loss: str, numbers: pd.DataFrame, target: np.ndarray, tmp_path: Path) -> None:
    labels = np.stack([target > 1, target > 2], axis=1).astype(int)
    estimator = catboost.CatBoostClassifier(**QUIET, loss_function=loss).fit(numbers, labels)
    conversion, rows, answers = served(estimator, numbers)
    assert [(each.name, each.classes) for each in conversion.targets] == [("label_0", [0, 1]), ("label_1", [0, 1])]
    assert answers.probabilities is not None
    assert np.array_equal(np.asarray(answers.labels), estimator.predict(rows))
    equal(answers.probabilities[:, 1::2], estimator.predict_proba(rows), 1e-14)
    (tmp_path / "estimator.cbm").write_bytes(conversion.files["estimator.cbm"])
    again = families.convert(family.load(tmp_path, {"targets": [{"classes": []}]}), fields_of(given(numbers), {}))
    assert np.array_equal(again.answer(given(rows)).raw, answers.raw)


def test_gaps_that_were_none_in_training(numbers: pd.DataFrame, target: np.ndarray) -> None:
    frame = numbers.fillna(0)
    estimator = regressor(nan_mode="Forbidden").fit(frame, target)
    conversion, rows, answers = served(estimator, frame)
    equal(answers.raw, estimator.predict(rows))
    rows.loc[::3, ["age", "price"]] = np.nan
    equal(Served(conversion).answer(given(rows)).raw, estimator.predict(rows))


@pytest.mark.parametrize("loss", ["Logloss", "CrossEntropy", "MultiClass", "MultiClassOneVsAll"])
def test_classes(loss: str, numbers: pd.DataFrame, target: np.ndarray) -> None:
    labels = np.digitize(target, np.quantile(target, [0.3, 0.7] if loss.startswith("Multi") else [0.6]))
    names = labels if loss == "CrossEntropy" else np.array(["few", "many", "none"])[labels]
    estimator = catboost.CatBoostClassifier(**{**QUIET, "loss_function": loss}).fit(numbers, names)
    conversion, rows, answers = served(estimator, numbers)
    assert np.array_equal(np.asarray(answers.labels), estimator.predict(rows).ravel())
    equal(answers.probabilities, estimator.predict_proba(rows), 1e-14)
    assert np.array_equal(conversion.answer(given(rows)).raw, answers.raw)


def test_rankings_answer_their_score(numbers: pd.DataFrame, target: np.ndarray) -> None:
    estimator = catboost.CatBoostRanker(**QUIET, loss_function="QueryRMSE").fit(
        numbers, target.round(), group_id=np.repeat(np.arange(20), 30)
    )
    _, rows, answers = served(estimator, numbers)
    equal(answers.raw, estimator.predict(rows))


@pytest.fixture
def words(numbers: pd.DataFrame) -> pd.DataFrame:
    """The same with eight words, six and three."""
    random = np.random.default_rng(2)
    return numbers.assign(
        town=random.choice(["<30k", "(0, 3]", "é", "", *"wxyz"], size=600),
        kind=random.choice(list("abcdef"), size=600),
        side=random.choice(["left", "right", "up"], size=600),
    )


@pytest.fixture
def by_word(words: pd.DataFrame, target: np.ndarray) -> np.ndarray:
    """A target that depends on two words together, and on a word with a number."""
    odd = [words[name].astype("category").cat.codes.to_numpy() % 2 for name in ("town", "kind")]
    return target / 10 + 10 * (odd[0] ^ odd[1]) + 5 * ((words["side"] == "up") ^ (words["price"] > 0.5)).to_numpy()


TOGETHER = {"iterations": 40, "max_ctr_complexity": 3, "one_hot_max_size": 4}


def counters(estimator: Any, folder: Path) -> list[dict[str, Any]]:
    """Return what an estimator counts."""
    estimator.save_model(str(folder / "model.json"), format="json")
    counted: list[dict[str, Any]] = json.loads((folder / "model.json").read_text())["features_info"].get("ctrs", [])
    return counted


def test_words_that_the_frame_has_not_are_refused(words: pd.DataFrame, by_word: np.ndarray) -> None:
    """The model counted a word that X lacks, so what it says of others cannot be told."""
    estimator = regressor(cat_features=["town", "kind", "side"]).fit(words, by_word)
    few = words[words["town"] != "w"]
    with pytest.raises(NestorError, match="that the estimator does not know"):
        Served(families.convert(estimator, fields_of(given(few), {}))).answer(given(words))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"max_ctr_complexity": 1},
        {"one_hot_max_size": 50},
        {"simple_ctr": ["Buckets", "Counter"], "depth": 6},
        {"simple_ctr": "BinarizedTargetMeanValue"},
        TOGETHER,
    ],
)
def test_words(options: dict[str, Any], words: pd.DataFrame, by_word: np.ndarray, tmp_path: Path) -> None:
    estimator = regressor(cat_features=["town", "kind", "side"], **options).fit(words, by_word)
    conversion, rows, _ = served(estimator, words)
    together = [len(counter["elements"]) for counter in counters(estimator, tmp_path)]
    assert max(together, default=1) == (3 if options is TOGETHER else 1)
    rows.loc[::7, "town"] = "nobody"
    rows.loc[::11, "kind"] = "nothing"
    equal(Served(conversion).answer(given(rows)).raw, estimator.predict(rows))
    (tmp_path / "estimator.cbm").write_bytes(conversion.files["estimator.cbm"])
    again = families.convert(family.load(tmp_path, {}), fields_of(given(words), {}))
    equal(Served(again).answer(given(rows)).raw, estimator.predict(rows))


UNEVEN: dict[str, dict[str, Any]] = {
    "depthwise": {"grow_policy": "Depthwise"},
    "lossguide": {"grow_policy": "Lossguide", "max_leaves": 9},
    "together": {"grow_policy": "Depthwise", "max_ctr_complexity": 3, "iterations": 40},
    "alone": {"grow_policy": "Lossguide", "one_hot_max_size": 50},
}


@pytest.mark.parametrize("kind", UNEVEN)
def test_words_of_uneven_trees(kind: str, words: pd.DataFrame, by_word: np.ndarray, tmp_path: Path) -> None:
    estimator = regressor(cat_features=["town", "kind", "side"], **UNEVEN[kind]).fit(words, by_word)
    conversion, rows, _ = served(estimator, words)
    assert bool(counters(estimator, tmp_path)) is (kind != "alone")
    rows.loc[::7, "town"] = "nobody"
    rows.loc[::11, "kind"] = "nothing"
    equal(Served(conversion).answer(given(rows)).raw, estimator.predict(rows))


def test_words_of_uneven_trees_of_classes(words: pd.DataFrame, by_word: np.ndarray) -> None:
    labels = np.digitize(by_word, np.quantile(by_word, [0.3, 0.7]))
    options = {**QUIET, "grow_policy": "Lossguide", "cat_features": ["town", "kind", "side"]}
    estimator = catboost.CatBoostClassifier(**options).fit(words, labels)
    _, rows, answers = served(estimator, words)
    assert np.array_equal(np.asarray(answers.labels), estimator.predict(rows).ravel())
    equal(answers.raw, estimator.predict(rows, prediction_type="RawFormulaVal"))


def test_words_of_classes(words: pd.DataFrame, by_word: np.ndarray) -> None:
    labels = np.digitize(by_word, np.quantile(by_word, [0.3, 0.7]))
    estimator = catboost.CatBoostClassifier(**{**QUIET, "depth": 5}, cat_features=[4, 5, 6]).fit(
        words.to_numpy(), labels
    )
    _, rows, answers = served(estimator, words)
    assert np.array_equal(np.asarray(answers.labels), estimator.predict(rows.to_numpy()).ravel())
    equal(answers.probabilities, estimator.predict_proba(rows.to_numpy()), 1e-14)


def test_too_many_combinations_are_refused_with_the_mend(
    words: pd.DataFrame, by_word: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    estimator = regressor(cat_features=["town", "kind", "side"], **TOGETHER).fit(words, by_word)
    monkeypatch.setattr(catboost_words, "MOST", 10)
    with pytest.raises(UnsupportedModel, match="combinations; fit with max_ctr_complexity=1"):
        families.convert(estimator, fields_of(given(words), {}))


REFUSED: dict[str, Any] = {
    "fit with 'RMSE'": lambda x, y: regressor(loss_function="RMSEWithUncertainty").fit(x[["age", "price"]], y),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_is_not_exported_is_refused_with_the_mend(reason: str, words: pd.DataFrame, by_word: np.ndarray) -> None:
    estimator = REFUSED[reason](words, by_word)
    with pytest.raises(UnsupportedModel, match=reason):
        families.convert(estimator, fields_of(given(words), {}))
