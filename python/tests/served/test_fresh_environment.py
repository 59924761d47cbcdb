"""The guide's first export in an environment of its own, outside the repository, beside what a user had already."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from server import REPOSITORY, Server

PYTHON = "python3.12"
HAD = ["numpy", "scikit-learn==1.5.2", "lightgbm==4.5.0"]
# What the reader has in hand after the guide's first page: the estimator, and rows that it was not fitted on.
ROWS = "\nprint(frame[350:].to_json(orient='records'))\nprint(estimator.predict(nestor.encode(frame[350:])).tolist())\n"
# Builds wheel and sdist of a source folder in another: hatchling reads the folder that it runs in.
BUILD = """
import os, sys
from hatchling.build import build_sdist, build_wheel
os.chdir(sys.argv[1])
for build in (build_wheel, build_sdist):
    build(sys.argv[2])
"""


class Environment:
    """A virtual environment that knows nothing of this one, and a folder to work in."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.own = folder, folder / ".venv" / "bin" / "python"
        self.variables = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
        self.variables["COLUMNS"] = "1000"  # twine breaks lines at the width of a terminal
        self.variables["PYENV_VERSION"] = PYTHON.removeprefix("python")  # where pyenv has several
        if not shutil.which(PYTHON) or self.ran(PYTHON, "-m", "venv", ".venv").returncode:
            pytest.skip(f"needs {PYTHON} with venv in the PATH")
        installed = self.ran(self.own, "-m", "pip", "install", "-q", *HAD)
        if installed.returncode:
            pytest.skip(f"needs a package index: {installed.stderr.strip().splitlines()[-1]}")

    def ran(self, *command: str | Path) -> "subprocess.CompletedProcess[str]":
        """Return how a command ended in the folder, and what it said."""
        return subprocess.run(command, cwd=self.folder, env=self.variables, capture_output=True, text=True)

    def python(self, *arguments: str | Path) -> str:
        """Return what the environment's Python prints; it must end well."""
        done = self.ran(self.own, *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment with scikit-learn 1.5 and LightGBM 4.5."""
    return Environment(tmp_path_factory.mktemp("fresh"))


def first_export() -> str:
    """Return the first Python of the guide that is run."""
    guide = (REPOSITORY / "docs" / "data-scientist.md").read_text(encoding="utf-8")
    return guide.split("```python run package\n", 1)[1].split("```", 1)[0]


def test_the_guides_first_page_up_to_the_first_answer(environment: Environment, running: Server) -> None:
    environment.python("-m", "pip", "install", "-q", f"{REPOSITORY / 'python'}[lightgbm,pandas]")
    (environment.folder / "first.py").write_text(first_export() + ROWS, encoding="utf-8")
    written, rows, answers = environment.python("-W", "error", "first.py").splitlines()
    assert written == "my-models/progression/1"
    assert "samples give the estimator's answers" in environment.python("-m", "nestor", "check", written)
    running.push(environment.folder / written)
    predictions = running.predict("progression", json.loads(rows))
    assert [each["prediction"] for each in predictions] == json.loads(answers)


def test_twine_finds_no_fault_in_wheel_and_sdist(environment: Environment) -> None:
    environment.python("-m", "pip", "install", "-q", "twine", "hatchling")
    environment.python("-c", BUILD, REPOSITORY / "python", environment.folder / "built")
    files = sorted(str(path) for path in (environment.folder / "built").iterdir())
    assert [Path(file).name for file in files] == ["nestor-0.1.0-py3-none-any.whl", "nestor-0.1.0.tar.gz"]
    told = environment.python("-m", "twine", "--no-color", "check", "--strict", *files)
    assert told.splitlines() == [f"Checking {file}: PASSED" for file in files]
