"""Dates and times: texts of ISO 8601 outside, seconds since 1970-01-01 UTC in whole milliseconds inside."""

import numpy as np
import pandas as pd

DAY = 86_400.0
# The first and the last moment that the server reads.
FIRST, LAST = -62_135_596_800.0, 253_402_300_799.999


def seconds(values: pd.Series) -> pd.Series:
    """Return the seconds of dates, or of their texts; without an offset they are UTC, a missing one is NaN.

    What is finer than a millisecond is cut off, as the server does it. Raises ValueError for a text that is no date.
    """
    times = pd.to_datetime(values, utc=True, format="ISO8601").dt.floor("ms").dt.tz_localize(None)
    milliseconds = times.to_numpy().astype("datetime64[ms]").astype(np.int64)
    return pd.Series(np.where(times.isna(), np.nan, milliseconds / 1000), index=values.index)


def text(moment: float) -> str:
    """Return a moment as callers write it: a day's midnight as the date alone."""
    written = str(np.datetime64(int(np.floor(round(moment * 1000, 3))), "ms"))
    return written[:10] if moment % DAY == 0 else written.removesuffix(".000") + "Z"
