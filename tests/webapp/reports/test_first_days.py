"""A shop's first days, and kopecks: figures that mean nothing yet are left out, and what hardly matters is no alarm."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime

import pytest

from tests.webapp.reports.conftest import enter
from tests.webapp.reports.reader import part
from tests.webapp.shop import Shop, sale
from tests.webapp.visitor import Visitor
from webapp.app import Portal


@pytest.fixture
async def shop(postgres: str, portal: Portal, visitor: Visitor) -> Shop:
    portal.clock = lambda: datetime(2026, 11, 24, 12, tzinfo=UTC)
    shop = Shop(postgres)
    await enter(visitor, postgres, "owner@example.com")
    return shop


def _sold(number: str, day: int, paid: str = "100.00", hour: int = 12) -> dict[str, object]:
    payments = [{"method": "cash", "amount": paid}]
    return sale(number, f"2026-11-{day:02}T{hour}:00:00+03:00", ("g1", "1", "100.00"), payments=payments)


async def test_nothing_is_drawn_of_nothing(visitor: Visitor, shop: Shop) -> None:
    """Without a sale in the period there is no chart with an axis from 0 to 1, but a word."""
    assert "data-chart" not in (await visitor.get("/report?range=30d")).text
    shop.send(_sold("a", 24))
    assert "data-chart" in (await visitor.get("/report?range=30d")).text
    assert "data-chart" not in (await visitor.get("/report?range=yesterday")).text


async def test_days_of_the_week_after_two_weeks(visitor: Visitor, shop: Shop) -> None:
    """Thirteen days give their hours, summed over the days and linked; from fourteen on each day of the week has its
    own."""
    shop.send(_sold("a", 24), _sold("b", 12), _sold("c", 20, hour=14))
    page = (await visitor.get("/report?range=30d")).text
    hours = part(page, "hours")
    assert "По часам" in hours
    assert re.findall(r"(\d\d:00) (\S+ ₽) (\d+|—)", hours) == [
        ("12:00", "200,00 ₽", "2"), ("13:00", "0,00 ₽", "—"), ("14:00", "100,00 ₽", "1")
    ]  # fmt: skip
    assert 'class="heat"' not in page
    shop.send(_sold("d", 11))
    page = (await visitor.get("/report?range=30d")).text
    assert 'class="heat"' in page
    assert "По часам" not in part(page, "hours")


async def test_the_sparkline_has_whole_days(visitor: Visitor, shop: Shop) -> None:
    """Today's part of a day is no point of the line, and its link leads to the days that are."""
    shop.send(_sold("a", 23), _sold("b", 24), _sold("c", 10))
    page = (await visitor.get("/")).text
    assert "from=2026-11-10&amp;to=2026-11-23" in page
    points = re.findall(r'polyline points="([^"]+)"', page)[0].split()
    assert len(points) == 14
    assert points[0].split(",")[1] == points[-1].split(",")[1] == "2.0"  # both of 100, the most


async def test_kopecks_are_no_alarm(visitor: Visitor, shop: Shop) -> None:
    """Receipts off by less than a rouble are told in grey, behind goods and hours; one that is off by a rouble is told
    in red before them."""
    shop.send(_sold("a", 20, paid="100.99"))
    page = (await visitor.get("/report?range=30d")).text
    assert page.index('data-part="goods"') < page.index('data-part="off"') < page.index('data-part="truth"')
    assert "bad-edge" not in page.partition('data-part="off"')[0].rpartition("<section")[2]
    home = (await visitor.get("/")).text
    assert re.search(r'class="hint" href="/sales\?[^"]*off=1', home)
    assert "лишних 0,99 ₽" in part(home, "outlets")
    shop.send(_sold("b", 20, paid="99.00"))
    page = (await visitor.get("/report?range=30d")).text
    assert page.index('data-part="off"') < page.index('data-part="goods"')
    assert re.search(r'class="bad" href="/sales\?[^"]*off=1', (await visitor.get("/")).text)


async def test_the_owner_says_what_is_no_alarm(visitor: Visitor, shop: Shop) -> None:
    """What a receipt may be off by without an alarm is a setting of the account, one rouble until it is changed; each
    change is in the journal, and what is no amount changes nothing."""
    shop.send(_sold("a", 20, paid="95.00"))
    red = re.compile(r'class="bad" href="/sales\?[^"]*off=1')
    assert red.search((await visitor.get("/")).text)
    answer = await visitor.post_and_look("/account/alarm", alarm_from="5,01")
    assert "Сохранено." in answer.text
    assert 'name="alarm_from" inputmode="decimal" required maxlength="10" value="5,01"' in answer.text
    assert not red.search((await visitor.get("/")).text)
    page = (await visitor.get("/report?range=30d")).text
    assert page.index('data-part="goods"') < page.index('data-part="off"')
    for typed in ("0", "-1", "0.001", "ten", "", "12345678"):
        answer = await visitor.post("/account/alarm", alarm_from=typed)
        assert (answer.status_code, "больше нуля" in answer.text) == (422, True), typed
    assert "5,01" in (await visitor.get("/account")).text
    await visitor.post("/account/alarm", alarm_from="5")
    assert red.search((await visitor.get("/")).text)
    page = (await visitor.get("/report?range=30d")).text
    assert page.index('data-part="off"') < page.index('data-part="goods"')
    noted = visitor.sql("SELECT subject FROM app.journal WHERE action = 'alarm_changed' ORDER BY entry_id")
    assert noted == [("5.01",), ("5.00",)]
    assert "Чеки, которые не сходятся, тревожат начиная с" in (await visitor.get("/journal")).text


