"""The runner when things go wrong: a server that goes away, a number that is taken, a lease that is lost."""

import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from groups import left

from nestor import NestorError, commands
from nestor.training import client, process
from nestor.training import runner as runners
from nestor.training.client import Client, Reply, ServerAway
from nestor.training.runner import Runner
from nestor.training.trainables import Trainable

Answer = tuple[int, Any]
JOB = {"id": "j1", "model": "flowers", "arguments": {}, "attempt": 1, "version": None, "trigger": "request"}


class Fake(ThreadingHTTPServer):
    """Answers each path with what a test has laid ready: the answers in their order, the last one again and again."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.answers: dict[str, list[Answer]] = {
            "/jobs/j1/heartbeat": [(200, {"cancel": False})],
            "/jobs/j1/result": [(200, JOB)],
            "/models/flowers": [(404, {"code": "model_not_found"})],
            "/models/flowers/labelled": [(200, b"")],
            "/models/people/labelled": [(200, b"")],
        }
        self.calls: list[tuple[str, Any]] = []
        self.keys: set[str | None] = set()
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def bodies(self, path: str) -> list[Any]:
        """Return what was sent to a path."""
        return [body for called, body in self.calls if called == path]

    def stop(self) -> None:
        """Be away."""
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    """One call."""

    server: Fake

    def do_GET(self) -> None:
        self._answer(None)

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["content-length"]))
        self._answer(json.loads(content) if self.headers["content-type"] == "application/json" else content)

    def _answer(self, body: Any) -> None:
        self.server.calls.append((self.path, body))
        self.server.keys.add(self.headers["authorization"])
        ready = self.server.answers[self.path]
        status, answer = ready.pop(0) if len(ready) > 1 else ready[0]
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        if status in (429, 503):
            self.send_header("retry-after", "45" if status == 429 else "0")
        if status == 307:
            self.send_header("location", answer)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def fake() -> Iterator[Fake]:
    """A server that a test answers for."""
    server = Fake()
    yield server
    server.stop()


@pytest.fixture
def runner(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> Runner:
    """A runner of `trainings.py` that does not wait long."""
    monkeypatch.setattr(client, "LONGEST_WAIT", 0.3)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parent / "served"), *sys.path]))
    schema = {"type": "object", "additionalProperties": False, "properties": {}}
    return Runner(Client(fake.url, "k"), {"flowers": Trainable("flowers", Path, schema)}, ["trainings"], "r1")


def claimed(**changed: Any) -> Reply:
    """Return what a claim brings."""
    now = datetime.now(timezone.utc)
    lease = {"token": "t1", "expires": (now + timedelta(seconds=3)).isoformat()}
    return Reply(200, {"job": {**JOB, **changed}, "lease": lease}, now.timestamp())


def test_a_training_outlives_its_servers_absence_and_takes_the_next_free_number(fake: Fake, runner: Runner) -> None:
    work = threading.Thread(target=_back_again, args=(fake,))
    work.start()
    uploads = "/models/flowers/versions"
    fake.answers["/models/flowers"] = [(200, {"versions": [{"version": "9"}, {"version": "10"}]})]
    fake.answers[uploads] = [(409, {"code": "version_taken"}), (503, {"code": "uploads_busy"}), (201, {})]
    fake.answers["/jobs/j1/result"] = [(500, None), (200, JOB)]
    runner.work(claimed())
    work.join()
    first, second, third = fake.bodies(uploads)
    assert (manifest(first)["version"], manifest(second)["version"]) == ("11", "12")
    assert second == third
    files = unpacked(second)
    lines = [line.split("  ", 1) for line in files.pop("SHA256SUMS").decode().splitlines()]
    assert {name: digest for digest, name in lines} == {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items()
    }
    assert files["card.md"].startswith(b"# flowers, version 12\n\n")
    assert fake.bodies("/jobs/j1/result")[-1] == {"token": "t1", "state": "done", "version": "12"}
    beats = fake.bodies("/jobs/j1/heartbeat")
    # What could not be told while the server was away is told later, each line once.
    assert [line for beat in beats for line in beat.get("log", [])].count("a line that the training prints") == 1
    assert beats[-1]["stage"] == "upload"
    assert fake.keys == {"Bearer k"}


def _back_again(fake: Fake) -> None:
    """Take the server away for two seconds once it has heard of the training; it comes back at the same place."""
    while not fake.bodies("/jobs/j1/heartbeat"):
        time.sleep(0.02)
    fake.stop()
    time.sleep(2)
    back = Fake(fake.server_port)
    back.answers, back.calls, back.keys = fake.answers, fake.calls, fake.keys
    fake.stop = back.stop  # type: ignore[method-assign]


def unpacked(archive: bytes) -> dict[str, bytes]:
    """Return the files of a tar."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return {member.name: file.read() for member in tar if (file := tar.extractfile(member)) is not None}


