"""Trains Nestor's models and exports fitted estimators to artifact folders that the server reads."""

from .exporting import encode, export

__all__ = ["encode", "export"]
