"""Price lists as people's programs write them: encodings, separators, headings, workbooks."""

from __future__ import annotations

import codecs
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from producers.importers.questions import Question
from schemas.errors import UsageError
from tests.producers.importers.reading import csv_file, read, write

_ROWS = [["Код", "Наименование", "Цена, руб.", "Остаток"], ["001", "Чай «Утро», чёрный", "1 249,90", "-4"]]


def _event(good: dict[str, Any]) -> tuple[str, str, str]:
    return good["good_id"], good["name"], good["max_price"]


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (b"", "utf-16-le"),
        (b"", "utf-16-be"),
        (b"", "cp1251"),
        (b"", "cp866"),
        (b"", "koi8_r"),
    ],
)
@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_encodings_and_separators(tmp_path: Path, mark: bytes, encoding: str, delimiter: str) -> None:
    """Each encoding, with and without its mark, and each separator gives the same good."""
    text = "\r\n".join(delimiter.join(row) for row in _ROWS).replace("«", '"').replace("»", '"').replace('"', "")
    reading = read("goods", write(tmp_path / "goods.csv", mark + text.encode(encoding)))
    assert [_event(good) for good in reading.of_type("good.saved")] == [("001", "Чай Утро, чёрный", "1249.90")]
    assert [count["quantity"] for count in reading.of_type("stock.counted")] == ["-4"]


@pytest.mark.parametrize("sign", [",", "."])
def test_decimal_signs(tmp_path: Path, sign: str) -> None:
    """A comma and a point: what one number says holds for the column."""
    rows = [["Код", "Наименование", "Цена"], ["1", "Чай", f"600{sign}5"], ["2", "Кофе", f"3{sign}450"]]
    goods = read("goods", csv_file(tmp_path / "goods.csv", rows)).of_type("good.saved")
    assert [good["max_price"] for good in goods] == ["600.5", "3.450"]


def test_a_comma_separates_and_quotes_hold(tmp_path: Path) -> None:
    """Quoted cells keep their commas, quotes and line breaks; rows are numbered by lines of the file."""
    text = 'Code,Name,Price\r\n1,"Tea, ""black""\r\nleaf",10.50\r\n\r\n2,Coffee,x\r\n'
    reading = read("goods", write(tmp_path / "goods.csv", text))
    assert reading.of_type("good.saved")[0]["name"] == 'Tea, "black" leaf'
    assert [(row["row"], row["column"], row["value"]) for row in reading.errors] == [(5, "Price", "x")]


def test_headings_below_a_title(tmp_path: Path) -> None:
    """A price list of 1С has lines above its headings."""
    rows = [["ООО «Пример»", "", ""], ["Прайс-лист на 01.03.2026", "", ""], ["", "", ""], *[row[:3] for row in _ROWS]]
    reading = read("goods", csv_file(tmp_path / "goods.csv", rows))
    assert [good["good_id"] for good in reading.of_type("good.saved")] == ["001"]


def test_two_columns_for_one_thing_are_asked(tmp_path: Path) -> None:
    """Which price is the price of sale is not guessed; the map names its column."""
    rows = [["Код", "Наименование", "Цена", "Розничная цена"], ["1", "Чай", "10", "12"]]
    path = csv_file(tmp_path / "goods.csv", rows)
    with pytest.raises(Question) as caught:
        read("goods", path)
    assert (caught.value.key, list(caught.value.choices)) == ("fields.price", ["Цена", "Розничная цена"])
    [good] = read("goods", path, answers={"fields": {"price": "Розничная цена"}}).of_type("good.saved")
    assert good["max_price"] == "12"
    with pytest.raises(UsageError, match="there is none"):
        read("goods", path, answers={"fields": {"price": "Оптовая"}})


