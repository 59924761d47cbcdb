"""What the trainer refuses, in words that say how to mend it."""


class TrainerError(Exception):
    """The base of every error that the command line prints without a traceback."""


class DataError(TrainerError):
    """A data file is missing, was changed, or has other columns than the model needs."""


class UnsupportedModel(TrainerError):
    """An estimator, or one of its options, that cannot be exported without changing its answers."""


class FidelityError(TrainerError):
    """The exported graph does not give the answers of the estimator it was made from."""
