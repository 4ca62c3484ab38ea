"""Fiscal receipts in whatever form a cabinet gives them."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from producers.importers.questions import Question
from tests.producers.importers.reading import DATA, read, write


def receipt(**changes: Any) -> dict[str, Any]:
    """A receipt of two lines, in kopecks."""
    whole = {
        "code": 3,
        "dateTime": "2026-03-01T12:00:00",
        "fiscalDriveNumber": "9999078900000001",
        "fiscalDocumentNumber": 17,
        "fiscalSign": 3141592653,
        "operationType": 1,
        "totalSum": 25000,
        "cashTotalSum": 25000,
        "ecashTotalSum": 0,
        "items": [
            {"name": "Чай", "price": 10000, "quantity": 2, "sum": 20000, "nds": 1, "paymentType": 4, "productType": 1},
            {
                "name": "Доставка",
                "price": 5000,
                "quantity": 1,
                "sum": 5000,
                "nds": 6,
                "paymentType": 4,
                "productType": 4,
            },
        ],
        "kktRegId": "0000000000000001    ",
        "userInn": "0000000000  ",
        "shiftNumber": 5,
        "requestNumber": 12,
        "operator": "Кассир Тестова Анна Ивановна",
        "buyerPhoneOrAddress": "+79990000000",
    }
    return {name: value for name, value in {**whole, **changes}.items() if value is not None}


def of(tmp_path: Path, document: Any, **options: Any) -> Any:
    return read("receipts", write(tmp_path / "receipts.json", json.dumps(document, ensure_ascii=False)), **options)


def tagged(value: Any) -> Any:
    """The same receipt by the tags of ФФД."""
    names = {
        "dateTime": "1012",
        "fiscalDriveNumber": "1041",
        "fiscalDocumentNumber": "1040",
        "fiscalSign": "1077",
        "operationType": "1054",
        "totalSum": "1020",
        "cashTotalSum": "1031",
        "ecashTotalSum": "1081",
        "items": "1059",
        "kktRegId": "1037",
        "userInn": "1018",
        "shiftNumber": "1038",
        "requestNumber": "1042",
        "operator": "1021",
        "name": "1030",
        "price": "1079",
        "quantity": "1023",
        "sum": "1043",
        "nds": "1199",
        "paymentType": "1214",
        "productType": "1212",
    }
    match value:
        case dict():
            return {names.get(name, name): tagged(inner) for name, inner in value.items()}
        case list():
            return [tagged(inner) for inner in value]
        case _:
            return value


@pytest.mark.parametrize(
    "wrap",
    [
        lambda r: [{"_id": "x", "ticket": {"document": {"receipt": r}}}],
        lambda r: [{"document": {"receipt": r}}],
        lambda r: [r],
        lambda r: r,
        lambda r: {"receipts": [r]},
        lambda r: {"code": 1, "data": {"json": r}},
        lambda r: {"total": 1, "data": {"content": [{"receipt": r}]}},
        lambda r: [tagged(r)],
        lambda r: [tagged({**r, "dateTime": 1772366400})],
    ],
)
def test_forms(tmp_path: Path, wrap: Any) -> None:
    """However a receipt is wrapped, by names or by tags: the same sale comes of it."""
    reading = of(tmp_path, wrap(receipt()))
    assert reading.errors == []
    [sale] = reading.of_type("sale.registered")
    assert sale["at"] == "2026-03-01T12:00:00+03:00"
    assert (sale["sale_id"], sale["number"], sale["shift_id"]) == (
        "9999078900000001-17",
        "12",
        "9999078900000001-5",
    )
    assert sale["fiscal"] == {"fn": "9999078900000001", "fd": "17", "fp": "3141592653"}
    assert [(line["good_id"], line["sum"], line["kind"], line["tax"]) for line in sale["lines"]] == [
        ("Чай", "200", "good", {"rate": "20", "amount": "33.33"}),
        ("Доставка", "50", "service", {"rate": "none", "amount": "0.00"}),
    ]
    assert sale["payments"] == [{"method": "cash", "amount": "250"}]


def test_an_object_a_line(tmp_path: Path) -> None:
    """JSON Lines are read like a list."""
    lines = "\n".join(json.dumps(receipt(fiscalDocumentNumber=n)) for n in range(3))
    assert len(read("receipts", write(tmp_path / "r.json", lines)).of_type("sale.registered")) == 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1251"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    """Each encoding gives the same names."""
    text = json.dumps([receipt()], ensure_ascii=False)
    reading = read("receipts", write(tmp_path / "r.json", text.encode(encoding)))
    assert [good["name"] for good in reading.of_type("good.saved")] == ["Чай", "Доставка"]


def test_rubles(tmp_path: Path) -> None:
    """An amount with a fraction makes all of the file's rubles; where all are whole and have a point, it is asked."""
    half = receipt(totalSum=125.5, cashTotalSum=125.5, items=[{"name": "Чай", "quantity": 1, "sum": 125.5}])
    items = [{"name": "Чай", "price": 125.5, "quantity": 2, "sum": 251.0}]
    whole = receipt(fiscalDocumentNumber=18, totalSum=251.0, cashTotalSum=251.0, items=items)
    sales = of(tmp_path, [whole, half]).of_type("sale.registered")
    assert [Decimal(sale["lines"][0]["sum"]) for sale in sales] == [Decimal(251), Decimal("125.5")]
    with pytest.raises(Question) as caught:
        of(tmp_path, [whole])
    assert caught.value.key == "money"
    [sale] = of(tmp_path, [whole], answers={"money": "rubles"}).of_type("sale.registered")
    assert Decimal(sale["lines"][0]["sum"]) == Decimal(251)


