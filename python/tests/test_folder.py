"""The version folder: whole or absent, never changed."""

import json
from pathlib import Path

import pytest
from conftest import check_sums

from nestor import folder
from nestor.errors import NestorError


def test_a_version_is_written_whole(tmp_path: Path) -> None:
    written = folder.write(tmp_path / "model", "1", {"b.json": b"{}", "plots/a.svg": b"<svg/>"})
    assert written == tmp_path / "model" / "1"
    check_sums(written)
    assert written.stat().st_mode & 0o777 == 0o755
    assert [path.name for path in (tmp_path / "model").iterdir()] == ["1"]


def test_an_existing_version_is_never_touched(tmp_path: Path) -> None:
    folder.write(tmp_path, "1", {"a": b"first"})
    with pytest.raises(NestorError, match="versions are never changed"):
        folder.write(tmp_path, "1", {"a": b"second"})
    assert (tmp_path / "1" / "a").read_bytes() == b"first"


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        folder.write(tmp_path, "1", {"a/b": b"makes a folder", "a": b"of the name of this file"})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("version", ["", "one", "1.0", "-1", "../1", "²"])
def test_a_version_is_made_of_digits(tmp_path: Path, version: str) -> None:
    with pytest.raises(NestorError, match="not made of digits"):
        folder.check_free(tmp_path, version)


def test_the_next_version_is_one_more_than_the_highest(tmp_path: Path) -> None:
    assert folder.next_version(tmp_path / "absent") == "1"
    for name in ("2", "10", ".11.tmp", "aliases.json"):
        (tmp_path / name).mkdir()
    assert folder.next_version(tmp_path) == "11"


def test_only_the_first_version_becomes_champion_by_itself(tmp_path: Path) -> None:
    folder.set_first_champion(tmp_path, "1")
    folder.set_first_champion(tmp_path, "2")
    assert json.loads((tmp_path / "aliases.json").read_text()) == {"champion": "1"}
    assert [path.name for path in tmp_path.iterdir()] == ["aliases.json"]
