"""Смены: by hand on a few shifts, and by SQL over the raw events of simulated shops."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

from tests.webapp.reports.books import counted
from tests.webapp.reports.conftest import enter
from tests.webapp.reports.office import NOW
from tests.webapp.reports.reader import Reader, part
from tests.webapp.reports.test_cashiers import rows_of
from tests.webapp.shop import Shop, sale
from tests.webapp.visitor import Visitor
from webapp.app import Portal

DAY = "from=2026-11-15&to=2026-11-24"


def opened(shift: str, at: str, cash: str) -> dict[str, Any]:
    said = {"shift_id": shift, "number": shift.removeprefix("sh"), "cash": cash, "cashier": "Образцова А.А."}
    return {"type": "shift.opened", "at": at, **said}


def closed(shift: str, at: str, cash: str, **totals: Any) -> dict[str, Any]:
    said = {"shift_id": shift, "number": shift.removeprefix("sh"), "cash": cash}
    return {"type": "shift.closed", "at": at, **said, **({"totals": totals} if totals else {})}


def moved(shift: str, amount: str, reason: str, **more: str) -> dict[str, Any]:
    said = {"cash_id": f"{shift}{amount}", "amount": amount, "reason": reason, "shift_id": shift}
    return {"type": "cash.moved", "at": "2026-11-20T20:00:00+03:00", **said, **more}


@pytest.fixture
async def shop(postgres: str, portal: Portal, visitor: Visitor) -> Shop:
    """Shift 7 of the 20th: 1000 in the drawer, 300 in cash (500 given, 200 back), 200 by card, 50 given back, 400 to
    the bank, 100 put in, one receipt voided; 940 counted; its Z-report says 210 by card. Shift 8 is open since the
    22nd. Of shift 9 only a receipt is known. In shift 1, before, 5 of 100 were missing."""
    portal.clock = lambda: NOW
    shop = Shop(postgres, outlets=("Чайная", "Ларёк"))
    at = "2026-11-20T12:00:00+03:00"
    cash = {**sale("cash", at, ("tea", "3", "100.00"), shift_id="sh7"), "change": "200.00"}
    cash["payments"] = [{"method": "cash", "amount": "500.00"}]
    card = {**sale("card", at, ("tea", "2", "100.00"), shift_id="sh7")}
    card["payments"] = [{"method": "card", "amount": "200.00"}]
    back = {"return_id": "back", "shift_id": "sh7", "lines": [{"good_id": "tea", "quantity": "1", "amount": "50.00"}]}
    z = [{"method": "cash", "amount": "250.00"}, {"method": "card", "amount": "210.00"}]
    shop.send(
        opened("sh1", "2026-11-05T09:00:00+03:00", "0"),
        *(sale(f"first{n}", "2026-11-05T10:00:00+03:00", ("tea", "1", "20.00"), shift_id="sh1") for n in range(5)),
        closed("sh1", "2026-11-05T21:00:00+03:00", "95.00"),
        opened("sh7", "2026-11-20T09:00:00+03:00", "1000.00"),
        cash,
        card,
        sale("wrong", at, ("tea", "7", "10.00"), shift_id="sh7"),
        {"type": "sale.voided", "at": at, "sale_id": "wrong"},
        {"type": "sale.returned", "at": at, **back, "refunds": [{"method": "cash", "amount": "50.00"}]},
        moved("sh7", "-400.00", "withdrawal", note="Инкассация"),
        moved("sh7", "100.00", "deposit"),
        closed("sh7", "2026-11-20T21:00:00+03:00", "940.00", sales="500.00", returns="50.00", receipts=2, by_method=z),
        opened("sh8", "2026-11-22T09:00:00+03:00", "10.00"),
        sale("late", "2026-11-23T10:00:00+03:00", ("tea", "1", "100.00"), shift_id="sh8"),
        sale("loose", "2026-11-21T10:00:00+03:00", ("tea", "1", "30.00"), shift_id="sh9"),
    )
    at = "2026-11-21T09:00:00+03:00"
    shop.send(opened("sh7", at, "5.00"), closed("sh7", at, "6.00", receipts=0), outlet=shop.outlets["Ларёк"])
    await enter(visitor, postgres, "owner@example.com")
    return shop


async def test_a_period_by_hand(visitor: Visitor, shop: Shop) -> None:
    """950 should lie in the drawer of the 20th, 10 are missing, its Z-report differs; one shift is open for days."""
    page = (await visitor.get(f"/shifts?outlet={shop.outlet}&{DAY}")).text
    sums = part(page, "sums")
    assert "3 смены выручка 580,00 ₽ +480 %" in sums
    assert "недостача 10,00 ₽ до этого 5,00 ₽" in sums
    assert "Касса не сошлась 1 Z-отчёт расходится 1 Дольше суток 1" in sums
    rows = rows_of(page.partition('data-part="rows"')[2])
    ends = "20.11.2026 09:00 – 21:00"
    assert f"Образцова А.А. {ends} 2 450,00 ₽ 950,00 ₽ 940,00 ₽ −10,00 ₽ расходится" in rows["7"]
    assert "22.11.2026 09:00 открыта больше суток 1 100,00 ₽ 110,00 ₽ — — —" in rows["8"]
    assert "— 21 нояб. 2026 1 30,00 ₽ — — — —" in rows["sh9"]
    assert [row for row in rows if row in ("7", "8", "sh9")] == ["8", "sh9", "7"]
    assert "1 смена открыта больше суток" in page


async def test_what_is_wrong_alone(visitor: Visitor, shop: Shop) -> None:
    """Each filter leaves the shifts that it names; an open shift is told of whatever the period."""
    for only, wanted in (("difference", {"7"}), ("report", {"7"}), ("long", {"8"})):
        page = (await visitor.get(f"/shifts?outlet={shop.outlet}&{DAY}&only={only}")).text
        assert rows_of(page.partition('data-part="rows"')[2]).keys() == wanted, only
    page = (await visitor.get(f"/shifts?outlet={shop.outlet}&from=2026-11-24&to=2026-11-24")).text
    assert "1 смена открыта больше суток" in page
    assert "Смен в этом периоде нет" in page


async def test_the_card(visitor: Visitor, shop: Shop) -> None:
    """How the drawer is reckoned, each figure of the Z-report beside the receipts', cash moves, and the receipts."""
    till = shop.till(shop.outlet)
    page = (await visitor.get(f"/shifts/card?outlet={shop.outlet}&shift=sh7&till={till}")).text
    drawer = part(page, "drawer")
    assert drawer.sums == ["1 000,00 ₽", "250,00 ₽", "−300,00 ₽", "950,00 ₽", "940,00 ₽", "−10,00 ₽"]
    report = part(page, "report")
    assert "Продажи 500,00 ₽ 500,00 ₽ сходится Возвраты 50,00 ₽ 50,00 ₽ сходится Число продаж 2 2 сходится" in report
    assert "Наличные 250,00 ₽ 250,00 ₽ сходится Карта 210,00 ₽ 200,00 ₽ 10,00 ₽" in report
    assert "Изъятие Инкассация −400,00 ₽" in part(page, "moves")
    receipts = part(page, "receipts")
    assert Counter(receipts.sums) == Counter(["300,00 ₽", "200,00 ₽", "70,00 ₽", "−50,00 ₽"])
    assert "wrong аннулирован" in receipts
    listed = f"/sales?outlet={shop.outlet}&shift=sh7&till={till}&from=2026-11-20&to=2026-11-20"
    assert f'href="{listed}&kind=all&method=cash"'.replace("&", "&amp;") in page
    for link, shown in (("", "2 продажи"), ("&kind=all", "итого 450,00 ₽"), ("&kind=all&method=cash", "250,00 ₽")):
        assert shown in part((await visitor.get(listed + link)).text, "totals"), link
    assert 'Смена: 7 <span aria-hidden="true">×</span>' in (await visitor.get(listed)).text
    for other in (f"shift=sh7&till={shop.account_id}", f"shift=none&till={till}", "shift=sh7"):
        assert (await visitor.get(f"/shifts/card?outlet={shop.outlet}&{other}")).status_code == 404


