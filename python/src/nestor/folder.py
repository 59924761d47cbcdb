"""The version folder on disk: written whole or not at all, never written twice."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .errors import NestorError


def document(value: Any) -> bytes:
    """Return readable JSON with a final newline."""
    return (json.dumps(value, allow_nan=False, ensure_ascii=False, indent=2) + "\n").encode()


def next_version(model: Path) -> str:
    """Return the next free version number of a model's folder."""
    taken = [int(path.name) for path in model.iterdir() if path.name.isdigit()] if model.is_dir() else []
    return str(max(taken, default=0) + 1)


def check_free(model: Path, version: str) -> None:
    """Raise NestorError if the version is no number or exists already."""
    if not (version.isascii() and version.isdigit()):
        raise NestorError(f"version {version!r} is not made of digits")
    if (model / version).exists():
        raise NestorError(f"{model / version} exists; versions are never changed, choose another one")


def write(model: Path, version: str, files: Mapping[str, bytes]) -> Path:
    """Write `model/version` with the files and their SHA256SUMS; return its path.

    Everything is written and synced in a temporary folder beside it, which is then renamed. Raises NestorError when
    the version exists.
    """
    check_free(model, version)
    model.mkdir(parents=True, exist_ok=True)
    sums = "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    temporary = Path(tempfile.mkdtemp(dir=model, prefix=f".{version}."))
    try:
        for name, content in {**files, "SHA256SUMS": sums.encode()}.items():
            _write_synced(temporary / name, content)
        for folder in [path for path in temporary.rglob("*") if path.is_dir()]:
            _sync_folder(folder)
        os.chmod(temporary, 0o755)
        _sync_folder(temporary)
        check_free(model, version)
        os.rename(temporary, model / version)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    _sync_folder(model)
    return model / version


def set_first_champion(model: Path, version: str) -> None:
    """Make the version the champion of a model that has no aliases yet; later ones are promoted, not trained."""
    if not (model / "aliases.json").exists():
        temporary = model / f".aliases.{os.getpid()}"
        _write_synced(temporary, document({"champion": version}))
        os.replace(temporary, model / "aliases.json")
        _sync_folder(model)


def _write_synced(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
