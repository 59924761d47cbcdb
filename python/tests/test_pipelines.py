"""Pipelines: steps become columns and float64 nodes; the answers are the whole pipeline's own on the raw frame."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA, FactorAnalysis, FastICA, TruncatedSVD
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.feature_selection import RFE, RFECV, SelectKBest, VarianceThreshold
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import (
    Binarizer,
    FunctionTransformer,
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
    TargetEncoder,
)
from sklearn.random_projection import GaussianRandomProjection, SparseRandomProjection

from nestor import families
from nestor.conversion import Conversion, compare
from nestor.errors import UnsupportedModel
from nestor.families import persist
from nestor.fields import fields_of, frame_of
from nestor.front import as_pandas
from nestor.given import given
from nestor.rows import maker_of, pools_of

NUMBERS, WORDS = ["size", "weight", "rooms"], ["town", "kind"]
QUIET: dict[str, Any] = {"n_estimators": 12, "verbosity": -1, "num_threads": 1}
IGNORED = OneHotEncoder(handle_unknown="ignore")


@pytest.fixture
def houses(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with a second column of words, some of them rare."""
    random = np.random.default_rng(9)
    return frame.assign(
        kind=random.choice(list("abcdefgh"), size=len(frame), p=[0.3, 0.3, 0.2, 0.1, 0.04, 0.03, 0.02, 0.01])
    )


def equal(
    estimator: Any, frame: pd.DataFrame, words: tuple[Any, ...] = (), within: float = 1e-13, rows: int = 1500
) -> Conversion:
    """Assert that graph and estimator agree on generated rows, and on rows with these words in place of known ones."""
    fields = fields_of(given(frame), {})
    conversion = families.convert(estimator, fields)
    maker = maker_of(conversion, fields, pools_of(given(frame), fields))
    asked = [as_pandas(frame_of([row for _, row in maker.take(rows)], fields))]
    for word in words:
        for name in set(WORDS) & set(frame.columns):
            asked.append(asked[0].head(50).assign(**{name: np.array([word] * 50, dtype=object)}))
    found = compare(conversion, given(pd.concat(asked, ignore_index=True)), "generated")
    assert max(found.values()) <= within
    return conversion


def mixed(words: Any = IGNORED, numbers: Any = None, **options: Any) -> ColumnTransformer:
    numbers = numbers or make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    return ColumnTransformer([("numbers", numbers, NUMBERS), ("words", words, WORDS)], **options)


def constant(encoder: Any) -> Pipeline:
    return make_pipeline(SimpleImputer(strategy="constant", fill_value="none"), encoder)


LAST: dict[str, Any] = {
    "logistic": LogisticRegression(),
    "neighbours": KNeighborsClassifier(),
    "naive bayes": GaussianNB(),
    "lightgbm": lightgbm.LGBMClassifier(**QUIET),
}


@pytest.mark.parametrize("last", LAST)
def test_a_scaler_stands_before_any_family(last: str, houses: pd.DataFrame, target: np.ndarray) -> None:
    # No number occurs often: two neighbours at the same distance would be told apart by rounding alone.
    numbers = houses[NUMBERS].interpolate(limit_direction="both")
    equal(make_pipeline(StandardScaler(), LAST[last]).fit(numbers, target > 1), numbers, within=1e-12)


def test_thresholds_behind_a_scaler_are_tried_on_the_inputs(houses: pd.DataFrame, target: np.ndarray) -> None:
    pipeline = make_pipeline(RobustScaler(), StandardScaler(), lightgbm.LGBMRegressor(**QUIET)).fit(
        houses[NUMBERS], target
    )
    found = equal(pipeline, houses[NUMBERS]).thresholds
    assert set(found) == set(NUMBERS)
    assert all(houses[name].min() <= value <= houses[name].max() for name, values in found.items() for value in values)


