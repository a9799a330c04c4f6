"""Weekly and daily windows in UTC, as RDS and ElastiCache take them."""

import re
from typing import Final

from pydantic.config import JsonDict

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY: Final = 24 * 60
_WEEK: Final = 7 * _DAY
_TIME = r"([01]\d|2[0-3]):([0-5]\d)"
_DAILY = re.compile(f"{_TIME}-{_TIME}")
_WEEKLY = re.compile(f"({'|'.join(_DAYS)}):{_TIME}-({'|'.join(_DAYS)}):{_TIME}")
DAILY_SCHEMA: Final[JsonDict] = {
    "pattern": f"^{_TIME}-{_TIME}$",
    "patternErrorMessage": "must be two times of 24 hours in UTC; for example 03:00-04:00",
}
"""For editors, which see no validator."""
WEEKLY_SCHEMA: Final[JsonDict] = {
    "pattern": f"^{_WEEKLY.pattern}$",
    "patternErrorMessage": "must be two days and times of 24 hours in UTC; for example sun:04:30-sun:05:30",
}


def daily(text: str, *, at_least: int) -> tuple[int, int]:
    """Start and length of a window such as `03:00-04:00`, in minutes. Raises `ValueError`."""
    match = _DAILY.fullmatch(text)
    if match is None:
        raise ValueError(f"{text} is not a daily window of two times of 24 hours in UTC, such as 03:00-04:00")
    first_hour, first_minute, last_hour, last_minute = map(int, match.groups())
    start = first_hour * 60 + first_minute
    return _long_enough(text, start, (last_hour * 60 + last_minute - start) % _DAY, at_least)


def weekly(text: str, *, at_least: int) -> tuple[int, int]:
    """Start and length of a window such as `sun:04:30-sun:05:30`, in minutes. Raises `ValueError`."""
    match = _WEEKLY.fullmatch(text)
    if match is None:
        raise ValueError(
            f"{text} is not a weekly window of two days and times of 24 hours in UTC, such as sun:04:30-sun:05:30"
        )
    first, first_hour, first_minute, last, last_hour, last_minute = match.groups()
    start = _DAYS.index(first) * _DAY + int(first_hour) * 60 + int(first_minute)
    end = _DAYS.index(last) * _DAY + int(last_hour) * 60 + int(last_minute)
    return _long_enough(text, start, (end - start) % _WEEK, at_least)


def overlap(every_day: tuple[int, int], every_week: tuple[int, int]) -> bool:
    """Whether a daily window meets a weekly one."""
    start, length = every_week
    return any(
        begin < start + length and start < begin + every_day[1] for begin in range(every_day[0] - _DAY, 2 * _WEEK, _DAY)
    )


def _long_enough(text: str, start: int, length: int, at_least: int) -> tuple[int, int]:
    if length < at_least:
        raise ValueError(f"{text} lasts {length} minutes; AWS takes no window of less than {at_least}")
    return start, length
