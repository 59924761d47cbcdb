"""The lease of a job, renewed in a thread of its own while the job is worked on, whatever else the runner waits for."""

import sys
import threading
from datetime import datetime
from types import TracebackType
from typing import Any

from .client import Client, Reply, ServerAway
from .process import News

# A lease is renewed so many times before it would run out, at least every 3 s: a wish to cancel comes with the reply.
RENEWALS = 10
PACES = (0.2, 3.0)


class Lease:
    """Reports what a training tells until it is closed; says whether the job is to end (`cancel`) or is lost."""

    def __init__(self, client: Client, claimed: Reply, news: News) -> None:
        self.client, self.news = client, news
        self.id = str(claimed.body["job"]["id"])
        self.token = str(claimed.body["lease"]["token"])
        self.cancel = self.lost = False
        self.changed = threading.Event()
        self._pace = _pace(claimed)
        self._closed = threading.Event()
        self._beating = threading.Lock()
        self._unsent: dict[str, Any] = {}
        self._thread = threading.Thread(target=self._renew, daemon=True)

    def __enter__(self) -> "Lease":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed.set()
        # A runner that is told to end does not wait for a server that hangs.
        if error is None:
            self._thread.join()

    def beat(self) -> None:
        """Report once what there is; what the server has not heard is said again with the next report."""
        with self._beating:
            self._beat()

    def _beat(self) -> None:
        news = self.news.take()
        # Lines that could not be sent come first at the next attempt, as far as there is room.
        lines = [*self._unsent.get("log", []), *news.get("log", [])]
        self._unsent = {**self._unsent, **news, **({"log": _last(lines)} if lines else {})}
        try:
            reply = self.client.call(
                f"/jobs/{self.id}/heartbeat", {"token": self.token, **self._unsent}, patience=max(5.0, 2 * self._pace)
            )
        except ServerAway:
            return
        if reply.passes:
            return
        self._unsent = {}
        if reply.status == 200:
            self._note(cancel=reply.body["cancel"])
        elif reply.status in (404, 409):
            self._note(lost=True)
        else:
            print(f"nestor: job {self.id}: a report is refused: {reply.detail}", file=sys.stderr, flush=True)

    def _note(self, cancel: bool = False, lost: bool = False) -> None:
        self.cancel, self.lost = self.cancel or cancel, self.lost or lost
        if cancel or lost:
            self.changed.set()

    def _renew(self) -> None:
        while not self._closed.wait(self._pace) and not self.lost:
            self.beat()


def _pace(claimed: Reply) -> float:
    """Return the seconds between two reports; by the server's clock alone, as ours may be another."""
    # Python 3.10 does not read the Z.
    expires = datetime.fromisoformat(claimed.body["lease"]["expires"].replace("Z", "+00:00")).timestamp()
    seconds = 30.0 if claimed.at is None else expires - claimed.at
    return min(max(seconds / RENEWALS, PACES[0]), PACES[1])


def _last(lines: list[str], lines_kept: int = 900, characters_kept: int = 60_000) -> list[str]:
    kept: list[str] = []
    for line in reversed(lines[-lines_kept:]):
        characters_kept -= len(line)
        if characters_kept < 0:
            break
        kept.append(line)
    return kept[::-1]
