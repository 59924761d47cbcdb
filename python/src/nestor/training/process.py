"""A training, or its gate, as the runner sees it: a process group of its own, what it tells, and its end."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from .child import AT_FAULT, TERMINATED

# The first steps of a process, before the package is imported.
BORN = Path(__file__).with_name("born.py")
GRACE_SECONDS = 5.0
LINE_CHARACTERS = 2_000
# A report holds at most so much of a log; a line beyond is counted, not kept.
LOG_CHARACTERS = 60_000
LOG_LINES = 900
TOLD_CHARACTERS = 100_000
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


@dataclass(frozen=True)
class End:
    """How a process has ended: with what it made, with an error, or with neither as it was told to end.

    `folder` is the folder of a training's version, or the file of a gate's report.
    """

    folder: Path | None = None
    error: dict[str, str] | None = None


class News:
    """What a training has told since it was last asked for, within the bounds of a report."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.told: dict[str, Any] = {}
        self.metrics: dict[str, float] = {}
        self.log: deque[str] = deque()
        self.characters = 0
        self.left_out = 0

    def tell(self, stage: str | None = None, progress: float | None = None, metrics: Any = None) -> None:
        """Take down how far it is."""
        with self.lock:
            said = {"stage": stage, "progress": progress}
            self.told |= {name: value for name, value in said.items() if value is not None}
            self.metrics |= metrics or {}

    def say(self, text: str) -> None:
        """Take down a line of its log."""
        line = CONTROL.sub("\N{REPLACEMENT CHARACTER}", text.rstrip("\n"))[:LINE_CHARACTERS]
        with self.lock:
            self.log.append(line)
            self.characters += len(line)
            while self.characters > LOG_CHARACTERS or len(self.log) > LOG_LINES:
                self.characters -= len(self.log.popleft())
                self.left_out += 1

    def take(self) -> dict[str, Any]:
        """Return what a heartbeat says of it; the lines are taken, stage, share and figures stay to be said again."""
        with self.lock:
            lines = list(self.log)
            if self.left_out:
                lines.insert(0, f"[{self.left_out:,} lines are left out here: the training writes more than is kept]")
            self.log.clear()
            self.characters = self.left_out = 0
            figures = dict(list(self.metrics.items())[-100:])
            return {**self.told, **({"metrics": figures} if figures else {}), **({"log": lines} if lines else {})}


class Process:
    """A subprocess of a job. It must be started by the main thread: it dies with the thread that started it.

    `module` is run as `python -m <module> <folder>` and finds what it is told in `job.json` there.
    """

    what = "the process"

    def __init__(self, module: str, folder: Path, said: dict[str, Any], news: News) -> None:
        self.news = news
        self.last: deque[str] = deque(maxlen=20)
        self.folder: Path | None = None
        self.error: dict[str, str] | None = None
        self.is_over = False
        (folder / "job.json").write_text(json.dumps(said))
        (folder / "tmp").mkdir(exist_ok=True)
        # What a killed training leaves in its temporary folder goes with ours; the runner's key is not its business.
        environment = {key: value for key, value in os.environ.items() if key != "NESTOR_API_KEY"}
        environment |= {"TMPDIR": str(folder / "tmp"), "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
        self.process = subprocess.Popen(
            [sys.executable, str(BORN), str(os.getpid()), module, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=environment,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self.readers = [
            threading.Thread(target=self._read, args=(stream, size), daemon=True)
            for stream, size in ((self.process.stdout, TOLD_CHARACTERS), (self.process.stderr, LINE_CHARACTERS))
        ]
        for reader in self.readers:
            reader.start()

    def ended(self) -> End | None:
        """Return how it has ended; None while it goes on."""
        code = self.process.poll()
        if code is None:
            return None
        self.kill()
        if code == 0 and self.folder is not None:
            return End(folder=self.folder)
        if code in (TERMINATED, -signal.SIGTERM):
            return End()
        return End(error=self.error or {"code": _code(code), "detail": self._detail(code)})

    def stop(self) -> None:
        """End it and whatever it has started: asked first, killed after a grace."""
        if self.is_over:
            return
        self._signal(signal.SIGTERM)
        end = time.monotonic() + GRACE_SECONDS
        while self.process.poll() is None and time.monotonic() < end:
            time.sleep(0.02)
        self.kill()

    def kill(self) -> None:
        """Kill its whole group, and wait until what it told is read."""
        self._signal(signal.SIGKILL)
        self.process.wait()
        for reader in self.readers:
            reader.join(timeout=GRACE_SECONDS)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None and not stream.closed and not any(reader.is_alive() for reader in self.readers):
                stream.close()
        self.is_over = True

    def _signal(self, which: signal.Signals) -> None:
        # The group has its number as long as somebody is in it: the training, or the process that watches for us.
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, which)

    def _read(self, stream: IO[str], size: int) -> None:
        while line := stream.readline(size):
            told = _told(line) if stream is self.process.stdout else None
            if told is None:
                self.last.append(line.rstrip("\n"))
                self.news.say(line)
            elif "folder" in told:
                self.folder = Path(told["folder"])
            elif "error" in told:
                self.error = told["error"]
            else:
                self.news.tell(told.get("stage"), told.get("progress"), told.get("metrics"))

    def _detail(self, code: int) -> str:
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        if code == -signal.SIGKILL:
            how += ", as the system does where memory runs out"
        said = "\n".join(self.last)[-LINE_CHARACTERS:]
        return f"{self.what} {how}" + (f"; it said last:\n{said}" if said else "")


class Training(Process):
    """One training: `nestor.training.child`."""

    what = "the training"

    def __init__(
        self,
        folder: Path,
        job: dict[str, Any],
        modules: list[str],
        version: str,
        news: News,
        labelled: Path | None = None,
    ) -> None:
        said = {"model": job["model"], "arguments": job["arguments"], "modules": modules, "version": version}
        said |= {"labelled": None if labelled is None else str(labelled)}
        super().__init__("nestor.training.child", folder, said, news)


class Gate(Process):
    """One comparison of a candidate's folder with the champion's: `nestor.training.gate.child`.

    `labelled` is the file of rows kept back for it, `trigger` what has asked for the training.
    """

    what = "the gate"

    def __init__(
        self, folder: Path, candidate: Path, champion: Path, news: News, labelled: Path | None, trigger: str
    ) -> None:
        said: dict[str, Any] = {"candidate": str(candidate), "champion": str(champion), "trigger": trigger}
        said |= {"labelled": None if labelled is None else str(labelled)}
        super().__init__("nestor.training.gate.child", folder, said, news)


def _code(code: int) -> str:
    return "arguments" if code == AT_FAULT else "training_killed" if code < 0 else "training_failed"


def _told(line: str) -> dict[str, Any] | None:
    """Return the object that a line holds, None for a line that somebody printed."""
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) and value.keys() & {"stage", "folder", "error"} else None
