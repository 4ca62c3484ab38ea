"""An owner of sixty outlets: what his pages weigh, how he finds one, and how he puts them into groups."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from benchmarks.chain import EMAIL, fill
from ops.provisioning import provision
from tests.webapp.reports.conftest import enter
from tests.webapp.visitor import Visitor
from webapp.account import Account
from webapp.account_outlets import outlets
from webapp.app import Portal
from webapp.reports.periods import Period, windows
from webapp.reports.sofar import in_all, so_far
from webapp.reports.sums import sums, total

NOW = datetime(2026, 11, 24, 14, 2, tzinfo=ZoneInfo("Europe/Moscow"))


@pytest.fixture
async def chain(postgres: str, portal: Portal, visitor: Visitor) -> Visitor:
    """A signed-in browser of the chain's owner."""
    fill(postgres, outlets=60, now=NOW)
    portal.clock = lambda: NOW
    await enter(visitor, postgres, EMAIL)
    return visitor


def names(page: str) -> list[str]:
    return re.findall(r"Магазин \d+", page)


async def test_many_outlets_are_searched_folded_and_paged(chain: Visitor) -> None:
    """The dashboard tells what is wrong first and pages the others in natural order; a choice of a group or an outlet
    holds for the pages of figures, and its links; all of it without a script."""
    dashboard = (await chain.get("/")).text
    wrong = dashboard[dashboard.index('data-part="wrong"') : dashboard.index('data-part="groups"')]
    assert list(dict.fromkeys(names(wrong)))[:2] == ["Магазин 47", "Магазин 53"]
    assert "сегодня нет продаж" in wrong
    listed = dashboard[dashboard.index('data-part="outlets"') :]
    assert list(dict.fromkeys(names(listed)))[:3] == ["Магазин 1", "Магазин 2", "Магазин 3"]
    assert "Магазин 21" not in listed
    assert "Магазин 21" in (await chain.get("/?page=2")).text
    assert set(names((await chain.get("/?query=тула 14")).text)) <= {"Магазин 14"}

    assert 'href="/choose?next=%2Fsales"' in (await chain.get("/sales")).text
    found = (await chain.get("/choose?next=/sales&query=туЛА")).text
    assert 'name="group" value="Тула"' in found
    assert "Магазин 6" in found
    assert "Магазин 1<" not in found
    sales = (await chain.post_and_look("/choose-outlet", group="Тула", next="/sales")).text
    assert "Тула (7)" in sales
    assert 'href="/sales/export.csv?group=%D0%A2%D1%83%D0%BB%D0%B0' in sales
    assert set(names(sales)) <= {f"Магазин {number}" for number in range(6, 61, 8)}
    assert (await chain.get("/sales?group=Тверь")).status_code == 200
    assert (await chain.get("/sales?group=Рим")).status_code == 404
    assert (await chain.post("/choose-outlet", group="Рим")).status_code == 404
    [[outlet]] = chain.sql("SELECT outlet_id FROM app.outlets WHERE name = 'Магазин 7'")
    report = (await chain.post_and_look("/choose-outlet", outlet=str(outlet), next="/report")).text
    assert ">Магазин 7</a>" in report
    assert "Тула" not in report


async def test_hours_so_far_are_the_sums_of_their_receipts(chain: Visitor, portal: Portal) -> None:
    """What the dashboard takes from hours is what the list that it opens sums up, whatever the minute, also after
    midnight of days that begin at six."""
    chain.sql("UPDATE app.outlets SET day_begins = 6 WHERE outlet_id IN (SELECT outlet_id FROM app.outlets LIMIT 20)")
    [[account_id]] = chain.sql("SELECT account_id FROM app.accounts WHERE email = %s", EMAIL)
    account = Account(account_id)
    shops = await outlets(portal.database, account)
    periods = ("today", "yesterday-by-now", "week-ago-by-now", "last-week-by-now", "month", "last-month-by-now")
    for moment in (NOW, NOW.replace(hour=8), NOW.replace(hour=19, minute=59), NOW.replace(day=25, hour=2)):
        async with portal.database.reading(account) as connection:
            found = await so_far(connection, periods, shops, moment)
            together = await in_all(connection, periods, shops, moment)
            whole = await sums(connection, {key: windows(Period(key), shops, moment) for key in periods})
        for key, by_outlet in zip(periods, found, strict=True):
            assert {each: (one.sales, one.revenue) for each, one in by_outlet.items()} == {
                each: (one.sales, one.revenue) for each, one in whole[key].items()
            }
            assert together[key].revenue == total(whole[key]).revenue
    assert len(found[1]) > 10


async def test_outlets_that_sent_nothing_have_not_all_their_receipts(visitor: Visitor, postgres: str) -> None:
    """Of many outlets from which nothing has come the report says so, and not that every receipt of theirs is there."""
    provision(postgres, EMAIL, [f"Магазин {number}" for number in range(1, 15)])
    await enter(visitor, postgres, EMAIL)
    report = (await visitor.get("/report")).text
    assert "Из 14 точек ещё ничего не пришло." in report
    assert "все чеки на месте" not in report
    assert "Без замечаний" not in report


async def test_outlets_are_put_into_groups_together(chain: Visitor, stranger: Visitor, postgres: str) -> None:
    """Ticked ones at once, or one on its own page; another account's are not touched."""
    rows = chain.sql("SELECT outlet_id FROM app.outlets ORDER BY name LIMIT 3")
    ticked = [str(row[0]) for row in rows]
    answer = await chain.post("/outlets/groups", outlet=ticked[:2], group="Новые", page="1")
    assert "notice=grouped" in answer.headers["location"]
    assert "Новые" in (await chain.get("/outlets")).text
    assert len(set(names((await chain.get("/outlets?in=Новые")).text))) == 2
    assert "notice=no_group" in (await chain.post("/outlets/groups", outlet=ticked, group="")).headers["location"]
    await chain.post("/outlets/groups", outlet=ticked[:1], group="Новые", do="leave")
    form: dict[str, Any] = {"name": "Магазин 1а", "currency": "RUB", "groups": "Пригород, у реки"}
    assert (await chain.post(f"/outlets/{ticked[2]}", **form)).status_code == 303
    assert (await chain.post(f"/outlets/{ticked[2]}", **{**form, "groups": "я" * 50})).status_code == 422
    assert chain.sql("SELECT groups FROM app.outlets WHERE outlet_id = %s", ticked[2]) == [(["Пригород", "у реки"],)]
    await stranger.join("other@shop.example")
    await stranger.post("/outlets/groups", outlet=ticked, group="Чужие")
    assert chain.sql("SELECT count(*) FROM app.outlets WHERE 'Чужие' = ANY (groups)") == [(0,)]
    assert (await chain.post("/outlets/groups", outlet=["x"], group="Новые")).status_code == 404


async def test_many_outlets_weigh_little(chain: Visitor) -> None:
    """No page of figures names all outlets of a chain."""
    for path in ("/", "/sales", "/goods", "/report", "/choose", "/outlets", "/compare", "/cashiers", "/profit"):
        answer = await chain.get(path)
        assert answer.status_code == 200, path
        assert len(set(names(answer.text))) <= 50, path