SAID = {
    "/": "Здесь будет выручка за сегодня",
    "/report?range=30d": "С первым чеком здесь появятся выручка по дням и часам",
    "/cashiers?range=all": "Здесь будет каждый кассир",
    "/shifts?range=all": "Они появятся, к",
    "/compare?range=all": "Здесь точки будут рядом",
    "/profit?range=all": "Здесь будут выручка, себестоимость и маржа по дням",
    "/sold?range=all": "Здесь будет, что продано",
    "/sold/hours?range=all": "Здесь будут чеки и выручка по часам",
    "/sold/abc?range=all": "Здесь будут товары по классам",
    "/contacts": "Здесь будут покупатели",
    "/goods": "Здесь они будут с ценами и остатками",
}


async def test_before_the_first_receipt(visitor: Visitor, shop: Shop) -> None:
    """Each page says what will stand there, and where one goes next; none has a chart, a share or a sum of nothing, nor
    bids one to take filters away that are not there."""
    for path, said in SAID.items():
        page = " ".join(html.unescape((await visitor.get(path)).text).split())
        assert said in page, path
        assert ("data-chart" in page, 'class="change' in page, "убрать часть фильтров" in page) == (False,) * 3, path
        if path not in ("/contacts", "/goods") and not path.startswith("/shifts"):
            assert re.search(r'Чеков ещё не было\..*<a href="/outlets">Как подключить кассу</a>', page), path
    assert "0,00 ₽" not in part((await visitor.get("/")).text, "today-RUB")


EXAMPLES = ("/", "/report", "/sales", "/profit", "/compare", "/shifts", "/cashiers", "/goods", "/contacts", "/order",
            "/sold", "/sold?by=category", "/sold/hours", "/sold/abc", "/sold/unsold")  # fmt: skip


async def test_an_example_says_that_it_is_one(visitor: Visitor, shop: Shop) -> None:
    """Before the first receipt each list and report shows how it will look, marked as an example with made-up figures,
    whatever period is asked for; its figures are for the eyes alone. With the first receipt all examples are gone, also
    where the period has none: then the page says so."""
    for path in EXAMPLES:
        page = (await visitor.get(path)).text
        assert page.count('class="sample"') == 1, path
        sample = re.findall(r'<figure class="sample">(.*?)</figure>', page, re.DOTALL)[0]
        assert "<b>Пример</b> Так это будет выглядеть; цифры вымышлены." in sample, path
        assert sample.index("aria-hidden") > sample.index("</figcaption>"), path
        assert "Всего хватает" not in page, path
    shop.send(_sold("a", 10))
    for path in EXAMPLES:
        assert 'class="sample"' not in (await visitor.get(path)).text, path
    elsewhere = (await visitor.get("/cashiers?range=7d")).text
    assert re.search(r'За этот период продаж нет\..*<a href="/cashiers[^"]*range=all">', " ".join(elsewhere.split()))


async def test_a_change_needs_five_receipts(visitor: Visitor, shop: Shop) -> None:
    """No page and no list tells a change against fewer than five receipts, or five units of a good."""
    shop.send(*(_sold(f"b{number}", 12, hour=number + 10) for number in range(4)), _sold("c", 20))
    pages = ("/compare", "/profit?by=outlet", "/cashiers", "/sold", "/sold/hours", "/shifts")
    for path in pages:
        page = (await visitor.get(f"{path}{'&' if '?' in path else '?'}from=2026-11-16&to=2026-11-23")).text
        assert 'class="change' not in page, path
    assert "—" in part((await visitor.get("/compare?from=2026-11-16&to=2026-11-23")).text, "rows")
    shop.send(_sold("b5", 12))
    for path in ("/compare", "/profit?by=outlet", "/cashiers", "/sold"):
        page = (await visitor.get(f"{path}{'&' if '?' in path else '?'}from=2026-11-16&to=2026-11-23")).text
        assert 'class="change bad"' in page, path


async def test_the_day_of_the_first_receipt(visitor: Visitor, shop: Shop) -> None:
    """One receipt has its figures everywhere; one hour of one day is a row of a table, and no chart; nothing is
    compared with nothing, nor in shares with a day before of one receipt."""
    shop.send(_sold("a", 24))
    page = (await visitor.get("/report?range=30d")).text
    assert "data-chart" not in page.partition('data-part="hours"')[2]
    assert "12:00 100,00 ₽ 1" in part(page, "hours").replace("\N{NO-BREAK SPACE}", " ")
    assert "нет продаж" not in part((await visitor.get("/")).text, "outlets")
    for path in SAID:
        page = (await visitor.get(path)).text
        assert ("Чеков ещё не было" in page, 'class="change' in page) == (False, False), path
    shop.send(_sold("b", 23, hour=10))
    compared = part((await visitor.get("/report?range=30d")).text, "compared")
    assert ("100,00 ₽" in compared, "%" in compared) == (True, False)
