"""The files of the shapes in which shops' data come are read as they have to be; without a service."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from producers.importers import loyverse, square
from producers.importers.stage import together
from tests.producers.importers.reading import DATA, read


def expected(name: str) -> Any:
    return json.loads((DATA / name / "expected.json").read_text())


def test_receipts() -> None:
    """Thirteen receipts of fourteen documents; each day's figures and payments are those expected, to the kopeck."""
    reading = read("receipts", DATA / "receipts" / "receipts.json")
    assert reading.errors == []
    want = expected("receipts")
    found = reading.outcome.preview.totals.days
    assert {day: row["sales"] for day, row in reading.days.items()} == {d: r["sales"] for d, r in want["days"].items()}
    for day, row in want["days"].items():
        assert found[day].revenue == Decimal(row["revenue"])
        assert found[day].payments.get("cash", 0) == Decimal(row["cash"])
        rest = sum((v for method, v in found[day].payments.items() if method != "cash"), Decimal(0))
        assert rest == Decimal(row["other"])
    assert reading.outcome.preview.kinds["sale"] + reading.outcome.preview.kinds["return"] == want["receipts"]


def test_the_refund_finds_its_sale() -> None:
    """A refund of the same lines and total, from the same storage device, is of the sale that had them."""
    [refund] = read("receipts", DATA / "receipts" / "receipts.json").of_type("sale.returned")
    assert (refund["return_id"], refund["sale_id"]) == ("9939356904557353-15450", "9939356904557353-15441")


def test_nothing_of_the_buyer_is_kept() -> None:
    """Neither the buyer's address of a receipt nor the customer of an export is in any event."""
    events = [
        *read("receipts", DATA / "receipts" / "receipts.json").events,
        *read("square", DATA / "square" / "items.csv").events,
        *read("loyverse", DATA / "loyverse" / "receipts-by-item.csv").events,
    ]
    text = json.dumps(events, ensure_ascii=False)
    assert not [word for word in ("buyer@example.org", "Jane", "CUST001", "79990000000") if word in text]


def test_square() -> None:
    """Tax is on top: revenue is net and tax of each day."""
    want = expected("square")
    reading = read("square", DATA / "square" / "items.csv", zone=want["zone"])
    assert reading.errors == []
    assert {day: (row["sales"], Decimal(row["revenue"])) for day, row in reading.days.items()} == {
        day: (row["sales"], Decimal(row["net"]) + Decimal(row["tax"])) for day, row in want["days"].items()
    }
    rates = {
        line["tax"]["rate"] for sale in reading.of_type("sale.registered") for line in sale["lines"] if "tax" in line
    }
    assert rates == {"7.75"}


@pytest.mark.parametrize("name", ["receipts-by-item.csv", "receipts-us.csv"])
def test_loyverse(name: str) -> None:
    """Both reports, with the day first and with the month first, come to the same days."""
    reading = read("loyverse", DATA / "loyverse" / name)
    assert reading.errors == []
    want = expected("loyverse")[name]
    assert {day: (row["sales"], row["revenue"]) for day, row in reading.days.items()} == {
        day: (row["sales"], row["revenue"]) for day, row in want.items()
    }
    assert len(reading.of_type("sale.voided")) == sum(row.get("voided", 0) for row in want.values())


def test_loyverse_with_both_reports() -> None:
    """The report by item has the lines, the one by receipt how each was paid."""
    folder = DATA / "loyverse"
    reading = read("loyverse", folder / "receipts-us.csv", folder / "receipts-by-item.csv")
    sales = {sale["sale_id"]: sale for sale in reading.of_type("sale.registered")}
    assert [line["good_id"] for line in sales["1-1001"]["lines"]] == ["10001", "10002"]
    assert {id_: sale["payments"] for id_, sale in sales.items()} == {
        "1-1001": [{"method": "cash", "amount": "280.00"}],
        "1-1002": [{"method": "card", "amount": "310.50"}],
        "1-1004": [{"method": "other", "amount": "120.00"}],
    }


