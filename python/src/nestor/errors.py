"""What the package refuses, in words that say how to mend it."""


class NestorError(Exception):
    """The base of every error that the command line prints without a traceback."""


class UnsupportedModel(NestorError):
    """An estimator, or one of its options, that cannot be exported without changing its answers."""


class FidelityError(NestorError):
    """The exported graph does not give the answers of the estimator it was made from."""
