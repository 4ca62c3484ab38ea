"""The pages with figures, each figure counted again from the events by plain Python."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.webapp.reports.conftest import enter
from tests.webapp.reports.office import GOODS, METHODS, NOW, Office, Receipt
from tests.webapp.shop import Shop, good
from tests.webapp.visitor import Visitor
from webapp import formats

Condition = Callable[[Receipt], bool]
DAY = timedelta(days=1)
TODAY = NOW.date()


async def listed(owner: Visitor, query: str) -> list[list[str]]:
    """The rows of the sales list as the export gives them, without the heading."""
    answer = await owner.get(f"/sales/export.csv?{query}")
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))[1:]


def text(page: str) -> str:
    """What a page says, without its tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def money(amount: Decimal) -> str:
    return " ".join(formats.money(amount, "ru").split())


def total(receipts: list[Receipt]) -> Decimal:
    return sum((receipt.total for receipt in receipts), Decimal(0))


def last_days(count: int) -> Condition:
    return lambda r: r.at.date() > TODAY - count * DAY


FILTERS: list[tuple[str, Condition]] = [
    ("", lambda r: r.kind == "sale" and last_days(30)(r)),
    ("range=all", lambda r: r.kind == "sale"),
    ("range=all&kind=all", lambda r: True),
    ("range=all&kind=returns", lambda r: r.kind == "return"),
    ("range=today&kind=all", lambda r: r.at.date() == TODAY),
    ("range=week&kind=all", lambda r: r.at.date() >= TODAY - TODAY.weekday() * DAY),
    ("range=yesterday-by-now&kind=all", lambda r: r.at.date() == TODAY - DAY and r.at < NOW - DAY),
    ("range=last-month&kind=all", lambda r: r.at.month == 10),
    ("from=2026-11-05&to=2026-11-11", lambda r: r.kind == "sale" and "2026-11-05" <= r.day <= "2026-11-11"),
    ("from=2026-11-20", lambda r: r.kind == "sale" and r.day >= "2026-11-20"),
    ("to=2026-10-20", lambda r: r.kind == "sale" and r.day <= "2026-10-20"),
    ("range=all&kind=all&method=cash", lambda r: "cash" in r.methods),
    ("range=all&kind=all&method=sbp", lambda r: "sbp" in r.methods),
    ("range=all&min=400,5&max=1+000", lambda r: r.kind == "sale" and Decimal("400.5") <= r.total <= 1000),
    ("range=all&number=К00", lambda r: r.kind == "sale" and "К00" in r.number),
    ("range=all&number=ч01", lambda r: r.kind == "sale" and "Ч01" in r.number),
    ("range=all&kind=all&hour=11", lambda r: r.at.hour == 11),
    ("range=all&kind=all&hour=11&weekday=2", lambda r: r.at.hour == 11 and r.at.isoweekday() == 2),
    ("range=all&kind=all&good=g/3", lambda r: "g/3" in r.goods),
    ("range=all&kind=all&category=Чай", lambda r: "g1" in r.goods),
    ("range=all&kind=all&ungrouped=1", lambda r: False),
    ("range=all&kind=all&off=1", lambda r: r.off != 0),
    ("range=all&discounted=1", lambda r: r.discount != 0),
    ("range=all&min=nonsense", lambda r: r.kind == "sale"),
]


async def test_every_filter_of_sales(owner: Visitor, office: Office) -> None:
    """Each filter lists exactly the receipts it should, newest first, and the page shows their exact sum."""
    for query, condition in FILTERS:
        wanted = office.where(condition)
        rows = await listed(owner, query)
        assert sorted(row[3] for row in rows) == sorted(receipt.number for receipt in wanted), query
        assert sum((Decimal(row[7].replace(",", ".")) for row in rows), Decimal(0)) == total(wanted), query
        moments = [row[1][6:10] + row[1][3:5] + row[1][:2] + row[1][10:] for row in rows]
        assert moments == sorted(moments, reverse=True), query
        page = await owner.get(f"/sales?{query}")
        assert page.status_code == 200
        if wanted:
            assert f"итого {money(total(wanted))}" in text(page.text), query


