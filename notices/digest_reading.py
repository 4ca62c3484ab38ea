"""Reads what a digest says, in one snapshot of the outlets that its reader may see: the sums that pages show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from notices.alarms import Alarm
from notices.digest import SHOWN, Kind, OutletDigest, windows
from notices.figures import Short
from notices.reading import short_goods
from webapp.account import Account
from webapp.account_outlets import Outlet
from webapp.completeness.logends import AskLog, caught_up
from webapp.completeness.state import completeness
from webapp.database import Database
from webapp.reports.breakdown import NEEDS, SoldGood, best
from webapp.reports.off_days import off_days
from webapp.reports.periods import Window
from webapp.reports.sums import Sums, sums

_COVER_DAYS = 3
_BEST = 3
_FORTNIGHT = 14


async def read(
    database: Database,
    log_ends: AskLog | None,
    account: Account,
    outlets: Sequence[Outlet],
    kind: Kind,
    odd: Mapping[UUID, Sequence[tuple[Alarm, bool]]],
    now: datetime,
    alarm_from: Decimal = Decimal(1),
) -> list[OutletDigest]:
    """Of each outlet, in their order; `odd` are alarms of the period, by outlet; `alarm_from` is from how much on a day
    that does not add up matters to the owner.

    Raises `NotReady`, `InfrastructureUnreachable`, `TookTooLong`.
    """
    periods = {outlet.outlet_id: windows(kind, outlet, now) for outlet in outlets}
    present = [each[0] for each in periods.values()]
    ids = list(periods)
    lacking = await database.lacking()
    async with caught_up(log_ends, lambda: database.reading(account), ids) as snapshot:
        connection = snapshot.connection
        by_period = await sums(connection, {"now": present, "before": [each[1] for each in periods.values()]})
        days = {f"{n}": [_day_before(window, n) for window in present] for n in range(_FORTNIGHT)}
        by_day = await sums(connection, days)
        whole = await completeness(snapshot, ids)
        off = await off_days(connection, present, alarm_from)
        short: Mapping[UUID, Sequence[Short]] = {}
        goods: dict[UUID, list[SoldGood]] = {}
        if "sold" not in lacking:
            todays = [outlet.day(now) for outlet in outlets]
            short = await short_goods(connection, ids, todays, [_COVER_DAYS] * len(ids))
        if lacking.isdisjoint(NEEDS):
            for window in present:
                goods[window.outlet_id] = (await best(connection, [window], _BEST))[0]
    return [
        OutletDigest(
            outlet,
            window.first,
            window.last,
            by_period["now"].get(outlet.outlet_id, Sums()),
            by_period["before"].get(outlet.outlet_id, Sums()),
            whole[outlet.outlet_id],
            off[outlet.outlet_id],
            tuple(odd.get(outlet.outlet_id, ())),
            tuple(sorted((each for each in short.get(outlet.outlet_id, ()) if each.quantity >= 0), key=_urgency))[
                :SHOWN
            ],
            tuple(goods.get(outlet.outlet_id, ())),
            tuple(
                (window.last - timedelta(days=n), by_day[f"{n}"].get(outlet.outlet_id, Sums()).revenue)
                for n in reversed(range(_FORTNIGHT))
            ),
        )
        for outlet, window in zip(outlets, present, strict=True)
    ]


def _day_before(window: Window, days: int) -> Window:
    day = window.last - timedelta(days=days)
    return Window(window.outlet_id, day, day)


def _urgency(short: Short) -> tuple[bool, float, str]:
    return short.cover is None, float(short.cover or 0), short.good_id
