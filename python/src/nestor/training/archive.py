"""A version folder on its way to a server: under another number, and as a tar of the same bytes each time."""

import hashlib
import json
import shutil
import tarfile
from pathlib import Path, PurePosixPath

from ..errors import NestorError
from ..folder import document


def renumber(version: Path, number: str) -> None:
    """Give a version folder another number: in its manifest, in the title of its card and in its digests."""
    manifest_path, card_path, sums_path = (version / name for name in ("manifest.json", "card.md", "SHA256SUMS"))
    manifest = {**json.loads(manifest_path.read_text("utf-8")), "version": number}
    _, rest = card_path.read_text("utf-8").split("\n", 1)
    changed = {
        manifest_path.name: document(manifest),
        card_path.name: f"# {manifest['model']}, version {number}\n{rest}".encode(),
    }
    lines = []
    for line in sums_path.read_text("utf-8").splitlines():
        digest, name = line.split("  ", 1)
        lines.append(f"{hashlib.sha256(changed[name]).hexdigest() if name in changed else digest}  {name}\n")
    for name, content in changed.items():
        (version / name).write_bytes(content)
    sums_path.write_text("".join(lines), "utf-8")


def pack(version: Path, archive: Path) -> None:
    """Write a version folder as a tar; order, times and owners do not depend on where and when."""
    with tarfile.open(archive, "w") as tar:
        for path in sorted(path for path in version.rglob("*") if path.is_file()):
            member = tarfile.TarInfo(path.relative_to(version).as_posix())
            member.size = path.stat().st_size
            member.mode = 0o644
            with path.open("rb") as content:
                tar.addfile(member, content)


def unpack(archive: Path, version: Path) -> None:
    """Write the files of a tar to a folder; raise NestorError for a broken tar and for what is no file inside it."""
    try:
        with tarfile.open(archive, "r:") as tar:
            for member in tar:
                name = PurePosixPath(member.name)
                if member.isdir():
                    continue
                content = tar.extractfile(member) if member.isfile() else None
                if content is None or name.is_absolute() or ".." in name.parts:
                    raise NestorError(f"{archive.name}: {member.name!r} is no file of a version's folder")
                (version / name).parent.mkdir(parents=True, exist_ok=True)
                with content, (version / name).open("wb") as file:
                    shutil.copyfileobj(content, file)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise NestorError(f"{archive.name} cannot be unpacked: {error}") from error
