"""Dates and times: texts of ISO 8601 outside, seconds since 1970-01-01 UTC in whole milliseconds inside."""

import re
from datetime import date, datetime

import numpy as np

from .frames import is_missing

DAY = 86_400.0
# The pandas type of the dates that an estimator is asked with.
UTC = "datetime64[ms, UTC]"
# The first and the last moment that the server reads.
FIRST, LAST = -62_135_596_800.0, 253_402_300_799.999
# What the server reads (src/inputs/date-time.ts): date, time, sign, hours and minutes of the offset.
DATE_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ]((?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?)"
    r"(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))?)?",
    re.ASCII,
)


def seconds(values: np.ndarray) -> np.ndarray:
    """Return the seconds of dates, or of their texts; without an offset they are UTC, a missing one is NaN.

    What is finer than a millisecond is cut off, as the server does it. Raises ValueError for a text that is no date.
    """
    if values.dtype.kind == "M":
        moments = values.astype("datetime64[ms]")
    else:
        moments = np.array([_moment(value) for value in values], dtype="datetime64[ms]")
    return np.where(np.isnat(moments), np.nan, moments.astype(np.int64) / 1000)


def _moment(value: object) -> np.datetime64:
    """Return the moment of a text, or of a date, in milliseconds.

    Read by hand, as the server does: numpy takes other texts too.
    """
    if is_missing(value):
        return np.datetime64("NaT", "ms")
    if isinstance(value, np.datetime64):
        return value.astype("datetime64[ms]")
    written = value.isoformat(timespec="microseconds") if isinstance(value, datetime) else value
    written = written.isoformat() if isinstance(written, date) else written
    found = DATE_TIME.fullmatch(written) if isinstance(written, str) else None
    if found is None:
        raise ValueError(f"{value!r} is no date such as 2026-01-31 or 2026-01-31T12:30:00Z")
    day, time, sign, hours, minutes = found.groups(default="0")
    moment = np.datetime64(day if time == "0" else f"{day}T{time}", "ms")
    offset = np.timedelta64(int(hours) * 60 + int(minutes), "m")
    return moment + offset if sign == "-" else moment - offset


def dates(numbers: np.ndarray) -> np.ndarray:
    """Return the UTC dates of n seconds, datetime64[ms]; NaN is a missing one."""
    gaps = np.isnan(numbers)
    moments = np.floor(np.where(gaps, 0.0, numbers) * 1000).astype("datetime64[ms]")
    moments[gaps] = np.datetime64("NaT", "ms")
    return moments


def text(moment: float) -> str:
    """Return a moment as callers write it: a day's midnight as the date alone."""
    written = str(np.datetime64(int(np.floor(round(moment * 1000, 3))), "ms"))
    return written[:10] if moment % DAY == 0 else written.removesuffix(".000") + "Z"
