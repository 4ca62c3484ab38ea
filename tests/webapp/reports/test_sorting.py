"""Every list sorts by every column, both ways, whole, a page at a time; and what of an address is none of ours."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from msgspec import Struct

from tests.webapp.reports.office import Office
from tests.webapp.shop import good, sale
from tests.webapp.visitor import Visitor
from webapp.cursors import pack
from webapp.lists import Heading
from webapp.lists.headings import Kind, Order
from webapp.lists.statements import statement

GOLDEN = Path(__file__).parents[1] / "golden" / "lists.sql"
KINDS: tuple[Kind, ...] = ("text", "code", "number", "moment", "day", "outlet")


class Column(Struct, frozen=True):
    """Where a file of the list has what it is sorted by, and how that compares."""

    file: str
    read: Callable[[str], Any]


def _number(text: str) -> Decimal:
    return Decimal(text.replace(",", ".")) if text else Decimal(0)


def _text(text: str) -> str:
    return text.lower().replace("ё", "е")


def _code(text: str) -> tuple[int, str]:
    return len(text), text


def _moment(text: str) -> str:
    return text[6:10] + text[3:5] + text[:2] + text[10:]


SALES = {
    "at": Column("Дата и время", _moment),
    "number": Column("Номер", _code),
    "outlet_id": Column("Торговая точка", _text),
    "positions": Column("Позиции", _number),
    "goods_sum": Column("Сумма товаров", _number),
    "discount_sum": Column("Сумма скидок", _number),
    "total": Column("Итого", _number),
}
GOODS = {
    "name": Column("Название", _text),
    "category": Column("Группа", _text),
    "outlet_id": Column("Торговая точка", _text),
    "max_price": Column("Макс. цена", _number),
    "quantity": Column("Остаток", _number),
}
CONTACTS = {
    "name": Column("Фамилия И.О.", _text),
    "outlet_id": Column("Торговая точка", _text),
    "purchases_total": Column("Сумма покупок", _number),
    "debt": Column("Долг", _number),
    "points": Column("Баллы", _number),
}
SOLD = {
    "name": Column("Название", _text),
    "category": Column("Группа", _text),
    "outlet_id": Column("Торговая точка", _text),
    "quantity": Column("Количество", _number),
    "revenue": Column("Выручка", _number),
    "returned_sum": Column("Возвращено", _number),
}
LISTS = [
    ("/sales", "range=all&kind=sales", SALES, "Номер"),
    ("/goods", "", GOODS, "Название"),
    ("/contacts", "", CONTACTS, "Фамилия И.О."),
    ("/sold", "range=all", SOLD, "Название"),
]


@pytest.fixture
def full(office: Office) -> Office:
    """More goods and contacts than a page holds, many alike in all but their names; and sales of them."""
    for number, outlet in enumerate(office.shop.outlets.values()):
        names = [f"{'Ёё' if i % 3 else 'Жж'} {number}{i:03}" for i in range(90)]
        office.shop.send(
            *(good(f"m{i}", name, f"Г{i % 4}", max_price=f"{i % 7}.5") for i, name in enumerate(names)),
            *(_contact(f"m{i}", f"{name.replace(' ', '')} И.О.", i % 5) for i, name in enumerate(names)),
            sale(f"many{number}", "2026-11-20T12:00:00+03:00", *((f"m{i}", "1", f"{i % 9}") for i in range(90))),
            outlet=outlet,
        )
    return office


def _contact(contact_id: str, name: str, figure: int) -> dict[str, Any]:
    figures = {"purchases_total": f"{figure}.50", "debt": f"{figure - 1}", "points": f"{figure}"}
    saved = {"type": "contact.saved", "at": "2026-11-01T10:00:00+03:00", "contact_id": contact_id, "name": name}
    return {**saved, **figures}


def _list(page: str) -> str:
    """The page from its list on: sums of outlets stand above it."""
    return page.partition('data-part="rows"')[2]


def _links(page: str) -> dict[str, str]:
    """The links of the headings by the column that they sort by."""
    head = _list(page).partition("<thead>")[2].partition("</thead>")[0]
    found = [html.unescape(link) for link in re.findall(r'<a href="([^"]+)"', head)]
    return {parse_qs(urlsplit(link).query)["sort"][0].removeprefix("-"): link for link in found}


async def _whole(owner: Visitor, path: str) -> list[str]:
    """The first column of all rows, through as many links to more rows as there are."""
    seen: list[str] = []
    before: list[str] = []
    while True:
        page = (await owner.get(path)).text
        if "show=" not in path:
            before = seen
        rows = _list(page).partition("<tbody>")[2].partition("</tbody>")[0]
        names = re.findall(r'<th scope="row"[^>]*><a [^>]*>([^<]*)</a>', rows)
        seen = before + [html.unescape(name).strip() for name in names]
        following = re.search(r'href="([^"]+)" rel="next"', page)
        if not following:
            return seen
        path = html.unescape(following[1]).partition("#")[0]


@pytest.mark.parametrize(("path", "query", "columns", "name"), LISTS, ids=[path for path, *_ in LISTS])
async def test_every_column_both_ways(
    owner: Visitor,
    full: Office,
    path: str,
    query: str,
    columns: dict[str, Column],
    name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The headings' links lead to the whole list in their order, each row once, page by page; so does the file."""
    monkeypatch.setattr("webapp.lists.listing.PAGES_ADDED", 1)  # each link goes on behind the last row
    first = (await owner.get(f"{path}?outlet=all&{query}")).text
    links = _links(first)
    elsewhere = {"margin", "change", "receipts", "average", "last_at", "recent"}  # in test_every_list.py
    assert columns.keys() <= links.keys() <= columns.keys() | elsewhere, "a column has no link, or no test"
    everything: list[str] | None = None
    for sort, column in columns.items():
        for order in (sort, f"-{sort}"):
            file = await owner.get(f"{path}/export.csv?outlet=all&{query}&sort={order}")
            rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig")), delimiter=";"))
            values = [column.read(row[column.file]) for row in rows]
            assert values == sorted(values, reverse=order.startswith("-")), (path, order)
            assert len({*values}) > 1, "an order that nothing shows"
            shown = await _whole(owner, f"{path}?outlet=all&{query}&sort={order}")
            assert shown == [row[name].lstrip("'").strip() for row in rows], (path, order)
            everything = everything or sorted(shown)
            assert sorted(shown) == everything, (path, order)
    assert everything is not None
    assert len(everything) > 100


