"""A fortnight with faults put in on purpose: each alarm is told exactly once, and none that should not be."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from notices.reading import Reading
from notices.teller import Teller
from ops.settings import Settings
from tests.notices.fortnight import BEGIN, HOURS, STEP, Lived, back, hour_of, sale
from tests.webapp.shop import good
from webapp.database import Database

EXPECTED = Counter(
    {
        ("silent", "told"): 1,
        ("silent", "over"): 1,
        ("missing", "told"): 1,
        ("missing", "over"): 1,
        ("refused", "told"): 1,
        ("refused", "over"): 1,  # without a word: the owner took note
        ("clock", "told"): 1,
        ("clock", "over"): 1,
        ("day", "told"): 1,
        ("day", "over"): 1,
        ("drawer", "told"): 1,
        ("returns", "told"): 1,
        ("discounts", "told"): 1,
        ("voids", "told"): 1,
        ("stock", "told"): 1,
        ("stock", "over"): 1,
        ("licence", "told"): 4,  # of both outlets, three days and one day before
        ("licence", "over"): 4,
    }
)
_WHAT = ("told", "over")


async def test_a_fortnight(postgres: str, database: Database, kafka: str, service_settings: Settings) -> None:
    """Of eleven kinds of fault each is told once and, where it ends, over once, whoever else tells, however often
    the teller is started anew, and though the read models are rebuilt in between, while a day that does not add up
    stands; of the outlet without a fault nothing is ever told but of the trial that ends."""
    lived = Lived(postgres)
    try:
        lived.shop.change("INSERT INTO app.alarm_rules SELECT outlet_id, 'silent', true, 250 FROM app.outlets")
        days = [BEGIN - timedelta(days=ago) for ago in range(28, 0, -1)]
        past = {till: [event for day in days for event in lived.day(day, till)] for till in lived.tills}
        goods = [good("g1", "Чай", min_stock="5"), _count(BEGIN - timedelta(hours=4), "9000")]
        lived.send(BEGIN - timedelta(hours=3), {till: [*goods, *events] for till, events in past.items()})
        for number in range(14):
            if number == 7:
                await lived.rebuild(kafka, service_settings)
            tellers = [Teller(database, Reading(database), "https://office.test") for _ in range(2)]
            await _live(lived, BEGIN + timedelta(days=number), number + 1, tellers)
    finally:
        lived.close()
    told = lived.told()
    counts = Counter((kind, what) for _, kind, *at in told for what, moment in zip(_WHAT, at, strict=True) if moment)
    assert counts == EXPECTED
    assert {outlet for outlet, kind, *_ in told if kind != "licence"} == {"Чайная"}
    letters = [body for (body,) in lived.shop.sql("SELECT body FROM app.messages ORDER BY message_id")]
    lines = [line for body in letters for line in body.splitlines() if line.startswith("• ")]
    said = sum(EXPECTED.values()) - EXPECTED["refused", "over"] - 2  # of each outlet one line says both trials' ends
    assert len(lines) == said, "\n".join(lines)


async def _live(lived: Lived, day: datetime, number: int, tellers: list[Teller]) -> None:
    """A day: every few hours the tills send what they have, then everybody who tells looks, at once."""
    held: list[dict[str, Any]] = []
    lost: tuple[str, int] | None = None
    for last in HOURS[STEP - 1 :: STEP]:
        now = day.replace(hour=last) + timedelta(hours=1)
        sent = {till: _sent(lived, day, number, till, range(last + 1 - STEP, last + 1)) for till in lived.tills}
        if number == 3 and last in (14, 17):  # the second till is silent for six hours
            held += sent.pop("2")
        elif number == 3 and last == 20:
            sent["2"] = [*held, *sent["2"]]
        elif number == 4 and last == 11:
            held, sent["2"] = sent["2"][:-1], sent["2"][-1:]
            lost = lived.skip("2", held)
        elif number == 4 and last == 17 and lost:
            lived.resend(now, "2", *lost, held)
        lived.send(now, sent)
        if (number, last) == (6, 11):
            lived.shop.change(
                "INSERT INTO app.seen_refusals (outlet_id, till_id, run, through)"
                " SELECT outlet_id, till_id, run, through FROM app.acknowledged WHERE till_id = %s",
                lived.tills["1"][1],
            )
        trial = {(10, 11): day + timedelta(days=3, hours=20), (13, 14): day + timedelta(days=365)}.get((number, last))
        if trial:
            lived.shop.change("UPDATE app.accounts SET trial_until = %s", trial)
        await asyncio.gather(*(teller.tell(lived.account_id, now) for teller in tellers))


def _sent(lived: Lived, day: datetime, number: int, till: str, hours: range) -> list[dict[str, Any]]:
    """What a till reports of some hours of a day, with what is put in."""
    discount = "40" if (number, till) == (10, "1") else "1"
    events = [] if hours[0] != HOURS[0] else [lived.opened(day, till)]
    for hour in hours:
        events += hour_of(day, till, hour, discount) + (_faults(day, number, hour) if till == "1" else [])
    if hours[-1] == HOURS[-1]:
        events += [back(day, till), lived.closed(day, till, _cash(number) if till == "1" else "")]
    return events


def _cash(number: int) -> str:
    """What lies in the drawer of till 1, right but on the eighth day, also where something else is wrong."""
    besides = {7: 149, 8: 500, 9: -6 * 99, 10: -39 * 2 * len(HOURS), 11: -6 * 99}
    return str(1000 + 99 * 2 * len(HOURS) - 99 + besides.get(number, 0))


def _faults(day: datetime, number: int, hour: int) -> list[dict[str, Any]]:
    """What till 1 sends in an hour besides its sales."""
    at = day.replace(hour=hour, minute=50)
    match number, hour:
        case 5, 12:
            return [{"type": "event.withdrawn", "at": at.isoformat(), "reason": "events[0].lines: too many"}]
        case 6, 12:
            return [sale(day, "1", "ahead", at + timedelta(days=300), shift_id=None)]
        case 7, 12:
            return [sale(day, "1", "off", at, payments=[{"method": "cash", "amount": "149"}])]
        case 8, 12:
            before = day - timedelta(days=1)
            return [sale(before, "1", "off", before.replace(hour=12, minute=50), payments=_PAID)]
        case 9, 18:
            return [back(day, "1", str(n)) for n in range(1, 7)]
        case 11, 18:
            return [
                {"type": "sale.voided", "at": at.isoformat(), "sale_id": f"1-{day.date()}-{hour}-{minute}"}
                for hour in (10, 11, 12) for minute in (15, 45)
            ]  # fmt: skip
        case 12, 12:
            return [_count(at, "1")]
        case 13, 12:
            return [_count(at, "900")]
        case _:
            return []


_PAID = [{"method": "cash", "amount": "149"}, {"method": "other", "amount": "-50"}]


def _count(at: datetime, quantity: str) -> dict[str, Any]:
    return {
        "type": "stock.counted", "at": at.isoformat(), "good_id": "g1", "warehouse_id": "main", "quantity": quantity,
    }  # fmt: skip
