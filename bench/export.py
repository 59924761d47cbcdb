"""`npm run bench:export`: what the export of a random forest takes in processor time, memory and bytes, by stage."""

import argparse
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import nestor
import numpy as np
import pandas as pd
from nestor.progress import Progress
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor


class Timed(Progress):
    """Says with each line the processor's seconds since the one before, and the most memory that was held so far."""

    def __init__(self, verbose: bool) -> None:
        super().__init__(verbose)
        self.before = time.process_time()

    def say(self, text: str) -> None:
        """Write a line."""
        now, self.before = time.process_time() - self.before, time.process_time()
        print(f"{now:7.1f} s {_peak():6.2f} GB  {text[:100]}", flush=True)

    def count(self, what: str, done: int, total: int) -> None:
        """Write a line when all are done."""
        if done >= total:
            self.say(f"{what}: {total:,}")


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def data(rows: int, columns: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Return numbers with three decimals, one in ten of one column missing, and a target that hangs on four of them."""
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {f"x{i}": random.normal(size=rows).round(3) for i in range(columns)}
    )
    signal = (
        frame.iloc[:, : min(4, columns)].sum(axis=1)
        + frame["x0"] * frame[f"x{columns - 1}"]
    )
    frame.loc[random.random(rows) < 0.1, "x0"] = np.nan
    return frame, (signal + random.normal(size=rows)).to_numpy()


def main() -> None:
    """Fit a default forest, export it, and print what that took."""
    parser = argparse.ArgumentParser(
        prog="npm run bench:export --", description=__doc__
    )
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--columns", type=int, default=20)
    parser.add_argument("--trees", type=int, default=100)
    parser.add_argument(
        "--regression",
        action="store_true",
        help="a regressor instead of a classifier of two",
    )
    options = parser.parse_args()
    frame, target = data(options.rows, options.columns)
    estimator: Any = (
        RandomForestRegressor if options.regression else RandomForestClassifier
    )
    y = target if options.regression else (target > 0).astype(int)
    fitted = estimator(options.trees, random_state=0, n_jobs=1).fit(frame, y)
    nodes = sum(tree.tree_.node_count for tree in fitted.estimators_)
    print(
        f"{options.rows:,} rows, {options.columns} columns, {options.trees} trees, {nodes:,} nodes; {_peak():.2f} GB"
    )
    nestor.exporting.Progress = Timed
    started = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        version = nestor.export(
            fitted, frame, y, name="forest", artifacts=folder, verbose=True
        )
        print(
            f"export: {time.process_time() - started:.1f} s of processor time, {_peak():.2f} GB at most"
        )
        for path in sorted(Path(version).iterdir()):
            if path.is_file():
                print(f"{path.stat().st_size / 1e6:9.2f} MB  {path.name}")


if __name__ == "__main__":
    main()
