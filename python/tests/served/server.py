"""`dist/main.js` as a process of its own, on a free port of this machine."""

import io
import json
import os
import subprocess
import tarfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[3]
MAIN = REPOSITORY / "dist" / "main.js"
NODE = REPOSITORY / "node_modules" / ".bin" / "node"
PATIENCE_SECONDS = 60


class Server:
    """The built server, recording into a folder of its own; `more` are settings of its environment."""

    def __init__(self, folder: Path, **more: str) -> None:
        if not (MAIN.exists() and NODE.exists()):
            pytest.skip("needs the built server: npm ci && npm run build")
        (folder / "artifacts").mkdir()
        self.log = folder / "server.log"
        settings = {
            "APP_STAGE": "test",
            "HOST": "127.0.0.1",
            "PORT": "0",
            "ARTIFACTS_DIR": str(folder / "artifacts"),
            "PREDICTION_LOG_DIR": str(folder / "predictions"),
            **more,
        }
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [NODE, MAIN], cwd=folder, env={"PATH": os.environ["PATH"], **settings}, stdout=log, stderr=log
            )
        self.url = self._listening()

    def stop(self) -> None:
        """End the server and wait until it has ended."""
        self.process.terminate()
        self.process.wait(timeout=30)

    def push(self, version: Path) -> None:
        """Send a version's folder to the server, which serves it then; fail with its reason if it refuses it."""
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            tar.add(version, arcname=".")
        status, reply = self.call(f"/models/{version.parent.name}/versions", archive.getvalue())
        assert status == 201, reply

    def predict(self, model: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the server's predictions of the rows, or fail with its error."""
        status, reply = self.call(f"/v1/models/{model}:predict", {"instances": rows})
        assert status == 200, reply
        return reply["predictions"]

    def call(self, path: str, body: Any = None) -> tuple[int, Any]:
        """Return status and JSON of a GET, or of a POST with a body: bytes are an archive, all else is JSON."""
        kind, data = "application/x-tar", body
        if not isinstance(body, bytes):
            kind, data = "application/json", None if body is None else json.dumps(body, allow_nan=False).encode()
        request = urllib.request.Request(self.url + path, data, {"content-type": kind})
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as reply:
                return reply.status, json.load(reply)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def _listening(self) -> str:
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            for line in self.log.read_text().splitlines():
                if '"listening"' in line:
                    return str(json.loads(line)["url"])
            time.sleep(0.05)
        raise AssertionError(f"the server does not listen: {self.log.read_text()[-2000:]}")