async def test_pages_of_the_list(owner: Visitor, office: Office) -> None:
    """'Show more' leads through all receipts, each once: it adds rows, and goes on without them after ten pages."""
    seen: list[str] = []
    path = "/sales?range=all&kind=all"
    while True:
        page = (await owner.get(path)).text
        seen = [] if "show=" in path else seen
        seen += re.findall(r'class="row-link"[^>]*>(?:Возврат )?([^<]+)</a>', page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        if not following:
            break
        path = html.unescape(following[1])
    assert sorted(seen) == sorted(receipt.number for receipt in office.receipts)


@pytest.mark.parametrize(
    "start", ["/", "/report?range=30d", "/report?range=all", "/report?from=2026-11-23&to=2026-11-23"]
)
async def test_every_figure_links_to_its_rows(owner: Visitor, start: str) -> None:
    """Behind each number on the dashboard and the report are rows that add up to it, and the page says so."""
    page = re.sub(r'<span class="unit">([^<]*)</span>', r"\1", (await owner.get(start)).text)
    links = re.findall(r'<a [^>]*href="(/sales\?[^"]+)"[^>]*>([^<]*\d[^<]*)</a>', page)
    assert len(links) > 10
    for href, figure in sorted(set(links)):
        if "плат" in figure:  # a receipt may have several
            continue
        rows = text((await owner.get(html.unescape(href))).text)
        shown = " ".join(html.unescape(figure).split()).lstrip("−").removeprefix("отличается от выручки на −")
        if "не сход" in figure:
            shown = re.findall(r"[\d ]+,\d\d ₽", shown)[-1].strip()
        assert shown in rows, (href, figure)
        assert "Отличаются на" not in rows, href
        of_rows_alone = any(field in href for field in ("good=", "category=", "ungrouped", "discounted", "off="))
        if figure.endswith("₽") and not of_rows_alone:
            assert "Совпадают." in rows or "Сумма взята из дневных итогов" in rows, href


async def test_the_report(owner: Visitor, office: Office) -> None:
    """The report's sums are those of the receipts: revenue, average, returns, discounts, methods, what is off."""
    said = text((await owner.get("/report?range=all")).text)
    sales, returns = office.where(lambda r: r.kind == "sale"), office.where(lambda r: r.kind == "return")
    revenue = total(sales) + total(returns)
    average = (total(sales) / len(sales)).quantize(Decimal("0.01"))
    discounts = sum((receipt.discount for receipt in sales), Decimal(0))
    for figure in (revenue, average, -total(returns), discounts):
        assert money(figure) in said
    for method in METHODS:
        assert money(sum((r.methods.get(method, Decimal(0)) for r in office.receipts), Decimal(0))) in said
    off = sum((receipt.off for receipt in office.receipts), Decimal(0))
    assert off < 0
    assert f"отличается от выручки на {money(off)}" in said
    for receipt in office.where(lambda r: r.off != 0):
        assert receipt.number in said


async def test_one_outlet_or_several(owner: Visitor, office: Office) -> None:
    """A report of one outlet sums its receipts alone; the chosen outlet is remembered for the next page."""
    first, second = office.shop.outlets.values()
    alone = money(total(office.where(lambda r: r.outlet == first)))
    assert alone in text((await owner.get(f"/report?range=all&outlet={first}")).text)
    both = money(total(office.receipts))
    assert both in text((await owner.get(f"/report?range=all&outlet={first}&outlet={second}")).text)
    answer = await owner.post("/choose-outlet", outlet=first, next="/report")
    assert (answer.status_code, answer.headers["location"]) == (303, "/report")
    assert alone in text((await owner.get("/report?range=all")).text)
    assert both in text((await owner.get("/report?range=all&outlet=all")).text)
    answer = await owner.post("/choose-outlet", outlet="", next="//evil.example")
    assert answer.headers["location"] == "/"
    assert both in text((await owner.get("/report?range=all")).text)


async def test_two_currencies(owner: Visitor, office: Office) -> None:
    """Counts of the dashboard are of all outlets; each currency's share leads to a list of just as many."""
    office.shop.change("UPDATE app.outlets SET currency = 'KZT' WHERE name = 'Кофейня'")
    page = (await owner.get("/")).text
    sales = len(office.where(lambda r: r.kind == "sale"))
    assert f"Товаров в них {2 * len(GOODS)} " in text(page)
    assert f"Продаж за всё время {sales} " in text(page)
    found = re.findall(r'<a href="(/[^"]+)">(?:RUB|KZT): (\d+)</a>', page)
    assert len(found) == 4
    for href, figure in found:
        unit = "товара" if href.startswith("/goods") else "продаж"
        assert f"{figure} {unit}" in text((await owner.get(html.unescape(href))).text), href


async def test_goods(owner: Visitor, office: Office) -> None:
    """Goods are found by any part in any case, with typing mistakes forgiven, by stock and by group."""
    for query, found in [
        ("query=ЧАЙ", ["Чай чёрный"]),
        ("query=чаи+черный", ["Чай чёрный"]),
        ("query=кофэ+малотый", ["Кофе молотый"]),
        ("query=чей", ["Чай чёрный"]),
        ("query=липов", ["Мёд «Липовый»"]),
        ("query=щщщщ", []),
        ("min=0,5", [GOODS[key][0] for (_, key), left in office.stock.items() if left >= Decimal("0.5")]),
        ("max=-20", [GOODS[key][0] for (_, key), left in office.stock.items() if left <= -20]),
        ("category=Кофе", ["Кофе молотый"]),
    ]:
        page = (await owner.get(f"/goods?outlet=all&{query}")).text
        names = {html.unescape(name) for name in re.findall(r'class="row-link"[^>]*>([^<]+)</a>', page)}
        assert names == set(found), query


async def test_cards(owner: Visitor, office: Office) -> None:
    """A sale's card shows its lines, payments and returns in tabs; a good's card its stock and its sales."""
    back = office.where(lambda r: r.kind == "return")[0]
    sale = next(r for r in office.receipts if r.number == back.number.removeprefix("r-"))
    card = f"/sales/card?outlet={sale.outlet}&sale=s-{sale.number}"
    for tab, figure in [("lines", sale.total), ("payments", sale.total + sale.off), ("returns", -back.total)]:
        assert money(figure) in text((await owner.get(f"{card}&tab={tab}")).text)
    assert (await owner.get(f"/sales/card?outlet={sale.outlet}&sale=nothing")).status_code == 404
    said = text((await owner.get(f"/goods/card?outlet={sale.outlet}&good=g%2F3")).text)
    recent = office.where(lambda r: r.outlet == sale.outlet and "g/3" in r.goods)
    assert money(sum((r.goods["g/3"] for r in recent), Decimal(0))) in said


async def test_a_return_of_an_unknown_sale(owner: Visitor, office: Office) -> None:
    """A return whose sale never came here has a card of its own, which lists and the good's history lead to."""
    line = {"good_id": "g1", "quantity": "1", "amount": "189.00"}
    for number in range(2):
        back = {"return_id": f"R{number}", "sale_id": "до-подключения", "lines": [line]}
        refund = {"refunds": [{"method": "card", "amount": f"18{number}.00"}], "at": NOW.isoformat()}
        office.shop.send({"type": "sale.returned", **back, **refund})
    listed = await owner.get("/sales?range=all&kind=returns&number=R1")
    history = await owner.get(f"/goods/card?outlet={office.shop.outlet}&good=g1")
    report = await owner.get("/report?range=all")
    for page, name in ((listed, "R1"), (history, "R1"), (report, "R1")):
        [href] = set(re.findall(rf'href="(/sales/card[^"]+)"[^>]*>\s*Возврат {name}<', page.text))
        answer = await owner.get(html.unescape(href))
        assert answer.status_code == 200
        said = text(answer.text)
        assert "Возврат R1" in said
        assert "R0" not in said
        assert "Чай чёрный" in said
        assert "до-подключения" in said
        assert "сумма возврата за вычетом выплат — 8,00 ₽" in said
    assert (await owner.get(f"/sales/card?outlet={office.shop.outlet}&sale=x&return=nothing")).status_code == 404


async def test_contacts(owner: Visitor) -> None:
    """Contacts are filtered by name and figures, with a line of totals."""
    outlet = "outlet=all"
    assert "Итого 6 контактов" in text((await owner.get(f"/contacts?{outlet}")).text)
    said = text((await owner.get(f"/contacts?{outlet}&query=елкина")).text)
    assert "Итого 2 контакта" in said
    said = text((await owner.get(f"/contacts?{outlet}&purchases_min=100,50&debt_max=0")).text)
    assert "Итого 2 контакта" in said
    assert "Бобров И.О." in said
    assert money(Decimal("201.00")) in said


@pytest.mark.asvs("V1.2.1", "templates escape nothing")
@pytest.mark.asvs("V3.2.2", "a script builds markup of texts")
@pytest.mark.asvs("V1.1.2", "texts are escaped elsewhere than where they are written into a page")
async def test_texts_of_tills_are_harmless(owner: Visitor, office: Office) -> None:
    """Whatever a till calls its goods stands on the pages as text."""
    outlet = office.shop.outlet
    for path in ("/goods", "/report", f"/goods/card?outlet={outlet}&good=g4", "/goods?query=%22%3E%3Cscript%3E"):
        page = (await owner.get(path)).text
        assert "<script>alert" not in page
        assert '"><script>' not in page


async def test_other_accounts_see_nothing(owner: Visitor, office: Office, stranger: Visitor) -> None:
    """A foreign outlet is 404 on every page and in every export, and a visitor is sent to sign in."""
    Shop(office.shop.postgres, "other@example.com", ["Чужая"])
    paths = [
        f"{path}{'&' if '?' in path else '?'}outlet={office.shop.outlet}"
        for path in ("/report", "/sales", "/sales/card?sale=s-Ч0001", "/goods", "/goods/card?good=g1", "/contacts")
    ]
    paths += [f"/sales/export.csv?outlet={office.shop.outlet}", f"/report/goods.xlsx?outlet={office.shop.outlet}"]
    for path in paths:
        answer = await stranger.get(path)
        assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/sign-in"), path
    await enter(stranger, office.shop.postgres, "other@example.com")
    for path in paths:
        assert (await owner.get(path)).status_code == 200, path
        assert (await stranger.get(path)).status_code == 404, path
    assert "Чайная" not in (await stranger.get("/")).text


async def test_expired_licence(owner: Visitor, office: Office) -> None:
    """An outlet whose licence is over shows what is needed instead of figures; the others go on."""
    office.shop.change("UPDATE app.accounts SET trial_until = now() - interval '1 day'")
    first, second = office.shop.outlets.values()
    office.shop.change("INSERT INTO app.licences VALUES (%s, now() + interval '9 days')", second)
    for path in ("/report", "/sales", "/goods", "/contacts", "/sales/export.csv"):
        answer = await owner.get(f"{path}?outlet={first}")
        assert answer.status_code == 402, path
        assert "₽" not in answer.text
        assert (await owner.get(f"{path}?outlet={second}")).status_code == 200, path
    said = text((await owner.get("/report?range=all&outlet=all")).text)
    assert money(total(office.where(lambda r: r.outlet == second))) in said
    assert "Лицензия на «Чайная» закончилась" in said


async def test_no_outlets(visitor: Visitor) -> None:
    """A new owner is told what to do on every page."""
    await visitor.join()
    for path in ("/", "/report", "/sales", "/goods", "/contacts"):
        answer = await visitor.get(path)
        assert answer.status_code == 200
        assert "Добавить" in answer.text


async def test_what_is_missing(owner: Visitor, office: Office) -> None:
    """The dashboard says which events are missing, and how many wait for them."""
    run = "5b0c0000-0000-4000-8000-000000000000"
    office.shop.send(good("g1", "Чай чёрный"), run=run)
    office.shop.send(good("g1", "Чай чёрный"), run=run, first_seq=5)
    said = text((await owner.get("/")).text)
    assert re.search(r"данные до \d\d:\d\d ", said)
    assert "не хватает событий 2–4: Касса 1" in said
    assert "1 событие ждёт их" in said


CHIPS: dict[str, dict[str, tuple[str, ...]]] = {
    "/sales?kind=all&method=cash&min=1,50&number=Ч0&good=g1&from=2026-11-05&to=2026-11-11&sort=total": {
        "5–11 нояб. 2026": ("from", "to"),
        "Продажи и возвраты": ("kind",),
        "Товар: Чай чёрный": ("good",),
        "Наличные": ("method",),
        "Сумма от 1,50": ("min",),
        "Номер: Ч0": ("number",),
    },
    "/sales?range=all&ungrouped=1&tax=none&hour=9&weekday=1&cashier=X.Y.&shift=sh1"
    "&off=1&discounted=1&voided=1&sort=number": {
        "Группа: без группы": ("ungrouped",),
        "Налог: без НДС": ("tax",),
        "Пн": ("weekday",),
        "09:00–09:59": ("hour",),
        "Со скидкой": ("discounted",),
        "Кассир: X.Y.": ("cashier",),
        "Смена: 1": ("shift",),
        "Аннулированные": ("voided",),
        "Не сходится": ("off",),
    },
    "/sales?range=yesterday-by-now&contact=c1&sort=-total": {
        "Вчера к этому часу": ("range",),
        "Контакт: Бобров И.О.": ("contact",),
    },
    "/goods?query=чай&category=Чай&min=1&max=1000000&sort=-quantity": {
        "Название или штрихкод: чай": ("query",),
        "Группа: Чай": ("category",),
        "Остаток от 1 до 1000000": ("min", "max"),
    },
    "/contacts?query=бобр&purchases_max=1000&debt_min=-100&points_min=0&points_max=9&sort=-name": {
        "Фамилия И.О.: бобр": ("query",),
        "Сумма покупок до 1000": ("purchases_max",),
        "Долг от -100": ("debt_min",),
        "Баллы от 0 до 9": ("points_min", "points_max"),
    },
    "/sold/abc?range=90d&abc=A&xyz=X&sort=name": {"A: 80 % выручки": ("abc", "xyz"), "X: ровно": ("xyz",)},
    "/shifts?from=2026-11-20&to=2026-11-21&only=long&sort=title": {"20–21 нояб. 2026": ("from", "to")},
    "/sold?from=2026-11-20&by=category&sort=revenue": {"с 20 нояб. 2026": ("from",)},
}


async def test_what_a_list_is_filtered_by(owner: Visitor, office: Office) -> None:
    """Above the list, in words, names and not ids; each with a link that takes it alone away, from the list's
    beginning, in the same order. A list that nothing filters says nothing."""
    for address, chips in CHIPS.items():
        path, _, query = address.partition("?")
        asked = parse_qs(query)
        shown = _chips((await owner.get(f"{address}&show=100")).text)
        assert shown.keys() == chips.keys(), address
        for words, link in shown.items():
            left = {name: values for name, values in asked.items() if name not in chips[words]}
            found = parse_qs(urlsplit(link).query)
            found.pop("outlet", None)
            assert (urlsplit(link).path, found) == (path, left), words
        first = next(iter(chips))
        gone = {words for words, names in chips.items() if set(names) <= set(chips[first])}
        assert _chips((await owner.get(shown[first])).text).keys() == chips.keys() - gone, address
        assert 'class="chips"' not in (await owner.get(f"{path}?range=30d")).text, address


def _chips(page: str) -> dict[str, str]:
    found = re.findall(r'<a class="chip" href="([^"]+)">(.*?) <span aria-hidden', page)
    return {" ".join(html.unescape(words).split()): html.unescape(link) for link, words in found}
