"""Exports a small model of every kind of input, as a user would who gives no bounds: see every-input.walk-spec.ts."""

import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier, LGBMRegressor
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from xgboost import XGBClassifier

import nestor

random = np.random.default_rng(0)
rows = 200
numbers = pd.DataFrame({"first width": random.normal(size=rows), "second width": random.normal(size=rows)})
counts = pd.DataFrame({"visits": random.integers(0, 50, rows), "returns": random.integers(0, 9, rows)})
flags = pd.DataFrame({"is_new": random.random(rows) < 0.5, "kind": random.choice(["a", "b"], rows)})
gaps = numbers.assign(gap=np.where(random.random(rows) < 0.2, np.nan, random.normal(size=rows)))
times = pd.DataFrame({"when": pd.Timestamp("2026-01-01") + pd.to_timedelta(random.integers(0, 9**9, rows), unit="ms")})
times = times.assign(kind=random.choice(np.array(["a", "b", None]), rows), is_new=flags["is_new"])
words = pd.DataFrame({"town": random.choice(["x", "y"], rows), "floor": random.integers(1, 4, rows)})
texts = pd.DataFrame({"words": random.choice(["good and fine", "bad and poor", "it is"], rows)})
target = (random.random(rows) < 0.5).astype(int)
quick = {"n_estimators": 5, "num_leaves": 4, "verbosity": -1, "num_threads": 1}


def export(name, estimator, frame, target, **options):
    fit = frame["words"] if name == "class" else nestor.encode(frame)
    estimator.fit(fit, target)
    nestor.export(estimator, frame, name=name, description=f"Made of {name}.", **options)


export("forest", RandomForestClassifier(n_estimators=5, random_state=0), numbers, target)
export("boosted", XGBClassifier(n_estimators=5, n_jobs=1), numbers, target, inputs={"second width": {"minimum": -9}})
export("counts", XGBClassifier(n_estimators=5, n_jobs=1), counts, target, inputs={"visits": {"minimum": 0}})
export("flags", LGBMClassifier(**quick), flags, target)
export("gaps", LGBMRegressor(**quick), gaps, numbers["second width"])
export("times", LGBMClassifier(**quick), times, target)
encoders = [("a", OneHotEncoder(handle_unknown="ignore"), ["town"]), ("b", OneHotEncoder(), ["floor"])]
known = make_pipeline(ColumnTransformer(encoders), LogisticRegression()).fit(words, target)
nestor.export(known, words, name="open", description="Made of words.")
mixed = pd.concat([texts, numbers], axis=1)
columns = [("text", TfidfVectorizer(), "words"), ("numbers", "passthrough", ["first width", "second width"])]
beside = make_pipeline(ColumnTransformer(columns), LogisticRegression()).fit(mixed, target)
nestor.export(beside, mixed, name="mixed", description="Made of a text beside numbers.")
export("class", make_pipeline(TfidfVectorizer(), MultinomialNB()), texts, target, inputs={"words": {"type": "text"}})
