"""Square's «Items Detail» export: one line of a sale a row, tax on top, the time zone in a column.

The export has no methods of payment. A row with a card's brand was paid by card; the rest is `other`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

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
from producers.importers.exports import Reader, Row, Unfit
from producers.importers.files import Content
from producers.importers.questions import Question
from producers.importers.sources import Context, Source
from producers.importers.stage import BAD, Compose, Rows
from schemas.amounts import unit_price
from schemas.zones import zone_names

TAKES: frozenset[Content] = frozenset({"text"})
_NEEDED = frozenset(
    ["Date", "Time", "Time Zone", "Item", "Qty", "Gross Sales", "Discounts", "Net Sales", "Tax", "Transaction ID"]
)
_NUMBERS = ("Qty", "Gross Sales", "Discounts", "Net Sales", "Tax")
_ZONES = {
    "Eastern Time (US & Canada)": "America/New_York",
    "Central Time (US & Canada)": "America/Chicago",
    "Mountain Time (US & Canada)": "America/Denver",
    "Pacific Time (US & Canada)": "America/Los_Angeles",
    "Arizona": "America/Phoenix",
    "Alaska": "America/Anchorage",
    "Hawaii": "Pacific/Honolulu",
    "Atlantic Time (Canada)": "America/Halifax",
    "Newfoundland": "America/St_Johns",
    "London": "Europe/London",
    "Dublin": "Europe/Dublin",
    "Paris": "Europe/Paris",
    "Madrid": "Europe/Madrid",
    "Tokyo": "Asia/Tokyo",
    "Sydney": "Australia/Sydney",
    "Melbourne": "Australia/Melbourne",
    "Brisbane": "Australia/Brisbane",
    "Adelaide": "Australia/Adelaide",
    "Perth": "Australia/Perth",
    "UTC": "UTC",
}
_CENT = Decimal("0.01")
_RATE_STEPS = tuple(map(Decimal, "1 0.5 0.25 0.125 0.1 0.05 0.025 0.01 0.005".split()))
"""Rates of tax are multiples of one of these, rather of the first."""
_RATE_STEP, _RATE_SAMPLE = _RATE_STEPS[-1], 200


def read(source: Source, context: Context) -> Iterator[Item]:
    """The rows of the files, and the goods in them. Raises `Question`, `UsageError`."""
    tables = [exports.export(file, _NEEDED, "«Items Detail» export of Square") for file in source.files]
    reader = exports.reader(tables, _NUMBERS, "Date", context.answers)
    rate = _tax_rate(tables, reader)
    here = exports.of_outlet(tables, "Location", context.answers)
    for table in tables:
        for number, row in table.rows():
            try:
                content = _content(row, reader, context, rate)
            except Unfit as exc:
                yield exc.bad_row(number)
                yield Fragment(_kind(row), bounded_id(row.get("Transaction ID", "")), number, BAD)
                continue
            if not here[row.get("Location", "")]:
                yield Note("left_out")
                continue
            good = _good(content)
            yield Document("good", good["good_id"], [good], number, once=True)
            yield Fragment(_kind(row), bounded_id(content["id"]), number, content)


def compose(context: Context) -> Compose:
    """Makes sales and returns of rows."""

    def document(kind: Kind, id_: str, row: int, rows: Rows) -> Document | BadRow:
        rows = sorted(rows, key=lambda other: other["at"])
        event = _return(id_, rows) if kind == "return" else _sale(id_, rows)
        return Document(kind, id_, [event], row)

    return document


def _content(row: Row, reader: Reader, context: Context, rate: str | None) -> dict[str, str]:
    """What of a row is kept: nothing of the buyer, amounts as plain numbers."""
    for column in ("Transaction ID", "Item"):
        if not row.get(column):
            raise Unfit(column, "", "missing", field=column)
    event = row.get("Event Type") or "Payment"
    if event not in ("Payment", "Refund"):
        raise Unfit("Event Type", event, "unknown_kind")
    quantity, gross, net, tax = (reader.amount(row, name) for name in ("Qty", "Gross Sales", "Net Sales", "Tax"))
    if not quantity:
        raise Unfit("Qty", row.get("Qty", ""), "not_positive")
    if event == "Payment" and (quantity < 0 or net < 0):
        raise Unfit("Net Sales", row.get("Net Sales", ""), "negative")
    at = moment(reader.moment(f"{row['Date']} {row['Time']}", "Date"), _zone(row["Time Zone"], context))
    content = {
        "id": row["Transaction ID"],
        "event": event,
        "at": at,
        "good": row.get("GTIN") or row.get("SKU") or row.get("Token") or row["Item"],
        "name": " ".join(filter(None, (row["Item"], _variant(row.get("Price Point Name", ""))))),
        "category": "" if row.get("Category") in (None, "None") else row["Category"],
        "quantity": amount(abs(quantity)),
        "gross": amount(abs(gross)),
        "net": amount(abs(net)),
        "tax": amount(abs(tax)),
        "card": "yes" if row.get("Card Brand") else "",
        "unit": row.get("Unit", ""),
        "unit_price": amount(unit_price(abs(gross), abs(quantity))),
    }
    if tax:
        content["rate"] = rate or _nearest_rate(net, tax)
    return content


def _kind(row: Row) -> Kind:
    return "return" if row.get("Event Type") == "Refund" else "sale"


def _variant(name: str) -> str:
    return "" if name in ("", "Regular") else name


def _zone(name: str, context: Context) -> ZoneInfo:
    answer = context.answers.get(f"zones.{name}") or _ZONES.get(name) or (name if name in zone_names() else None)
    if answer not in zone_names():
        raise Question(f"zones.{name}", f"Which time zone is «{name}»?", ["America/New_York"], name)
    return ZoneInfo(answer)


def _good(content: Mapping[str, str]) -> Event:
    event: Event = {
        "type": "good.saved",
        "at": content["at"],
        "good_id": bounded_id(content["good"]),
        "name": content["name"][:200],
        "category": content["category"][:200],
        "extra": original_id(content["good"]),
    }
    return event | ({"unit": content["unit"][:20]} if content["unit"] else {})


def _sale(id_: str, rows: Sequence[Mapping[str, str]]) -> Event:
    total = sum((Decimal(row["net"]) + Decimal(row["tax"]) for row in rows), Decimal(0))
    method = "card" if all(row["card"] for row in rows) else "other"
    return {
        "type": "sale.registered",
        "at": rows[0]["at"],
        "sale_id": id_,
        "number": id_[:20],
        "lines": [_line(row) for row in rows],
        "payments": [{"method": method, "amount": amount(total)}],
    }


def _return(id_: str, rows: Sequence[Mapping[str, str]]) -> Event:
    total = sum((Decimal(row["net"]) + Decimal(row["tax"]) for row in rows), Decimal(0))
    return {
        "type": "sale.returned",
        "at": rows[0]["at"],
        "return_id": id_,
        "lines": [
            {
                "good_id": bounded_id(row["good"]),
                "name": row["name"],
                "quantity": row["quantity"],
                "amount": amount(Decimal(row["net"]) + Decimal(row["tax"])),
            }
            | _tax(row)
            for row in rows
        ],
        "refunds": [{"method": "card" if all(row["card"] for row in rows) else "other", "amount": amount(total)}],
    }


def _line(row: Mapping[str, str]) -> Event:
    gross, net, quantity = Decimal(row["gross"]), Decimal(row["net"]), Decimal(row["quantity"])
    line: Event = {
        "good_id": bounded_id(row["good"]),
        "name": row["name"],
        "quantity": row["quantity"],
        "price": row.get("unit_price") or amount(unit_price_before(gross, quantity)),
        "discount": amount(max(gross - net, Decimal(0))),
        "sum": row["net"],
    }
    return line | ({"unit": row["unit"][:20]} if row["unit"] else {}) | _tax(row)


def _tax(row: Mapping[str, str]) -> Event:
    return {"tax": {"rate": row["rate"], "amount": row["tax"], "on_top": True}} if "rate" in row else {}


def _tax_rate(tables: Sequence[exports.Export], reader: Reader) -> str | None:
    """The roundest rate that gives the tax of four rows of five, to the cent; None where there is none.

    The export has no rate. Square rounds the tax of a whole receipt, so that some rows are a cent or two off.
    """
    taxed: Counter[tuple[Decimal, Decimal]] = Counter()
    for table in tables:
        for _, row in table.rows(["Net Sales", "Tax"]):
            try:
                net, tax = abs(reader.amount(row, "Net Sales")), abs(reader.amount(row, "Tax"))
            except Unfit:
                continue
            if net and tax:
                taxed[net, tax] += 1
    common = taxed.most_common(_RATE_SAMPLE)
    fitting: Counter[Decimal] = Counter()
    for (net, tax), count in common:
        low, high = ((tax - _CENT / 2) * 100 / net, (tax + _CENT / 2) * 100 / net)
        step = (low / _RATE_STEP).to_integral_value(ROUND_CEILING)
        while step * _RATE_STEP < high:
            fitting[step * _RATE_STEP] += count
            step += 1
    enough = sum(count for _, count in common) * 4 / 5
    rates = [rate for rate, count in fitting.items() if count >= enough]
    for step in _RATE_STEPS:
        round_rates = [rate for rate in rates if not rate % step]
        if round_rates:
            return amount(max(round_rates, key=lambda rate: (fitting[rate], -rate)).normalize() + 0)
    return None


def _nearest_rate(net: Decimal, tax: Decimal) -> str:
    rate = abs(tax) * 100 / abs(net) if net else Decimal(0)
    return amount(rate.quantize(_CENT, ROUND_HALF_UP))
