"""The runner: asks a server for trainings, runs one at a time in a process of its own, and brings back the version."""

import os
import signal
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any, NoReturn

from ..errors import NestorError
from .archive import pack, renumber
from .client import Client, Reply
from .lease import Lease
from .process import End, News, Training
from .trainables import Trainable, found

LOOK_SECONDS = 0.1


def run(server: str, *, key: str | None, modules: list[str], name: str | None, once: bool) -> None:
    """Work for a server until SIGTERM (exit code 143), or with `once` until one job or one empty claim.

    Raises NestorError for a server that refuses the runner, and where there is nothing that it could train.
    """
    for which in (signal.SIGTERM, signal.SIGINT):
        signal.signal(which, _end)
    known = name or f"{socket.gethostname()}:{os.getpid()}"
    runner = Runner(Client(server, key), found(modules), modules, known[:200])
    runner.say(f"{runner.name} trains {', '.join(sorted(runner.trainables))} for {server}")
    while True:
        claimed = runner.claim()
        if claimed is not None:
            runner.work(claimed)
        if once:
            return


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
            tempfile.TemporaryDirectory(prefix="nestor-training-", ignore_cleanup_errors=True) as folder,
            Lease(self.client, claimed, news) as lease,
        ):
            result = self._result(job, Path(folder), lease, news)
            if lease.lost and result["state"] != "done":
                self.say(f"{about}: the lease is lost; another attempt, or its end, stands")
                return
            lease.beat()
            # Until the server has heard it, however long it is away: a training is not lost for that.
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
        try:
            number = self._next_number(job["model"], lease)
            end = End() if number is None else self._train(job, folder, lease, news, number)
            if end.folder is not None and number is not None and not lease.cancel:
                news.tell(stage="upload")
                version = self._publish(job["model"], end.folder, number, lease)
                return {"state": "cancelled"} if version is None else {"state": "done", "version": version}
        except NestorError as error:
            return {"state": "error", "error": {"code": "upload_refused", "detail": str(error)}}
        if end.error is None or lease.cancel:
            return {"state": "cancelled"}
        return {"state": "error", "error": end.error}

    def _train(self, job: dict[str, Any], folder: Path, lease: Lease, news: News, number: int) -> End:
        training = Training(folder, job, self.modules, str(number), news)
        try:
            while (end := training.ended()) is None:
                if lease.lost or lease.cancel:
                    return End()
                lease.changed.wait(LOOK_SECONDS)
            return end
        finally:
            training.stop()

    def _next_number(self, model: str, lease: Lease) -> int | None:
        """Return the highest number that the server knows plus one; None if the job is to end."""
        reply = self._insist(lease, f"/models/{model}")
        if reply is None:
            return None
        if reply.status not in (200, 404):
            raise NestorError(f"the versions of {model} cannot be read: {reply.detail}")
        known = reply.body["versions"] if reply.status == 200 else []
        return max((int(each["version"]) for each in known), default=0) + 1

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
            highest = self._next_number(model, lease)
            number = max(number + 1, highest or 0)
            renumber(version, str(number))

    def _insist(self, lease: Lease, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Reply | None:
        """Call until there is an answer that stays; None if the job is to end before."""
        return self.client.insist(
            path, body, headers=headers, wait=lease.changed.wait, is_over=lambda: lease.lost or lease.cancel
        )
