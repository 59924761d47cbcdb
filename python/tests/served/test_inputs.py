"""Inputs that are no plain numbers: truth values, dates, nullable columns, words that are missing or unknown."""

from typing import Any

import lightgbm
import numpy as np
import pandas as pd
from proof import served_equal
from server import Server
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, TargetEncoder

import nestor

RANDOM = np.random.default_rng(3)
COUNT = 400
TOWNS = ["Aa", "New B", "ç"]
VISITS = pd.DataFrame(
    {
        "is_new": RANDOM.random(COUNT) < 0.5,
        "has_card": pd.array(RANDOM.choice(np.array([True, False, None]), COUNT).tolist(), dtype="boolean"),
        "rooms": pd.array(RANDOM.choice(np.array([1, 2, 5, None]), COUNT).tolist(), dtype="Int64"),
        "size": RANDOM.normal(size=COUNT),
        "when": pd.Timestamp("2020-03-01") + pd.to_timedelta(RANDOM.integers(0, 10**11, COUNT), unit="ms"),
        "town": RANDOM.choice(np.array([*TOWNS, None]), COUNT),
        "customer": [f"{number:05d}" for number in RANDOM.integers(0, 30, COUNT)],
    }
)
TARGET = (VISITS["size"] + (VISITS["town"] == "Aa") + VISITS["is_new"] > 0.8).astype(int).to_numpy()
STRANGE = VISITS[:4].assign(town=["Atlantis", "aa", "", "Aa"], customer=["99999", "0", "00000", "99999"])


def warned(predictions: list[dict[str, Any]]) -> list[list[str]]:
    return [[each["detail"] for each in prediction.get("warnings", ())] for prediction in predictions]


def test_every_type_of_column_fitted_on_encode(server: Server) -> None:
    inputs = {"customer": {"categories": sorted(set(VISITS["customer"]))}, "town": {"categories": TOWNS}}
    fitted = lightgbm.LGBMRegressor(n_estimators=15, num_leaves=6, verbosity=-1, num_threads=1, min_child_samples=5)
    fitted.fit(nestor.encode(VISITS, inputs), VISITS["size"] + TARGET)
    served_equal(
        server,
        fitted,
        VISITS,
        name="visits",
        inputs=inputs,
        predict=lambda rows: fitted.predict(nestor.encode(rows, inputs, like=VISITS)),
    )
    row = {"is_new": True, "size": 0.5, "when": "2020-03-01T10:00:00+02:00", "town": "Aa", "customer": "00000"}
    one = pd.DataFrame([{**row, "when": pd.Timestamp("2020-03-01T08:00"), "has_card": pd.NA, "rooms": pd.NA}])
    one = one[list(VISITS)].astype(VISITS.dtypes.to_dict())
    assert server.predict("visits", [row])[0]["prediction"] == fitted.predict(nestor.encode(one, inputs, VISITS))[0]
    for name, value, code in (
        ("is_new", 1, "type"), ("when", "31.01.2026", "date_time"), ("town", "Atlantis", "category"),
    ):  # fmt: skip
        status, reply = server.call("/models/visits/predict", {**row, name: value})
        assert (status, [(each["pointer"], each["code"]) for each in reply["errors"]]) == (400, [(f"/{name}", code)])


def test_unknown_and_missing_words_by_the_encoders_own_rules(server: Server) -> None:
    words = [
        ("hot", OneHotEncoder(handle_unknown="ignore"), ["town"]),
        ("code", OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), ["customer"]),
        ("mean", TargetEncoder(cv=5), ["customer"]),
        ("flag", OneHotEncoder(handle_unknown="ignore"), ["is_new"]),
    ]
    fitted = Pipeline([("columns", ColumnTransformer(words)), ("model", LogisticRegression())])
    frame = VISITS[["is_new", "town", "customer"]]
    fitted.fit(frame, TARGET)
    extra = STRANGE[["is_new", "town", "customer"]]
    predictions = served_equal(server, fitted, frame, name="words", extra=extra)
    assert warned(predictions)[-4:] == [
        ['"Atlantis" did not occur in training', '"99999" did not occur in training'],
        ['"aa" did not occur in training', '"0" did not occur in training'],
        ['"" did not occur in training'],
        ['"99999" did not occur in training'],
    ]
    assert not any(warned(predictions)[:-4])


def test_no_error_lists_more_than_ten_of_two_thousand_words(server: Server) -> None:
    frame = pd.DataFrame({"street": [f"street {number}" for number in range(2_000)], "size": np.arange(2_000) % 7})
    frame = pd.concat([frame, frame], ignore_index=True)
    columns = ColumnTransformer([("code", OrdinalEncoder(), ["street"])], remainder="passthrough")
    fitted = Pipeline([("columns", columns), ("model", LogisticRegression())]).fit(
        frame, (frame["size"] > 3).astype(int)
    )
    served_equal(server, fitted, frame, name="streets")
    status, reply = server.call("/models/streets/predict", {"street": "elsewhere", "size": 1})
    assert status == 400
    assert len(str(reply)) < 1_000
    assert "and 1,990 more; got" in reply["errors"][0]["detail"]
