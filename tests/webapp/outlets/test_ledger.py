"""«Все чеки на месте»: the ledger of an outlet."""

from __future__ import annotations

import html
import re
from typing import Any
from uuid import uuid4

from schemas.records import GapGivenUp, decode
from tests.logins import owner_of
from tests.webapp.outlets.test_outlets import OWNER, SALE, add_outlet, shop_of
from tests.webapp.shop import Shop
from tests.webapp.visitor import Visitor

COLUMNS = ("applied", "duplicate", "waiting", "quarantined", "discarded", "read")


def counts(page: str) -> dict[str, int]:
    """The figures of the ledger's table, the sum of them under `read`."""
    part = page.partition('data-part="ledger"')[2].partition("</table>")[0]
    found = re.findall(r'<td class="num[^"]*">([^<]+)</td>', part)
    return dict(zip(COLUMNS, (int(html.unescape(one).replace("\N{NO-BREAK SPACE}", "")) for one in found), strict=True))


def sales(*numbers: int) -> list[dict[str, Any]]:
    return [SALE | {"sale_id": str(number), "number": str(number)} for number in numbers]


async def office(visitor: Visitor) -> tuple[str, Shop]:
    await visitor.join(OWNER)
    outlet, _ = await add_outlet(visitor)
    return outlet, shop_of(visitor, outlet)


async def test_all_receipts_are_here(visitor: Visitor) -> None:
    """Where nothing is missing the page says so, and repeated events are counted once."""
    outlet, shop = await office(visitor)
    page = f"/outlets/{outlet}/ledger"
    assert "Пока ничего не пришло" in (await visitor.get(page)).text
    run = str(uuid4())
    shop.send(*sales(1, 2, 3), run=run)
    shop.send(*sales(2, 3, 4), run=run, first_seq=2)
    said = (await visitor.get(page)).text
    assert '<p class="verdict good">Все чеки на месте</p>' in said
    assert counts(said) == {"applied": 4, "duplicate": 2, "waiting": 0, "quarantined": 0, "discarded": 0, "read": 6}
    assert "Совпадают." in said
    assert "Касса 1" in said


async def test_what_is_missing_is_named_and_given_up(visitor: Visitor) -> None:
    """Missing numbers stand there per till and run with a button, which leads back to this page."""
    outlet, shop = await office(visitor)
    page, run = f"/outlets/{outlet}/ledger", str(uuid4())
    shop.send(*sales(1), run=run)
    shop.send(*sales(9), run=run, first_seq=9)
    said = (await visitor.get(page)).text
    assert "Не хватает 7 событий" in said
    assert "события 2–8" in said
    assert counts(said) == {"applied": 1, "duplicate": 0, "waiting": 1, "quarantined": 0, "discarded": 0, "read": 2}
    hole: dict[str, Any] = {"till": shop.till(outlet), "run": run, "first": 2, "last": 8, "next": "ledger"}
    answer = await visitor.post(f"/outlets/{outlet}/gaps", **hole)
    assert answer.headers["location"] == f"{page}?notice=gap"
    [[record]] = visitor.sql("SELECT record FROM app.outbox")
    assert isinstance(decode(bytes(record)), GapGivenUp)
    assert "больше не ждём" in (await visitor.get(page)).text


async def test_what_could_not_be_read_is_set_aside(visitor: Visitor) -> None:
    """Events in quarantine are counted and listed with the time at which they came; discarded ones are not."""
    outlet, shop = await office(visitor)
    run = str(uuid4())
    shop.send(*sales(1), run=run)
    for first, because in ((2, None), (5, "нечитаемо")):
        visitor.sql(
            "INSERT INTO gen_1.quarantine (partition, log_offset, first_seq, last_seq, outlet_id, till_id, run,"
            " log_time, reason, traceback, discarded_because)"
            " VALUES (0, 1000, %s, %s, %s, %s, %s, '2026-11-24 09:00+03', 'a bug', '…', %s)",
            *(first, first + 1, outlet, shop.till(outlet), run, because),
        )
    said = (await visitor.get(f"/outlets/{outlet}/ledger")).text
    assert "Некоторые события не удалось прочитать" in said
    assert counts(said)["quarantined"] == 2
    assert "события 2–3" in said
    assert "24.11.2026 12:00" in said  # Omsk
    assert "события 5–6" not in said


async def test_the_ledger_is_the_owners(visitor: Visitor) -> None:
    """A foreign outlet's ledger is not found; without a licence one's own is there all the same."""
    outlet, shop = await office(visitor)
    foreign = Shop(owner_of(visitor.portal.database.url), "other@shop.example", ["Чужая"])
    assert (await visitor.get(f"/outlets/{foreign.outlet}/ledger")).status_code == 404
    visitor.sql("UPDATE app.accounts SET trial_until = now() - interval '1 day'")
    shop.send(*sales(1))
    assert "Все чеки на месте" in (await visitor.get(f"/outlets/{outlet}/ledger")).text


async def test_the_dashboard_leads_to_it(visitor: Visitor) -> None:
    """The dashboard's column on the data links to the ledger."""
    outlet, shop = await office(visitor)
    shop.send(*sales(1))
    assert f'<a href="/outlets/{outlet}/ledger">все чеки на месте</a>' in (await visitor.get("/")).text