async def test_outlets_side_by_side(visitor: Visitor, shop: Shop) -> None:
    """The same id in two outlets is two shifts; each outlet has its own line, and the file has all of them."""
    sums = part((await visitor.get(f"/shifts?outlet=all&{DAY}")).text, "sums")
    assert "Чайная 3 580,00 ₽ +480 % 10,00 ₽ — 1" in sums
    assert "Ларёк 1 0,00 ₽ — — 1,00 ₽ —" in sums
    file = (await visitor.get(f"/shifts/export.csv?outlet=all&{DAY}")).content.decode("utf-8-sig")
    assert ";2;450,00;50,00;1000,00;250,00;-300,00;950,00;940,00;-10,00;расходится" in file
    assert ";0;0,00;0,00;5,00;0,00;0,00;5,00;6,00;1,00;сходится" in file
    assert len(file.splitlines()) == 5


async def test_page_by_page(visitor: Visitor, shop: Shop) -> None:
    """Fifty shifts a page, the rest added by the link, none twice; the sums are those of all."""
    shop.send(*(opened(f"sh{n}", f"2026-11-22T10:{n - 100:02}:00+03:00", "0") for n in range(100, 158)))
    query = f"/shifts?outlet={shop.outlet}&{DAY}"
    page = (await visitor.get(query)).text
    assert "61 смена" in part(page, "sums")
    more = (await visitor.get(f"{query}&show=100")).text
    number = r'<th scope="row"><a href="/shifts/card\?[^>]*>([^<]+)'
    shown = [re.findall(number, one.partition('data-part="rows"')[2]) for one in (page, more)]
    assert f"{query}&show=100#more".replace("&", "&amp;") in page
    assert shown[0] == shown[1][:50]
    assert len(shown[1]) == len({*shown[1]}) == 61


