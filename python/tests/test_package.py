"""What is installed: the files of wheel and sdist, typed; bounds that say the same in both places."""

import subprocess
import sys
import tarfile
import zipfile
from importlib.metadata import requires
from pathlib import Path

import pytest
from conftest import REPOSITORY

from nestor.libraries import LIBRARIES

PACKAGE = REPOSITORY / "python"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with wheel and sdist."""
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(folder)], cwd=PACKAGE, check=True, capture_output=True
    )
    return folder


def sources() -> set[str]:
    """Return the files of the package, as a wheel names them."""
    files = (path.relative_to(PACKAGE / "src") for path in (PACKAGE / "src" / "nestor").rglob("*") if path.is_file())
    return {path.as_posix() for path in files if path.suffix != ".pyc"}


def test_the_wheel_holds_the_package_alone(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    assert wheel.name == "nestor-0.1.0-py3-none-any.whl"
    names = set(zipfile.ZipFile(wheel).namelist())
    about = {f"nestor-0.1.0.dist-info/{name}" for name in ("METADATA", "RECORD", "WHEEL", "licenses/LICENSE")}
    assert names == sources() | about
    assert "nestor/py.typed" in names


def test_the_sdist_holds_what_makes_the_wheel_and_the_tests(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.removeprefix("nestor-0.1.0/") for name in archive.getnames()}
    tests = {name for name in names if name.startswith("tests/")}
    others = {"LICENSE", "PKG-INFO", "README.md", "pyproject.toml"} | ({".gitignore"} & names)
    assert names - tests == {f"src/{name}" for name in sources()} | others
    assert tests == {path.relative_to(PACKAGE).as_posix() for path in (PACKAGE / "tests").rglob("*.py")}


def test_the_licence_is_the_repositorys() -> None:
    assert (PACKAGE / "LICENSE").read_bytes() == (REPOSITORY / "LICENSE").read_bytes()


def test_the_bounds_of_the_package_are_those_that_are_checked() -> None:
    """A bound that another Python has stands in the package alone."""
    told = {part.split(";")[0].strip() for part in requires("nestor") or []}
    checked = {f"{name}>={library.oldest}" for library in LIBRARIES.values() for name in library.distributions}
    assert not [part for part in told if "==" in part or "<" in part]
    assert told - checked <= {"onnxruntime>=1.23", "onnxruntime>=1.30"}
    assert all(any(f"{name}>={each.oldest}" in told for name in each.distributions) for each in LIBRARIES.values())
