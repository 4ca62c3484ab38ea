"""The past of a simulated shop: its days with their rhythm, up to a moment that is passed in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random

from producers.simulator.shop import Event, Shop, TillEvent, World


def history(seed: int, shop: Shop, days: int, end: datetime, till: int | None = None) -> Iterator[Event]:
    """The events of the `days` local days before `end` and of that day itself, none after `end`.

    The same for the same arguments. With `till`, the events that this till reports; without, those of all tills.
    """
    for reported_by, event in past(World(seed, shop), seed, days, end):
        if till in (None, reported_by):
            yield event


def past(world: World, seed: int, days: int, end: datetime) -> Iterator[TillEvent]:
    """Lets a world live up to `end`, and gives what its tills report. `end` is an aware moment."""
    last = end.astimezone(world.shop.zone).date()
    day = last - timedelta(days=days)
    yield from world.opening(datetime(day.year, day.month, day.day, 6, tzinfo=world.shop.zone))
    while day <= last:
        opens = datetime(day.year, day.month, day.day, world.kind.opens, tzinfo=world.shop.zone)
        if opens <= end:
            yield from world.morning(day)
        for at, till in _customers(world.shop, seed, day):
            if at <= end:
                yield from world.sale(till, at)
        closes = datetime(day.year, day.month, day.day, tzinfo=world.shop.zone) + timedelta(
            hours=world.kind.opens + len(world.kind.hours)
        )
        if closes <= end:
            yield from world.evening(closes)
        day += timedelta(days=1)


def _customers(shop: Shop, seed: int, day: date) -> list[tuple[datetime, int]]:
    """When customers come on a day, and to which till: by weekday and hour, some days better than others."""
    kind = shop.kind
    random = Random(f"{seed}/{shop.number}/{day}/customers")
    usual = kind.sales_per_day * shop.busy * kind.week[day.weekday()] * 7 / sum(kind.week)
    number = max(1, round(usual * random.uniform(0.8, 1.25)))
    midnight = datetime(day.year, day.month, day.day, tzinfo=shop.zone)
    hours = random.choices(range(kind.opens, kind.opens + len(kind.hours)), kind.hours, k=number)
    comings = [midnight + timedelta(hours=hour, seconds=random.randrange(3600)) for hour in hours]
    return [(at, random.randint(1, shop.tills)) for at in sorted(comings)]
