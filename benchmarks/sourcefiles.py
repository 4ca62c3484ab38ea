"""Large files to import, of the shapes that the tests' files have."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import xlsxwriter

_DATA = Path(__file__).parents[1] / "tests" / "data" / "imports"
_GOOD = re.compile(r"[ \t]*<Товар>.*?</Товар>\s*", re.DOTALL)
_ID = re.compile(r"<Ид>[^<]*</Ид>")


def receipts(path: Path, size_bytes: int) -> int:
    """Receipts of real shapes, each with a number of its own; returns how many."""
    documents = json.loads((_DATA / "receipts" / "receipts.json").read_text("utf-8"))
    number = 0
    with path.open("w", encoding="utf-8") as file:
        file.write("[")
        while file.tell() < size_bytes:
            for document in documents:
                number += 1
                document["ticket"]["document"]["receipt"]["fiscalDocumentNumber"] = number
                file.write(("," if number > 1 else "") + json.dumps(document, ensure_ascii=False))
        file.write("]")
    return number


def square(path: Path, size_bytes: int) -> int:
    """Rows of Square's export, each of a receipt of its own; returns how many."""
    return _table(path, size_bytes, _DATA / "square" / "items.csv", "Transaction ID")


def loyverse(path: Path, size_bytes: int) -> int:
    """Rows of Loyverse's receipts by item, likewise."""
    return _table(path, size_bytes, _DATA / "loyverse" / "receipts-by-item.csv", "Receipt number")


def _table(path: Path, size_bytes: int, source: Path, id_column: str) -> int:
    headings, *rows = csv.reader(io.StringIO(source.read_text("utf-8-sig")))
    at, number = headings.index(id_column), 0
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(headings)
        while file.tell() < size_bytes:
            for row in rows:
                number += 1
                table.writerow([*row[:at], f"{row[at]}-{number // len(rows)}", *row[at + 1 :]])
    return number


def _goods() -> Iterator[list[str]]:
    yield ["Код", "Наименование", "Группа", "Цена", "Закупка", "Ед.", "Штрихкод", "Остаток"]
    number = 0
    while True:
        number += 1
        price = f"{number % 5000 + 10}.{number % 100:02}"
        cost = f"{number % 3000 + 5}.{number % 90 + 10}"
        yield [f"g-{number}", f"Товар {number}", f"Группа {number % 40}", price, cost, "шт", "", str(number % 70)]


def goods(path: Path, size_bytes: int) -> int:
    """A price list as CSV; returns how many goods."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        for number, row in enumerate(_goods()):
            table.writerow(row)
            if file.tell() >= size_bytes:
                return number
    raise AssertionError("there are as many goods as one wants")


def goods_workbook(path: Path, size_bytes: int) -> int:
    """A price list of as many goods as `goods` would write, as XLSX, with numbers that are numbers."""
    count = goods(path.with_suffix(".csv"), size_bytes)
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in zip(range(count + 1), _goods(), strict=False):
            numbers = [float(cell) if number and at in (3, 4, 7) else cell for at, cell in enumerate(row)]
            sheet.write_row(number, 0, numbers)
    path.with_suffix(".csv").unlink()
    return count


def commerceml(path: Path, size_bytes: int) -> int:
    """A catalogue of 1С with as many goods; returns how many."""
    text = (_DATA / "commerceml" / "import.xml").read_text("utf-8-sig")
    found = list(_GOOD.finditer(text))
    number = 0
    with path.open("w", encoding="utf-8") as file:
        file.write(text[: found[0].start()])
        while file.tell() < size_bytes:
            for good in found:
                number += 1
                file.write(_ID.sub(f"<Ид>good-{number}</Ид>", good.group(), count=1))
        file.write(text[found[-1].end() :])
    return number


WRITERS: dict[str, Callable[[Path, int], int]] = {
    "receipts.json": receipts,
    "square.csv": square,
    "loyverse.csv": loyverse,
    "goods.csv": goods,
    "goods.xlsx": goods_workbook,
    "commerceml.xml": commerceml,
}
"""By the name of the file, which begins with the name of its format."""
