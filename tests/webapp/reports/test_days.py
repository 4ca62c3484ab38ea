"""Receipts by time stand under their days, by the outlet's clock; sorted by anything else, each has its date."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from tests.webapp.reports.conftest import enter
from tests.webapp.reports.reader import days_of
from tests.webapp.shop import Shop, sale
from tests.webapp.visitor import Visitor
from webapp.app import Portal


async def test_receipts_stand_under_their_days(portal: Portal, visitor: Visitor, postgres: str) -> None:
    """A day's heading comes once, in either direction, also where the day began before midnight in UTC; rows have the
    time. Sorted by the total, and of outlets with different clocks, rows have date and time."""
    shop = Shop(postgres, outlets=("Алматы", "Москва"))
    shop.change("UPDATE app.outlets SET zone = 'Asia/Almaty' WHERE outlet_id = %s", shop.outlets["Алматы"])
    shop.send(
        sale("s1", "2026-10-25T23:30:00+05:00", ("g1", "1", "10.00")),
        sale("s2", "2026-10-26T00:30:00+05:00", ("g1", "1", "30.00")),
        sale("s3", "2026-10-26T09:15:00+05:00", ("g1", "1", "20.00")),
        outlet=shop.outlets["Алматы"],
        zone="Asia/Almaty",
    )
    portal.clock = lambda: datetime(2026, 10, 26, 12, tzinfo=UTC)
    await enter(visitor, postgres, "owner@example.com")

    async def rows(more: str) -> list[str]:
        page = (await visitor.get(f"/sales?range=all{more}")).text
        found = re.findall(r'<th scope="rowgroup"[^>]*>([^<]+)|<td class="when [^>]*>([^<]+)', page)
        return [day or moment for day, moment in found]

    here = f"&outlet={shop.outlets['Алматы']}"
    monday, sunday = "понедельник, 26 октября 2026", "воскресенье, 25 октября 2026"
    assert await rows(here) == [monday, "09:15", "00:30", sunday, "23:30"]
    assert await rows(f"{here}&sort=at") == [sunday, "23:30", monday, "00:30", "09:15"]
    dates = ["26.10.2026 00:30", "26.10.2026 09:15", "25.10.2026 23:30"]
    assert await rows(f"{here}&sort=-total") == dates
    assert await rows("&outlet=all&sort=-total") == dates
    assert await rows("&outlet=all") == ["26.10.2026 09:15", "26.10.2026 00:30", "25.10.2026 23:30"]


async def test_a_day_has_its_sum(portal: Portal, visitor: Visitor, postgres: str) -> None:
    """The heading of a day has the sum of all that is listed of it: also where the day goes on on the next page, under
    any filter, without what was voided, and of the shop's own day, which may begin at six."""
    shop = Shop(postgres, outlets=("Бар",))
    shop.change("UPDATE app.outlets SET day_begins = 6 WHERE outlet_id = %s", shop.outlet)
    night = [
        sale(f"n{number:02}", f"2026-10-26T02:{number:02}:00+03:00", ("g1", "1", "1.00"), number=f"{number}")
        for number in range(60)
    ]
    card = {"payments": [{"method": "card", "amount": "100.00"}]}
    shop.send(
        sale("s1", "2026-10-25T23:30:00+03:00", ("g1", "1", "100.00"), **card),
        *night,
        sale("s2", "2026-10-26T12:00:00+03:00", ("g1", "1", "30.00")),
        sale("s3", "2026-10-26T13:00:00+03:00", ("g1", "1", "7000.00")),
        {"type": "sale.voided", "at": "2026-10-26T13:05:00+03:00", "sale_id": "s3"},
        day_begins=6,
    )
    portal.clock = lambda: datetime(2026, 10, 26, 18, tzinfo=UTC)
    await enter(visitor, postgres, "owner@example.com")

    async def days(query: str) -> list[tuple[str, list[str]]]:
        return days_of((await visitor.get(query)).text)

    monday, sunday = "понедельник, 26 октября 2026", "воскресенье, 25 октября 2026"
    for period in ("30d", "all"):  # summed from the rows, and from the figures of the days
        path = f"/sales?range={period}"
        assert await days(path) == [(monday, ["30,00 ₽"]), (sunday, ["160,00 ₽"])]
        assert await days(f"{path}&sort=at") == [(sunday, ["160,00 ₽"])]
        assert await days(f"{path}&sort=at&show=100") == [(sunday, ["160,00 ₽"]), (monday, ["30,00 ₽"])]
        assert await days(f"{path}&method=card") == [(sunday, ["100,00 ₽", "100,00 ₽"])]
        assert await days(f"{path}&max=1") == [(sunday, ["60,00 ₽"])]
        assert await days(f"{path}&voided=1") == [(monday, ["7 000,00 ₽"])]
    page = (await visitor.get("/sales?range=all&sort=at&show=500")).text
    assert page.count('class="row-link"') == 63
