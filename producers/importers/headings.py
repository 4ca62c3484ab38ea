"""What a column holds, told by its heading, in Russian or English; the map says it where that is not enough."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from producers.importers.questions import Answers, Question
from schemas.errors import UsageError

_MONEY = {"руб", "р", "rub", "rur", "usd", "eur", "тг", "kzt"}
_KNOWN: dict[str, Sequence[str]] = {
    "id": ("код", "код товара", "внутренний код", "id", "item id", "code", "good id", "product code", "ид"),
    "article": ("артикул", "article", "sku", "vendor code", "арт"),
    "name": ("наименование", "название", "товар", "номенклатура", "name", "item name", "product name", "title", "item"),
    "category": ("группа", "категория", "раздел", "группа товаров", "category", "group", "department"),
    "price": (
        "цена",
        "цена розничная",
        "розничная цена",
        "розница",
        "цена продажи",
        "price",
        "unit price",
        "sale price",
        "retail price",
        "selling price",
    ),
    "cost": (
        "закупка",
        "цена закупки",
        "закупочная цена",
        "цена закупочная",
        "себестоимость",
        "cost",
        "cost price",
        "purchase price",
        "unit cost",
    ),
    "unit": ("ед", "ед изм", "единица", "единица измерения", "ед измерения", "unit", "uom"),
    "barcodes": (
        "штрихкод",
        "штрихкоды",
        "штрих код",
        "штрих коды",
        "ean",
        "ean13",
        "gtin",
        "barcode",
        "barcodes",
        "шк",
    ),
    "stock": (
        "остаток",
        "остатки",
        "количество",
        "кол во",
        "наличие",
        "остаток на складе",
        "текущий остаток",
        "stock",
        "quantity",
        "qty",
        "on hand",
        "in stock",
        "quantity on hand",
    ),
    "min_stock": (
        "минимальный остаток",
        "мин остаток",
        "минимум",
        "неснижаемый остаток",
        "reorder level",
        "min stock",
        "minimum stock",
        "minimum",
        "low stock",
    ),
}
_FIELDS = {heading: field for field, headings in _KNOWN.items() for heading in headings}
_WAREHOUSE = re.compile(
    r"^(?:остат(?:ок|ки)|склад|location|stock|in stock|quantity)\s*[_:(\[-]\s*(.+?)[)\]]?\s*$", re.IGNORECASE
)

STOCK_AT = "stock:"
"""Begins a field that holds the stock of a warehouse; its name follows."""


def normal(heading: str) -> str:
    """A heading without case, marks and currencies."""
    words = re.sub(r"[\W_]+", " ", heading.lower().replace("ё", "е")).split()
    return " ".join(word for word in words if word not in _MONEY)


def field_of(heading: str) -> str | None:
    """The field that a heading names; None where it is not known."""
    known = _FIELDS.get(normal(heading))
    if known:
        return known
    match = _WAREHOUSE.match(heading.strip())
    return STOCK_AT + match[1].strip() if match else None


def recognise(cells: Sequence[str]) -> int:
    """How many cells are headings that are known; a row without a name or a code is no row of headings."""
    fields = [field_of(cell) for cell in cells]
    return sum(map(bool, fields)) if {"name", "id", "article", "barcodes"} & set(fields) else 0


def columns(headings: Sequence[str], answers: Answers) -> dict[str, int]:
    """Field → position. The map's `fields` says which heading a field has (null: none). Raises `Question`."""
    chosen: Mapping[str, str | None] = answers.section("fields")
    guessed: dict[str, list[int]] = defaultdict(list)
    for at, heading in enumerate(headings):
        if field := field_of(heading):
            guessed[field].append(at)
    found: dict[str, int] = {}
    for field in dict.fromkeys((*guessed, *chosen)):
        if field in chosen:
            wanted = chosen[field]
            if wanted is None:
                continue
            if wanted not in headings:
                raise UsageError(f"the map says that {field!r} is in the column {wanted!r}, and there is none")
            found[field] = headings.index(wanted)
        elif len(guessed[field]) > 1:
            names = [headings[at] for at in guessed[field]]
            raise Question(f"fields.{field}", f"Which column holds the {field}: {', '.join(names)}?", names, field)
        else:
            found[field] = guessed[field][0]
    return found
