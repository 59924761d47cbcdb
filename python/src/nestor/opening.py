"""A fitted estimator from the file that it lies in: a pickle, a library's own format, or an MLflow model folder."""

import pickle
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from . import mlflow_folders
from .errors import NestorError, UnsupportedModel, first_line
from .libraries import need
from .mlflow_folders import Folder


def load_model(path: str | Path) -> Any:
    """Return the fitted estimator of a file or of an MLflow model folder, as `nestor.export` takes it.

    A file is a pickle (or joblib or cloudpickle), skops, or what LightGBM (.txt, .lgb), XGBoost (.json, .ubj, .xgb) and
    CatBoost (.cbm) write. MLflow's own library is not needed. A pickle runs code when it is opened, and so may what an
    MLflow folder trusts: open only what you made or trust. Raises NestorError for what cannot be read, UnsupportedModel
    for a folder without an estimator.
    """
    place = Path(path)
    if (place / mlflow_folders.FILE).is_file():
        return _of_folder(Folder(place))
    if not place.is_file():
        if ":/" in str(path):
            raise NestorError(f"{path} is no path; mlflow.artifacts.download_artifacts({str(path)!r}) gives one")
        raise NestorError(f"{path} is no file, no MLflow model folder and no version folder")
    return _opened(place, *READERS.get(place.suffix.lower(), ("a pickle", _pickle)))


def _of_folder(folder: Folder) -> Any:
    flavour, options, file = folder.flavour, folder.options, folder.model
    if flavour == "onnx":
        return _onnx(folder.path)
    if file.suffix == ".skops":
        trusted = list(options.get("skops_trusted_types") or [])
        return _opened(file, "skops", lambda path: _skops(path, trusted))
    if file.suffix == ".pkl" or flavour == "sklearn":
        try:
            return _opened(file, "a pickle", _pickle)
        except NestorError as error:
            if code := options.get("code"):
                raise NestorError(f"{error}; put {folder.path / code} on PYTHONPATH, the model brings code") from error
            raise
    if flavour == "xgboost":
        kind = str(options.get("model_class", ""))
        return _opened(file, "an XGBoost model", lambda path: _xgboost(path, kind))
    return _opened(file, *READERS[{"lightgbm": ".lgb", "catboost": ".cbm"}[flavour]])


def _opened(path: Path, kind: str, reader: Callable[[Path], Any]) -> Any:
    try:
        return reader(path)
    except NestorError:
        raise
    except Exception as error:  # a file that is something else makes a library raise whatever it stumbles over
        reason = first_line(error, 300)
        raise NestorError(f"{path} cannot be opened as {kind}: {type(error).__name__}: {reason}") from error


def _pickle(path: Path) -> Any:
    try:
        # scikit-learn brings it; its files may hold arrays beside the pickle.
        from joblib import load
    except ImportError:
        with open(path, "rb") as file:
            return pickle.load(file)
    return load(path)


def _skops(path: Path, trusted: Sequence[str] = ()) -> Any:
    need("skops")
    from .families import persist

    return persist.loads(path.read_bytes(), trusted)


def _lightgbm(path: Path) -> Any:
    need("lightgbm")
    import lightgbm

    return lightgbm.Booster(model_file=path)


def _xgboost(path: Path, kind: str = "") -> Any:
    need("xgboost")
    import xgboost

    name = kind.rsplit(".", 1)[-1]
    if kind.startswith("xgboost.sklearn.") and name.startswith("XGB"):
        estimator = getattr(xgboost, name)()
        estimator.load_model(path)
        return estimator
    return xgboost.Booster(model_file=path)


def _catboost(path: Path) -> Any:
    need("catboost")
    import catboost

    classifier = len(catboost.CatBoost().load_model(str(path)).classes_) > 0
    return (catboost.CatBoostClassifier() if classifier else catboost.CatBoostRegressor()).load_model(str(path))


def _onnx(path: Path) -> Any:
    raise UnsupportedModel(f"{path} is a graph; nestor.wrap or python -m nestor wrap makes a version of it")


# By a file's ending; any other is opened as a pickle.
READERS: dict[str, tuple[str, Callable[[Path], Any]]] = {
    ".skops": ("skops", _skops),
    ".onnx": ("a graph", _onnx),
    **dict.fromkeys((".txt", ".lgb"), ("a LightGBM model", _lightgbm)),
    **dict.fromkeys((".json", ".ubj", ".xgb"), ("an XGBoost model", _xgboost)),
    **dict.fromkeys((".cbm", ".cb"), ("a CatBoost model", _catboost)),
}
