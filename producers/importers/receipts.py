"""Fiscal receipts as JSON: «Проверка чека», cabinets of ОФД; names of the ФНС, or tags of ФФД 1.05 to 1.2.

A receipt is known by (fn, fd), so it is the same from wherever it comes. Money is in kopecks, unless an amount of the
file has a fraction. A moment without a zone is by the till's clock, also where it is written as seconds: ФФД counts
them as if the till stood in Greenwich.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from producers.importers import fiscal
from producers.importers.documents import (
    BadRow,
    Document,
    Event,
    Item,
    Note,
    Shop,
    amount,
    moment,
    original_id,
)
from producers.importers.files import Content
from producers.importers.fiscal_fields import Receipt
from producers.importers.kept import Kept
from producers.importers.sources import Context, Source
from producers.importers.survey import Survey, content_of, id_of, of_outlet, surveyed
from schemas.amounts import ZERO

TAKES: frozenset[Content] = frozenset({"text"})
_GOODS_MAX = 50_000
"""Of so many goods it is remembered that they are on the stage; of the others the stage says so itself."""


def read(source: Source, context: Context) -> Iterator[Item]:
    """The receipts of the files. Raises `Question`, `UsageError`."""
    with Kept() as kept:
        survey = surveyed(source, kept, context.answers)
        here = of_outlet(survey, context.answers)
        kept.rewind()
        goods = set[str]()
        for row in range(1, survey.rows + 1):
            yield from _item(row, kept.again(), survey, here, context.shop, goods)


def _item(
    row: int,
    receipt: Receipt | str,
    survey: Survey,
    here: Mapping[tuple[str, str], bool],
    shop: Shop,
    goods: set[str],
) -> Iterator[Item]:
    if isinstance(receipt, str):
        yield BadRow(row, "", receipt, "not_a_receipt")
        return
    if not here[receipt.inn, receipt.registration]:
        yield Note("left_out")
        return
    if receipt.operation in (3, 4):
        yield Note("purchase")
        return
    try:
        yield from _documents(row, receipt, survey, shop, goods)
    except fiscal.Unfit as exc:
        yield BadRow(row, exc.column, exc.value, exc.code, exc.values)


def _documents(row: int, receipt: Receipt, survey: Survey, shop: Shop, goods: set[str]) -> Iterator[Item]:
    operation, unit = receipt.operation, survey.unit
    if operation not in (1, 2):
        raise fiscal.Unfit("operationType", operation, "unknown_kind")
    total, naive = fiscal.total(receipt, unit), _at(receipt)
    at = moment(naive, shop.zone)
    lines = fiscal.lines(receipt, unit, total, naive.year)
    difference = total - sum((line.sum for line in lines), ZERO)
    if abs(difference) > 1:
        values = {"total": amount(total), "lines": amount(total - difference)}
        raise fiscal.Unfit("totalSum", total, "lines_differ", values)
    if difference:
        yield Note("rounded")
    if fiscal.is_correction(receipt):
        yield Note("correction")
    yield from _goods(lines, at, row, goods)
    payments = fiscal.payments(receipt, unit)
    if not payments and total:
        yield Note("payments_unknown")
        payments = [("other", total)]
    document, id_ = _common(receipt, at), id_of(receipt)
    if operation == 1:
        document |= {"type": "sale.registered", "sale_id": id_}
        document["lines"] = [_sale_line(line) for line in lines]
        document["payments"] = [{"method": method, "amount": amount(money)} for method, money in payments]
        if difference:
            document["rounding"] = amount(difference)
        yield Document("sale", id_, [document], row)
    else:
        document |= {"type": "sale.returned", "return_id": id_}
        if sale := survey.sales.get(content_of(receipt)):
            document["sale_id"] = sale
        document["lines"] = [_return_line(line) for line in fiscal.with_difference(lines, difference)]
        document["refunds"] = [{"method": method, "amount": amount(money)} for method, money in payments]
        yield Document("return", id_, [document], row)


def _goods(lines: Sequence[fiscal.Line], at: str, row: int, goods: set[str]) -> Iterator[Item]:
    """The goods of a receipt, without those that came before: of each the first one stands."""
    for line in lines:
        if line.good_id not in goods:
            if len(goods) < _GOODS_MAX:
                goods.add(line.good_id)
            yield Document("good", line.good_id, [_good(line, at)], row, once=True)


def _common(receipt: Receipt, at: str) -> Event:
    fn, fd = receipt.fn, receipt.fd
    number = receipt.number or fd
    document: Event = {"at": at, "number": number, "fiscal": {"fn": fn, "fd": fd, "fp": receipt.fp}}
    if system := fiscal.tax_system(receipt):
        document["fiscal"]["tax_system"] = system
    if cashier := receipt.cashier:
        document["cashier"] = cashier
    if shift := receipt.shift:
        document["shift_id"] = f"{fn}-{shift}"
    if fiscal.is_correction(receipt):
        document["correction"] = True
    return document


def _good(line: fiscal.Line, at: str) -> Event:
    event: Event = {
        "type": "good.saved",
        "at": at,
        "good_id": line.good_id,
        "name": line.name[:200],
        "category": "",
        "barcodes": [line.gtin] if line.gtin else [],
        "extra": original_id(line.source_id),
    }
    return event | ({"unit": line.unit} if line.unit else {})


def _sale_line(line: fiscal.Line) -> Event:
    event: Event = {
        "good_id": line.good_id,
        "name": line.name,
        "quantity": amount(line.quantity),
        "price": amount(line.price),
        "sum": amount(line.sum),
        "kind": line.kind,
    }
    if line.unit:
        event["unit"] = line.unit
    if line.tax:
        event["tax"] = line.tax
    return event


def _return_line(line: fiscal.Line) -> Event:
    event: Event = {
        "good_id": line.good_id,
        "name": line.name,
        "quantity": amount(line.quantity),
        "amount": amount(line.sum),
        "kind": line.kind,
    }
    if line.tax:
        event["tax"] = line.tax
    return event


def _at(receipt: Receipt) -> datetime:
    """The naive moment by the till's clock."""
    value = receipt.at
    try:
        if isinstance(value, int | Decimal):
            return datetime.fromtimestamp(int(value), UTC).replace(tzinfo=None)
        return datetime.fromisoformat(str(value)).replace(tzinfo=None)
    except (ValueError, OverflowError, OSError) as exc:
        raise fiscal.Unfit("dateTime", value, "not_a_date") from exc
