"""Every list of every page sorts by every column, on the server, both ways, page by page."""

from __future__ import annotations

import gc
import html
import re
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.webapp import sitemap
from tests.webapp.reports.office import Office
from tests.webapp.shop import sale
from tests.webapp.templates import TEMPLATES, source
from tests.webapp.visitor import Visitor
from webapp.lists import Listing

WRITTEN_BY_HAND: dict[str, str] = {
    "licences/invoice.html": "a document to print",
    "outlets/ledger.html": "counts with fixed lines, a till a line, the reasons of refusals",
    "outlets/imports.html": "the days of one file",
    "reports/abc.html": "the nine classes; the list of goods is below it",
    "reports/contact.html": "the latest receipts, with a link to their list",
    "reports/contacts.html": "what the outlets' contacts come to; the list of contacts is below it",
    "reports/dashboard.html": "the outlets as the owner ordered them",
    "reports/good.html": "a card: its movements in their order, which is what the stock after each comes from",
    "reports/later.html": "what came later than a kept report, in its order",
    "reports/parts.html": "the lines of one return",
    "reports/profit.html": "the few rates of a tax; the list of days is above it",
    "reports/sale.html": "a card: lines and payments as they stand on the receipt, versions in their order",
    "reports/shift.html": "a card: its drawer, its Z-report, its moves, its receipts with a link to their list",
    "reports/shifts.html": "what the outlets' shifts come to; the list of shifts is below it",
    "reports/summary.html": "figures drawn beside their tables, the best ten with a link to the list, and days",
}
"""Templates with a table whose headings do not sort, and why: no list of its own."""


def test_a_list_has_headings_that_sort() -> None:
    """A table with headings is a `Listing` (its headings are made by `heads`), or is named above with a reason."""
    by_hand = {name for name in TEMPLATES if re.search(r'<thead(?! class="sr")', source(name))}
    listed = {name for name in TEMPLATES if "{{ heads(" in source(name)}
    assert by_hand - WRITTEN_BY_HAND.keys() == set(), "make it a Listing"
    assert WRITTEN_BY_HAND.keys() - by_hand == set(), "named, and has no such table"
    for name in listed:
        assert source(name).count('<thead><tr><th scope="col">') <= (name in WRITTEN_BY_HAND), name
    pages = {page.contexts[0].template for page in sitemap.of_account()}
    assert len(listed & pages) >= 8


LISTS = (
    "/sold/hours?outlet=all&range=all&apart=1",
    "/compare?range=30d",
    "/cashiers?range=30d",
    "/shifts?range=all",
    "/contacts",
    "/journal",
)


