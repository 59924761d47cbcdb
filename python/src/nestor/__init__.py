"""Exports fitted estimators to the version folders that Nestor serves, with proof that their answers stay the same."""

from .libraries import ALWAYS, LibraryError, need

# Before anything is imported that an old version would make fail halfway.
need(*ALWAYS)

from .artifact import Artifact  # noqa: E402
from .errors import DataError, FidelityError, NestorError, UnsupportedModel  # noqa: E402
from .exporting import encode, export  # noqa: E402
from .fidelity_rows import write_rows  # noqa: E402
from .opening import load_model  # noqa: E402
from .training.arguments import Between  # noqa: E402
from .training.context import report, training_data  # noqa: E402
from .training.labelled import Labelled, labelled  # noqa: E402
from .training.trainables import trainable  # noqa: E402
from .wrapping.wrap import wrap  # noqa: E402

__all__ = [
    "Artifact",
    "Between",
    "DataError",
    "FidelityError",
    "Labelled",
    "LibraryError",
    "NestorError",
    "UnsupportedModel",
    "encode",
    "export",
    "labelled",
    "load_model",
    "report",
    "trainable",
    "training_data",
    "wrap",
    "write_rows",
]
