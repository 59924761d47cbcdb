"""What an export tells its caller while it works: stages, how far it is, and what was left unsaid."""

import sys
import time

# Seconds between two looks at a long stage.
PACE = 0.2


class Progress:
    """Writes to standard error, so that standard output stays the caller's; with `verbose=False` it writes nothing."""

    def __init__(self, verbose: bool) -> None:
        self.verbose = verbose
        self.told = 0.0

    def say(self, text: str) -> None:
        """Write a line."""
        if self.verbose:
            print(f"nestor: {text}", file=sys.stderr, flush=True)

    def count(self, what: str, done: int, total: int) -> None:
        """Say how many of `total` are done: on a terminal by one line that is rewritten, elsewhere only at the end."""
        if not self.verbose:
            return
        if done >= total:
            end = "\r" if sys.stderr.isatty() else ""
            print(f"{end}nestor: {what}: {total:,} of {total:,}", file=sys.stderr, flush=True)
        elif sys.stderr.isatty() and time.monotonic() - self.told >= PACE:
            self.told = time.monotonic()
            print(f"\rnestor: {what}: {done:,} of {total:,}", end="", file=sys.stderr, flush=True)
