"""Quiet hours. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


def not_before(now: datetime, zone: str, quiet_from: int | None, quiet_until: int | None) -> datetime:
    """When a message of this moment may go out: at once, or at the end of the quiet hours that it falls into. Hours of
    the zone's clock; the same hour twice is none."""
    if quiet_from is None or quiet_until is None or quiet_from == quiet_until:
        return now
    local = now.astimezone(ZoneInfo(zone))
    if quiet_from < quiet_until:
        quiet = quiet_from <= local.hour < quiet_until
    else:
        quiet = local.hour >= quiet_from or local.hour < quiet_until
    if not quiet:
        return now
    day = local.date() + timedelta(days=local.hour >= quiet_until)
    end = datetime(day.year, day.month, day.day, quiet_until, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return max(now, end)
