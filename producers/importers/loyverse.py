"""Loyverse's exports: «Receipts by item» has what was sold, «Receipts» how it was paid; both together have all of it.

Alone, the first has payments of no known method, the second one line a receipt. Of two versions of a receipt the one
that tells more stands, in whichever order they come.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

from producers.importers import exports
from producers.importers.documents import (
    BadRow,
    Document,
    Event,
    Fragment,
    Item,
    Kind,
    Note,
    amount,
    bounded_id,
    moment,
    original_id,
    unit_price_before,
)
from producers.importers.exports import Export, Reader, Row, Unfit
from producers.importers.files import Content
from producers.importers.sources import Context, Source
from producers.importers.stage import BAD, Compose, Rows
from schemas.amounts import unit_price
from schemas.cashiers import shorten_cashier
from schemas.private import scrubbed

TAKES: frozenset[Content] = frozenset({"text"})
_BOTH = frozenset(["Date", "Receipt number", "Receipt type", "Gross sales", "Discounts", "Net sales", "Status"])
_BY_ITEM = _BOTH | {"SKU", "Item", "Quantity"}
_BY_RECEIPT = _BOTH | {"Total collected", "Payment type"}
_NUMBERS = ("Quantity", "Gross sales", "Discounts", "Net sales", "Taxes", "Cost of goods", "Total collected")
_METHODS = {"cash": "cash", "card": "card", "credit card": "card", "debit card": "card"}
_RECEIPT_ALONE, _ITEMS, _ITEMS_AND_PAYMENT = range(3)
_UNNAMED = "loyverse-receipt"


def read(source: Source, context: Context) -> Iterator[Item]:
    """The rows of the files. Raises `Question`, `UsageError`."""
    tables = [exports.export(file, _BOTH, "export of Loyverse's receipts") for file in source.files]
    reader = exports.reader(tables, _NUMBERS, "Date", context.answers)
    here = exports.of_outlet(tables, "Store", context.answers)
    methods = {
        row["Receipt number"]: _method(row) for each in tables if _has(each, _BY_RECEIPT) for _, row in each.rows()
    }
    for each in tables:
        by_item = _has(each, _BY_ITEM)
        if not by_item and not _has(each, _BY_RECEIPT):
            exports.check(each, _BY_ITEM, "export of Loyverse's receipts by item")
        for number, row in each.rows():
            if not here[row.get("Store", "")]:
                yield Note("left_out")
                continue
            id_ = bounded_id(row["Receipt number"])
            try:
                content = _content(row, reader, context, by_item)
            except Unfit as exc:
                yield exc.bad_row(number)
                yield Fragment(_kind(row), id_, number, BAD, _ITEMS_AND_PAYMENT)
                continue
            if by_item:
                good = _good(content)
                yield Document("good", good["good_id"], [good], number, once=True)
            method = methods.get(row["Receipt number"], "")
            detail = (_ITEMS_AND_PAYMENT if method else _ITEMS) if by_item else _RECEIPT_ALONE
            yield Fragment(_kind(row), id_, number, content | {"method": method}, detail)


def compose(context: Context) -> Compose:
    """Makes sales and returns of rows."""

    def document(kind: Kind, id_: str, row: int, rows: Rows) -> Document | BadRow:
        first = rows[0]
        for field in ("at", "status"):
            if any(other[field] != first[field] for other in rows):
                return BadRow(row, field, id_, "rows_disagree", {"field": field})
        events = [_return(id_, rows) if kind == "return" else _sale(id_, rows)]
        if first["status"] == "Voided":
            id_field = "return_id" if kind == "return" else "sale_id"
            events.append({"type": f"{kind}.voided", "at": first["at"], id_field: id_})
        detail = _RECEIPT_ALONE if first["good"] == _UNNAMED else _ITEMS_AND_PAYMENT if first["method"] else _ITEMS
        return Document(kind, id_, events, row, detail=detail)

    return document


def _has(table: Export, needed: frozenset[str]) -> bool:
    return needed <= set(table.table.headings)


def _kind(row: Row) -> Kind:
    return "return" if row["Receipt type"] == "Refund" else "sale"


def _method(row: Row) -> str:
    return _METHODS.get(row["Payment type"].lower(), "other")


def _content(row: Row, reader: Reader, context: Context, by_item: bool) -> dict[str, str]:
    """What of a row is kept: nothing of the buyer, amounts as plain numbers."""
    if not row["Receipt number"]:
        raise Unfit("Receipt number", "", "missing", field="Receipt number")
    if row["Receipt type"] not in ("Sale", "Refund"):
        raise Unfit("Receipt type", row["Receipt type"], "unknown_kind")
    gross, discount, net, taxes, cost = (
        abs(reader.amount(row, column))
        for column in ("Gross sales", "Discounts", "Net sales", "Taxes", "Cost of goods")
    )
    quantity = abs(reader.amount(row, "Quantity")) if by_item else Decimal(1)
    if not quantity:
        raise Unfit("Quantity", row["Quantity"], "not_positive")
    content = {
        "at": moment(reader.moment(row["Date"], "Date"), context.shop.zone),
        "status": row["Status"],
        "quantity": amount(quantity),
        "gross": amount(gross),
        "discount": amount(discount),
        "net": amount(net),
        "unit_cost": amount(unit_price(cost, quantity)),
        "unit_price": amount(unit_price(gross, quantity)),
        "cashier": shorten_cashier(scrubbed(row.get("Cashier name", ""))) or "",
    }
    if taxes:
        on_top = _on_top(row, reader, context, by_item, net + taxes)
        content |= {"tax": amount(taxes), "on_top": "yes" if on_top else ""}
    if not by_item:
        return content | {"good": _UNNAMED, "name": row.get("Description") or row["Receipt number"], "category": ""}
    return content | {
        "good": row["SKU"] or row["Item"],
        "name": " ".join(filter(None, (row["Item"], row.get("Variant", "")))),
        "category": row.get("Category", ""),
    }


def _on_top(row: Row, reader: Reader, context: Context, by_item: bool, with_tax: Decimal) -> bool:
    """Whether the tax comes on top: the report by receipts tells, the one by item does not."""
    if not by_item:
        return abs(reader.amount(row, "Total collected")) == with_tax
    text = "Are the taxes of «Receipts by item» on top of net sales, or included in them?"
    return context.answers.choice("tax", text, ["on top", "included"]) == "on top"


def _good(content: Mapping[str, str]) -> Event:
    return {
        "type": "good.saved",
        "at": content["at"],
        "good_id": bounded_id(content["good"]),
        "name": content["name"][:200],
        "category": content["category"][:200],
        "extra": original_id(content["good"]),
    }


def _sale(id_: str, rows: Sequence[Mapping[str, str]]) -> Event:
    total = sum((Decimal(row["net"]) + _added(row) for row in rows), Decimal(0))
    return {
        "type": "sale.registered",
        "at": rows[0]["at"],
        "sale_id": id_,
        "number": id_,
        "lines": [_line(row) for row in rows],
        "payments": [{"method": rows[0]["method"] or "other", "amount": amount(total)}],
    } | _cashier(rows[0])


def _line(row: Mapping[str, str]) -> Event:
    return {
        "good_id": bounded_id(row["good"]),
        "name": row["name"],
        "quantity": row["quantity"],
        "price": row.get("unit_price") or amount(unit_price_before(Decimal(row["gross"]), Decimal(row["quantity"]))),
        "discount": row["discount"],
        "sum": row["net"],
    } | _optional(row)


def _return(id_: str, rows: Sequence[Mapping[str, str]]) -> Event:
    lines = [
        {
            "good_id": bounded_id(row["good"]),
            "name": row["name"],
            "quantity": row["quantity"],
            "amount": amount(Decimal(row["net"]) + _added(row)),
        }
        | _optional(row)
        for row in rows
    ]
    total = sum((Decimal(line["amount"]) for line in lines), Decimal(0))
    return {
        "type": "sale.returned",
        "at": rows[0]["at"],
        "return_id": id_,
        "number": id_,
        "lines": lines,
        "refunds": [{"method": rows[0]["method"] or "other", "amount": amount(total)}],
    } | _cashier(rows[0])


def _optional(row: Mapping[str, str]) -> Event:
    cost = row["unit_cost"] if "unit_cost" in row else row["cost"]
    found: Event = {"cost": cost} if Decimal(cost) else {}
    if row["good"] == _UNNAMED:
        found["kind"] = "service"  # no good of which there is any stock
    if "tax" in row:
        percent = Decimal(row["tax"]) * 100 / (Decimal(row["net"]) - (0 if row["on_top"] else Decimal(row["tax"])))
        rounding = ROUND_HALF_UP if "unit_price" in row else ROUND_HALF_EVEN
        rate = amount(percent.quantize(Decimal("0.01"), rounding).normalize() + 0)
        found["tax"] = {"rate": rate, "amount": row["tax"], "on_top": bool(row["on_top"])}
    return found


def _added(row: Mapping[str, str]) -> Decimal:
    """The tax on top."""
    return Decimal(row["tax"]) if row.get("on_top") else Decimal(0)


def _cashier(row: Mapping[str, str]) -> Event:
    return {"cashier": row["cashier"]} if row["cashier"] else {}