@pytest.mark.parametrize("path", LISTS)
async def test_every_heading_sorts_what_it_shows(
    owner: Visitor, office: Office, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By each heading and both ways: the cells below it in their order, what is unknown last, each row once however
    many pages they are on; and the page says which heading it is."""
    fill(office, owner)
    monkeypatch.setattr("webapp.lists.listing.PAGES_ADDED", 1)  # each link goes on behind the last row
    for listing in (value for value in gc.get_objects() if isinstance(value, Listing)):
        monkeypatch.setattr(listing, "size", listing.size if listing.size < 50 else 7)
    page = (await owner.get(path)).text
    titles = re.findall(r'<th scope="col"[^>]*>(.*?)</th>', _table(page, "thead"), re.DOTALL)
    links = [html.unescape(link) for link in re.findall(r'<a href="([^"]+)"', _table(page, "thead"))]
    assert len(links) == len(titles), "a heading without a link"
    everything: list[tuple[str, ...]] | None = None
    for index, link in enumerate(links):
        sort = parse_qs(urlsplit(link).query)["sort"][0].removeprefix("-")
        seen = []
        for order in (sort, f"-{sort}"):
            address = re.sub(r"sort=-?\w+", f"sort={order}", link)
            assert _table((await owner.get(address)).text, "thead").count("aria-sort") == 1, address
            rows = await _pages(owner, address)
            values = [_value(row[index]) for row in rows]
            assert _in_order(values, backwards=order.startswith("-")), (address, values)
            everything = everything or sorted(rows)
            assert sorted(rows) == everything, address
            seen.append(rows)
        if len({_value(row[index]) for row in seen[0]}) > 1:
            assert seen[0] != seen[1], sort
    assert everything is not None
    assert len(everything) > 1


def _in_order(values: list[Any], *, backwards: bool) -> bool:
    """Whether they are sorted: a dash stands for 0, or for what is unknown and comes last."""
    known = [value for value in values if value is not None]
    last = values[: len(known)] == known and known == sorted(known, reverse=backwards)
    if last or not all(isinstance(value, Decimal) for value in known):
        return last
    numbers = [value or Decimal(0) for value in values]
    return numbers == sorted(numbers, reverse=backwards)


def fill(office: Office, owner: Visitor) -> None:
    """Something of everything: costs, voids, discounts; an older month to compare with; entries of the journal."""
    for number, outlet in enumerate(office.shop.outlets.values()):
        costly = {"good_id": "g1", "name": "Чай", "quantity": "1", "price": "90.00", "cost": f"{40 + number}.00"}
        events = [
            {**sale(f"c{number}", "2026-11-20T12:00:00+03:00"), "lines": [costly], "payments": []},
            sale(f"v{number}", "2026-11-20T13:00:00+03:00", ("g1", "1", "5.00")),
        ]
        for n in range(9):
            at = f"2026-11-{10 + n}T12:00:00+03:00"
            by = {
                "cashier_id": f"k{n}",
                "cashier": f"Ж{'ёеяд'[n % 4]}льцов {'АБВГД'[n % 5]}.",
                "contact_id": f"c{n % 3}",
            }
            shift = {"shift_id": f"sh{n + 2}", "number": f"{n + 2}", "cashier": by["cashier"]}
            sums = {"totals": {"sales": f"{n % 3}00.00"}} if n % 4 else {}
            drawer = {"cash": f"{n}50.00"} if n % 3 else {}
            events += [
                {"type": "shift.opened", "at": at, "cash": f"{n}00.00", **shift},
                sale(f"k{number}{n}", at, ("g1", "1", f"{n % 4}00.00"), **by, shift_id=shift["shift_id"]),
                *(
                    {"type": "shift.closed", "at": at.replace("T12", "T18"), **shift, **sums, **drawer}
                    for _ in range(n % 2)
                ),
            ]
        void = {"type": "sale.voided", "at": "2026-11-20T14:00:00+03:00"}
        office.shop.send(*events, *({**void, "sale_id": f"v{number}"} for _ in range(1 - number)), outlet=outlet)
    owner.sql(
        "INSERT INTO app.journal (account_id, action, subject, at, address, device, by_operator)"
        " SELECT account_id, (ARRAY['exported', 'signed_in', 'new_device'])[n %% 3 + 1], 'ёж ' || n %% 5,"
        " now() - n %% 7 * interval '1 hour', CASE WHEN n %% 2 = 0 THEN '192.0.2.x' ELSE '' END, '', n %% 4 = 0"
        " FROM app.accounts, generate_series(1, 20) n"
    )


def _table(page: str, part: str) -> str:
    """A part of the list's table: the last of the page's tables whose headings sort."""
    table = next(one for one in page.split("<table")[1:] if "sort=" in one.partition("</thead>")[0])
    return table.rpartition(f"<{part}>")[2].partition(f"</{part}>")[0]  # sums of outlets stand above the rows


async def _pages(owner: Visitor, path: str | None) -> list[tuple[str, ...]]:
    """The texts of the cells of all rows, through as many links to more rows as there are."""
    found: list[tuple[str, ...]] = []
    while path:
        page = (await owner.get(path)).text
        for row in _table(page, "tbody").split("<tr")[1:]:
            cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
            found.append(tuple(" ".join(html.unescape(re.sub("<[^>]*>", " ", cell)).split()) for cell in cells))
        following = re.search(r'href="([^"]+)" rel="next"', page)
        path = html.unescape(following[1]).partition("#")[0] if following else None
    return found


def _value(cell: str) -> Any:
    """What a cell is compared by: a moment, an hour, a number, a text; None where it says nothing."""
    if cell in ("—", "–"):
        return None
    if moment := re.match(r"(\d\d)\.(\d\d)\.(\d{4}),? (\d\d:\d\d)", cell):
        day, month, year, time = moment.groups()
        return (year, month, day, time)
    if re.match(r"\d\d:00–", cell):
        return cell
    if number := re.match(r"[+−-]?\d[\d\s]*(,\d+)?(?=[ \u00a0]?[₽%]|$| )", cell):
        return Decimal(re.sub(r"\s", "", number[0]).replace(",", ".").replace("−", "-"))
    return cell.lower().replace("ё", "е")