ENCODED: dict[str, Any] = {
    "one-hot": IGNORED,
    "drop": OneHotEncoder(drop="first", handle_unknown="ignore"),
    "rare": OneHotEncoder(min_frequency=20, handle_unknown="infrequent_if_exist"),
    "most": OneHotEncoder(max_categories=3, drop="if_binary", handle_unknown="ignore", sparse_output=False),
    "ordinal": OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2),
    "ordinal nan": OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan),
    "target": TargetEncoder(),
    "most frequent": make_pipeline(SimpleImputer(strategy="most_frequent"), IGNORED),
    "constant": constant(OneHotEncoder(handle_unknown="ignore")),
    "constant ordinal": constant(OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)),
}


@pytest.mark.parametrize("words", ENCODED)
def test_words_become_tables_that_know_unknown_and_missing_ones(
    words: str, houses: pd.DataFrame, target: np.ndarray
) -> None:
    pipeline = make_pipeline(mixed(ENCODED[words]), lightgbm.LGBMRegressor(**QUIET)).fit(houses, target)
    equal(pipeline, houses, ("unheard of", np.nan), within=0.0)


def test_a_word_that_the_estimator_refuses_is_unknown_to_the_table(houses: pd.DataFrame, target: np.ndarray) -> None:
    pipeline = make_pipeline(mixed(OneHotEncoder(drop="first")), LogisticRegression()).fit(houses, target > 1)
    columns = [column for column in equal(pipeline, houses).encoder.manifest()["columns"] if column["input"] == "town"]
    assert columns == [
        {"name": "town_New B", "input": "town", "table": {"Aa": 0.0, "New B": 1.0, "c": 0.0}},
        {"name": "town_c", "input": "town", "table": {"c": 1.0}},
    ]


def test_whole_numbers_are_categories_too(houses: pd.DataFrame, target: np.ndarray) -> None:
    hot = ColumnTransformer([("hot", IGNORED, ["rooms", "town"])], remainder=SimpleImputer())
    rows = houses.drop(columns="kind")
    equal(make_pipeline(hot, LogisticRegression()).fit(rows, target > 1), rows, ("unheard of",))


def test_numbers_that_a_step_has_made_are_looked_up_in_the_graph(houses: pd.DataFrame, target: np.ndarray) -> None:
    rows = houses[NUMBERS].fillna(2.5)
    binned = make_pipeline(KBinsDiscretizer(4, encode="ordinal"), IGNORED, Ridge()).fit(rows, target)
    equal(binned, rows)


@pytest.mark.parametrize("last", ["xgboost", "lightgbm"])
def test_sparse_columns_are_read_as_the_library_reads_them(last: str, houses: pd.DataFrame, target: np.ndarray) -> None:
    """XGBoost takes the zeros of a sparse matrix for missing values, LightGBM takes them for zeros."""
    sparse = mixed(numbers=SimpleImputer(add_indicator=True), sparse_threshold=1.0)
    booster = xgboost.XGBClassifier(n_estimators=9, n_jobs=1) if last == "xgboost" else LAST["lightgbm"]
    pipeline = make_pipeline(sparse, booster).fit(houses, target > 1)
    assert pipeline[0].sparse_output_
    assert equal(pipeline, houses, ("unheard of",), within=2e-7).decision["kind"] == "sigmoid"


NODES: dict[str, Any] = {
    "bins": KBinsDiscretizer(4),
    "polynomial": make_pipeline(PolynomialFeatures(3), StandardScaler()),
    "interaction": PolynomialFeatures((2, 3), interaction_only=True, include_bias=False),
    "pca": make_pipeline(StandardScaler(), PCA(2, whiten=True)),
    "svd": make_pipeline(MaxAbsScaler(), TruncatedSVD(2)),
    "selected": make_pipeline(VarianceThreshold(), MinMaxScaler(clip=True)),
    "power": PowerTransformer(),
    "box-cox": make_pipeline(MinMaxScaler((1, 2), clip=True), PowerTransformer("box-cox", standardize=False)),
    "quantile": QuantileTransformer(n_quantiles=5),
    "l2": make_pipeline(RobustScaler(), Normalizer()),
    "l1": Normalizer("l1"),
    "max": Normalizer("max"),
    "binary": Binarizer(threshold=1.5),
    "clipped": FunctionTransformer(np.clip, kw_args={"a_min": 0, "a_max": 5}),
    "ica": FastICA(2, random_state=0),
    "factors": FactorAnalysis(2),
    "random": make_pipeline(SparseRandomProjection(2, random_state=0), GaussianRandomProjection(2, random_state=0)),
    "log": make_pipeline(FunctionTransformer(np.square), FunctionTransformer(np.log1p), FunctionTransformer(np.sqrt)),
    "union": FeatureUnion(
        [("a", StandardScaler()), ("b", PCA(2)), ("c", "passthrough"), ("d", "drop")], transformer_weights={"b": 2}
    ),
}


