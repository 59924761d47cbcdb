"""The runner: asks a server for trainings, runs one at a time in a process of its own, and brings back the version."""

import json
import math
import os
import re
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from ..artifact import Artifact
from ..errors import NestorError
from .archive import pack, renumber, unpack
from .client import Client, Reply
from .gate.window import divide
from .lease import Lease
from .process import End, Gate, News, Process, Training
from .trainables import Trainable, found

LOOK_SECONDS = 0.1
# Folders of the runners of this machine, in the temporary folder; whose it is follows.
OWN = f"nestor-training-{re.sub(r'[^A-Za-z0-9]', '_', socket.gethostname())}-"
# What a comparison with the champion may take: a graph may run for ever.
GATE_SECONDS = 600.0
# Statuses of a result that is not taken as it is.
REFUSED = (400, 413, 422)


class GateError(NestorError):
    """The new version cannot be compared with the champion."""


class LabelledError(NestorError):
    """The labelled rows of a model cannot be fetched."""


@dataclass(frozen=True)
class Known:
    """What a server has of a model: the next free number, and the champion if there is one."""

    next: int
    champion: str | None


def run(
    server: str, *, key: str | None, modules: list[str], name: str | None, once: bool, until_eof: bool = False
) -> None:
    """Work for a server until SIGTERM (exit code 143), or with `once` until one job or one empty claim.

    With `until_eof` it ends also when its standard input does.

    Raises NestorError for a server that refuses the runner, and where there is nothing that it could train.
    """
    for which in (signal.SIGTERM, signal.SIGINT):
        signal.signal(which, _end)
    if until_eof:
        threading.Thread(target=_end_at_eof, daemon=True).start()
    _clear()
    known = name or f"{socket.gethostname()}:{os.getpid()}"
    runner = Runner(Client(server, key), found(modules), modules, known[:200])
    runner.say(f"{runner.name} trains {', '.join(sorted(runner.trainables))} for {server}")
    if runner.client.tells_all:
        runner.say("http:// sends the key readable for whoever is on the way; use https:// outside of your own network")
    while True:
        claimed = runner.claim()
        if claimed is not None:
            runner.work(claimed)
        if once:
            return


