"""Data files: the right bytes or an error that says where to get them."""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from nestor import DataError
from nestor_demonstrations.__main__ import main
from nestor_demonstrations.datasets import HR_TURNOVER, DataFile

CONTENT = b"a,b\n1,2\n"
FILE = DataFile("small.csv", "https://origin.example/small.csv", hashlib.sha256(CONTENT).hexdigest(), ("a", "b"))


@pytest.fixture
def origin() -> Iterator[str]:
    """A server on 127.0.0.1 that has the small file at /right and another one at /wrong."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802  (the name http.server looks for)
            body = {"/right": CONTENT, "/wrong": b"<html>moved</html>"}.get(self.path)
            self.send_response(404 if body is None else 200)
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_fetch_writes_the_file(origin: str, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    assert FILE.fetch(folder, f"{origin}/right") == folder / "small.csv"
    assert FILE.read(folder) == CONTENT
    assert [path.name for path in folder.iterdir()] == ["small.csv"]


@pytest.mark.parametrize(("path", "said"), [("wrong", "expected " + FILE.sha256), ("absent", "404")])
def test_a_failed_fetch_leaves_nothing_behind(origin: str, tmp_path: Path, path: str, said: str) -> None:
    folder = tmp_path / "data"
    with pytest.raises(DataError, match=said):
        FILE.fetch(folder, f"{origin}/{path}")
    assert not folder.exists()


def test_fetch_replaces_a_damaged_file_only_by_the_right_one(origin: str, tmp_path: Path) -> None:
    (tmp_path / "small.csv").write_bytes(b"damaged")
    with pytest.raises(DataError):
        FILE.fetch(tmp_path, f"{origin}/wrong")
    assert (tmp_path / "small.csv").read_bytes() == b"damaged"
    FILE.fetch(tmp_path, f"{origin}/right")
    assert (tmp_path / "small.csv").read_bytes() == CONTENT


def test_fetch_keeps_a_file_that_is_right(tmp_path: Path) -> None:
    (tmp_path / "small.csv").write_bytes(CONTENT)
    assert FILE.fetch(tmp_path, "http://127.0.0.1:1/nobody") == tmp_path / "small.csv"


def test_the_command_fetches_from_the_address_it_is_given(
    origin: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fetch", "turnover", "--data", str(tmp_path), "--url", f"{origin}/wrong"]) == 1
    said = capsys.readouterr().err
    assert HR_TURNOVER.sha256 in said
    assert HR_TURNOVER.url in said
    assert list(tmp_path.iterdir()) == []


def test_a_missing_file_is_named_with_origin_and_digest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "turnover", "--data", str(tmp_path), "--artifacts", str(tmp_path / "artifacts")]) == 1
    said = capsys.readouterr().err
    for expected in (str(tmp_path / "hr-turnover.csv"), HR_TURNOVER.url, HR_TURNOVER.sha256):
        assert expected in said
    assert not (tmp_path / "artifacts").exists()


def test_a_changed_file_is_named_with_both_digests(tmp_path: Path) -> None:
    (tmp_path / "hr-turnover.csv").write_bytes(CONTENT)
    with pytest.raises(DataError) as caught:
        HR_TURNOVER.read(tmp_path)
    for expected in (str(tmp_path / "hr-turnover.csv"), HR_TURNOVER.sha256, FILE.sha256, HR_TURNOVER.url):
        assert expected in str(caught.value)


def test_other_columns_are_refused(tmp_path: Path) -> None:
    (tmp_path / "small.csv").write_bytes(CONTENT)
    other = DataFile("small.csv", FILE.url, FILE.sha256, ("a", "c"))
    with pytest.raises(DataError, match=r"columns are \['a', 'b'\], expected \['a', 'c'\]"):
        other.read(tmp_path)
