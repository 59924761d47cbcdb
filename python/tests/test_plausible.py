"""An export stops where rows are not those of the estimator, or where the server would refuse what comes of them."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import manifest_of, samples_of
from lightgbm import LGBMClassifier
from sklearn.datasets import load_iris, load_wine
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from xgboost import XGBClassifier

import nestor
from nestor import exporting
from nestor.errors import NestorError

QUIET: dict[str, Any] = {"verbosity": -1, "num_threads": 1}


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "ADVERSARIAL_ROWS", 200)


def export(folder: Path, estimator: Any, X: Any, y: Any = None, **options: Any) -> Path:
    return nestor.export(estimator, X, y, name="x", description="d", artifacts=folder, **options)


def iris() -> tuple[pd.DataFrame, np.ndarray]:
    bunch = load_iris(as_frame=True)
    return bunch.data, bunch.target.to_numpy()


def test_a_test_frame_without_a_category_takes_the_columns_of_the_training_frame() -> None:
    train = pd.DataFrame({"town": ["a", "b", "c"], "size": [1.0, 2.0, 3.0]})
    test = pd.DataFrame({"size": [4.0], "town": ["c"]})
    encoded = nestor.encode(test, like=train)
    assert encoded.to_dict("list") == {"town_a": [0], "town_b": [0], "town_c": [1], "size": [4]}
    with pytest.raises(NestorError, match=r"lacks \['size'\]"):
        nestor.encode(test[["town"]], like=train)
    with pytest.raises(NestorError, match="town has values .'z'. that the estimator does not know"):
        nestor.encode(test.assign(town="z"), like=train)


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("known", ["y", "holdout"])
def test_columns_in_another_order_than_fitted_are_a_stop_that_names_the_order(known: str, tmp_path: Path) -> None:
    frame, target = iris()
    estimator = LogisticRegression(max_iter=1000).fit(frame.to_numpy(), target)
    turned = frame[frame.columns[[2, 3, 0, 1]]]
    said: dict[str, Any] = {"y": target} if known == "y" else {"holdout": (turned, target)}
    with pytest.raises(NestorError, match="columns stand in another order") as caught:
        export(tmp_path, estimator, turned, **said)
    assert f"X[{list(frame.columns)}]" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("few")
def test_a_scaler_that_saw_other_columns_is_a_stop(tmp_path: Path) -> None:
    bunch = load_wine(as_frame=True)
    estimator = make_pipeline(StandardScaler(), LogisticRegression()).fit(bunch.data.to_numpy(), bunch.target)
    with pytest.raises(NestorError, match="the columns of X stand in another order .* it has seen proline at 13"):
        export(tmp_path, estimator, bunch.data[bunch.data.columns[::-1]], bunch.target)


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("estimator", [LGBMClassifier(n_estimators=5, **QUIET), RandomForestClassifier(5)])
def test_trees_that_split_where_a_column_has_no_values_are_a_stop(estimator: Any, tmp_path: Path) -> None:
    frame, target = iris()
    with pytest.raises(NestorError, match="in another order than the estimator was fitted with: it splits"):
        export(tmp_path, estimator.fit(frame.to_numpy(), target), frame[frame.columns[::-1]])


@pytest.mark.usefixtures("few")
def test_a_hold_out_at_chance_is_a_stop(tmp_path: Path) -> None:
    frame, target = iris()
    shuffled = np.random.default_rng(0).permutation(target)
    estimator = LogisticRegression(max_iter=1000).fit(frame, target)
    with pytest.raises(NestorError, match=r"no better than chance: on the hold-out rows its accuracy is 0\.\d+"):
        export(tmp_path, estimator, frame, target, holdout=(frame, shuffled))
    line = LinearRegression().fit(frame, target)
    with pytest.raises(NestorError, match="no better than chance: on the training rows its R2 is -"):
        export(tmp_path, line, frame, shuffled.astype(float))


@pytest.mark.usefixtures("few")
def test_rows_that_are_trained_on_and_held_out_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame, target = iris()
    estimator = LogisticRegression(max_iter=1000).fit(frame[:120], target[:120])
    version = export(tmp_path, estimator, frame[:120], holdout=(frame[100:], target[100:]))
    assert manifest_of(version)["training"]["overlap"] == 21  # one flower stands there twice
    assert "warning: 21 of the hold-out rows are training rows too" in capsys.readouterr().err
    version = export(tmp_path, estimator, frame[:120], holdout=(frame[103:].iloc[[0, -1]].head(1) + 0.01, [2]))
    assert "overlap" not in manifest_of(version)["training"]


@pytest.mark.usefixtures("few")
def test_columns_that_the_estimator_does_not_know_are_left_out_with_a_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame, target = iris()
    estimator = LGBMClassifier(n_estimators=5, **QUIET).fit(frame, target)
    more = frame.assign(row=np.arange(len(frame)), name="flower")
    version = export(tmp_path, estimator, more, target, holdout=(more, target))
    assert [each["name"] for each in manifest_of(version)["inputs"]] == list(frame.columns)
    assert "left out, the estimator does not know them: row, name" in capsys.readouterr().err


@pytest.mark.usefixtures("few")
def test_more_columns_than_an_estimator_without_names_was_fitted_with_are_refused(tmp_path: Path) -> None:
    frame, target = iris()
    estimator = LogisticRegression(max_iter=1000).fit(frame.to_numpy(), target)
    with pytest.raises(NestorError, match="was fitted with 4 features, X gives 5"):
        export(tmp_path, estimator, frame.assign(row=1.5))


@pytest.mark.usefixtures("few")
def test_a_frame_that_counts_its_columns_is_an_array_with_names(tmp_path: Path) -> None:
    frame, target = iris()
    counted = frame.set_axis(range(4), axis="columns")
    forest = RandomForestClassifier(3, random_state=0).fit(counted, target)
    assert [each["name"] for each in manifest_of(export(tmp_path, forest, counted))["inputs"]] == list_of("x0 x1 x2 x3")
    boosted = XGBClassifier(n_estimators=3, n_jobs=1).fit(counted, target)
    assert [each["name"] for each in manifest_of(export(tmp_path, boosted, counted))["inputs"]] == list_of("0 1 2 3")
    years = frame.set_axis([2019, 2020, 2021, 2022], axis="columns")
    version = export(tmp_path, forest, years, inputs={2019: {"unit": "EUR"}})
    assert manifest_of(version)["inputs"][0]["unit"] == "EUR"


@pytest.mark.usefixtures("few")
def test_a_series_is_a_frame_of_one_column(tmp_path: Path) -> None:
    line = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
    for name, expected in ((None, "x0"), ("size", "size"), (7, "7")):
        version = export(tmp_path, line, pd.Series([0.0, 1.0], name=name))
        assert [each["name"] for each in manifest_of(version)["inputs"]] == [expected]


@pytest.mark.usefixtures("few")
def test_whole_numbers_that_json_does_not_carry_are_refused_by_their_column(tmp_path: Path) -> None:
    frame = pd.DataFrame({"id": [2**53 + 1, 2**53 + 3], "size": [0.0, 1.0]})
    with pytest.raises(NestorError, match=r"inputs: id has 900719925474099\d.*send them as text .*or drop the column"):
        export(tmp_path, LinearRegression().fit(frame, [0.0, 1.0]), frame)
    endless = pd.DataFrame({"size": [0.0, np.inf]})
    with pytest.raises(NestorError, match="size has inf, which JSON has not"):
        export(tmp_path, LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0]), endless)


@pytest.mark.usefixtures("few")
def test_classes_that_the_server_would_refuse_are_refused_with_their_mend(tmp_path: Path) -> None:
    frame, target = iris()
    empty = LogisticRegression(max_iter=1000).fit(frame, np.where(target == 1, "", "other"))
    with pytest.raises(NestorError, match="'' has an empty name; give one to each class: classes={'': \"none\""):
        export(tmp_path, empty, frame)
    version = export(tmp_path, empty, frame, classes={"": "none", "other": "other"})
    assert {sample["label"] for sample in samples_of(version)} == {"", "other"}
    one = RandomForestClassifier(2).fit(frame, np.zeros(len(frame), dtype=int))
    with pytest.raises(NestorError, match=r"the estimator knows one class alone, \[0\]"):
        export(tmp_path, one, frame)
    with pytest.raises(NestorError, match="two have the same name"):
        export(tmp_path, empty, frame, classes={"": "a", "other": "a"})


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"metrics": {"cost": float("nan")}}, "metrics: cost is nan"),
        ({"authors": [""]}, "authors: give a list"),
        ({"license": "\ud800"}, "holds half a character"),
        ({"inputs": {"x": {"unit": ""}}}, "description and unit cannot be empty"),
        ({"inputs": {"x": {"maximum": float("inf")}}}, "x has inf"),
    ],
)
def test_facts_that_the_server_would_refuse_are_refused(said: dict[str, Any], reason: str, tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": [0.0, 1.0]})
    with pytest.raises(NestorError, match=reason):
        export(tmp_path, LinearRegression().fit(frame, [0.0, 1.0]), frame, **said)


def list_of(names: str) -> list[str]:
    return names.split()


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("values", [[False, True], [0.0, 1.0], [np.float32(3), np.float32(7)]])
def test_truth_values_and_whole_floats_are_classes(values: list[Any], tmp_path: Path) -> None:
    frame, target = iris()
    goal = np.array(values)[(target == 1).astype(int)]
    for estimator in (LogisticRegression(max_iter=1000), LGBMClassifier(n_estimators=3, **QUIET)):
        version = export(tmp_path, estimator.fit(frame, goal), frame, goal, holdout=(frame, goal))
        classes = manifest_of(version)["classes"]
        assert [each["value"] for each in classes] == [int(value) for value in values]
        assert all(type(sample["label"]) is int for sample in samples_of(version))
        assert manifest_of(version)["metrics"]["accuracy"] > 0.6
    version = export(tmp_path, estimator, frame, classes=dict(zip(values, ["no", "yes"], strict=True)))
    assert manifest_of(version)["classes"] == [
        {"value": int(v), "label": n} for v, n in zip(values, ["no", "yes"], strict=True)
    ]


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize(
    ("kept", "word", "lacking"),
    [
        ([1], r"no row of \[0, 2\]: there is no area", {"roc_auc", "average_precision"}),
        ([0, 1], r"no row of \[2\]: there is no area", {"roc_auc", "average_precision"}),
        ([0, 1, 9], r"has \[9\], which the estimator does not know", {"roc_auc", "log_loss", "brier"}),
    ],
)
def test_figures_that_cannot_be_computed_are_left_out_with_a_word(
    kept: list[int], word: str, lacking: set[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame, target = iris()
    estimator = LogisticRegression(max_iter=1000).fit(frame, target)
    truth = np.where((target == 2) & (9 in kept), 9, target)
    rows = np.isin(truth, kept)
    version = export(tmp_path, estimator, frame, holdout=(frame[rows] + 0.001, truth[rows]))
    metrics = manifest_of(version)["metrics"]
    assert "accuracy" in metrics
    assert not lacking & set(metrics)
    assert re.search(word, capsys.readouterr().err)


@pytest.mark.usefixtures("few")
def test_a_hold_out_of_one_value_has_no_variance_to_explain(tmp_path: Path) -> None:
    line = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
    version = export(tmp_path, line, [[0.0], [1.0]], holdout=([[0.5]], [0.5]))
    assert set(manifest_of(version)["metrics"]) == {"mae", "rmse"}
