"""Receipts by time stand under their days, by the outlet's clock; sorted by anything else, each has its date."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from tests.webapp.reports.conftest import enter
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
