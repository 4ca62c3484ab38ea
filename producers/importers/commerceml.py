"""CommerceML of 1С: catalogues and packages of offers, whole or with changes only, as files or in a zip.

A good is an offer; a product of which there are variants (`product#variant`) is none. What a file of changes leaves out
is as an earlier file said it: products, offers, groups and kinds of prices are remembered from one import to the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from xml.etree.ElementTree import Element

from producers.importers import numbers, xmlstream
from producers.importers.documents import (
    BadRow,
    Document,
    Event,
    Item,
    Kind,
    amount,
    bounded_id,
    moment,
    note,
    original_id,
)
from producers.importers.files import Content, SourceFile
from producers.importers.sources import Context, Source
from schemas.amounts import unit_price

TAKES: frozenset[Content] = frozenset({"text", "zip"})
_NAME_MAX = 200
_CATALOGUE = frozenset(["Товар", "Группа"])
_OFFERS = frozenset(["Предложение", "ТипЦены"])
_MAIN = "main"


def read(source: Source, context: Context) -> Iterator[Item]:
    """The goods of all files together; catalogues are read before offers. Raises `Question`, `UsageError`."""
    touched: dict[str, int] = {}
    for file in source.files:
        yield from _catalogue(file, context, touched)
    counted_at = {file.digest: _counted_at(file, context) for file in source.files}
    for file in source.files:
        yield from _warehouses(file, counted_at[file.digest])
        yield from _offers(file, context, counted_at[file.digest], touched)
    at = max(counted_at.values()).isoformat()
    if not touched:
        yield note("no_offers")
    for id_, row in touched.items():
        yield _good(id_, row, at, context)


def _catalogue(file: SourceFile, context: Context, touched: dict[str, int]) -> Iterator[Item]:
    """Products and groups, to be remembered."""
    row = 0
    outer_ids = _OuterGroups(file)
    for _, element in xmlstream.elements(file, _CATALOGUE):
        if element.tag == "Группа":
            content = {"name": _text(element, "Наименование"), "parent": outer_ids.parent(_text(element, "Ид"))}
            yield _part("group", _text(element, "Ид"), content, 0)
            continue
        row += 1
        id_ = _text(element, "Ид")
        if not id_:
            yield BadRow(row, "Ид", _text(element, "Наименование"), "no_id")
            continue
        yield _part("product", id_, _product(element), row)
        touched |= dict.fromkeys(_offers_of(id_, context), row)


class _OuterGroups:
    """Which group a group is in: read first, since an inner group ends before the outer one."""

    def __init__(self, file: SourceFile) -> None:
        self._parents: dict[str, str] = {}
        stack: list[list[str]] = []
        for around, element in xmlstream.elements(file, frozenset(["Группа"])):
            depth = around.count("Группа")
            id_ = _text(element, "Ид")
            del stack[depth + 2 :]
            while len(stack) < depth + 2:
                stack.append([])
            for inner in stack[depth + 1]:
                self._parents[inner] = id_
            stack[depth + 1].clear()
            stack[depth].append(id_)

    def parent(self, id_: str) -> str:
        return self._parents.get(id_, "")


def _offers(file: SourceFile, context: Context, counted: datetime, touched: dict[str, int]) -> Iterator[Item]:
    row = counts = 0
    for _, element in xmlstream.elements(file, _OFFERS):
        if element.tag == "ТипЦены":
            yield _part("price type", _text(element, "Ид"), {"name": _text(element, "Наименование")}, 0)
            continue
        row += 1
        id_ = _text(element, "Ид")
        if not id_:
            yield BadRow(row, "Ид", _text(element, "Наименование"), "no_id")
            continue
        try:
            content = _offer(element, context)
            stock = list(_stock(element))
        except _Unfit as exc:
            yield BadRow(row, exc.column, exc.value, "not_a_number")
            continue
        before = (context.memory.parts("offer", bounded_id(id_)) or [{}])[0]
        yield _part("offer", id_, {**before, **content, "id": id_}, row)
        touched[id_] = row
        for warehouse, quantity in stock:
            counts += 1
            event = {
                "type": "stock.counted",
                "at": counted.isoformat(),
                "good_id": bounded_id(id_),
                "warehouse_id": bounded_id(warehouse),
                "quantity": amount(quantity),
            }
            yield Document("count", f"{id_}\n{warehouse}\n{counted.isoformat()}", [event], row)
    if counts:
        yield note("counted_at", at=f"{counted.astimezone(context.shop.zone):%d.%m.%Y %H:%M}")


def _warehouses(file: SourceFile, counted: datetime) -> Iterator[Item]:
    for around, element in xmlstream.elements(file, frozenset(["Склад"])):
        if around[-1:] == ["Склады"] and _text(element, "Ид"):
            id_ = bounded_id(_text(element, "Ид"))
            event = {
                "type": "warehouse.saved",
                "at": counted.isoformat(),
                "warehouse_id": id_,
                "name": (_text(element, "Наименование") or id_)[:_NAME_MAX],
            }
            yield Document("warehouse", id_, [event], 0, latest=True)


def _good(id_: str, row: int, at: str, context: Context) -> Item:
    """The good of an offer, of all that is known of it and of its product."""
    memory = context.memory
    offer = (memory.parts("offer", bounded_id(id_)) or [{}])[0]
    product = (memory.parts("product", bounded_id(id_.partition("#")[0])) or [{}])[0]
    name = offer.get("name") or product.get("name") or ""
    if not name:
        return BadRow(row, "Наименование", id_, "no_name")
    if offer.get("variant") and offer["variant"] not in name:
        name = f"{name} ({offer['variant']})"
    good_id = bounded_id(id_)
    event: Event = {
        "type": "good.saved",
        "at": at,
        "good_id": good_id,
        "name": name[:_NAME_MAX],
        "category": _category(product.get("group", ""), context),
    }
    for field, names in {"article": ("article",), "unit": ("unit",), "max_price": ("price",)}.items():
        if value := next((part[key] for key in names for part in (offer, product) if part.get(key)), ""):
            event[field] = value
    if barcode := offer.get("barcode") or product.get("barcode"):
        event["barcode"] = barcode
    if extra := original_id(id_):
        event["extra"] = extra
    events = [event]
    if "yes" in (offer.get("removed"), product.get("removed")):
        events.append({"type": "good.removed", "at": at, "good_id": good_id})
    return Document("good", good_id, events, row)


def _category(group: str, context: Context) -> str:
    """The names of a group and of those around it, outermost first."""
    names: list[str] = []
    while group and len(names) < 20:
        part = (context.memory.parts("group", bounded_id(group)) or [{}])[0]
        if not part:
            break
        names.insert(0, part["name"])
        group = part["parent"]
    return " / ".join(names)[-_NAME_MAX:]


def _offers_of(product: str, context: Context) -> list[str]:
    """The ids of the offers of a product that are known already."""
    found = context.memory.ids("offer", f"{product}#")
    return found or ([product] if context.memory.parts("offer", bounded_id(product)) else [])


def _product(element: Element) -> Mapping[str, str]:
    groups = element.find("Группы")
    return {
        "name": _name(element),
        "article": _text(element, "Артикул"),
        "barcode": _text(element, "Штрихкод"),
        "unit": _unit(element),
        "group": _text(groups, "Ид") if groups is not None else "",
        "removed": "yes" if _removed(element) else "",
    }


def _offer(element: Element, context: Context) -> Mapping[str, str]:
    """What an offer says; what it leaves out is not there."""
    found = {
        "name": _name(element),
        "article": _text(element, "Артикул"),
        "barcode": _text(element, "Штрихкод"),
        "unit": _unit(element),
        "variant": ", ".join(filter(None, (_text(each, "Значение") for each in element.iter("ХарактеристикаТовара")))),
        "price": _price(element, context),
    }
    said = {field: value for field, value in found.items() if value}
    if element.get("Статус") or element.find("Статус") is not None or element.find("ПометкаУдаления") is not None:
        said["removed"] = "yes" if _removed(element) else ""
    return said


def _price(element: Element, context: Context) -> str:
    prices = {_text(each, "ИдТипаЦены"): _text(each, "ЦенаЗаЕдиницу") for each in element.iter("Цена")}
    if not prices:
        return ""
    chosen = _price_type(list(prices), context)
    text = prices.get(chosen, "")
    if not text:
        return ""
    value = _number(text, "ЦенаЗаЕдиницу")
    if value < 0:
        raise _Unfit("ЦенаЗаЕдиницу", text)
    return amount(unit_price(value))


def _price_type(there: list[str], context: Context) -> str:
    """The kind of price that is the price of sale: the only one, else the map names it."""
    known = context.memory.ids("price type", "") or there
    if len(known) <= 1:
        return there[0] if len(there) == 1 else known[0]
    names = {((context.memory.parts("price type", id_) or [{}])[0].get("name") or id_): id_ for id_ in known}
    answer = context.answers.choice("price_type", "Which kind of price is the price of sale?", list(names))
    return names[answer]


class _Stock(NamedTuple):
    warehouse: str
    quantity: Decimal


def _stock(element: Element) -> Iterator[_Stock]:
    """Stock by warehouse, in the forms of versions 2.04 to 2.10; without warehouses, all of it."""
    there = False
    for each in element.iter("Склад"):
        warehouse = each.get("ИдСклада") or _text(each, "Ид")
        text = each.get("КоличествоНаСкладе") or _text(each, "Количество")
        if warehouse and text:
            there = True
            yield _Stock(warehouse, _number(text, "КоличествоНаСкладе"))
    if not there:
        rest = element.find("Остатки/Остаток")
        text = _text(element, "Количество") or (_text(rest, "Количество") if rest is not None else "")
        if text:
            yield _Stock(_MAIN, _number(text, "Количество"))


def _counted_at(file: SourceFile, context: Context) -> datetime:
    """The moment that is stated, else the file's own, else that of its first import."""
    if context.stated_at:
        return context.stated_at
    for attributes in xmlstream.root_of(file):
        try:
            made = datetime.fromisoformat(attributes.get("ДатаФормирования", ""))
        except ValueError:
            continue
        return made if made.tzinfo else datetime.fromisoformat(moment(made, context.shop.zone))
    return context.counted_at[file.digest]


def _part(kind: Kind, id_: str, content: Mapping[str, str], row: int) -> Document:
    return Document(kind, bounded_id(id_), [], row, parts=[content], latest=True)


def _removed(element: Element) -> bool:
    status = (element.get("Статус") or _text(element, "Статус")).lower().replace("ё", "е")
    return status == "удален" or _text(element, "ПометкаУдаления").lower() in ("true", "да", "1")


def _name(element: Element) -> str:
    return " ".join(_text(element, "Наименование").split())


def _unit(element: Element) -> str:
    unit = element.find("БазоваяЕдиница")
    if unit is None:
        return ""
    text = (unit.text or "").strip() or unit.get("НаименованиеКраткое") or unit.get("НаименованиеПолное") or ""
    return text.strip()[:20]


def _text(element: Element, name: str) -> str:
    return (element.findtext(name) or "").strip()


class _Unfit(Exception):
    def __init__(self, column: str, value: str) -> None:
        super().__init__(column)
        self.column, self.value = column, value


def _number(text: str, column: str) -> Decimal:
    """1С writes a point, some exchanges a comma; neither groups digits by it."""
    value = numbers.read(text, "," if "," in text else ".")
    if value is None:
        raise _Unfit(column, text)
    return value
