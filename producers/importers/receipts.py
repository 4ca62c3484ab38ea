"""Fiscal receipts as JSON: «Проверка чека», cabinets of ОФД; names of the ФНС, or tags of ФФД 1.05 to 1.2.

A receipt is known by (fn, fd), so it is the same from wherever it comes. Money is in kopecks, unless an amount of the
file has a fraction. A moment without a zone is by the till's clock, also where it is written as seconds: ФФД counts
them as if the till stood in Greenwich.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, NamedTuple

from producers.importers import fiscal
from producers.importers.documents import (
    BadRow,
    Document,
    Event,
    Item,
    Note,
    Shop,
    amount,
    bounded_id,
    moment,
    original_id,
)
from producers.importers.files import Content
from producers.importers.jsonstream import values
from producers.importers.questions import Answers, Question
from producers.importers.sources import Context, Source

TAKES: frozenset[Content] = frozenset({"text"})
_RUBLE = 100


def read(source: Source, context: Context) -> Iterator[Item]:
    """The receipts of the files. Raises `Question`, `UsageError`."""
    survey = _survey(source, context.answers)
    here = _registrations(survey, context.answers)
    row = 0
    for file in source.files:
        for value in values(file, fiscal.ITEMS):
            row += 1
            yield from _item(row, value, survey, here, context)


class _Survey(NamedTuple):
    unit: int
    registrations: dict[tuple[str, str], int]
    sales: dict[bytes, str]


def _survey(source: Source, answers: Answers) -> _Survey:
    """One look at all receipts: the unit of money, whose they are, and which sales a refund may be of."""
    registrations, sales = dict[tuple[str, str], int](), dict[bytes, str]()
    whole, fractions = "", False
    for file in source.files:
        for value in values(file, fiscal.ITEMS):
            receipt = fiscal.receipt_in(value)
            if receipt is None:
                continue
            for number in fiscal.amounts(receipt):
                if isinstance(number, Decimal):
                    whole, fractions = whole or str(number), fractions or bool(number % 1)
            registration = (fiscal.text(receipt, "inn"), fiscal.text(receipt, "registration"))
            registrations[registration] = registrations.get(registration, 0) + 1
            if fiscal.field(receipt, "operation") == 1:
                content, id_ = _content(receipt), _id_or_none(receipt)
                # Where two sales are alike, nobody knows of which one a refund is.
                sales[content] = "" if content in sales and sales[content] != id_ else id_
    return _Survey(_unit(whole, fractions, answers), registrations, sales)


def _unit(whole: str, fractions: bool, answers: Answers) -> int:
    """How many of the files' units make a ruble: kopecks are whole numbers; an amount such as 251.0 may be either."""
    if fractions and answers.get("money") is None:
        return 1
    if not whole and answers.get("money") is None:
        return _RUBLE
    text = f"Are the amounts of the receipts, such as {whole}, kopecks or rubles?"
    return _RUBLE if answers.choice("money", text, ["kopecks", "rubles"], whole) == "kopecks" else 1


def _registrations(survey: _Survey, answers: Answers) -> dict[tuple[str, str], bool]:
    """Which receipts are of this outlet: all of them, unless several firms are in the files; then the map says it."""
    chosen = answers.section("outlets")
    several = len({inn for inn, _ in survey.registrations}) > 1
    here = {}
    for inn, registration in survey.registrations:
        keys = [f"{inn}/{registration}", registration, inn]
        answer = next((chosen[key] for key in keys if key in chosen), None if several else "here")
        if answer is None:
            raise Question(
                f"outlets.{inn}",
                f"The files hold receipts of several firms. Are those of ИНН {inn} of this outlet?",
                ["here", "elsewhere"],
                f"ИНН {inn}",
            )
        here[inn, registration] = answer == "here"
    return here


def _item(
    row: int, value: Any, survey: _Survey, here: Mapping[tuple[str, str], bool], context: Context
) -> Iterator[Item]:
    receipt = fiscal.receipt_in(value)
    if receipt is None:
        yield BadRow(row, "", str(value)[:100], "not_a_receipt")
        return
    if not here[fiscal.text(receipt, "inn"), fiscal.text(receipt, "registration")]:
        yield Note("left_out")
        return
    if fiscal.field(receipt, "operation") in (3, 4):
        yield Note("purchase")
        return
    try:
        yield from _documents(row, receipt, survey, context.shop)
    except fiscal.Unfit as exc:
        yield BadRow(row, exc.column, exc.value, exc.code, exc.values)


