"""Which versions of other libraries the package works with, and a sentence where one is too old or not yet tried."""

import re
import sys
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from .errors import NestorError


@dataclass(frozen=True)
class Library:
    """A library by its distributions (the first that is installed counts): the oldest that works, the newest tried."""

    distributions: tuple[str, ...]
    oldest: str
    newest: str
    extra: str | None = None


# The onnxruntime that the server has.
SERVERS = "1.30"
# What helps where an older one stands in the way.
MEND = f"use onnxruntime>={SERVERS} (Python 3.11 or newer)"
LIBRARIES = {
    "numpy": Library(("numpy",), "1.26", "2.5"),
    "pandas": Library(("pandas",), "2.2", "3.1", "pandas"),
    "onnx": Library(("onnx",), "1.23", "1.23"),
    # Nothing newer than 1.23 is made for Python 3.10; what 1.23 does otherwise is refused (`session` in conversion.py).
    "onnxruntime": Library(
        ("onnxruntime", "onnxruntime-gpu"), SERVERS if sys.version_info >= (3, 11) else "1.23", "1.32"
    ),
    "lightgbm": Library(("lightgbm",), "4.5", "4.7", "lightgbm"),
    "xgboost": Library(("xgboost", "xgboost-cpu"), "2.1", "3.4", "xgboost"),
    "catboost": Library(("catboost",), "1.2.10", "1.2", "catboost"),
    "sklearn": Library(("scikit-learn",), "1.5", "1.9", "sklearn"),
    "skl2onnx": Library(("skl2onnx",), "1.20", "1.20", "sklearn"),
    "skops": Library(("skops",), "0.11", "0.16", "sklearn"),
    "torch": Library(("torch",), "2.5", "2.14", "torch"),
    "safetensors": Library(("safetensors",), "0.4", "0.8", "torch"),
    "yaml": Library(("pyyaml",), "6.0", "6.0", "mlflow"),
    "matplotlib": Library(("matplotlib",), "3.8", "3.11", "plots"),
}
# What the package itself works with, whatever the estimator.
ALWAYS = ("numpy", "onnx", "onnxruntime")


class LibraryError(NestorError, ImportError):
    """A library is missing or too old; the message says how to get one that works."""


def installed(module: str) -> tuple[str, str]:
    """Return the distribution that brings a module, and its version; raise LibraryError if there is none."""
    library = LIBRARIES[module]
    for name in library.distributions:
        try:
            return name, version(name)
        except PackageNotFoundError:
            continue
    wanted = f"nestor[{library.extra}]" if library.extra else library.distributions[0]
    raise LibraryError(f"{library.distributions[0]} is not installed; pip install '{wanted}'")


def need(*modules: str) -> list[str]:
    """Raise LibraryError for a library that is missing or too old; return a sentence for each newer than was tried."""
    sentences = []
    for module in modules:
        name, found = installed(module)
        library = LIBRARIES[module]
        if _numbers(found) < _numbers(library.oldest):
            raise LibraryError(f"{name} {found} is too old for nestor; pip install '{name}>={library.oldest}'")
        if _numbers(found)[:2] > _numbers(library.newest):
            sentences.append(
                f"{name} {found} is newer than {library.newest}, the last that nestor was tried with; "
                "whether the answers are the same is compared all the same"
            )
    return sentences


def older(module: str, than: str) -> bool:
    """Return whether the library that is installed is older than a version; raise LibraryError if there is none."""
    return _numbers(installed(module)[1]) < _numbers(than)


@cache
def pandas() -> Any:
    """Return pandas, for rows that come as its frames or go as such; raise LibraryError if it is missing or too old."""
    need("pandas")
    return import_module("pandas")


def _numbers(text: str) -> tuple[int, ...]:
    """Return the numbers that a version begins with: 2.1 of 2.1rc1."""
    match = re.match(r"\d+(?:\.\d+)*", text)
    return tuple(int(part) for part in match[0].split(".")) if match else ()
