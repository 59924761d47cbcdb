"""The operator's commands for an environment of trainings: a runner of it trains the demonstrations, from anywhere."""

import os
import re
import shutil
import subprocess
import sysconfig
import time
from pathlib import Path

import pytest
from runners import Runner
from server import REPOSITORY, Server

PYTHON = "python3.11"
FIVE = "trains diabetes, iris, sentiment, sentiment-deep, turnover for"


def commands() -> str:
    """Return the block of the operator's guide that ends with the setting."""
    guide = (REPOSITORY / "docs" / "operator.md").read_text(encoding="utf-8")
    (found,) = re.findall(r"^```sh[^\n]*\n((?:(?!```).*\n)*TRAINING_PYTHON=.*\n)```$", guide, re.MULTILINE)
    return str(found)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder like the repository's in which they were run, and the setting that they end with.

    What they install is that of this environment, which pip finds installed: the two packages alone are made anew.
    """
    if not shutil.which(PYTHON):
        pytest.skip(f"needs {PYTHON} in the PATH")
    folder = tmp_path_factory.mktemp("repository")
    (folder / "python").symlink_to(REPOSITORY / "python")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    environment["PYENV_VERSION"] = PYTHON.removeprefix("python")  # where pyenv has several

    def run(script: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(["sh", "-euc", script], cwd=folder, env=environment, capture_output=True, text=True)

    make, install = commands().split("\n", 1)
    made = run(make)
    assert made.returncode == 0, made.stderr
    packages = folder / ".venv-training" / "lib" / PYTHON / "site-packages"
    (packages / "of_the_tests.pth").write_text(sysconfig.get_path("purelib"))
    installed = run(f"{install}printf %s $TRAINING_PYTHON >setting")
    if "Could not find a version that satisfies the requirement hatchling" in installed.stderr:
        pytest.skip("needs a package index, for what builds the packages")
    assert installed.returncode == 0, installed.stdout + installed.stderr
    return folder, (folder / "setting").read_text()


def test_a_runner_trains_from_another_folder(repository: tuple[Path, str], running: Server, tmp_path: Path) -> None:
    folder, setting = repository
    runner = Runner(running, tmp_path, folder / setting)
    done = runner.ends(runner.asked("iris"))
    assert (done["state"], done["version"]) == ("done", "1"), done
    assert runner.process.wait(timeout=30) == 0
    assert FIVE in runner.log.read_text()
    assert running.call("/models/iris")[1]["version"] == "1"


def test_the_server_starts_one_by_the_setting(repository: tuple[Path, str]) -> None:
    folder, setting = repository
    server = Server(folder, TRAINING_PYTHON=setting, STATE_DIR="state")
    over = time.monotonic() + 30
    while FIVE not in server.log.read_text() and time.monotonic() < over:
        time.sleep(0.1)
    server.stop()
    assert FIVE in server.log.read_text()