def test_kopecks_between_total_and_lines(tmp_path: Path) -> None:
    """Up to a ruble is rounding; more is an error of that receipt alone."""
    reading = of(tmp_path, [receipt(totalSum=24950), receipt(fiscalDocumentNumber=18, totalSum=24800)])
    assert [sale["rounding"] for sale in reading.of_type("sale.registered")] == ["-0.5"]
    assert [(row["row"], row["column"]) for row in reading.errors] == [(2, "totalSum")]


def test_what_is_not_brought_in(tmp_path: Path) -> None:
    """Purchases are counted and told; another kind of operation is an error."""
    documents = [receipt(operationType=3), receipt(operationType=4), receipt(operationType=9), {"x": 1}]
    reading = of(tmp_path, documents)
    assert reading.events == []
    assert reading.outcome.document()["notes"] == [
        {"text": "чеков покупки (не загружаются)", "count": 2},
    ]
    assert [(row["row"], row["column"]) for row in reading.errors] == [(3, "operationType"), (4, "")]


def test_a_correction(tmp_path: Path) -> None:
    """It counts like a sale, and is marked; without lines it has one of its total."""
    reading = of(tmp_path, [{"receiptCorrection": receipt(code=31, items=None, correctionType=0)}])
    [sale] = reading.of_type("sale.registered")
    assert sale["correction"] is True
    assert [(line["sum"], line["kind"]) for line in sale["lines"]] == [("250", "service")]


@pytest.mark.parametrize(
    ("payment", "product", "kind"),
    [
        (1, 10, "prepayment"),
        (2, 1, "prepayment"),
        (3, 10, "prepayment"),
        (4, 1, "good"),
        (4, 33, "good"),
        (5, 4, "service"),
        (6, 2, "good"),
        (7, 10, "debt"),
        (4, None, "good"),
    ],
)
def test_kinds_of_lines(tmp_path: Path, payment: int, product: int | None, kind: str) -> None:
    """`paymentType` tells advances and debts, `productType` goods from services."""
    item = {"name": "Чай", "price": 25000, "quantity": 1, "sum": 25000, "paymentType": payment, "productType": product}
    [sale] = of(tmp_path, [receipt(items=[item])]).of_type("sale.registered")
    assert sale["lines"][0]["kind"] == kind


def test_methods_of_payment(tmp_path: Path) -> None:
    """Sums by kind of payment go to their methods; a receipt without any has one `other` of its total."""
    sums = {"cashTotalSum": 100, "ecashTotalSum": 200, "prepaidSum": 300, "creditSum": 400, "provisionSum": 24000}
    none = {"cashTotalSum": None, "ecashTotalSum": None, "fiscalDocumentNumber": 18}
    first, second = of(tmp_path, [receipt(**sums), receipt(**none)]).of_type("sale.registered")
    assert [(payment["method"], payment["amount"]) for payment in first["payments"]] == [
        ("cash", "1"),
        ("card", "2"),
        ("prepayment", "3"),
        ("credit", "4"),
        ("other", "240"),
    ]
    assert second["payments"] == [{"method": "other", "amount": "250"}]


@pytest.mark.parametrize(
    "code",
    [
        {"productCodeNew": {"gs1m": {"gtin": "04600000000017", "sernum": "x"}}},
        {"productCode": {"gs1m": {"rawProductCode": "0104600000000017215abc"}}},
        {"nomenclatureCode": "(01)04600000000017(21)5abc"},
    ],
)
def test_goods_are_known_by_their_gtin(tmp_path: Path, code: dict[str, Any]) -> None:
    """Where a line has a GTIN, in whichever form, that is the good; the name may change."""
    item = {"name": "Чай", "price": 25000, "quantity": 1, "sum": 25000, **code}
    [good] = of(tmp_path, [receipt(items=[item])]).of_type("good.saved")
    assert (good["good_id"], good["barcodes"]) == ("04600000000017", ["04600000000017"])


def test_the_tax_of_lines_is_that_of_the_receipt(tmp_path: Path) -> None:
    """Where lines have a rate and no amount, what is computed comes to the receipt's own tax."""
    items = [{"name": n, "price": 3333, "quantity": 1, "sum": 3333, "nds": 1} for n in "абв"]
    [sale] = of(tmp_path, [receipt(items=items, totalSum=9999, cashTotalSum=9999, nds18=1667)]).of_type(
        "sale.registered"
    )
    assert sum(Decimal(line["tax"]["amount"]) for line in sale["lines"]) == Decimal("16.67")