def _documents(row: int, receipt: Mapping[str, Any], survey: _Survey, shop: Shop) -> Iterator[Item]:
    operation = fiscal.field(receipt, "operation")
    if operation not in (1, 2):
        raise fiscal.Unfit("operationType", operation, "unknown_kind")
    unit = survey.unit
    total = fiscal.money(receipt, "total", unit)
    at = moment(_at(receipt), shop.zone)
    lines = fiscal.lines(receipt, unit, total, _at(receipt).year)
    difference = total - sum((line.sum for line in lines), Decimal(0))
    if abs(difference) > 1:
        values = {"total": amount(total), "lines": amount(total - difference)}
        raise fiscal.Unfit("totalSum", total, "lines_differ", values)
    if difference:
        yield Note("rounded")
    if fiscal.is_correction(receipt):
        yield Note("correction")
    for line in lines:
        yield Document("good", line.good_id, [_good(line, at)], row, once=True)
    payments = fiscal.payments(receipt, unit)
    if not payments and total:
        yield Note("payments_unknown")
        payments = [("other", total)]
    document = _common(receipt, at)
    if operation == 1:
        document |= {"type": "sale.registered", "sale_id": _id(receipt)}
        document["lines"] = [_sale_line(line) for line in lines]
        document["payments"] = [{"method": method, "amount": amount(money)} for method, money in payments]
        if difference:
            document["rounding"] = amount(difference)
        yield Document("sale", _id(receipt), [document], row)
    else:
        document |= {"type": "sale.returned", "return_id": _id(receipt)}
        if sale := survey.sales.get(_content(receipt)):
            document["sale_id"] = sale
        document["lines"] = [_return_line(line) for line in fiscal.with_difference(lines, difference)]
        document["refunds"] = [{"method": method, "amount": amount(money)} for method, money in payments]
        yield Document("return", _id(receipt), [document], row)


def _common(receipt: Mapping[str, Any], at: str) -> Event:
    fn, fd = fiscal.text(receipt, "fn"), fiscal.text(receipt, "fd")
    number = fiscal.text(receipt, "number") or fd
    document: Event = {"at": at, "number": number, "fiscal": {"fn": fn, "fd": fd, "fp": fiscal.text(receipt, "fp")}}
    if system := fiscal.tax_system(receipt):
        document["fiscal"]["tax_system"] = system
    if cashier := fiscal.text(receipt, "cashier"):
        document["cashier"] = cashier
    if shift := fiscal.text(receipt, "shift"):
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
    return {
        "good_id": line.good_id,
        "name": line.name,
        "quantity": amount(line.quantity),
        "price": amount(line.price),
        "sum": amount(line.sum),
        "kind": line.kind,
    } | _optional(line)


def _return_line(line: fiscal.Line) -> Event:
    return {
        "good_id": line.good_id,
        "name": line.name,
        "quantity": amount(line.quantity),
        "amount": amount(line.sum),
        "kind": line.kind,
    } | ({"tax": line.tax} if line.tax else {})


def _optional(line: fiscal.Line) -> Event:
    return ({"unit": line.unit} if line.unit else {}) | ({"tax": line.tax} if line.tax else {})


def _id(receipt: Mapping[str, Any]) -> str:
    fn, fd = fiscal.text(receipt, "fn"), fiscal.text(receipt, "fd")
    for column, value in (("fiscalDriveNumber", fn), ("fiscalDocumentNumber", fd)):
        if not value:
            raise fiscal.Unfit(column, "", "missing", {"field": column})
    return bounded_id(f"{fn}-{fd}")


def _id_or_none(receipt: Mapping[str, Any]) -> str:
    try:
        return _id(receipt)
    except fiscal.Unfit:
        return ""


def _content(receipt: Mapping[str, Any]) -> bytes:
    """What a refund has in common with its sale: the storage device, the total and the lines."""
    lines = [(fiscal.text(item, "name"), str(fiscal.field(item, "sum"))) for item in fiscal.items(receipt)]
    whole = (fiscal.text(receipt, "fn"), str(fiscal.field(receipt, "total")), sorted(lines))
    return sha256(repr(whole).encode()).digest()[:12]


def _at(receipt: Mapping[str, Any]) -> datetime:
    """The naive moment by the till's clock."""
    value = fiscal.field(receipt, "at")
    try:
        if isinstance(value, int | Decimal):
            return datetime.fromtimestamp(int(value), UTC).replace(tzinfo=None)
        return datetime.fromisoformat(str(value)).replace(tzinfo=None)
    except (ValueError, OverflowError, OSError) as exc:
        raise fiscal.Unfit("dateTime", value, "not_a_date") from exc