def manifest(archive: bytes) -> dict[str, Any]:
    """Return the manifest of a version in a tar."""
    return json.loads(unpacked(archive)["manifest.json"])


def test_a_training_whose_lease_is_lost_is_killed_and_not_reported(
    fake: Fake, runner: Runner, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.answers["/jobs/j1/heartbeat"] += [(200, {"cancel": False}), (409, {"code": "lease_lost"})]
    began = time.monotonic()
    runner.work(claimed(arguments={"end": "wait"}))
    assert time.monotonic() - began < 30
    assert fake.bodies("/jobs/j1/result") == []
    assert "job j1: flowers: the lease is lost" in capsys.readouterr().err


def test_an_attempt_that_finds_a_version_only_reports(fake: Fake, runner: Runner) -> None:
    runner.work(claimed(version="4", attempt=2))
    assert fake.bodies("/jobs/j1/result") == [{"token": "t1", "state": "done", "version": "4"}]


def test_a_training_gets_the_labelled_rows_of_its_model_or_ends_where_they_are_refused(
    fake: Fake, runner: Runner
) -> None:
    row = {"prediction_id": "p", "version": "1", "time": "2026-11-27T08:00:00Z", "inputs": {"length": 1}, "label": 7}
    fake.answers["/models/flowers"] = [(200, {"versions": [{"version": "1"}]})]
    fake.answers["/models/flowers/labelled"] = [
        (503, {}),
        (200, f"{json.dumps(row)}\n".encode()),
        (403, {"detail": "this key may not"}),
    ]
    fake.answers["/models/flowers/versions"] = [(201, {})]
    runner.work(claimed())
    runner.work(claimed())
    done, refused = fake.bodies("/jobs/j1/result")
    assert done["state"] == "done"
    assert "labelled: [7]" in [line for beat in fake.bodies("/jobs/j1/heartbeat") for line in beat.get("log", [])]
    assert refused["error"] == {
        "code": "data",
        "detail": "the labelled rows of flowers cannot be fetched: this key may not (HTTP 403)",
    }


def test_a_claim_waits_for_its_server_and_ends_where_it_is_refused(
    fake: Fake, runner: Runner, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.answers["/runners/claim"] = [(503, {}), (204, None), (403, {"detail": "this key may not run trainings"})]
    assert runner.claim() is None
    assert fake.bodies("/runners/claim")[0] == {
        "runner": "r1",
        "models": {"flowers": runner.trainables["flowers"].schema},
    }
    with pytest.raises(NestorError, match=r"refuses this runner: this key may not run trainings \(HTTP 403\)"):
        runner.claim()
    said: list[str] = []
    away = Client("http://127.0.0.1:1")
    assert away.insist("/", wait=lambda _: None, is_over=lambda: len(said) > 0, tell=said.append) is None
    assert said[0].startswith("http://127.0.0.1:1 does not answer: ")
    assert said[0].endswith("; waiting for it")
    fake.answers["/jobs/j1"] = [(429, {}), (200, {})]
    waits: list[float] = []
    waited = runner.client.insist("/jobs/j1", wait=waits.append)
    assert (waited is None, len(waits), 45 <= waits[0] <= 68) == (False, 1, True)
    with pytest.raises(NestorError, match="--server 'here' is no address"):
        Client("here")
    with pytest.raises(ServerAway):
        away.call("/")


def test_the_key_goes_to_the_server_that_was_named_and_no_other(fake: Fake, runner: Runner) -> None:
    other = Fake()
    fake.answers["/runners/claim"] = [(307, f"{other.url}/runners/claim")]
    with pytest.raises(NestorError, match="it leads on to another address, which a runner does not follow"):
        runner.claim()
    assert (fake.keys, other.calls) == ({"Bearer k"}, [])
    other.stop()
    open_to_all = ["http://models.example", "http://10.0.0.7:3000"]
    assert all(Client(url, "k").tells_all for url in open_to_all)
    safe = ["https://models.example", "http://localhost:3000", "http://127.0.0.1", "http://[::1]:3000"]
    assert not any(Client(url, "k").tells_all for url in safe)
    assert not any(Client(url).tells_all for url in open_to_all)


def test_the_key_is_the_files_or_a_line_of_standard_input_or_the_environments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "key"
    file.write_text("of_a_file\n")
    monkeypatch.delenv("NESTOR_API_KEY", raising=False)
    assert commands._key(None) is None
    monkeypatch.setenv("NESTOR_API_KEY", "of_the_shell")
    monkeypatch.setattr(sys, "stdin", io.StringIO("of_a_pipe\nmore\n"))
    assert (commands._key(None), commands._key(file), commands._key(Path("-"))) == (
        "of_the_shell",
        "of_a_file",
        "of_a_pipe",
    )
    file.write_text("a secret of another kind")
    with pytest.raises(NestorError, match=r"key holds no key: it must be a line") as refused:
        commands._key(file)
    assert "secret" not in str(refused.value).removeprefix(f"--key-file {file}")
    with pytest.raises(NestorError, match="cannot be read"):
        commands._key(tmp_path / "none")


@pytest.fixture(scope="module")
def champion(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The tar of a champion: a version of `people` as its training brings it."""
    fake, folder = Fake(), tmp_path_factory.mktemp("champion")
    fake.answers |= {"/models/people": [(404, {})], "/models/people/versions": [(201, {})]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder))
        patch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parent / "served"), *sys.path]))
        Runner(Client(fake.url), {}, ["trainings"], "r1").work(claimed(model="people"))
    fake.stop()
    # A model's first version has nothing to be compared with.
    assert fake.bodies("/jobs/j1/result") == [{"token": "t1", "state": "done", "version": "1"}]
    (archive,) = fake.bodies("/models/people/versions")
    return archive


@pytest.fixture
def gated(fake: Fake, runner: Runner, champion: bytes) -> Runner:
    """A runner whose server has a champion of `people`."""
    fake.answers |= {
        "/models/people": [(200, {"version": "1", "aliases": {"champion": "1"}, "versions": [{"version": "1"}]})],
        "/models/people/versions/1/artifact": [(200, champion)],
        "/models/people/versions": [(201, {})],
    }
    return runner


def test_a_version_is_compared_with_the_champion_of_now_and_its_report_bears_its_number(
    fake: Fake, gated: Runner, champion: bytes
) -> None:
    later = {"version": "2", "aliases": {"champion": "2"}, "versions": [{"version": "1"}, {"version": "2"}]}
    fake.answers["/models/people"] += [(200, later)]
    fake.answers["/models/people/versions/2/artifact"] = [(200, champion)]
    fake.answers["/models/people/versions"] = [(409, {"code": "version_taken"}), (201, {})]
    # A report that the server does not take leaves the version published, and nothing promoted.
    fake.answers["/jobs/j1/result"] = [(422, {"detail": "other digests"}), (200, JOB)]
    gated.work(claimed(model="people", arguments={"kind": "better"}))
    first, second = fake.bodies("/jobs/j1/result")
    assert second == {"token": "t1", "state": "done", "version": "3"}
    report = first["gate"]
    assert report["verdict"] == "passed"
    assert report["candidate"]["version"] == "3"
    assert report["champion"]["sha256"] == hashlib.sha256(unpacked(champion)["model.onnx"]).hexdigest()
    graph = unpacked(fake.bodies("/models/people/versions")[-1])["model.onnx"]
    assert report["candidate"]["sha256"] == hashlib.sha256(graph).hexdigest()
    fetched = [path for path, _ in fake.calls if path.endswith("/artifact")]
    assert fetched == [f"/models/people/versions/{number}/artifact" for number in (1, 2)]
    assert "gate" in [beat.get("stage") for beat in fake.bodies("/jobs/j1/heartbeat")]


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        ((422, {"detail": "refused as sample 3 is off"}), "cannot be fetched: refused as sample 3 is off"),
        ((200, b"no tar"), "champion.tar cannot be unpacked: "),
        ((200, "broken"), "is missing or not as SHA256SUMS has it"),
    ],
    ids=["refused", "no tar", "broken"],
)
def test_a_champion_that_cannot_be_compared_with_ends_the_job_with_the_reason(
    fake: Fake, gated: Runner, champion: bytes, answer: Answer, detail: str
) -> None:
    status, body = answer
    broken = champion.replace(b'"schema":1,"samples"', b'"schema":2,"samples"')
    fake.answers["/models/people/versions/1/artifact"] = [(status, broken if body == "broken" else body)]
    gated.work(claimed(model="people"))
    (result,) = fake.bodies("/jobs/j1/result")
    assert (result["state"], result["error"]["code"]) == ("error", "gate_failed")
    assert detail in result["error"]["detail"]
    assert fake.bodies("/models/people/versions") == []


def test_a_graph_that_runs_for_ever_is_ended_with_its_gate(
    fake: Fake, gated: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runners, "GATE_SECONDS", 3.0)
    monkeypatch.setattr(process, "GRACE_SECONDS", 0.5)
    started: list[process.Gate] = []

    def start(*said: Any) -> process.Gate:
        started.append(process.Gate(*said))
        return started[-1]

    monkeypatch.setattr(runners, "Gate", start)
    began = time.monotonic()
    gated.work(claimed(model="people", arguments={"kind": "endless"}))
    assert time.monotonic() - began < 60
    assert left(started[0].process.pid) == []
    (result,) = fake.bodies("/jobs/j1/result")
    assert result["error"] == {
        "code": "gate_failed",
        "detail": "the comparison with the champion, version 1, took more than 3 s and was ended; one of the two "
        "graphs answers too slowly",
    }


def test_without_a_holdout_a_person_decides(fake: Fake, runner: Runner) -> None:
    fake.answers["/models/flowers/versions"] = [(201, {})]
    runner.work(claimed())
    (archive,) = fake.bodies("/models/flowers/versions")
    fake.answers["/models/flowers"] = [(200, {"version": "1", "versions": [{"version": "1"}]})]
    fake.answers["/models/flowers/versions/1/artifact"] = [(200, archive)]
    runner.work(claimed())
    assert fake.bodies("/jobs/j1/result")[-1] == {"token": "t1", "state": "done", "version": "2"}
    said = "".join(line for beat in fake.bodies("/jobs/j1/heartbeat") for line in beat.get("log", []))
    assert "no gate: neither the champion nor the new version has a hold-out" in said


def test_a_runner_removes_what_killed_ones_have_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    names = [f"{runners.OWN}{gone.pid}-a", f"{runners.OWN}{os.getppid()}-b", f"nestor-training-elsewhere-{gone.pid}-c"]
    for name in names:
        (tmp_path / name / "artifacts").mkdir(parents=True)
    runners._clear()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names[1:])