@pytest.mark.parametrize("step", NODES)
def test_a_transformer_of_numbers_becomes_float64_nodes(step: str, houses: pd.DataFrame, target: np.ndarray) -> None:
    rows = houses[NUMBERS].fillna(2.5)
    conversion = equal(make_pipeline(NODES[step], LinearRegression()).fit(rows, target), rows, within=1e-11)
    assert conversion.encoder.tensors[0]["datatype"] == "FP64"


def test_columns_are_chosen_by_number_mask_selector_and_nested(houses: pd.DataFrame, target: np.ndarray) -> None:
    def numeric(frame: pd.DataFrame) -> list[str]:
        return ["weight"]

    inner = ColumnTransformer([("scaled", StandardScaler(), [1])], remainder="passthrough")
    outer = ColumnTransformer(
        [
            ("inner", Pipeline([("columns", inner), ("none", "passthrough")]), [0, 2]),
            ("hot", IGNORED, [False, False, False, False, True]),
            ("filled", SimpleImputer(add_indicator=True), numeric),
            ("dropped", "drop", ["town"]),
        ]
    )
    equal(make_pipeline(outer, lightgbm.LGBMRegressor(**QUIET)).fit(houses, target), houses, within=0.0)


def test_columns_may_stand_in_another_order_and_be_too_many(houses: pd.DataFrame, target: np.ndarray) -> None:
    pipeline = make_pipeline(ColumnTransformer([("s", StandardScaler(), ["rooms", "size"])]), LinearRegression())
    equal(pipeline.fit(houses[["size", "town", "rooms"]], target), houses[["rooms", "size", "town"]])


def test_an_array_is_enough(houses: pd.DataFrame, target: np.ndarray) -> None:
    rows = houses[NUMBERS].to_numpy()
    pipeline = make_pipeline(SimpleImputer(), StandardScaler(), lightgbm.LGBMRegressor(**QUIET)).fit(rows, target)
    equal(pipeline, pd.DataFrame(rows, columns=["x0", "x1", "x2"]), within=0.0)


def test_pandas_output_and_selection_by_a_score(houses: pd.DataFrame, target: np.ndarray) -> None:
    steps = [mixed(OneHotEncoder(handle_unknown="ignore", sparse_output=False)), SelectKBest(k=6)]
    pipeline = make_pipeline(*steps, lightgbm.LGBMClassifier(**QUIET)).set_output(transform="pandas")
    equal(pipeline.fit(houses, target > 1), houses, ("unheard of",), within=1e-15)


def test_discriminants_are_columns_too(houses: pd.DataFrame, target: np.ndarray) -> None:
    rows, classes = houses[NUMBERS].fillna(2.5), np.digitize(target, [0.5, 1.5, 3])
    for step in (LinearDiscriminantAnalysis(n_components=2), LinearDiscriminantAnalysis(solver="eigen")):
        equal(make_pipeline(step, LogisticRegression()).fit(rows, classes), rows, within=1e-11)


Search = Callable[[Any], Any]
SEARCHES: dict[str, Search] = {
    "grid": lambda p: GridSearchCV(p, {"lgbmclassifier__num_leaves": [3, 7]}, cv=2),
    "random": lambda p: RandomizedSearchCV(p, {"lgbmclassifier__num_leaves": [3, 7]}, n_iter=1, cv=2),
}


