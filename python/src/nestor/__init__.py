"""Exports fitted estimators to the version folders that Nestor serves, with proof that their answers stay the same."""

from .artifact import Artifact
from .errors import FidelityError, NestorError, UnsupportedModel
from .exporting import encode, export
from .fidelity_rows import write_rows

__all__ = ["Artifact", "FidelityError", "NestorError", "UnsupportedModel", "encode", "export", "write_rows"]
