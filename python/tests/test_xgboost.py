"""XGBoost as fitted, against its own predict on the raw frame: objectives, boosters, missing numbers and categories."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
import xgboost
from boosters import equal, ids_and_gaps, of_ids_and_gaps, saves_categories, served

import nestor
from nestor import families
from nestor.conversion import Served
from nestor.errors import NestorError, UnsupportedModel
from nestor.families import xgboost as family
from nestor.fields import fields_of
from nestor.given import given

QUIET: dict[str, Any] = {"n_jobs": 1, "n_estimators": 12, "max_depth": 4}
# Beyond it the library refuses a number itself.
FAR = (3e38, -3e38)
LINKED = 1e-6


@pytest.fixture
def numbers() -> pd.DataFrame:
    """600 rows: gaps, ids above 2^24, whole numbers, decimals."""
    return ids_and_gaps()


@pytest.fixture
def target(numbers: pd.DataFrame) -> np.ndarray:
    """A positive number that depends on each column."""
    return of_ids_and_gaps(numbers)


def regressor(**options: Any) -> Any:
    return xgboost.XGBRegressor(**{**QUIET, **options})


LINEAR: dict[str, Any] = {"booster": "gblinear", "max_depth": None}

RAW: dict[str, dict[str, Any]] = {
    "squared": {},
    "base": {"base_score": 0.3},
    "log": {"objective": "reg:squaredlogerror"},
    "absolute": {"objective": "reg:absoluteerror"},
    "huber": {"objective": "reg:pseudohubererror"},
    "quantile": {"objective": "reg:quantileerror", "quantile_alpha": 0.3},
    "dart": {"booster": "dart", "rate_drop": 0.5, "one_drop": True},
    "parallel": {"num_parallel_tree": 3, "subsample": 0.5},
    "custom": {"objective": lambda true, said: (said - true, np.ones_like(true))},
    "lossguide": {"grow_policy": "lossguide", "max_leaves": 9, "tree_method": "hist"},
    "linear": {**LINEAR, "base_score": 0.3, "missing": 4},
    "linear early": {**LINEAR, "early_stopping_rounds": 2},
}
LINKS = ["count:poisson", "reg:gamma", "reg:tweedie", "survival:cox"]


@pytest.mark.parametrize("kind", RAW)
def test_values_are_the_sums_of_the_leaves(kind: str, numbers: pd.DataFrame, target: np.ndarray) -> None:
    kept = {"eval_set": [(numbers[:60], target[:60] + 3)], "verbose": False} if kind.endswith("early") else {}
    estimator = regressor(**RAW[kind]).fit(numbers, target, **kept)
    _, rows, answers = served(estimator, numbers, far=FAR)
    equal(answers.raw, estimator.predict(rows))


@pytest.mark.parametrize("objective", LINKS)
def test_values_behind_a_link(objective: str, numbers: pd.DataFrame, target: np.ndarray) -> None:
    estimator = regressor(objective=objective).fit(numbers, target)
    conversion, rows, answers = served(estimator, numbers, far=FAR)
    equal(answers.raw, estimator.predict(rows), LINKED)
    assert conversion.limits == {"relative": LINKED}


def test_a_value_that_is_a_class(numbers: pd.DataFrame, target: np.ndarray) -> None:
    estimator = regressor(objective="binary:hinge").fit(numbers, target > 2)
    _, rows, answers = served(estimator, numbers, far=FAR)
    equal(answers.raw, estimator.predict(rows))


@pytest.mark.parametrize("objective", ["reg:logistic", "binary:logistic"])
def test_shares(objective: str, numbers: pd.DataFrame, target: np.ndarray) -> None:
    share = (target - target.min()) / np.ptp(target)
    estimator = regressor(objective=objective).fit(numbers, share.round() if "binary" in objective else share)
    _, rows, answers = served(estimator, numbers, far=FAR)
    equal(answers.raw, estimator.predict(rows), LINKED)


VECTORS: dict[str, Any] = {"multi_strategy": "multi_output_tree", "tree_method": "hist"}
SEVERAL: dict[str, dict[str, Any]] = {
    "linear": LINEAR,
    "vectors": VECTORS,
    "shares": {"objective": "reg:logistic"},
}


@pytest.mark.parametrize("kind", SEVERAL)
def test_several_values_of_one_estimator(kind: str, numbers: pd.DataFrame, target: np.ndarray) -> None:
    values = np.stack([target, target.max() - target], axis=1) / target.max()
    estimator = regressor(**SEVERAL[kind]).fit(numbers, values)
    _, rows, answers = served(estimator, numbers, far=FAR)
    equal(answers.raw, estimator.predict(rows), LINKED if kind == "shares" else 0.0)


def test_vectors_of_dart(numbers: pd.DataFrame, target: np.ndarray) -> None:
    options = {**VECTORS, "booster": "dart", "rate_drop": 0.9, "one_drop": True}
    try:
        estimator = regressor(**options).fit(numbers, np.stack([target, -target], axis=1))
    except xgboost.core.XGBoostError as error:
        pytest.skip(f"this version fits no such trees: {str(error).splitlines()[0][-60:]}")
    _, rows, answers = served(estimator, numbers, far=FAR)
    equal(answers.raw, estimator.predict(rows))


@pytest.mark.parametrize("options", [{}, VECTORS], ids=["a tree each", "vectors"])
def test_several_labels(options: dict[str, Any], numbers: pd.DataFrame, target: np.ndarray) -> None:
    labels = np.stack([target > 1, target > 2], axis=1).astype(int)
    estimator = xgboost.XGBClassifier(**QUIET, **options).fit(numbers, labels)
    conversion, rows, answers = served(estimator, numbers, far=FAR)
    assert [(each.name, each.classes) for each in conversion.targets] == [("label_0", [0, 1]), ("label_1", [0, 1])]
    assert np.array_equal(np.asarray(answers.labels), estimator.predict(rows))
    assert answers.probabilities is not None
    equal(answers.probabilities[:, 1::2], estimator.predict_proba(rows), 1e-5)
    mine = conversion.answer(given(rows))
    assert np.array_equal(mine.raw, answers.raw)
    assert mine.probabilities is not None
    equal(mine.probabilities[:, 1::2], answers.probabilities[:, 1::2], 1e-5)


@pytest.mark.parametrize("objective", ["binary:logistic", "binary:hinge"])
def test_a_regressor_of_two_classes_stays_one(
    objective: str, numbers: pd.DataFrame, target: np.ndarray, tmp_path: Path
) -> None:
    """What lies in an artifact is a booster, which would say classes."""
    conversion = families.convert(
        regressor(objective=objective).fit(numbers, target > 2), fields_of(given(numbers), {})
    )
    (tmp_path / "estimator.json").write_bytes(conversion.files["estimator.json"])
    again = families.convert(family.load(tmp_path, {"decision": conversion.decision}), fields_of(given(numbers), {}))
    assert again.decision == conversion.decision == {"kind": "value", "output": "value"}
    assert np.array_equal(again.answer(given(numbers)).raw, conversion.answer(given(numbers)).raw)


def test_several_values(numbers: pd.DataFrame, target: np.ndarray) -> None:
    estimator = regressor().fit(numbers, np.stack([target, -target], axis=1))
    conversion, rows, answers = served(estimator, numbers, far=FAR)
    equal(answers.raw, estimator.predict(rows))
    assert [each.name for each in conversion.targets] == ["value_0", "value_1"]
    quantiles = regressor(objective="reg:quantileerror", quantile_alpha=[0.1, 0.9]).fit(numbers, target)
    _, rows, answers = served(quantiles, numbers, far=FAR)
    equal(answers.raw, quantiles.predict(rows))


def test_survival_by_intervals(numbers: pd.DataFrame, target: np.ndarray) -> None:
    data = xgboost.DMatrix(numbers, label_lower_bound=target, label_upper_bound=np.where(target > 2, np.inf, target))
    estimator = xgboost.train({"objective": "survival:aft", "nthread": 1}, data, 9)
    _, rows, answers = served(estimator, numbers, far=FAR)
    equal(answers.raw, estimator.predict(xgboost.DMatrix(rows)), LINKED)


@pytest.mark.parametrize("objective", ["rank:ndcg", "rank:pairwise", "rank:map"])
def test_rankings_answer_their_score(objective: str, numbers: pd.DataFrame, target: np.ndarray) -> None:
    grades = (target > np.median(target)).astype(int)
    estimator = xgboost.XGBRanker(**QUIET, objective=objective).fit(numbers, grades, group=[30] * 20)
    _, rows, answers = served(estimator, numbers, far=FAR)
    equal(answers.raw, estimator.predict(rows))


CLASSIFIERS: dict[str, Any] = {
    "logistic": xgboost.XGBClassifier(**QUIET),
    "forest": xgboost.XGBRFClassifier(**QUIET),
    "dart": xgboost.XGBClassifier(**QUIET, booster="dart", rate_drop=0.5),
    "3 softprob": xgboost.XGBClassifier(**QUIET),
    "3 softmax": xgboost.XGBClassifier(**QUIET, objective="multi:softmax"),
    "3 forest": xgboost.XGBRFClassifier(**QUIET),
    "3 vectors": xgboost.XGBClassifier(**QUIET, **VECTORS),
    "linear": xgboost.XGBClassifier(**{**QUIET, **LINEAR}),
    "3 linear": xgboost.XGBClassifier(**{**QUIET, **LINEAR}),
}


@pytest.mark.parametrize("kind", CLASSIFIERS)
def test_classes(kind: str, numbers: pd.DataFrame, target: np.ndarray) -> None:
    labels = np.digitize(target, np.quantile(target, [0.3, 0.7] if kind.startswith("3") else [0.6]))
    estimator = CLASSIFIERS[kind].fit(numbers, labels)
    conversion, rows, answers = served(estimator, numbers, far=FAR)
    assert answers.labels is not None
    assert answers.labels.tolist() == estimator.predict(rows).tolist()
    # The library's own P is never below 3e-39.
    equal(np.maximum(np.asarray(answers.probabilities), 1e-38), np.maximum(estimator.predict_proba(rows), 1e-38), 1e-5)
    assert np.array_equal(conversion.answer(given(rows)).raw, answers.raw)


def test_classes_without_probabilities(numbers: pd.DataFrame, target: np.ndarray) -> None:
    estimator = xgboost.XGBClassifier(**QUIET, objective="binary:hinge").fit(numbers, (target > 2).astype(int))
    conversion, rows, answers = served(estimator, numbers, far=FAR)
    assert answers.probabilities is None
    assert np.array_equal(np.asarray(answers.labels), estimator.predict(rows))
    equal(answers.raw, estimator.predict(rows, output_margin=True))
    booster = families.convert(estimator.get_booster(), fields_of(given(numbers), {}))
    assert np.array_equal(np.asarray(Served(booster).answer(given(rows)).labels), estimator.predict(rows))
    assert np.array_equal(
        np.asarray(booster.answer(given(rows)).labels), np.asarray(conversion.answer(given(rows)).labels)
    )


def test_a_booster_that_says_the_class(numbers: pd.DataFrame, target: np.ndarray) -> None:
    labels = np.digitize(target, np.quantile(target, [0.3, 0.7]))
    options = {"objective": "multi:softmax", "num_class": 3, "nthread": 1}
    estimator = xgboost.train(options, xgboost.DMatrix(numbers, labels), 9)
    _, rows, answers = served(estimator, numbers, far=FAR)
    equal(answers.labels, estimator.predict(xgboost.DMatrix(rows)))


def test_a_number_that_means_missing(numbers: pd.DataFrame, target: np.ndarray) -> None:
    frame = numbers.fillna(-999.0)
    estimator = regressor(missing=-999).fit(frame, target)
    conversion, rows, _ = served(estimator, frame, far=FAR)
    rows.loc[::3, "rooms"] = -999
    rows.loc[::5, "price"] = np.nan
    equal(Served(conversion).answer(given(rows)).raw, estimator.predict(rows))


def test_early_stopping(numbers: pd.DataFrame, target: np.ndarray) -> None:
    """The wrapper stops at the best iteration; a bare booster answers by all its trees."""
    y = target + np.random.default_rng(6).normal(size=600)
    parts: dict[str, Any] = {"X": numbers[:400], "y": y[:400], "eval_set": [(numbers[400:], y[400:])]}
    estimator = regressor(n_estimators=100, early_stopping_rounds=5).fit(**parts, verbose=False)
    _, rows, answers = served(estimator, numbers, far=FAR)
    equal(answers.raw, estimator.predict(rows))
    booster = estimator.get_booster()
    _, rows, all_trees = served(booster, numbers, far=FAR)
    equal(all_trees.raw, booster.predict(xgboost.DMatrix(rows)))
    assert not np.array_equal(all_trees.raw, answers.raw)


@pytest.fixture
def words(numbers: pd.DataFrame) -> pd.DataFrame:
    """The same with 90 words, three of them strange, and whole numbers as a category; both with gaps."""
    random = np.random.default_rng(2)
    names = ["<30k", "(0, 3]", "é", *(f"w{i}" for i in range(87))]
    made = numbers.assign(town=np.resize(names, 600), code=random.integers(10, 17, size=600))
    made.loc[random.random(600) < 0.1, "town"] = None
    town = pd.Categorical(made["town"], categories=sorted(set(names)))
    return made.assign(town=town, code=made["code"].astype("category"))


@pytest.fixture
def by_word(words: pd.DataFrame, target: np.ndarray) -> np.ndarray:
    """A target that depends on the words."""
    worth = np.random.default_rng(5).normal(size=91)
    return target + 3 * worth[words["town"].cat.codes.to_numpy()] + (words["code"].astype(int) % 3).to_numpy()


@pytest.mark.parametrize("options", [{"max_cat_to_onehot": 1}, {"max_cat_to_onehot": 100}, {"booster": "dart"}])
def test_categories(options: dict[str, Any], words: pd.DataFrame, by_word: np.ndarray) -> None:
    estimator = regressor(enable_categorical=True, **options).fit(words, by_word)
    if not saves_categories(estimator, words):
        return
    conversion, rows, answers = served(estimator, words, far=FAR)
    assert "membership_values" in str(conversion.graph)
    equal(answers.raw, estimator.predict(rows))
    fresh = families.convert(
        xgboost.Booster(model_file=bytearray(conversion.files["estimator.json"])), fields_of(given(words), {})
    )
    equal(Served(fresh).answer(given(rows)).raw, estimator.predict(rows))
    # The library refuses some unknown words and takes others for a known one beside them; the server refuses them all.
    strange = rows.assign(town=pd.Categorical(["zz"] * len(rows)))
    with pytest.raises(xgboost.core.XGBoostError, match="not in the training set"):
        estimator.predict(strange)
    with pytest.raises(NestorError, match="that the estimator does not know"):
        Served(conversion).answer(given(strange))


def test_categories_that_were_not_saved_are_refused(words: pd.DataFrame, by_word: np.ndarray) -> None:
    """Versions before 3.1 keep the codes alone; which words they are, only the frame of the training says."""
    estimator = regressor(enable_categorical=True).fit(words, by_word).get_booster()
    document = json.loads(bytes(estimator.save_raw("json")))
    document["version"] = [3, 0, 5]
    document["learner"]["gradient_booster"]["model"].pop("cats", None)
    old = json.dumps(document).encode()
    with patch.object(estimator, "save_raw", lambda kind: old), pytest.raises(UnsupportedModel, match="xgboost>=3.1"):
        families.convert(estimator, fields_of(given(words), {}))


def test_codes(numbers: pd.DataFrame, target: np.ndarray) -> None:
    """Numbers that are named as categories: cut to whole ones, and a negative one is none."""
    random = np.random.default_rng(4)
    codes = pd.Series(random.integers(0, 70, size=600)).astype(float)
    codes = codes.mask(random.random(600) < 0.1)
    frame = numbers.assign(code=codes)
    y = target + np.random.default_rng(5).normal(size=71)[codes.fillna(70).astype(int)]
    types = ["float", "int", "int", "float", "c"]
    estimator = xgboost.train(
        {"nthread": 1}, xgboost.DMatrix(frame, y, feature_types=types, enable_categorical=True), 9
    )
    if not saves_categories(estimator, frame):
        return
    conversion, rows, _ = served(estimator, frame, far=FAR)
    rows["code"] = np.resize([0, 1, 31, 32, 33, 63, 64, 65, 69, 70, 1000, 2**23, np.nan, 5.5, 0.5, -0.5, -1], len(rows))
    data = xgboost.DMatrix(rows, feature_types=types, enable_categorical=True)
    equal(Served(conversion).answer(given(rows)).raw, estimator.predict(data))


REFUSED: dict[str, Callable[[pd.DataFrame, np.ndarray], Any]] = {
    "'binary:logitraw' gives no probabilities": lambda x, y: xgboost.XGBClassifier(
        **QUIET, objective="binary:logitraw"
    ).fit(x, (y > 2).astype(int)),
}


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("reason", REFUSED)
def test_what_is_not_exported_is_refused_with_the_mend(reason: str, numbers: pd.DataFrame, target: np.ndarray) -> None:
    estimator = REFUSED[reason](numbers, target)
    with pytest.raises(UnsupportedModel, match=reason):
        families.convert(estimator, fields_of(given(numbers), {}))


def test_features_may_be_named_in_any_script(frame: pd.DataFrame, target: np.ndarray, tmp_path: Path) -> None:
    rows = frame[["size", "rooms"]].set_axis(["größe", "部屋"], axis="columns")
    for estimator in (xgboost.XGBRegressor(n_estimators=3, n_jobs=1), xgboost.XGBRegressor(booster="dart", n_jobs=1)):
        version = nestor.export(estimator.fit(rows, target), rows, name="x", artifacts=tmp_path, verbose=False)
        assert xgboost.Booster(model_file=version / "estimator.json").feature_names == ["größe", "部屋"]
