"""Trainings for the tests of the runner; only the processes that it starts import this."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import pandas as pd

import nestor
from nestor import exporting

End = Literal["done", "raise", "exit", "killed", "refused", "no data", "elsewhere", "wait", "deaf"]


@nestor.trainable(model="flowers")
def flowers(end: End = "done", rate: Annotated[float, nestor.Between(0.01, 1), "Learning rate"] = 0.1) -> Path:
    """Train as a test wants it to end."""
    print("a line that the training prints")
    os.write(1, b'{"stage": "printed by a library"}\n')
    nestor.report("fit", 0.25, loss=0.5, nothing=float("nan"))
    if end == "raise":
        raise ValueError("no such flower")
    if end == "exit":
        os._exit(3)
    if end == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if end == "no data":
        nestor.training_data()
    if end in ("wait", "deaf"):
        if end == "deaf":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        grandchild = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(600)"])
        nestor.report(f"waiting {os.getpid()} {grandchild.pid}")
        time.sleep(600)
    if end == "elsewhere":
        return Path("artifacts")
    # Those that end before have no need of it, and begin sooner without.
    import lightgbm

    sys.modules["nestor.plots"] = None  # type: ignore[assignment]  # as where matplotlib is not installed
    exporting.ADVERSARIAL_ROWS = 500
    rows = pd.DataFrame(np.random.default_rng(0).normal(size=(100, 2)), columns=["length", "width"])
    fitted = lightgbm.LGBMClassifier(n_estimators=3, learning_rate=rate, n_jobs=1, verbose=-1)
    fitted.fit(rows, (rows["length"] > 0).astype(int))
    return nestor.export(fitted, rows, name="weeds" if end == "refused" else "flowers")
