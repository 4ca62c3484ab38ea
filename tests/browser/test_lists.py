"""The lists as a person uses them, on a phone and on a wide screen: each filter, each card, what an export holds."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests import shop_data
from tests.browser.conftest import OUTLETS
from tests.browser.look import Watched
from tests.service import Service

OUTLET, FILE = next(iter(OUTLETS.items()))
EVENTS = shop_data.events(shop_data.FILES[FILE])
CENT = Decimal("0.01")


def _total(sale: dict[str, Any]) -> Decimal:
    lines = sale["lines"]
    gross = sum((Decimal(x["quantity"]) * Decimal(x["price"])).quantize(CENT, ROUND_HALF_UP) for x in lines)
    return Decimal(gross - sum(Decimal(line.get("discount", "0")) for line in lines))


SALES = [(event, _total(event)) for event in EVENTS if event["type"] == "sale.registered"]
RETURNS = [event for event in EVENTS if event["type"] == "sale.returned"]
GOODS = {event["good_id"]: event for event in EVENTS if event["type"] == "good.saved"}
CONTACTS = {event["contact_id"]: event for event in EVENTS if event["type"] == "contact.saved"}


PHONE, DESK = (pytest.mark.parametrize("page", [width], indirect=True) for width in (360, 1440))
"""Each test at one of both: that every list fits at every width is for test_pages.py."""


@pytest.fixture
def page(request: pytest.FixtureRequest, browser: Browser, office: Service, signed_in: Any) -> Iterator[Page]:
    """The owner at a window of some width, with the outlet of many receipts chosen by the chooser."""
    width: int = request.param
    context = browser.new_context(
        locale="ru-RU", viewport={"width": width, "height": 800}, storage_state=signed_in, base_url=office.url
    )
    opened = context.new_page()
    watched = Watched(opened)
    opened.goto("/sales?range=all")
    opened.locator("#chooser").select_option(label=OUTLET)
    expect(opened.locator("#chooser option:checked")).to_have_text(OUTLET)
    yield opened
    context.close()
    assert watched.errors == []


def _filter(page: Page, path: str, **fields: str) -> Locator:
    """Fills the form of a list and sends it, on a phone after unfolding it; gives the part with the rows."""
    page.goto(path)
    form = page.locator("form.filters")
    if not form.is_visible():
        page.locator("label.fold-button").click()
    for name, value in fields.items():
        field = form.locator(f"[name={name.rstrip('_')}]")
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    form.get_by_role("button", name="Показать").click()
    page.wait_for_load_state()
    expect(page.locator("#chooser option:checked")).to_have_text(OUTLET)
    return page.locator("[data-part=rows]")


def _plural(count: int, one: str, few: str, many: str) -> str:
    tens, ones = count % 100, count % 10
    if ones == 1 and tens != 11:
        return f"{count} {one}"
    return f"{count} {few if 2 <= ones <= 4 and not 12 <= tens <= 14 else many}"


def _days(sale: dict[str, Any]) -> str:
    return str(sale["at"][:10])


@PHONE
def test_each_filter_of_sales(page: Page) -> None:
    """Range, quick range, method, sum, number and kind, typed and sent: as many receipts as the events hold."""
    everything = sorted(total for _, total in SALES)
    low, high = everything[len(everything) // 4], everything[len(everything) // 2]
    number = SALES[7][0]["number"]
    for fields, wanted in (
        (
            {"from_": "2010-12-02", "to": "2010-12-03"},
            [s for s, _ in SALES if "2010-12-02" <= _days(s) <= "2010-12-03"],
        ),
        ({"method": "card"}, [s for s, _ in SALES if any(p["method"] == "card" for p in s["payments"])]),
        ({"min": str(low).replace(".", ","), "max": str(high)}, [s for s, total in SALES if low <= total <= high]),
        ({"number": number}, [s for s, _ in SALES if number in s["number"]]),
    ):
        _filter(page, "/sales?range=all", **fields)
        totals = page.locator("[data-part=totals]")
        expect(totals).to_contain_text(_plural(len(wanted), "продажа", "продажи", "продаж"))
    _filter(page, "/sales?range=all", kind="returns")
    expect(page.locator("[data-part=totals]")).to_contain_text(
        _plural(len(RETURNS), "возврат", "возврата", "возвратов")
    )
    page.goto("/sales")
    expect(page.locator("[data-part=totals]")).to_contain_text("0 продаж")
    page.get_by_role("link", name="За всё время").first.click()
    expect(page.locator("[data-part=totals]")).to_contain_text(_plural(len(SALES), "продажа", "продажи", "продаж"))


@DESK
def test_each_filter_of_goods(page: Page) -> None:
    """Part of a name in any case, a typing mistake, a barcode, a group, stock: as many goods as the events hold."""
    group = next(good["category"] for good in GOODS.values() if good["category"])
    barcode = next(good["barcode"] for good in GOODS.values() if good.get("barcode"))
    for fields, wanted in (
        ({"query": "lunch b"}, [g for g in GOODS.values() if "lunch b" in g["name"].lower()]),
        ({"query": barcode}, [g for g in GOODS.values() if g.get("barcode") == barcode]),
        ({"category": group}, [g for g in GOODS.values() if g["category"] == group]),
    ):
        rows = _filter(page, "/goods", **fields)
        assert _count(rows) == len(wanted) > 0
    all_of_them = _count(_filter(page, "/goods"))
    scarce, plenty = _count(_filter(page, "/goods", max="99")), _count(_filter(page, "/goods", min="99,001"))
    assert 0 < scarce < all_of_them == len(GOODS) == scarce + plenty
    rows = _filter(page, "/goods", query="lnuch box")
    expect(rows.locator(".notice")).to_be_visible()
    expect(rows.locator("a.row-link").first).to_contain_text("LUNCH BOX")
    expect(_filter(page, "/goods", query="ъъъъъъ").locator(".empty")).to_be_visible()


def _count(rows: Locator) -> int:
    shown = rows.locator(".totals-line b")
    return int("".join(letter for letter in shown.inner_text() if letter.isdigit())) if shown.count() else 0


@PHONE
def test_each_filter_of_contacts(page: Page) -> None:
    """Name, purchases, debt and points: as many contacts as the events hold, and their totals."""
    surname = next(iter(CONTACTS.values()))["name"].split()[0]
    spent = sorted(Decimal(contact["purchases_total"]) for contact in CONTACTS.values())[len(CONTACTS) // 2]
    found = list(CONTACTS.values())
    for fields, wanted in (
        ({"query": surname[1:].upper()}, [c for c in found if surname[1:] in c["name"].split()[0]]),
        ({"purchases_min": str(spent)}, [c for c in found if Decimal(c["purchases_total"]) >= spent]),
        ({"debt_max": "0"}, [c for c in found if Decimal(c["debt"]) <= 0]),
        ({"points_min": "5", "points_max": "20"}, [c for c in found if 5 <= Decimal(c["points"]) <= 20]),
    ):
        totals = _filter(page, "/contacts", **fields).locator("tfoot")
        expect(totals.locator("th")).to_contain_text(f"Итого {len(wanted)} контакт")
        sums = _figures(totals)
        assert sums == [sum(Decimal(c[name]) for c in wanted) for name in ("purchases_total", "debt", "points")]


def _figures(cells: Locator) -> list[Decimal]:
    return [_figure(text) for text in cells.locator("td").all_inner_texts() if text.strip()]


def _figure(text: str) -> Decimal:
    kept = "".join(letter for letter in text if letter.isdigit() or letter in ",\N{MINUS SIGN}")
    return Decimal(kept.replace(",", ".").replace("\N{MINUS SIGN}", "-"))


@DESK
def test_each_card(page: Page) -> None:
    """A return leads to its sale and that to a good; the card's tabs hold lines, payments and returns. The return of a
    sale that was made before the till was connected has a card of its own."""
    sold = {sale["sale_id"]: (sale, total) for sale, total in SALES}
    orphan = next(one for one in RETURNS if one["sale_id"] not in sold)
    page.goto(f"/sales?range=all&kind=returns&number={orphan['return_id']}")
    page.locator("a.row-link").first.click()
    expect(page.locator("h1")).to_have_text(f"Возврат {orphan['return_id']}")
    expect(page.locator("[data-part=tab] tbody tr")).to_have_count(len(orphan["lines"]))
    returned = next(one for one in RETURNS if one["sale_id"] in sold)
    sale, total = sold[returned["sale_id"]]
    page.goto(f"/sales?range=all&kind=returns&number={returned['return_id']}")
    page.locator("a.row-link").first.click()
    tab = page.locator("[data-part=tab]")
    expect(tab).to_contain_text(returned["return_id"])
    page.get_by_role("link", name="Платежи").click()
    paid = sum(Decimal(payment["amount"]) for payment in sale["payments"]) - Decimal(sale.get("change", "0"))
    assert _figures(tab.locator("tfoot")) == [paid]
    page.get_by_role("link", name="Позиции").click()
    expect(tab.locator("tbody tr")).to_have_count(len(sale["lines"]))
    assert _figures(tab.locator("tfoot")) == [total]
    tab.locator("tbody a").first.click()
    good = GOODS[sale["lines"][0]["good_id"]]
    expect(page.locator("h1")).to_have_text(good["name"] or good["good_id"])
    facts = page.locator("[data-part=facts]")
    for text in (good["category"], good["barcode"], *good["barcodes"], *(field["value"] for field in good["extra"])):
        expect(facts).to_contain_text(text)
    expect(page.locator("[data-part=stock] tfoot")).to_be_visible()
    page.get_by_role("link", name="Последняя продажа").click()
    expect(page.locator("[data-part=sold] canvas")).to_be_visible()
    expect(page.locator("[data-part=history] tbody tr").first).to_be_visible()
    page.goto("/contacts")
    name = page.locator("a.row-link").first.inner_text()
    page.locator("a.row-link").first.click()
    expect(page.locator("h1")).to_have_text(name)
    page.locator("[data-part=facts]").get_by_role("link").first.click()
    expect(page.locator(".chip")).to_be_visible()


@PHONE
def test_what_an_export_holds(page: Page) -> None:
    """Both files hold just the filtered rows under Russian headings, numbers as numbers, and the page's sum."""
    _filter(page, "/sales?range=all", method="cash", kind="all")
    shown = page.locator("[data-part=totals] .totals-line b").nth(2).inner_text()
    found: dict[str, list[list[Any]]] = {}
    for form, link in (("csv", "CSV"), ("xlsx", "Excel (XLSX)")):
        page.locator("details.export summary").first.click()
        with page.expect_download() as download:
            page.get_by_role("link", name=link).click()
        page.keyboard.press("Escape")
        assert download.value.suggested_filename == f"Продажи, {OUTLET}, за всё время.{form}"
        found[form] = _rows(download.value.path().read_bytes(), form)
    assert found["csv"][0] == found["xlsx"][0]
    assert found["csv"][0][:4] == ["Торговая точка", "Дата и время", "Вид", "Номер"]
    total = found["csv"][0].index("Итого")
    sums = [Decimal(sum(Decimal(str(row[total])) for row in rows[1:])) for rows in found.values()]
    assert sums == [_figure(shown)] * 2
    assert len(found["csv"]) == len(found["xlsx"]) > 50
    assert {row[0] for row in found["csv"][1:]} == {OUTLET}
    assert found["csv"][0][-4:] == ["Оплата", "Кассир", "Контакт", "Касса"]


def _rows(content: bytes, form: str) -> list[list[Any]]:
    if form == "csv":
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
        return [rows[0], *([*row[:4], *(cell.replace(",", ".") for cell in row[4:])] for row in rows[1:])]
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert all(cell.data_type == "n" for row in sheet.iter_rows(min_row=2) for cell in row[4:-4])
    return [list(row) for row in sheet.iter_rows(values_only=True)]