@pytest.mark.parametrize("kind", SEARCHES)
def test_a_search_is_the_estimator_that_it_found(kind: str, houses: pd.DataFrame, target: np.ndarray) -> None:
    search = SEARCHES[kind](make_pipeline(mixed(), lightgbm.LGBMClassifier(**QUIET))).fit(houses, target > 1)
    assert equal(search, houses, within=1e-15).files.keys() == {persist.FILE}


def test_a_search_that_kept_no_estimator_is_refused(houses: pd.DataFrame, target: np.ndarray) -> None:
    search = GridSearchCV(Ridge(), {"alpha": [1, 2]}, cv=2, refit=False).fit(houses[["size", "rooms"]], target)
    with pytest.raises(UnsupportedModel) as caught:
        families.convert(search, fields_of(given(houses[["size", "rooms"]]), {}))
    assert str(caught.value) == "GridSearchCV has no best_estimator_; fit it with refit=True"


def test_the_pipeline_is_read_back_whole(houses: pd.DataFrame, target: np.ndarray, tmp_path: Path) -> None:
    pipeline = make_pipeline(mixed(), lightgbm.LGBMClassifier(**QUIET)).fit(houses, target > 1)
    conversion = equal(pipeline, houses)
    (tmp_path / persist.FILE).write_bytes(conversion.files[persist.FILE])
    again = families.convert(persist.load(tmp_path, {}), fields_of(given(houses), {}))
    assert again.graph == conversion.graph
    assert np.array_equal(again.answer(given(houses)).raw, conversion.answer(given(houses)).raw)


class Own(BaseEstimator, TransformerMixin):  # type: ignore[misc]
    def fit(self, X: Any, y: Any = None) -> "Own":
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X: Any) -> Any:
        return X


def test_columns_that_count_more_than_others(houses: pd.DataFrame, target: np.ndarray) -> None:
    columns = mixed(transformer_weights={"numbers": 0.5, "words": 3})
    equal(make_pipeline(columns, LogisticRegression()).fit(houses, target > 1), houses, ("unheard of",))


def test_a_selection_answers_by_the_estimator_that_it_was_made_for(houses: pd.DataFrame, target: np.ndarray) -> None:
    for selection in (RFE(LogisticRegression(), n_features_to_select=4), RFECV(LogisticRegression(), cv=2)):
        pipeline = make_pipeline(mixed(sparse_threshold=0), selection).fit(houses, target > 1)
        equal(pipeline, houses, ("unheard of",))


def test_a_step_that_calls_code_of_its_own_on_words_is_refused_by_name(
    houses: pd.DataFrame, target: np.ndarray
) -> None:
    pipeline = make_pipeline(mixed(make_pipeline(FunctionTransformer(lower), IGNORED)), Ridge()).fit(houses, target)
    with pytest.raises(UnsupportedModel, match="FunctionTransformer\\) calls 'lower' on words, which has no graph"):
        families.convert(pipeline, fields_of(given(houses), {}))


def lower(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.apply(lambda column: column.str.lower())


REFUSED: dict[str, Any] = {
    "own (Own) cannot be converted in float64": Own(),
    "own (FunctionTransformer) calls 'round'": FunctionTransformer(np.round),
    "own (KNNImputer)": KNNImputer(),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_a_step_that_has_no_graph_is_refused_by_name(reason: str, houses: pd.DataFrame, target: np.ndarray) -> None:
    rows = houses[NUMBERS].fillna(1.0)
    pipeline = Pipeline([("own", REFUSED[reason]), ("model", LinearRegression())]).fit(rows, target)
    with pytest.raises(UnsupportedModel) as caught:
        families.convert(pipeline, fields_of(given(rows), {}))
    assert reason in str(caught.value)


def test_words_that_no_step_encodes_are_refused_by_name(houses: pd.DataFrame, target: np.ndarray) -> None:
    passed = ColumnTransformer([("words", "passthrough", ["town"])])
    pipeline = Pipeline([("columns", passed), ("hot", IGNORED), ("model", LinearRegression())]).fit(houses, target)
    pipeline.steps.pop(1)
    with pytest.raises(UnsupportedModel) as caught:
        families.convert(pipeline, fields_of(given(houses), {}))
    assert "takes the words of 'town' as they are; put an OneHotEncoder" in str(caught.value)
