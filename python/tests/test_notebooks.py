"""Every notebook runs from top to bottom; the one that calls the API does so against the built server."""

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from conftest import ARTIFACTS, REPOSITORY
from nbclient import NotebookClient

from nestor_demonstrations import MODELS

NOTEBOOKS = REPOSITORY / "notebooks"
SERVER = REPOSITORY / "dist" / "main.js"
NODE = REPOSITORY / "node_modules" / ".bin" / "node"


def run(name: str) -> None:
    """Run a notebook in its own folder; raises the first cell's error."""
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    nbformat.validate(notebook)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(NOTEBOOKS)}}).execute()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """The built server on a free port, its records in a temporary folder; yields its address."""
    if not (SERVER.exists() and NODE.exists()):
        pytest.skip("needs the built server: run npm ci and npm run build")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {"HOST": "127.0.0.1", "PORT": str(port), "ARTIFACTS_DIR": str(ARTIFACTS)}
    settings["PREDICTION_LOG_DIR"] = str(tmp_path / "records")
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "CI", "LANG") if key in os.environ}
    log = (tmp_path / "server.log").open("w+")
    process = subprocess.Popen([NODE, SERVER], cwd=tmp_path, env={**kept, **settings}, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 30
        while not _ready(f"http://127.0.0.1:{port}/health/ready"):
            assert process.poll() is None, (tmp_path / "server.log").read_text()
            assert time.monotonic() < deadline, (tmp_path / "server.log").read_text()
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)
        log.close()


def _ready(url: str) -> bool:
    try:
        return urllib.request.urlopen(url, timeout=2).status == 200
    except (urllib.error.URLError, OSError):
        return False


def test_there_is_one_for_every_model_and_one_for_the_connection() -> None:
    assert {path.stem for path in NOTEBOOKS.glob("*.ipynb")} == {*MODELS, "test_connection"}


@pytest.mark.parametrize("name", [*MODELS, "test_connection"])
def test_it_is_committed_without_outputs(name: str) -> None:
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)


@pytest.mark.parametrize("name", MODELS)
def test_the_model_notebook_runs(name: str, data: Path) -> None:
    run(name)


def test_the_connection_notebook_runs(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NESTOR_URL", server)
    run("test_connection")