async def test_the_read_api_says_the_same(visitor: Visitor, shop: Shop) -> None:
    """The page's statement and that of the read API are two: each shift's figures are the same in both."""
    asked = f"/api/v1/outlets/{shop.outlet}/shifts?from=2026-11-01&to=2026-11-24"
    told = (await visitor.get(asked, Authorization=f"Bearer {shop.token}")).json()
    path = f"/shifts/export.csv?outlet={shop.outlet}&from=2026-11-01&to=2026-11-24&sort=began"
    rows = [row.split(";") for row in (await visitor.get(path)).content.decode("utf-8-sig").splitlines()[1:]]
    verdicts = {"сходится": True, "расходится": False, "": None}
    shown = [
        (
            row[2],
            int(row[6]),
            *(figure.replace(",", ".") or None for figure in (*row[7:9], *row[12:15])),
            verdicts[row[15]],
        )
        for row in rows
    ]
    names = ("sales", "revenue", "returns_sum", "cash_expected", "cash_counted", "difference", "matches_totals")
    assert len(told) == 4
    assert sorted(shown) == sorted((one["number"] or one["shift_id"], *(one[name] for name in names)) for one in told)


async def test_every_shift_by_sql(reader: Reader) -> None:
    """The drawer of every shift, its counts and its difference, over the raw events."""
    wanted = reader.sql(
        "WITH said AS ("
        " SELECT outlet, e ->> 'shift_id' AS id,"
        " max(e ->> 'number') FILTER (WHERE e ->> 'type' <> 'cash.moved') AS number,"
        " max((e ->> 'cash')::numeric) FILTER (WHERE e ->> 'type' = 'shift.opened') AS opened,"
        " max((e ->> 'cash')::numeric) FILTER (WHERE e ->> 'type' = 'shift.closed') AS counted,"
        " coalesce(sum((e ->> 'amount')::numeric) FILTER (WHERE e ->> 'type' = 'cash.moved'), 0) AS moved,"
        " max(e #>> '{totals,sales}')::numeric AS z"
        " FROM raw.event WHERE account = %(account)s AND e ->> 'type' IN ('shift.opened', 'shift.closed', 'cash.moved')"
        " GROUP BY 1, 2), made AS ("
        " SELECT outlet, shift AS id, count(*) FILTER (WHERE kind = 'sale') AS sales, sum(revenue) AS revenue,"
        " coalesce(-sum(total) FILTER (WHERE kind = 'return'), 0) AS returned,"
        " coalesce(sum((SELECT sum(amount) FROM raw.paid p WHERE (p.account, p.outlet, p.kind, p.id, p.method)"
        " = (r.account, r.outlet, r.kind, r.id, 'cash'))), 0) AS cash"
        " FROM raw.receipt r WHERE account = %(account)s AND shift IS NOT NULL GROUP BY 1, 2)"
        " SELECT outlet, number, sales, revenue, returned, opened, cash, moved, opened + cash + moved, counted,"
        " counted - opened - cash - moved FROM said JOIN made USING (outlet, id)"
    )
    rows = await reader.rows("/shifts/export.csv?outlet=all&range=all")
    assert bool(wanted) == (reader.owner == "simulated")
    assert counted([[row[0], row[2].strip("'="), *row[6:15]] for row in rows], 2) == Counter(wanted)
