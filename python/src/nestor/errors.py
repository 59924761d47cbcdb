"""What the package refuses, in words that say how to mend it."""

from typing import Any


def first_line(error: Exception, most: int = 200) -> str:
    """Return the first line of what another library says, cut after so many characters."""
    return str(error).strip().split("\n")[0][:most]


class NestorError(Exception):
    """The base of every error that the command line prints without a traceback."""


class DataError(NestorError):
    """The data of a training: a file is missing, was changed, or is not what the training needs."""


class UnsupportedModel(NestorError):
    """An estimator, or one of its options, that cannot be exported without changing its answers."""


class FidelityError(NestorError):
    """The exported graph does not give the answers of the estimator it was made from.

    `row` is the row where they are furthest apart, each input's value by its name; `expected` what the estimator says
    of it, `found` what the graph says: `raw`, `probabilities`, `label`, as far as the model has them. `cause` says why,
    as far as that is known, and how to mend it.
    """

    def __init__(
        self, message: str, row: dict[str, Any], expected: dict[str, Any], found: dict[str, Any], cause: str = ""
    ) -> None:
        lines = [message, f"row: {row}", f"estimator: {expected}", f"graph: {found}", *([cause] if cause else [])]
        super().__init__("\n  ".join(lines))
        self.row, self.expected, self.found, self.cause = row, expected, found, cause
