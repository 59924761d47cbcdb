"""What several tests need: the real data (by NESTOR_DATA), the repository's own artifacts, and small frames."""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from server import Server

from nestor import exporting, plots

REPOSITORY = Path(__file__).parents[2]
ARTIFACTS = REPOSITORY / "artifacts"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the environment that is made anew: it waits for downloads, and others can work meanwhile."""
    items.sort(key=lambda item: "test_fresh_environment" not in item.nodeid)


@pytest.fixture
def data() -> Path:
    """The folder of the real data files; tests that need it are skipped without NESTOR_DATA."""
    folder = os.environ.get("NESTOR_DATA")
    if not folder:
        pytest.skip("needs the real data: set NESTOR_DATA to the folder that holds them")
    return Path(folder)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The built server as a process of its own, for one file: two may call their models alike."""
    process = Server(tmp_path_factory.mktemp("served"))
    yield process
    process.stop()


@pytest.fixture
def server(running: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The running server, for exports that compare few rows and draw no pictures; both have tests of their own."""
    monkeypatch.setattr(exporting, "ADVERSARIAL_ROWS", 2_000)
    monkeypatch.setattr(plots, "draw", lambda *_: {})
    return running


@pytest.fixture
def frame() -> pd.DataFrame:
    """300 rows with two numbers, an integer and a category, one number of them sometimes missing."""
    random = np.random.default_rng(7)
    made = pd.DataFrame(
        {
            "size": random.normal(size=300).round(3),
            "weight": random.uniform(0, 10, size=300),
            "rooms": random.integers(0, 8, size=300),
            "town": random.choice(["Aa", "New B", "c"], size=300),
        }
    )
    made.loc[random.random(300) < 0.2, "weight"] = np.nan
    return made


@pytest.fixture
def target(frame: pd.DataFrame) -> np.ndarray:
    """A number that depends on every column of the frame."""
    noise = np.random.default_rng(8).normal(size=len(frame)) / 10
    return (frame["size"] + frame["weight"].fillna(3) / 5 + frame["rooms"] * (frame["town"] == "Aa") + noise).to_numpy()


def manifest_of(version: Path) -> dict[str, Any]:
    """Return the manifest of a version folder."""
    return json.loads((version / "manifest.json").read_text())


def samples_of(version: Path) -> list[dict[str, Any]]:
    """Return the samples of a version folder."""
    return json.loads((version / "samples.json").read_text())["samples"]


def check_sums(version: Path) -> None:
    """Assert that SHA256SUMS names every other file of the folder, with its digest."""
    lines = (version / "SHA256SUMS").read_text().splitlines()
    named = {line[66:]: line[:64] for line in lines}
    files = {p.relative_to(version).as_posix(): p for p in version.rglob("*") if p.is_file() and p.name != "SHA256SUMS"}
    assert list(named) == sorted(files)
    assert {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()} == named
