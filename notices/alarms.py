"""The rules of alarms: what an owner should be told of an outlet at a moment. Pure functions of figures and a clock.

A rule says what is so; what was told already, and what is over, is `told.py`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median

from msgspec import Struct

from notices.figures import Day, Figures, Hours, Till
from webapp.notices.kinds import KINDS, Kind, Tuned

LOOKED_BACK = timedelta(days=7)
"""So long a till that is silent is looked at by its usual hours; it is told long before."""
LICENCE_DAYS = (3, 1)
LEAST_COUNT = 5
LEAST_SHARE = Decimal("0.05")
"""By how much more than usual a share has to be, and of how many returns or voids, to be out of the ordinary."""
LEAST_DAYS = 14
"""Of fewer days with receipts nobody knows what is usual."""
DATED: frozenset[Kind] = frozenset({"day", "drawer", "returns", "discounts", "voids"})
"""Their subject begins with the day they are of."""
ONCE: frozenset[Kind] = frozenset({"returns", "discounts", "voids"})
"""What was out of the ordinary stays so: it is told once and never called over."""
_SLOW: frozenset[Kind] = DATED | {"stock", "cover"}


class Alarm(Struct, frozen=True):
    """What is to be told: `subject` tells it from others of its kind at the outlet; `facts` is what is said of it."""

    kind: Kind
    subject: str
    facts: Mapping[str, str | int] = {}


def judged(figures: Figures) -> frozenset[Kind]:
    """The kinds that the figures say something of: nothing of an outlet whose licence is over."""
    if not figures.outlet.licensed:
        return frozenset()
    kinds = frozenset(KINDS) - figures.unknown - (frozenset() if figures.slow else _SLOW)
    return kinds - {"silent", "missing"} if figures.behind else kinds


def found(figures: Figures, rules: Mapping[Kind, Tuned], now: datetime) -> list[Alarm]:
    """What holds of the outlet at the moment, by the rules that are on."""
    kinds = judged(figures)
    return [
        alarm
        for kind, rule in _RULES.items()
        if kind in kinds and rules[kind].active
        for alarm in rule(figures, rules[kind].threshold, now)
    ]


def silent_minutes(till: Till, figures: Figures, now: datetime) -> int:
    """The longest time without a break, since the till was heard of, that lay in hours in which it usually sells."""
    moment, longest, stretch = max(till.heard_at, now - LOOKED_BACK), timedelta(), timedelta()
    while moment < now:
        local = figures.outlet.local(moment)
        rest = timedelta(hours=1) - timedelta(
            minutes=local.minute, seconds=local.second, microseconds=local.microsecond
        )
        until = min(moment + rest, now)
        stretch = stretch + (until - moment) if _usual(till.usual, local) else timedelta()
        longest, moment = max(longest, stretch), until
    return int(longest.total_seconds() // 60)


def _usual(hours: Hours, local: datetime) -> bool:
    return (local.weekday(), local.hour) in hours


def _silent(figures: Figures, minutes: int, now: datetime) -> Iterator[Alarm]:
    if figures.outlet.disabled:
        return
    for till in figures.tills:
        if silent_minutes(till, figures, now) >= minutes:
            yield Alarm("silent", str(till.till_id), {"till": till.name, "since": till.heard_at.isoformat()})


def _missing(figures: Figures, minutes: int, now: datetime) -> Iterator[Alarm]:
    for held in figures.held:
        if now - held.since >= timedelta(minutes=minutes):
            yield Alarm("missing", f"{held.till_id}:{held.run}", {"till": held.till, "events": held.events})


def _refused(figures: Figures, minutes: int, now: datetime) -> Iterator[Alarm]:
    for refused in figures.refused:
        if now - refused.since >= timedelta(minutes=minutes):
            yield Alarm("refused", str(refused.till_id), {"till": refused.till, "events": refused.events})


def _clock(figures: Figures, _: int, now: datetime) -> Iterator[Alarm]:
    for clock in figures.clocks:
        facts = {"till": clock.till, "at": clock.at.isoformat(), "received_at": clock.received_at.isoformat()}
        yield Alarm("clock", str(clock.till_id), facts)


def _day(figures: Figures, least: int, now: datetime) -> Iterator[Alarm]:
    for day in figures.off_days:
        if day.off > least:
            facts: dict[str, str | int] = {"day": str(day.day), "off": str(day.off), "receipts": day.receipts}
            yield Alarm("day", str(day.day), facts)


def _drawer(figures: Figures, least: int, now: datetime) -> Iterator[Alarm]:
    for drawer in figures.drawers:
        if abs(drawer.difference) > least:
            facts = {"day": str(drawer.day), "shift": drawer.title, "difference": str(drawer.difference)}
            yield Alarm("drawer", f"{drawer.day}:{drawer.till_id}:{drawer.shift_id}", facts)


def _returns_share(day: Day) -> Decimal:
    return day.returns_sum / day.goods_sum if day.goods_sum else Decimal(day.returns > 0)


def _discount_share(day: Day) -> Decimal:
    return day.discount_sum / day.goods_sum if day.goods_sum else Decimal(0)


def _voided_share(day: Day) -> Decimal:
    return Decimal(day.voided) / (day.sales + day.voided) if day.voided else Decimal(0)


_SHARES: Mapping[Kind, tuple[Callable[[Day], Decimal], Callable[[Day], int]]] = {
    "returns": (_returns_share, lambda day: day.returns),
    "discounts": (_discount_share, lambda day: day.sales),
    "voids": (_voided_share, lambda day: day.voided),
}
"""By kind: the share of a day, and of how many receipts it is made."""


def _unusual(kind: Kind) -> Callable[[Figures, int, datetime], Iterator[Alarm]]:
    """The day before, and the present one from its half on, against the median of the days before them."""
    share, count = _SHARES[kind]

    def rule(figures: Figures, times: int, now: datetime) -> Iterator[Alarm]:
        yesterday = figures.today - timedelta(days=1)
        before = [day for day in figures.days if day.day < yesterday and day.sales]
        if len(before) < LEAST_DAYS:
            return
        usual, half = median(share(day) for day in before), median(day.sales for day in before) / 2
        for day in figures.days:
            enough = day.day == yesterday or (day.day == figures.today and day.sales >= half)
            odd = share(day) > times * usual and share(day) >= usual + LEAST_SHARE and count(day) >= LEAST_COUNT
            if enough and odd:
                facts: dict[str, str | int] = {"day": str(day.day), "share": str(share(day)), "usual": str(usual)}
                yield Alarm(kind, str(day.day), facts)

    return rule


def _stock(figures: Figures, _: int, now: datetime) -> Iterator[Alarm]:
    for short in figures.short:
        if short.min_stock is not None and short.quantity < short.min_stock:
            facts = {"good": short.name, "quantity": str(short.quantity), "least": str(short.min_stock)}
            yield Alarm("stock", short.good_id, facts)


def _cover(figures: Figures, days: int, now: datetime) -> Iterator[Alarm]:
    for short in figures.short:
        if short.cover is not None and short.cover < days:
            facts: dict[str, str | int] = {
                "good": short.name,
                "quantity": str(short.quantity),
                "days": int(short.cover),
            }
            yield Alarm("cover", short.good_id, facts)


def _licence(figures: Figures, _: int, now: datetime) -> Iterator[Alarm]:
    until = figures.outlet.licensed_until
    for days in LICENCE_DAYS:
        if until - now <= timedelta(days=days):
            yield Alarm("licence", f"{until.isoformat()}:{days}", {"until": until.isoformat(), "days": days})


_RULES: Mapping[Kind, Callable[[Figures, int, datetime], Iterator[Alarm]]] = {
    "silent": _silent,
    "missing": _missing,
    "refused": _refused,
    "clock": _clock,
    "day": _day,
    "drawer": _drawer,
    "returns": _unusual("returns"),
    "discounts": _unusual("discounts"),
    "voids": _unusual("voids"),
    "stock": _stock,
    "cover": _cover,
    "licence": _licence,
}