def _clear() -> None:
    """Remove what runners of this machine have left in the temporary folder that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{OWN}*-*"):
        pid = folder.name.removeprefix(OWN).split("-")[0]
        if pid.isdigit() and not _lives(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)


def _lives(pid: int) -> bool:
    # Our own number, in a container that was started again: nothing of ours is there yet.
    if pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _end_at_eof() -> None:
    """End as by SIGTERM when standard input ends: whoever has started the runner is gone."""
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _end(which: int, _: Any) -> NoReturn:
    """End wherever it is; what it holds is let go on the way out, and a second signal does not disturb that."""
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, signal.SIG_IGN)
    sys.exit(128 + which)


class Runner:
    """What is done for each job. A server that is away is waited for; a training goes on meanwhile."""

    def __init__(self, client: Client, trainables: dict[str, Trainable], modules: list[str], name: str) -> None:
        self.client, self.trainables, self.modules, self.name = client, trainables, modules, name

    def say(self, text: str) -> None:
        """Write a line for whoever looks after the runner."""
        print(f"nestor: {text}", file=sys.stderr, flush=True)

    def claim(self) -> Reply | None:
        """Return a job with its lease, None if none came while the server waited."""
        asked = {"runner": self.name, "models": {model: each.schema for model, each in self.trainables.items()}}
        reply = self.client.insist("/runners/claim", asked, tell=self.say)
        assert reply is not None
        if reply.status not in (200, 204):
            raise NestorError(f"{self.client.url} refuses this runner: {reply.detail}")
        return reply if reply.status == 200 else None

    def work(self, claimed: Reply) -> None:
        """Train what was claimed, publish the version and report; a lease that is lost ends it without a report."""
        job, news = claimed.body["job"], News()
        about = f"job {job['id']}: {job['model']}"
        self.say(f"{about}: attempt {job['attempt']}")
        # A training that was killed may still write for a moment.
        with (
            tempfile.TemporaryDirectory(prefix=f"{OWN}{os.getpid()}-", ignore_cleanup_errors=True) as folder,
            Lease(self.client, claimed, news) as lease,
        ):
            result = self._result(job, Path(folder), lease, news)
            if lease.lost and result["state"] != "done":
                self.say(f"{about}: the lease is lost; another attempt, or its end, stands")
                return
            lease.beat()
            # Until the server has heard it, however long it is away: a training is not lost for that.
            reply = self.client.insist(f"/jobs/{job['id']}/result", {"token": lease.token, **result})
            if reply is not None and reply.status in REFUSED and "gate" in result:
                # The version is published, and a job without a report promotes nothing.
                self.say(f"{about}: the server refuses the gate's report: {reply.detail}")
                del result["gate"]
                reply = self.client.insist(f"/jobs/{job['id']}/result", {"token": lease.token, **result})
        error = result.get("error", {})
        end = f"version {result['version']}" if "version" in result else error.get("detail", "was told to end")
        assert reply is not None
        refused = "" if reply.status == 200 else f"; the server refuses the report: {reply.detail}"
        self.say(f"{about}: {result['state']}: {end}{refused}")

    def _result(self, job: dict[str, Any], folder: Path, lease: Lease, news: News) -> dict[str, Any]:
        """Return how the job ends."""
        if job["version"] is not None:
            # An attempt before this one published it, and was gone before it could say so.
            return {"state": "done", "version": job["version"]}
        model, rejected = job["model"], {"state": "error"}
        try:
            known = self._known(model, lease)
            # A champion that is broken is told before hours of training, not after them.
            if known is None or not self._fetched(model, known, folder, lease):
                return {"state": "cancelled"}
            rows = self._labelled(model, known, folder, lease)
            if lease.lost or lease.cancel:
                return {"state": "cancelled"}
            kept = self._kept(known, folder, rows)
            end = self._ended(Training(folder, job, self.modules, str(known.next), news, rows), lease)
            if end is None or end.folder is None or lease.cancel:
                return _without_version(end, lease)
            compared = self._compared(job, end.folder, folder, kept, lease, news)
            if compared is None or compared.error is not None:
                return _without_version(compared, lease)
            news.tell(stage="upload")
            version = self._publish(model, end.folder, known.next, lease)
        except LabelledError as error:
            return {**rejected, "error": {"code": "data", "detail": str(error)}}
        except GateError as error:
            return {**rejected, "error": {"code": "gate_failed", "detail": str(error)}}
        except NestorError as error:
            return {**rejected, "error": {"code": "upload_refused", "detail": str(error)}}
        if version is None:
            return {"state": "cancelled"}
        return {"state": "done", "version": version, **_gate(compared.folder, end.folder, version)}

    def _compared(
        self, job: dict[str, Any], version: Path, folder: Path, kept: Path | None, lease: Lease, news: News
    ) -> End | None:
        """Compare a version with the champion of now; return where the report lies, nowhere if there is none to make.

        `kept` are the labelled rows that the training has not got.

        Returns None if the job is to end, and raises GateError where the two cannot be compared.
        """
        news.tell(stage="gate")
        model = job["model"]
        known = self._known(model, lease)
        if known is None or not self._fetched(model, known, folder, lease):
            return None
        if known.champion is None:
            return End()
        champion = folder / "champion" / known.champion
        end = self._ended(Gate(folder, version, champion, news, kept, job["trigger"]), lease, GATE_SECONDS)
        if lease.lost or lease.cancel:
            return None
        if end is None:
            raise GateError(
                f"the comparison with the champion, version {known.champion}, took more than {GATE_SECONDS:g} s and "
                "was ended; one of the two graphs answers too slowly"
            )
        if end.error is not None and end.error["code"] == "no_holdout":
            news.say(f"no gate: {end.error['detail']}; a person decides whether it becomes champion")
            return End()
        if end.error is not None:
            raise GateError(end.error["detail"])
        return end

    def _fetched(self, model: str, known: Known, folder: Path, lease: Lease) -> bool:
        """Lay the champion's folder at `folder/champion/<version>`; return whether the job goes on."""
        if known.champion is None or (place := folder / "champion" / known.champion).exists():
            return True
        archive = folder / "champion.tar"
        path = f"/models/{model}/versions/{known.champion}/artifact"
        reply = self._insist(lease, path, headers={"x-job-lease": lease.token}, into=archive)
        if reply is None or reply.code == "lease_lost":
            return False
        if reply.status != 200:
            raise GateError(f"the champion, version {known.champion}, cannot be fetched: {reply.detail}")
        try:
            unpack(archive, place)
            Artifact(place).check_digests()
        except NestorError as error:
            raise GateError(f"the champion, version {known.champion}, is broken: {error}") from error
        archive.unlink()
        return True

    def _labelled(self, model: str, known: Known, folder: Path, lease: Lease) -> Path | None:
        """Fetch the labelled rows of a model into a file; None if the server has no such model, or the job is to end.

        The runner does it before the training begins: the training itself has neither the server's key nor the lease.
        """
        if known.next == 1 and known.champion is None:
            return None
        rows = folder / "labelled.ndjson"
        path = f"/models/{model}/labelled"
        reply = self._insist(lease, path, headers={"x-job-lease": lease.token}, into=rows)
        # A server of before has no such route.
        if reply is None or reply.status == 404 or reply.code == "lease_lost":
            return None
        if reply.status != 200:
            raise LabelledError(f"the labelled rows of {model} cannot be fetched: {reply.detail}")
        return rows

    def _kept(self, known: Known, folder: Path, rows: Path | None) -> Path | None:
        """Keep some of the newest labelled rows back for the gate; return their file, None if there is none."""
        if rows is None or known.champion is None:
            return None
        try:
            return divide(rows, folder / "champion" / known.champion, folder / "newest.ndjson")
        except NestorError as error:
            raise LabelledError(str(error)) from error

    def _ended(self, process: Process, lease: Lease, seconds: float = math.inf) -> End | None:
        """Wait for a process of the job; return how it has ended, None if it has not after so many seconds."""
        over = time.monotonic() + seconds
        try:
            while (end := process.ended()) is None:
                if lease.lost or lease.cancel:
                    return End()
                if time.monotonic() > over:
                    return None
                lease.changed.wait(LOOK_SECONDS)
            return end
        finally:
            process.stop()

    def _known(self, model: str, lease: Lease) -> "Known | None":
        """Return what the server has of a model; None if the job is to end."""
        reply = self._insist(lease, f"/models/{model}")
        if reply is None:
            return None
        if reply.status not in (200, 404):
            raise NestorError(f"the versions of {model} cannot be read: {reply.detail}")
        if reply.status == 404:
            return Known(1, None)
        highest = max((int(each["version"]) for each in reply.body["versions"]), default=0)
        # What the alias says may not answer yet; what answers has no alias where nobody has made one.
        aliased = reply.body.get("aliases", {}).get("champion")
        return Known(highest + 1, aliased or reply.body.get("version") or None)

    def _publish(self, model: str, version: Path, number: int, lease: Lease) -> str | None:
        """Upload a version under the first number that is free; None if the job is to end instead."""
        archive = version.parent / "version.tar"
        while True:
            pack(version, archive)
            reply = self._insist(lease, f"/models/{model}/versions", archive, {"x-job-lease": lease.token})
            if reply is None or reply.code == "lease_lost":
                return None
            if reply.status in (200, 201):
                return str(number)
            if reply.code == "job_has_version":
                job = self._insist(lease, f"/jobs/{lease.id}")
                return None if job is None else str(job.body["version"])
            if reply.code != "version_taken":
                raise NestorError(f"the server does not take the version: {reply.detail}")
            # Somebody has published meanwhile, or has deleted that number, which stays taken.
            known = self._known(model, lease)
            number = max(number + 1, 0 if known is None else known.next)
            renumber(version, str(number))

    def _insist(
        self,
        lease: Lease,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        into: Path | None = None,
    ) -> Reply | None:
        """Call until there is an answer that stays; None if the job is to end before."""
        return self.client.insist(
            path, body, headers=headers, wait=lease.changed.wait, is_over=lambda: lease.lost or lease.cancel, into=into
        )


def _without_version(end: End | None, lease: Lease) -> dict[str, Any]:
    """Return the result of a job whose process has brought nothing."""
    if end is None or end.error is None or lease.cancel:
        return {"state": "cancelled"}
    return {"state": "error", "error": end.error}


def _gate(report: Path | None, version: Path, number: str) -> dict[str, Any]:
    """Return the report for the result, with the number that the version has been published under."""
    if report is None or json.loads((version / "manifest.json").read_text("utf-8"))["version"] != number:
        # Another attempt has published another version, and was gone before it could report.
        return {}
    made = json.loads(report.read_text("utf-8"))
    return {"gate": {**made, "candidate": {**made["candidate"], "version": number}}}