def test_before_2019_the_rate_was_18(tmp_path: Path) -> None:
    """The same code meant another rate."""
    [sale] = of(tmp_path, [receipt(dateTime="2018-12-31T12:00:00")]).of_type("sale.registered")
    assert sale["lines"][0]["tax"]["rate"] == "18"


def test_several_firms_are_asked_about(tmp_path: Path) -> None:
    """Receipts of two ИНН are not put into one outlet unless the map says so; what is elsewhere is left out."""
    documents = [receipt(), receipt(userInn="0000000001", fiscalDriveNumber="9999078900000002")]
    with pytest.raises(Question) as caught:
        of(tmp_path, documents)
    assert caught.value.key == "outlets.0000000000"
    reading = of(tmp_path, documents, answers={"outlets": {"0000000000": "here", "0000000001": "elsewhere"}})
    assert [sale["sale_id"] for sale in reading.of_type("sale.registered")] == ["9999078900000001-17"]
    assert {"text": "чеков других торговых точек (оставлены по карте)", "count": 1} in reading.outcome.document()[
        "notes"
    ]


def test_the_same_number_with_other_content(tmp_path: Path) -> None:
    """The second of two receipts with one number is named, not taken for a repetition."""
    reading = of(tmp_path, [receipt(), receipt(), receipt(totalSum=24950, cashTotalSum=24950)])
    assert len(reading.of_type("sale.registered")) == 1
    assert [row["row"] for row in reading.errors] == [3]


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"fiscalDriveNumber": None}, "fiscalDriveNumber"),
        ({"fiscalDocumentNumber": None}, "fiscalDocumentNumber"),
        ({"dateTime": "вчера"}, "dateTime"),
        ({"items": []}, "items"),
        ({"totalSum": "много"}, "totalSum"),
        ({"items": [{"name": "Чай", "quantity": 0, "sum": 25000}]}, "items[0].quantity"),
        ({"items": [{"name": "Чай", "quantity": 1}]}, "items[0].sum"),
    ],
)
def test_bad_receipts_are_named(tmp_path: Path, changes: dict[str, Any], column: str) -> None:
    """The place says what to look at; the other receipts are read."""
    reading = of(tmp_path, [receipt(**changes), receipt(fiscalDocumentNumber=99)])
    assert [(row["row"], row["column"]) for row in reading.errors] == [(1, column)]
    assert [sale["sale_id"] for sale in reading.of_type("sale.registered")] == ["9999078900000001-99"]


def test_names_and_buyers_are_not_told_on(tmp_path: Path) -> None:
    """The buyer's address is in no event of any file."""
    document = copy.deepcopy(receipt())
    assert "79990000000" not in json.dumps(of(tmp_path, [document]).events)
    assert (DATA / "receipts" / "receipts.json").exists()


@pytest.mark.parametrize("field", ["code", "operationType", "appliedTaxationType"])
@pytest.mark.parametrize("value", [[], {}, [31], {"code": 1}])
def test_a_code_that_is_no_number_is_of_its_receipt_alone(tmp_path: Path, field: str, value: Any) -> None:
    """A list or an object where a code should be breaks no import: the other receipts of the file come in."""
    [sale] = of(tmp_path, [receipt(**{field: value}), receipt(fiscalDocumentNumber=18)]).of_type("sale.registered")[-1:]
    assert sale["sale_id"] == "9999078900000001-18"


@pytest.mark.parametrize("field", ["productType", "paymentType", "nds", "itemsQuantityMeasure"])
def test_a_code_of_a_line_that_is_no_number(tmp_path: Path, field: str) -> None:
    """It says nothing, and the receipt comes in."""
    items = [{"name": "Чай", "price": 10000, "quantity": 1, "sum": 10000, field: [1]}]
    whole = receipt(totalSum=10000, cashTotalSum=10000, items=items)
    assert len(of(tmp_path, [whole]).of_type("sale.registered")) == 1


def test_a_field_by_two_names(tmp_path: Path) -> None:
    """Where the first of a field's names holds nothing, the next one is read, in each receipt for itself."""
    empty, both = receipt(), receipt(fiscalDocumentNumber=18)
    for document, date in ((empty, None), (both, "2026-03-01T12:00:00")):
        document["dateTime"], document["localDateTime"] = date, "2026-03-02T13:00:00"
    sales = of(tmp_path, [empty, both]).of_type("sale.registered")
    assert [sale["at"] for sale in sales] == ["2026-03-02T13:00:00+03:00", "2026-03-01T12:00:00+03:00"]


def test_a_good_comes_once_from_many_receipts(tmp_path: Path) -> None:
    """Of a good that many receipts name the first one stands, as it was there."""
    receipts = [receipt(fiscalDocumentNumber=number) for number in range(5)]
    goods = of(tmp_path, receipts).of_type("good.saved")
    assert [good["good_id"] for good in goods] == ["Чай", "Доставка"]
