"""Where an event comes from, and the time by its outlet's clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct


class Provenance(Struct, frozen=True, gc=False):
    """Whose an event is, its number in its run, its record's offset in the log, its turn in its outlet.

    `zone` and `day_begins` are the outlet's time zone and the hour at which its days begin. `received_at` is when the
    gateway took the record in, `log_time` when it was appended to the log. `imported`: the till is an importer's.
    """

    outlet: str
    till: str
    run: str
    zone: str
    seq: int
    log_offset: int
    log_time: datetime
    applied_no: int
    received_at: datetime
    day_begins: int = 0
    imported: bool = False


FIRST_SOUND = datetime(2000, 1, 1, tzinfo=UTC)
"""A till's clock that says an earlier moment is wrong."""

AHEAD = timedelta(hours=1)
"""A till's clock that says a moment more than this after the record came in is wrong, too."""


class WrongClock:
    """In a declaration: any event that is dated more than an hour after its record came in, or before 2000."""


_DAY = timedelta(days=1)
_zones: dict[str, ZoneInfo] = {}


def local_time(at: datetime, zone: str) -> datetime:
    """The moment by the outlet's wall clock."""
    if zone not in _zones:
        _zones[zone] = ZoneInfo(zone)
    return at.astimezone(_zones[zone])


def business_day(local: datetime, day_begins: int) -> date:
    """The day that a moment by the wall clock counts to: what happens before `day_begins` counts to the day before."""
    return local.date() if local.hour >= day_begins else local.date() - _DAY


def local_day(at: datetime, provenance: Provenance) -> date:
    """The outlet's day of the moment."""
    return business_day(local_time(at, provenance.zone), provenance.day_begins)


def effective(at: datetime, received_at: datetime) -> datetime:
    """The effective time of a document dated `at` whose first record came in at `received_at`.

    A clock that is ahead is cut to the record's arrival, and so is one that lies before 2000 (contract, 'Events').
    """
    try:
        utc = at.astimezone(UTC)  # moments of one zone compare four times as fast
    except OverflowError:  # on the first day of all or the last: either is a wrong clock
        return received_at
    return received_at if utc > received_at or utc < FIRST_SOUND else at
