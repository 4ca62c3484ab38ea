"""Price lists and stock: CSV in any encoding, or XLSX, one good a row.

A good is known by its code, else its article, barcode or name. An empty price says that the price is as it was, an
empty stock that nothing was counted. A row with a cell that can't be read is not brought in at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from producers.importers import tables
from producers.importers.amounts import Amounts, amounts
from producers.importers.documents import BadRow, Document, Event, Item, amount, bounded_id, note, original_id
from producers.importers.files import Content, SourceFile
from producers.importers.headings import STOCK_AT, columns, recognise
from producers.importers.sources import Context, Source

TAKES: frozenset[Content] = frozenset({"text", "zip"})
MAIN_WAREHOUSE = "main"
_PLACES = {"price": 4, "cost": 4, "min_stock": 6}
_SPOILED = re.compile(r"^\d+[.,]\d+E\+?\d+$", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s,;/|]+")
_NAME_MAX = 200


class _Bad(Exception):
    def __init__(self, field: str, value: str, code: str, **values: str) -> None:
        super().__init__(code)
        self.field, self.value, self.code, self.values = field, value, code, values


def read(source: Source, context: Context) -> Iterator[Item]:
    """The goods of the files. Raises `Question`, `UsageError`."""
    for file in source.files:
        yield from _file(file, context)


def _file(file: SourceFile, context: Context) -> Iterator[Item]:
    table = tables.read(file, recognise)
    places = columns(table.headings, context.answers)
    for at, heading in enumerate(table.headings):
        if heading and at not in places.values():
            yield note("column_not_read", column=heading)
    numbers = {field: at for field, at in places.items() if field in _PLACES or _warehouse(field)}
    counted = context.counted_at[file.digest]
    reader = _Reader(table.headings, places, counted, _amounts(table, numbers, context))
    for warehouse in sorted(filter(None, map(_warehouse, places))):
        if warehouse != MAIN_WAREHOUSE:
            event = {
                "type": "warehouse.saved",
                "at": counted.isoformat(),
                "warehouse_id": bounded_id(warehouse),
                "name": warehouse[:_NAME_MAX],
            }
            yield Document("warehouse", bounded_id(warehouse), [event], 1)
    has_counts = False
    for row, cells in table.rows():
        try:
            made = reader.documents(row, cells)
        except _Bad as exc:
            yield BadRow(row, reader.heading(exc.field), exc.value, exc.code, exc.values)
            continue
        if "price" in places and "max_price" not in made[0].events[0]:
            yield note("no_price")
        has_counts = has_counts or len(made) > 1
        yield from made
    if has_counts:
        yield note("counted_at", at=f"{counted.astimezone(context.shop.zone):%d.%m.%Y %H:%M}")


def _amounts(table: tables.Table, numbers: Mapping[str, int], context: Context) -> Amounts:
    return amounts(
        ([(field, _cell(cells, at)) for field, at in numbers.items()] for _, cells in table.rows()), context.answers
    )


class _Reader:
    """Makes documents of rows."""

    def __init__(self, headings: Sequence[str], places: Mapping[str, int], counted: datetime, numbers: Amounts) -> None:
        self._headings, self._places, self._numbers = headings, places, numbers
        self._at = counted.isoformat()

    def heading(self, field: str) -> str:
        return self._headings[self._places[field]] if field in self._places else field

    def documents(self, row: int, cells: Sequence[str]) -> list[Document]:
        """The good, then its counts. Raises `_Bad`."""
        texts = {field: " ".join(_cell(cells, at).split()) for field, at in self._places.items()}
        barcodes = _barcodes(texts.get("barcodes", ""))
        source_id = next(filter(None, (texts.get("id"), texts.get("article"), *barcodes[:1], texts.get("name"))), "")
        if not source_id:
            raise _Bad("name", "", "no_id")
        if not texts.get("name"):
            raise _Bad("name", "", "no_name")
        if len(texts["name"]) > _NAME_MAX:
            raise _Bad("name", texts["name"], "too_long", most=str(_NAME_MAX))
        good_id = bounded_id(source_id)
        event: Event = {
            "type": "good.saved",
            "at": self._at,
            "good_id": good_id,
            "name": texts["name"],
            "category": texts.get("category", "")[:_NAME_MAX],
        }
        if barcodes:
            event |= {"barcode": barcodes[0], "barcodes": barcodes[1:]}
        if extra := original_id(source_id):
            event["extra"] = extra
        event |= {field: texts[field] for field in ("article", "unit") if texts.get(field)}
        for field, name in (("price", "max_price"), ("cost", "cost"), ("min_stock", "min_stock")):
            if (value := self._number(field, texts)) is not None:
                event[name] = amount(value)
        return [Document("good", good_id, [event], row), *self._counts(row, good_id, texts)]

    def _counts(self, row: int, good_id: str, texts: Mapping[str, str]) -> Iterator[Document]:
        for field in texts:
            warehouse = _warehouse(field)
            if not warehouse:
                continue
            quantity = self._number(field, texts, signed=True)
            if quantity is None:
                continue
            event = {
                "type": "stock.counted",
                "at": self._at,
                "good_id": good_id,
                "warehouse_id": bounded_id(warehouse),
                "quantity": amount(quantity),
            }
            yield Document("count", f"{good_id}\n{warehouse}\n{self._at}", [event], row)

    def _number(self, field: str, texts: Mapping[str, str], signed: bool = False) -> Decimal | None:
        text = texts.get(field, "")
        if not text:
            return None
        value = self._numbers.read(field, text)
        if value is None:
            raise _Bad(field, text, "not_a_number")
        if value < 0 and not signed:
            raise _Bad(field, text, "negative")
        most = _PLACES.get(field, 6)
        if round(value, most) != value:
            raise _Bad(field, text, "too_exact", most=str(most))
        return value


def _barcodes(text: str) -> list[str]:
    if _SPOILED.match(text):
        raise _Bad("barcodes", text, "spoiled_barcode")
    return list(dict.fromkeys(filter(None, _BETWEEN.split(text))))


def _warehouse(field: str) -> str:
    """The warehouse of which a field holds the stock; empty where it holds none."""
    if field == "stock":
        return MAIN_WAREHOUSE
    return field.removeprefix(STOCK_AT) if field.startswith(STOCK_AT) else ""


def _cell(cells: Sequence[str], at: int) -> str:
    return cells[at] if at < len(cells) else ""
