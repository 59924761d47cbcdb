"""The package works where pandas is not installed: estimators fitted on arrays, rows as arrays and dicts of columns."""

import subprocess
import sys
from pathlib import Path

import pytest

from nestor import libraries
from nestor.frames import Frame
from nestor.front import as_pandas

# What a user does, in a process in which nothing can import pandas.
SCRIPT = """
import sys

class Without:
    def find_spec(self, name, *_):
        if name.split(".")[0] == "pandas":
            raise ModuleNotFoundError(f"No module named {name!r}")

sys.meta_path.insert(0, Without())
import lightgbm, numpy as np, skl2onnx, xgboost
from pathlib import Path
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
import nestor
from nestor import exporting, plots
from nestor.__main__ import main

exporting.ADVERSARIAL_ROWS = 500
plots.draw = lambda *_: {}
folder = Path(sys.argv[1])
random = np.random.default_rng(0)
X = random.normal(size=(200, 2)).round(3)
y = (X[:, 0] > 0).astype(int)
days = np.datetime64("2026-01-01") + random.integers(300, size=200)
table = {"size": X[:, 0], "town": random.choice(["a", "b"], 200).tolist(), "when": days, "rooms": [1, 2, None, 4] * 50}

def exported(name, estimator, rows, target=y, **options):
    said = {"name": name, "artifacts": folder, "verbose": False}
    version = nestor.export(estimator, rows, target, holdout=(rows, target), **said, **options)
    assert nestor.Artifact(version).check() > 0
    return version

exported("linear", LogisticRegression().fit(X, y), X)
exported("boosted", lightgbm.LGBMClassifier(n_estimators=5, verbose=-1, n_jobs=1).fit(X, y), X)
exported("more", xgboost.XGBClassifier(n_estimators=5, n_jobs=1).fit(X, y), X.tolist())
numbers = nestor.encode(table)
assert type(numbers) is np.ndarray and numbers.shape == (200, 5)
regressor = lightgbm.LGBMRegressor(n_estimators=5, verbose=-1, n_jobs=1).fit(numbers, X[:, 0])
version = exported("dict", regressor, table, X[:, 0])
words = make_column_transformer((StandardScaler(), [0]), (OneHotEncoder(), [1]))
mixed = np.column_stack([X[:, 0].astype(object), np.array(table["town"], dtype=object)])
records = np.rec.fromarrays([X[:, 0], np.array(table["town"])], names=["size", "town"])
exported("words", make_pipeline(words, LogisticRegression()).fit(mixed, y), records)
line = LinearRegression().fit(X, X[:, 1])
graph = skl2onnx.to_onnx(line, X[:1])
columns = {"a": X[:, 0], "b": X[:, 1]}
nestor.wrap(graph.SerializeToString(), columns, name="wrapped", estimator=line, artifacts=folder, verbose=False)
assert main(["describe", str(version)]) == 0
assert main(["check", str(version)]) == 0
assert [field.type for field in nestor.Artifact(version).fields] == ["number", "category", "datetime", "number"]
assert "pandas" not in sys.modules
"""


def test_estimators_fitted_on_arrays_are_exported_and_checked(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT, str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    names = {"boosted", "dict", "linear", "more", "words", "wrapped"}
    assert {folder.name for folder in tmp_path.iterdir()} == names
    assert "samples give the estimator's answers" in done.stdout


def test_who_needs_a_pandas_frame_is_told_how_to_get_pandas(monkeypatch: pytest.MonkeyPatch) -> None:
    libraries.pandas.cache_clear()
    monkeypatch.setattr(libraries, "installed", lambda module: ("pandas", "2.1.4"))
    with pytest.raises(libraries.LibraryError, match=r"pandas 2.1.4 is too old for nestor; pip install 'pandas>=2.2'"):
        as_pandas(Frame({}))