def test_goods() -> None:
    """Prices, costs, barcodes and stock as they are written; the bad row is named by row, column and value."""
    want = expected("goods")["ostatki-cp1251.csv"]
    reading = read("goods", DATA / "goods" / "ostatki-cp1251.csv")
    goods = {good["good_id"]: good for good in reading.of_type("good.saved")}
    stock = {count["good_id"]: count["quantity"] for count in reading.of_type("stock.counted")}
    assert goods.keys() == want["goods"].keys()
    for id_, fields in want["goods"].items():
        good = goods[id_]
        barcodes = [good["barcode"], *good["barcodes"]] if "barcode" in good else []
        found = {**good, "barcodes": barcodes, "stock": stock[id_]}
        assert {field: found.get(field) for field in fields} == fields
    assert [{field: row[field] for field in ("row", "column", "value")} for row in reading.errors] == want["errors"]


def test_the_import_file_of_ospos() -> None:
    """Headings in English, a good known by its barcode, stock of a warehouse that the heading names."""
    reading = read("goods", DATA / "goods" / "ospos-items.csv")
    [good], [count] = reading.of_type("good.saved"), reading.of_type("stock.counted")
    assert (good["good_id"], good["name"], good["category"]) == ("ITEM001", "Test Item", "Electronics")
    assert (good["cost"], good["max_price"], good["min_stock"]) == ("10.00", "15.00", "5")
    assert (count["warehouse_id"], count["quantity"]) == ("Warehouse", "7")


@pytest.mark.parametrize("order", [("import.xml", "offers.xml"), ("offers.xml", "import.xml")])
def test_commerceml(order: tuple[str, str]) -> None:
    """Each offer is a good with its price and its stock by warehouse; the one marked «Удален» is removed again."""
    want = expected("commerceml")
    reading = read("commerceml", *(DATA / "commerceml" / name for name in order))
    assert reading.errors == []
    assert len(reading.of_type("good.saved")) == want["offers"]
    assert sum(Decimal(count["quantity"]) for count in reading.of_type("stock.counted")) == Decimal(want["stock_sum"])
    assert [event["good_id"] for event in reading.of_type("good.removed")] == ["b631c9c1-49de-11e9-80c9-0cc47ab29cd1"]
    good = next(good for good in reading.of_type("good.saved") if good.get("article") == "PM-421-WP")
    assert (good["category"], good["max_price"], good["barcode"]) == ("Коврики для дома", "100", "8809288404089")
    assert {count["at"] for count in reading.of_type("stock.counted")} == {"2020-04-07T12:08:44+03:00"}


def test_no_file_of_data_is_forgotten() -> None:
    """Each folder of data has a test here."""
    assert {path.name for path in Path(DATA).iterdir() if path.is_dir()} == {
        "receipts",
        "square",
        "loyverse",
        "goods",
        "commerceml",
    }


def test_the_price_of_one_is_rounded_half_up(tmp_path: Path) -> None:
    """1 ÷ 32 is 0.0313 like every other mean; of rows that an earlier release noted with 0.0312 a receipt stays as it
    was sent, and none of its rows is taken for another one."""
    columns = "Date,Receipt number,Receipt type,SKU,Item,Quantity,Gross sales,Discounts,Net sales,Taxes,"
    columns += "Cost of goods,Status"
    source = tmp_path / "receipts.csv"
    source.write_text(f"{columns}\n2026-11-26 14:02,1-1,Sale,t,Tea,32,1.00,0.00,1.00,0.12,1.00,Closed\n")
    [sale] = read("loyverse", source, answers={"tax": "included"}).of_type("sale.registered")
    [line] = sale["lines"]
    assert (line["price"], line["cost"]) == ("0.0313", "0.0313")

    now = {"gross": "1.00", "quantity": "32", "net": "1.00", "unit_cost": "0.0313", "unit_price": "0.0313"}
    before = {"gross": "1.00", "quantity": "32", "net": "1.00", "cost": "0.0312"}
    assert together([before], [now]) == [before]
    told = {"good": "t", "name": "Tea", "discount": "0.00"}
    noted = loyverse._line(before | told)
    assert (noted["price"], noted["cost"]) == ("0.0312", "0.0312")
    assert square._line(before | told | {"unit": ""})["price"] == "0.0312"
