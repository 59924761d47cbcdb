"""Write random tree ensembles of every booster that nestor exports, one file each, for bench/trees.mjs."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier, LGBMRegressor
from sklearn.ensemble import (
    GradientBoostingRegressor,
    HistGradientBoostingRegressor,
    RandomForestRegressor,
)
from xgboost import XGBClassifier, XGBRegressor

from nestor.errors import UnsupportedModel
from nestor.families import convert
from nestor.fields import Field


def estimators(seed: int, size: dict) -> dict:
    """Return one unfitted estimator of each kind."""
    trees, depth = size["trees"], size["depth"]
    return {
        "lightgbm": (LGBMClassifier, LGBMRegressor)[seed % 2](
            n_estimators=trees, max_depth=depth, random_state=seed, n_jobs=1, verbose=-1
        ),
        "xgboost": (XGBClassifier, XGBRegressor)[seed % 2](
            n_estimators=trees, max_depth=depth, random_state=seed, n_jobs=1
        ),
        "gradient": GradientBoostingRegressor(
            n_estimators=trees, max_depth=depth, random_state=seed
        ),
        "histogram": HistGradientBoostingRegressor(
            max_iter=trees, max_depth=depth, random_state=seed
        ),
        "forest": RandomForestRegressor(
            n_estimators=trees, max_depth=depth, random_state=seed
        ),
    }


def main(out: Path, count: int) -> None:
    """Write `<booster>-<seed>-<columns>.onnx` files."""
    for seed in range(count):
        random = np.random.default_rng(seed)
        width = int(random.integers(2, 12))
        frame = pd.DataFrame(
            random.normal(size=(300, width)), columns=[f"x{i}" for i in range(width)]
        )
        value = frame.to_numpy() @ random.normal(size=width) + random.normal(size=300)
        size = {
            "trees": int(random.integers(5, 60)),
            "depth": int(random.integers(2, 7)),
        }
        for name, estimator in estimators(seed, size).items():
            classifies = type(estimator).__name__.endswith("Classifier")
            target = (value > 0).astype(int) if classifies else value
            missing = (
                frame.mask(random.random(frame.shape) < 0.1)
                if name in ("lightgbm", "xgboost")
                else frame
            )
            estimator.fit(missing, target)
            fields = [
                Field(column, "number", column, 0.0, nullable=True) for column in frame
            ]
            try:
                graph = convert(estimator, fields, [0, 1] if classifies else None).graph
            except UnsupportedModel as error:
                print(
                    f"{name}-{seed} is not exported: {str(error).splitlines()[0][:100]}"
                )
                continue
            (out / f"{name}-{seed}-{width}.onnx").write_bytes(graph.SerializeToString())


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
