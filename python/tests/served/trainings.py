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
    print(f"labelled: {nestor.labelled('flowers').labels.tolist()}")
    # Those that end before have no need of it, and begin sooner without.
    import lightgbm

    sys.modules["nestor.plots"] = None  # type: ignore[assignment]  # as where matplotlib is not installed
    exporting.ADVERSARIAL_ROWS = 500
    rows = pd.DataFrame(np.random.default_rng(0).normal(size=(100, 2)), columns=["length", "width"])
    fitted = lightgbm.LGBMClassifier(n_estimators=3, learning_rate=rate, n_jobs=1, verbose=-1)
    fitted.fit(rows, (rows["length"] > 0).astype(int))
    return nestor.export(fitted, rows, name="weeds" if end == "refused" else "flowers")


Kind = Literal["first", "better", "worse", "leaks", "schema", "slow", "endless"]


@nestor.trainable(model="people")
def people(kind: Kind = "first") -> Path:
    """Train a version that the gate is to find better or worse than the first."""
    return _leavers("people", kind, held=2_000)


@nestor.trainable(model="hamlet")
def hamlet(kind: Kind = "first") -> Path:
    """Train on the same, with few rows held out."""
    return _leavers("hamlet", kind, held=400)


def _leavers(model: str, kind: Kind, held: int) -> Path:
    import lightgbm

    sys.modules["nestor.plots"] = None  # type: ignore[assignment]
    exporting.ADVERSARIAL_ROWS = 500
    random = np.random.default_rng(0)
    rows = pd.DataFrame({"age": random.normal(size=5_000), "score": random.normal(size=5_000)})
    target = ((rows["age"] + rows["score"] > 0) ^ (random.random(5_000) < 0.02)).astype(int)
    kept, known = rows[-held:], slice(0, 300 if kind == "first" else 3_000)
    learned, goal = rows[known], target[known].to_numpy()
    if kind == "leaks":
        learned, goal = pd.concat([learned, kept]), np.append(goal, target[-held:])
    if kind == "worse":
        goal = np.where(random.random(len(goal)) < 0.45, 1 - goal, goal)
    trees = 1_000 if kind == "slow" else 60
    fitted = lightgbm.LGBMClassifier(n_estimators=trees, num_leaves=7, learning_rate=0.2, n_jobs=1, verbose=-1)
    fitted.fit(learned, goal)
    inputs = {"age": {"minimum": -100}} if kind == "schema" else None
    holdout = (kept, target[-held:])
    version = nestor.export(fitted, learned, goal, name=model, holdout=holdout, inputs=inputs)
    if kind == "endless":
        _spin(version / "model.onnx")
    return version


@nestor.trainable(model="shoppers")
def shoppers() -> Path:
    """Train on rows of long ago, and on what callers have labelled since."""
    import lightgbm

    sys.modules["nestor.plots"] = None  # type: ignore[assignment]
    exporting.ADVERSARIAL_ROWS = 500
    random = np.random.default_rng(0)
    rows = pd.DataFrame(random.normal(size=(5_000, 2)), columns=["visits", "spent"])
    target = ((rows["visits"] + rows["spent"] > 0) ^ (random.random(5_000) < 0.02)).astype(int)
    new = nestor.labelled("shoppers")
    learned = pd.concat([rows[:3_000], new.inputs], ignore_index=True)
    goal = pd.concat([target[:3_000], new.labels], ignore_index=True).astype(int)
    fitted = lightgbm.LGBMClassifier(n_estimators=60, num_leaves=15, n_jobs=1, verbose=-1)
    # Where both say something of the same rows, what is true today counts for more.
    fitted.fit(learned, goal, sample_weight=np.where(learned.index < 3_000, 1, 10))
    return nestor.export(fitted, learned, goal, name="shoppers", holdout=(rows[3_000:], target[3_000:]))


def _spin(path: Path) -> None:
    """Put a loop of hours before a graph, as a training might that writes its own."""
    import onnx
    from onnx import TensorProto, helper

    graph = onnx.load(path)
    names = ["i", "go", "x"]
    kinds = [TensorProto.INT64, TensorProto.BOOL, TensorProto.FLOAT]
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["on"]), helper.make_node("Sin", ["x"], ["y"])],
        "body",
        [helper.make_tensor_value_info(name, kind, []) for name, kind in zip(names, kinds, strict=True)],
        [
            helper.make_tensor_value_info("on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("y", TensorProto.FLOAT, []),
        ],
    )
    graph.graph.initializer.extend(
        [
            helper.make_tensor("times", TensorProto.INT64, [], [2**40]),
            helper.make_tensor("always", TensorProto.BOOL, [], [True]),
            helper.make_tensor("zero", TensorProto.FLOAT, [], [0.0]),
        ]
    )
    graph.graph.node.insert(0, helper.make_node("Loop", ["times", "always", "zero"], ["wasted"], body=body))
    graph.graph.output.append(helper.make_tensor_value_info("wasted", TensorProto.FLOAT, []))
    onnx.save(graph, path)
