"""A server as a runner calls it: JSON and archives over HTTP, by the standard library."""

import ipaddress
import json
import random
import shutil
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from pathlib import Path
from typing import Any

from ..errors import NestorError

# A claim waits 20 s at the server; an upload is checked there for up to 60 s.
PATIENCE_SECONDS = 120
FIRST_WAIT = 0.3
LONGEST_WAIT = 10.0
# A key that has asked for too much is told when it may ask again.
LONGEST_ASKED = 60.0
PASSING = {408, 429}


@dataclass(frozen=True)
class Reply:
    """What a server answers; `at` is its own time in seconds since 1970, `retry_after` what it asks to wait."""

    status: int
    body: Any
    at: float | None = None
    retry_after: float | None = None

    @property
    def passes(self) -> bool:
        """Whether the same call may be answered otherwise later."""
        return self.status >= 500 or self.status in PASSING

    @property
    def code(self) -> str:
        """The code of a problem; empty where there is none."""
        return str(self.body.get("code", "")) if isinstance(self.body, dict) else ""

    @property
    def detail(self) -> str:
        """What is said of a problem, or its status."""
        said = self.body.get("detail") if isinstance(self.body, dict) else None
        if said is None and 300 <= self.status < 400:
            said = "it leads on to another address, which a runner does not follow"
        return f"{said or 'without a reason'} (HTTP {self.status})"


class ServerAway(NestorError):
    """The server cannot be reached, or did not answer."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A key is for the server that was named: urllib would show it to whichever server that one leads on to."""

    def redirect_request(self, *_: Any) -> None:
        """Follow nothing; the answer is told as it is."""


class Client:
    """Calls a server by its address, with a key if there is one."""

    def __init__(self, url: str, key: str | None = None) -> None:
        if not url.startswith(("http://", "https://")):
            raise NestorError(f"--server {url!r} is no address; it begins with http:// or https://")
        self.url = url.rstrip("/")
        self.headers = {"authorization": f"Bearer {key}"} if key else {}
        self.opener = urllib.request.build_opener(_NoRedirect)

    @property
    def tells_all(self) -> bool:
        """Whether it sends a key that whoever is on the way to the server can read."""
        name = urllib.parse.urlsplit(self.url).hostname or ""
        return bool(self.headers) and self.url.startswith("http://") and not _is_here(name)

    def call(
        self,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        patience: float = PATIENCE_SECONDS,
        into: Path | None = None,
    ) -> Reply:
        """GET `path`, or POST `body` there: a Path is an archive, all else JSON; raise ServerAway without an answer.

        A body of 200 goes `into` a file, if one is named, and is none of the reply.
        """
        sent = {**self.headers, **(headers or {})}
        if isinstance(body, Path):
            sent |= {"content-type": "application/x-tar", "content-length": str(body.stat().st_size)}
            with body.open("rb") as archive:
                return self._answer(urllib.request.Request(self.url + path, archive, sent), patience, None)
        data = None if body is None else json.dumps(body, allow_nan=False, ensure_ascii=False).encode()
        if data is not None:
            sent |= {"content-type": "application/json"}
        return self._answer(urllib.request.Request(self.url + path, data, sent), patience, into)

    def insist(
        self,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        wait: Callable[[float], Any] = time.sleep,
        is_over: Callable[[], bool] = lambda: False,
        tell: Callable[[str], None] = lambda _: None,
        into: Path | None = None,
    ) -> Reply | None:
        """Call until there is an answer that stays; return None if it `is_over` before.

        It waits longer each time, or as long as the server asks (a minute at most), and never as long as all other
        runners. `tell` gets a sentence the first time that the server is away.
        """
        pause = FIRST_WAIT
        told = False
        while not is_over():
            asked = None
            try:
                reply = self.call(path, body, headers=headers, into=into)
                if not reply.passes:
                    return reply
                asked = reply.retry_after
            except ServerAway as error:
                if not told:
                    tell(f"{error}; waiting for it")
                told = True
            wait((pause if asked is None else min(asked, LONGEST_ASKED)) * random.uniform(1.0, 1.5))
            pause = min(2 * pause, LONGEST_WAIT)
        return None

    def _answer(self, request: urllib.request.Request, patience: float, into: Path | None) -> Reply:
        try:
            with self.opener.open(request, timeout=patience) as reply:
                if into is not None and reply.status == 200:
                    _save(reply, into)
                    return _reply(reply.status, b"", reply.headers)
                return _reply(reply.status, reply.read(), reply.headers)
        except urllib.error.HTTPError as error:
            with error:
                return _reply(error.code, error.read(), error.headers)
        except (OSError, HTTPException, ValueError) as error:
            raise ServerAway(f"{self.url} does not answer: {getattr(error, 'reason', error)}") from error


def _is_here(name: str) -> bool:
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _save(reply: Any, into: Path) -> None:
    """Write a body to a file; raise HTTPException where the connection ends before it does."""
    with into.open("wb") as file:
        shutil.copyfileobj(reply, file)
    if (told := reply.headers.get("content-length")) and int(told) != into.stat().st_size:
        raise HTTPException(f"{into.stat().st_size} of {told} bytes have arrived")


def _reply(status: int, content: bytes, headers: Any) -> Reply:
    try:
        body = json.loads(content) if content else None
    except ValueError:  # a proxy's page, say
        body = None
    asked = headers.get("retry-after") or ""
    return Reply(status, body, _time(headers.get("date")), float(asked) if asked.isdigit() else None)


def _time(date: str | None) -> float | None:
    try:
        return None if date is None else parsedate_to_datetime(date).timestamp()
    except ValueError:
        return None
