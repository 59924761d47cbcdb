"""Trainings for the tests of the runner; only the processes that it starts import this."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated, Literal

import nestor
from nestor import exporting

End = Literal["done", "raise", "exit", "killed", "refused", "no data", "elsewhere", "wait", "deaf"]


@nestor.trainable(model="flowers")
def flowers(end: End = "done", strength: Annotated[float, nestor.Between(0.01, 100), "C"] = 1.0) -> Path:
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
    from sklearn.datasets import load_iris
    from sklearn.linear_model import LogisticRegression

    sys.modules["nestor.plots"] = None  # type: ignore[assignment]  # as where matplotlib is not installed
    exporting.ADVERSARIAL_ROWS = 500
    bunch = load_iris(as_frame=True)
    fitted = LogisticRegression(C=strength, max_iter=1000).fit(bunch.data, bunch.target)
    return nestor.export(fitted, bunch.data, name="weeds" if end == "refused" else "flowers")
