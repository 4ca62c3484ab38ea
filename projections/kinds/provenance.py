"""Where an event comes from, and the time by its outlet's clock."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from msgspec import Struct


class Provenance(Struct, frozen=True, gc=False):
    """Whose an event is, its number in its run, its record's offset in the log, its turn in its outlet."""

    outlet: str
    till: str
    run: str
    zone: str
    seq: int
    log_offset: int
    log_time: datetime
    applied_no: int


_zones: dict[str, ZoneInfo] = {}


def local_time(at: datetime, zone: str) -> datetime:
    """The moment by the outlet's wall clock."""
    if zone not in _zones:
        _zones[zone] = ZoneInfo(zone)
    return at.astimezone(_zones[zone])


def local_day(at: datetime, zone: str) -> date:
    """The outlet's calendar day of the moment."""
    return local_time(at, zone).date()
