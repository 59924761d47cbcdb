"""The five models as trainings that a runner can be asked for; their data lie in the folder that TRAINING_DATA names.

Each model's file is imported when its training begins, because each brings a library of its own.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal

from nestor import Between, trainable, training_data

from . import model

Trees = Annotated[int, Between(1, 2_000), "How many trees"]
Rate = Annotated[float, Between(0.001, 1), "What share of each tree's answer is taken"]
Seed = Annotated[int, Between(0, 2**31 - 1), "The seed of what is random"]


@trainable(model="iris")
def iris(
    C: Annotated[float, Between(1e-3, 1e6), "How little the support vector machine smooths"] = 10.0,
    kernel: Annotated[Literal["rbf", "linear", "poly"], "What it measures nearness by"] = "rbf",
) -> Path:
    """Train on the flowers that ship inside scikit-learn."""
    return _train("iris", C=C, kernel=kernel)


@trainable(model="turnover")
def turnover(
    trees: Trees = 100,
    leaves: Annotated[int, Between(2, 1_000), "How many leaves a tree may have"] = 15,
    learning_rate: Rate = 0.1,
    seed: Seed = 0,
) -> Path:
    """Train on the HR analytics data."""
    return _train("turnover", n_estimators=trees, num_leaves=leaves, learning_rate=learning_rate, random_state=seed)


@trainable(model="diabetes")
def diabetes(
    trees: Trees = 60,
    depth: Annotated[int, Between(1, 12), "How many questions a tree may ask in a row"] = 3,
    learning_rate: Rate = 0.04,
    seed: Seed = 0,
) -> Path:
    """Train on the Pima data."""
    return _train("diabetes", n_estimators=trees, max_depth=depth, learning_rate=learning_rate, random_state=seed)


@trainable(model="sentiment")
def sentiment(alpha: Annotated[float, Between(1e-6, 100), "How much each word is smoothed"] = 1.0) -> Path:
    """Train on the film sentences."""
    return _train("sentiment", alpha=alpha)


# Without torch a runner does not offer what it could not train.
if find_spec("torch"):

    @trainable(model="sentiment-deep")
    def sentiment_deep(
        most_epochs: Annotated[int, Between(1, 100), "Of so many epochs the best number is chosen"] = 12,
    ) -> Path:
        """Train the net on the film sentences; it takes minutes."""
        return _train("sentiment-deep", most_epochs=most_epochs)


def _train(name: str, **changed: Any) -> Path:
    trained = model(name)
    return trained.train(training_data() if trained.DATA else None, Path("artifacts"), **changed)