async def test_a_tap_turns_the_order(owner: Visitor, full: Office) -> None:
    """Numbers from the greatest first, names from А; a second tap the other way; the heading says which it is."""
    page = (await owner.get("/goods?outlet=all&query=0")).text
    links = _links(page)
    assert 'aria-sort="ascending"' in page
    assert "sort=-quantity" in links["quantity"]
    assert "sort=-name" in links["name"]
    page = (await owner.get(links["quantity"])).text
    assert 'aria-sort="descending"' in page
    assert "query=0" in links["quantity"], "a filter is lost"
    assert "sort=quantity" in _links(page)["quantity"]


async def test_what_is_unknown_comes_last(owner: Visitor, office: Office) -> None:
    """A good without a price is behind those with one, whichever way they are sorted."""
    office.shop.send({"type": "good.saved", "at": "2026-11-01T10:00:00+03:00", "good_id": "np", "name": "Без цены",
                      "category": "Чай"})  # fmt: skip
    for order in ("max_price", "-max_price"):
        shown = await _whole(owner, f"/goods?outlet={office.shop.outlet}&sort={order}")
        assert shown[-1] == "Без цены"


async def test_an_order_that_is_none(owner: Visitor, full: Office) -> None:
    """An order by what is no column, or is none here, is the list's own; a place that no link leads to is 404."""
    whole = (await owner.get("/goods?outlet=all")).text
    for asked in ("sort=x", "sort=likeness", "sort=--name", "sort=name%27", "show=1", "show=99999"):
        assert _rows(await owner.get(f"/goods?outlet=all&{asked}")) == _rows(whole), asked
    key = ["чай", "g1", full.shop.outlet]
    for value, sort in [("abc", "quantity"), ("1e999999", "quantity"), ("2026-13-01", "at"), ("x", "outlet_id")]:
        path = "/sales" if sort == "at" else "/goods"
        cursor = [value, [*key, "x"] if sort == "at" else key]
        answer = await owner.get(f"{path}?outlet=all&sort={sort}&after={pack(cursor)}")
        assert answer.status_code == 404, (value, sort)
    for after in (pack(["чай", ["g1"]]), pack([1, 2]), "x", ""):
        assert (await owner.get(f"/goods?outlet=all&after={after}")).status_code == 404, after
    assert (await owner.get("/goods?outlet=all&show=x")).status_code == 404


def _rows(page: httpx.Response | str) -> str:
    text = page if isinstance(page, str) else page.text
    return _list(text).partition("<tbody>")[2].partition("</tbody>")[0]


async def test_too_many_receipts_sort_by_time_alone(
    owner: Visitor, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Above the bound the other headings are no links and the page says why; by time it still goes both ways."""
    monkeypatch.setattr("webapp.reports.receipts.MOST_SORTED", 100)
    page = (await owner.get("/sales?range=all&kind=all&sort=-total")).text
    assert _links(page).keys() == {"at"}
    assert "выберите период короче" in page
    assert _rows(page) == _rows(await owner.get("/sales?range=all&kind=all"))
    assert await _whole(owner, "/sales?range=all&kind=all&sort=at") == list(
        reversed(await _whole(owner, "/sales?range=all&kind=all"))
    )
    monkeypatch.setattr("webapp.reports.receipts.MOST_SORTED", 1000)
    page = (await owner.get("/sales?range=all&kind=all&sort=-total")).text
    assert len(_links(page)) > 5
    assert "выберите период короче" not in page


async def test_too_many_receipts_to_sort_contacts_by_them(
    owner: Visitor, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Above the bound what contacts bought is shown and sorts nothing, in the file neither, and the page says so."""
    bought = {"receipts", "average", "last_at"}
    page = (await owner.get("/contacts?outlet=all&sort=-receipts")).text
    assert _links(page).keys() >= bought
    assert "Чеков слишком много" not in page
    monkeypatch.setattr("webapp.reports.contacts.MOST_SORTED", 100)
    page = (await owner.get("/contacts?outlet=all&sort=-receipts")).text
    assert _links(page).keys() & bought == set()
    assert "Чеков слишком много" in page
    assert _rows(page) == _rows(await owner.get("/contacts?outlet=all"))


def test_the_statements() -> None:
    """What is composed for a column of each kind is what was read and found right; write it anew by hand."""
    inner = b"SELECT * FROM somewhere"
    composed = [
        f"-- {kind} {order}\n"
        + statement(inner, Heading("x", "", kind), order, ("k", "l"), ties_along=along).decode()
        + "\n"
        for kind in KINDS
        for order, along in ((Order("x"), False), (Order("x", True), True))
    ]
    assert "\n".join(composed) == GOLDEN.read_text()