def test_stock_of_several_warehouses(tmp_path: Path) -> None:
    """A column for each warehouse; an empty cell is no count."""
    rows = [
        ["Код", "Наименование", "Остаток (Склад 1)", "Остаток: Зал"],
        ["1", "Чай", "5", ""],
        ["2", "Кофе", "0", "3"],
    ]
    reading = read("goods", csv_file(tmp_path / "goods.csv", rows))
    counts = [
        (count["good_id"], count["warehouse_id"], count["quantity"]) for count in reading.of_type("stock.counted")
    ]
    assert counts == [("1", "Склад 1", "5"), ("2", "Склад 1", "0"), ("2", "Зал", "3")]
    assert {warehouse["name"] for warehouse in reading.of_type("warehouse.saved")} == {"Склад 1", "Зал"}


def test_a_workbook(tmp_path: Path) -> None:
    """Numbers of cells are numbers, whatever their places; codes keep no decimal point."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Прайс"])
    sheet.append(["Код", "Наименование", "Цена", "Остаток", "Штрихкод"])
    sheet.append([12, "Чай", 0.1 + 0.2, 3.125, 4600000000017])
    sheet.append(["0013", "Кофе", "1 249,90", None, "4600000000024, 4600000000031"])
    book.save(tmp_path / "goods.xlsx")
    reading = read("goods", tmp_path / "goods.xlsx")
    assert reading.errors == []
    tea, coffee = reading.of_type("good.saved")
    assert (tea["good_id"], tea["max_price"], tea["barcode"]) == ("12", "0.3", "4600000000017")
    assert (coffee["good_id"], coffee["max_price"], coffee["barcodes"]) == ("0013", "1249.90", ["4600000000031"])
    assert [count["quantity"] for count in reading.of_type("stock.counted")] == ["3.1250"]


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        (["", "", "1", "1", ""], "Наименование"),
        (["1", "", "1", "1", ""], "Наименование"),
        (["1", "Чай", "-1", "1", ""], "Цена"),
        (["1", "Чай", "1.00001", "1", ""], "Цена"),
        (["1", "Чай", "1", "много", ""], "Остаток"),
        (["1", "Чай", "1", "1", "4,6E+12"], "Штрихкод"),
        (["1", "я" * 201, "1", "1", ""], "Наименование"),
    ],
)
def test_bad_rows_are_named(tmp_path: Path, cells: list[str], column: str) -> None:
    """Nothing of a bad row is brought in; the others are."""
    rows = [["Код", "Наименование", "Цена", "Остаток", "Штрихкод"], cells, ["2", "Кофе", "5.50", "1", ""]]
    reading = read("goods", csv_file(tmp_path / "goods.csv", rows))
    assert [(row["row"], row["column"]) for row in reading.errors] == [(2, column)]
    assert [good["good_id"] for good in reading.of_type("good.saved")] == ["2"]
    assert all(row["reason"] for row in reading.errors)


def test_a_code_twice(tmp_path: Path) -> None:
    """The same row twice is one good; another row under the code of an earlier one is named."""
    rows = [["Код", "Наименование"], ["1", "Чай"], ["1", "Чай"], ["1", "Кофе"]]
    reading = read("goods", csv_file(tmp_path / "goods.csv", rows))
    assert [good["name"] for good in reading.of_type("good.saved")] == ["Чай"]
    assert [(row["row"], row["value"]) for row in reading.errors] == [(4, "1")]


def test_a_long_code_keeps_its_original(tmp_path: Path) -> None:
    """A code longer than an id may be is hashed; the good has it among its own fields."""
    code = "A" * 300
    [good] = read("goods", csv_file(tmp_path / "goods.csv", [["Код", "Наименование"], [code, "Чай"]])).events
    assert len(good["good_id"]) <= 128
    assert good["extra"] == [{"name": "id", "value": code}]


def test_stock_counts_when_it_is_said(tmp_path: Path) -> None:
    """The moment that is stated stands; without one, that of the import."""
    path = csv_file(tmp_path / "goods.csv", _ROWS)
    at = datetime.fromisoformat("2026-03-01T09:00:00+03:00")
    assert read("goods", path, at=at).of_type("stock.counted")[0]["at"] == at.isoformat()
    [count] = read("goods", path).of_type("stock.counted")
    assert abs((datetime.now().astimezone() - datetime.fromisoformat(count["at"])).total_seconds()) < 60
