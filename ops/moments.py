"""Moments in time, as people type them and as they read them."""

from datetime import UTC, datetime, timedelta

from ops.errors import OpsError

_EXAMPLE = "2026-11-23T10:00:00Z"


def parse_moment(text: str, *, option: str, now: datetime) -> datetime:
    """Read an RFC 3339 moment, which must name its offset from UTC, be whole seconds and lie in the past."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise OpsError(f"{option} {text} is not a moment", hint=f"Write it as {_EXAMPLE}.") from None
    if moment.tzinfo is None:
        raise OpsError(
            f"{option} {text} does not say in which time zone",
            hint=f"End it in Z for UTC or in an offset such as +02:00: {_EXAMPLE}.",
        )
    if moment.microsecond:
        raise OpsError(f"{option} {text} has fractions of a second", hint="AWS keeps these times to the second.")
    moment = moment.astimezone(UTC)
    if moment > now:
        raise OpsError(
            f"{option} {format_timestamp(moment)} lies in the future (now: {format_timestamp(now)})",
            hint="Choose a moment before the damage.",
        )
    return moment


def format_timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def format_duration(length: timedelta) -> str:
    """An age as people say it: 45 s, 5 min, 7 h, 12 d."""
    seconds = int(length.total_seconds())
    for size, unit in ((86400 * 2, "d"), (3600 * 2, "h"), (120, "min")):
        if seconds >= size:
            return f"{seconds // {'d': 86400, 'h': 3600, 'min': 60}[unit]} {unit}"
    return f"{seconds} s"
