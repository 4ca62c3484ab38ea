"""Makes events of what GBS.Market tells. Pure.

Publicly known are `Uid`, `DateTime`, `IsDeleted`, `Items` with `Quantity`, `SalePrice`, `Discount` of a document, and
`Barcode`, `Stocks` with `Quantity`, `Price` of a good. Everything else is read under the names that are likely; a field
that is not understood is named in the report (`unknown`), never guessed at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, Literal, NamedTuple

from producers.till.gbs_api import Record
from schemas.limits import EARLIEST, LATEST

Event = dict[str, Any]
Discount = Literal["percent", "money", "included"]
"""What `Discount` of a line is: a share of its price, money off the whole line, or in `SalePrice` already."""

MAIN_WAREHOUSE = "main"
_CENT = Decimal("0.01")
_METHODS = {
    "cash": "cash",
    "наличные": "cash",
    "наличными": "cash",
    "card": "card",
    "карта": "card",
    "картой": "card",
    "безналичные": "card",
    "bank": "card",
    "sbp": "sbp",
    "сбп": "sbp",
    "credit": "credit",
    "в долг": "credit",
    "bonuses": "points",
    "баллы": "points",
    "certificate": "gift_card",
    "prepaid": "prepayment",
}
_DOCUMENT_FIELDS = frozenset(
    "uid datetime isdeleted items number payments sum total totalsum user cashier type status section storage comment"
    " contractor client customer clientuid contractoruid".split()
)
_ITEM_FIELDS = frozenset(
    "uid gooduid good goodname name barcode quantity saleprice discount buyprice sum total comment isdeleted".split()
)


class Found(NamedTuple):
    """A document of the service: known by `kind` and `id`. `unknown` are fields that were not understood."""

    kind: Literal["sale", "good", "count", "warehouse"]
    id: str
    events: list[Event]
    unknown: tuple[str, ...] = ()


class Unfit(Exception):
    """A record that can't be brought in: the field, its value, and why."""

    def __init__(self, field: str, value: object, why: str) -> None:
        super().__init__(f"{field}: {value}: {why}")
        self.field, self.value, self.why = field, str(value)[:100], why


class AskDiscount(Exception):
    """A line has a discount, and nothing tells of what kind it is."""


def sale(record: Record, zone: tzinfo | None, discount: Discount | None) -> Found:
    """A document of the kind Sale; deleted, it is voided. Raises `Unfit`, `AskDiscount`."""
    id_ = _id(record, "uid")
    at = _moment(record, zone)
    if _true(record.get("isdeleted")):
        return Found(
            "sale", id_, [*_taken(record, id_, at, discount), {"type": "sale.voided", "at": at, "sale_id": id_}]
        )
    events = _taken(record, id_, at, discount)
    if not events:
        raise Unfit("Items", "", "the document has no lines")
    items = [item for item in record.get("items") or [] if isinstance(item, dict)]
    unknown = {f"Items.{name}" for item in items for name in item.keys() - _ITEM_FIELDS}
    return Found("sale", id_, events, tuple(sorted(unknown | (record.keys() - _DOCUMENT_FIELDS))))


def good(record: Record, now: str) -> Iterator[Found]:
    """A good, and its stock by warehouse as counted now (an `at`). Raises `Unfit`."""
    id_ = _id(record, "uid", "barcode")
    if _true(record.get("isdeleted")):
        yield Found("good", id_, [{"type": "good.removed", "at": now, "good_id": id_}])
        return
    name = _text(record, "name", "title")
    if not name:
        raise Unfit("Name", "", "the good has no name")
    event: Event = {"type": "good.saved", "at": now, "good_id": id_, "name": name[:200], "category": _category(record)}
    stocks = [stock for stock in record.get("stocks") or [] if isinstance(stock, dict)]
    prices = [_number(stock, "price") for stock in stocks if stock.get("price") is not None]
    if prices:
        event["max_price"] = _plain(max(prices))
    if barcode := _text(record, "barcode"):
        event["barcode"] = barcode
    if unit := _text(record, "unit", "unitname"):
        event["unit"] = unit[:20]
    yield Found("good", id_, [event])
    quantities: dict[str, Decimal] = {}
    for stock in stocks:
        if stock.get("quantity") is not None and not _true(stock.get("isdeleted")):
            warehouse = _warehouse(stock)
            quantities[warehouse] = quantities.get(warehouse, Decimal(0)) + _number(stock, "quantity")
    for warehouse, quantity in quantities.items():
        event = {"type": "stock.counted", "at": now, "good_id": id_, "warehouse_id": warehouse}
        yield Found("count", f"{id_}\n{warehouse}", [event | {"quantity": _plain(quantity)}])


def _taken(record: Record, id_: str, at: str, discount: Discount | None) -> list[Event]:
    items = [item for item in record.get("items") or [] if isinstance(item, dict) and not _true(item.get("isdeleted"))]
    if not items:
        return []
    total = next((_number(record, name) for name in ("totalsum", "total", "sum") if record.get(name) is not None), None)
    lines = [_line(item, kind) for kind in [_kind(items, total, discount)] for item in items]
    whole = sum((Decimal(line["sum"]) for line in lines), Decimal(0))
    event: Event = {
        "type": "sale.registered",
        "at": at,
        "sale_id": id_,
        "number": _text(record, "number") or id_[:8],
        "lines": lines,
        "payments": _payments(record, whole),
    }
    cashier = record.get("cashier") or record.get("user")
    name = _text(cashier, "name", "alias") if isinstance(cashier, dict) else str(cashier or "")
    return [event | ({"cashier": name} if name else {})]


def _kind(items: Sequence[Record], total: Decimal | None, told: Discount | None) -> Discount:
    """Of which kind the discounts are: as it is told, else the one kind that gives the document's own total."""
    if not any(_number(item, "discount") for item in items if item.get("discount") is not None):
        return "included"
    if told is not None:
        return told
    kinds: tuple[Discount, ...] = ("percent", "money", "included")
    fitting = [kind for kind in kinds if total is not None and sum(_sum(item, kind) for item in items) == total]
    if len(fitting) != 1:
        raise AskDiscount
    return fitting[0]


def _sum(item: Record, kind: Discount) -> Decimal:
    return max(Decimal(0), _full(item) - _off(item, kind))


def _full(item: Record) -> Decimal:
    return (_quantity(item) * _number(item, "saleprice")).quantize(_CENT, ROUND_HALF_UP)


def _off(item: Record, kind: Discount) -> Decimal:
    value = _number(item, "discount") if item.get("discount") is not None else Decimal(0)
    if kind == "percent":
        return (_full(item) * value / 100).quantize(_CENT, ROUND_HALF_UP)
    return value.quantize(_CENT, ROUND_HALF_UP) if kind == "money" else Decimal(0)


def _line(item: Record, kind: Discount) -> Event:
    inner = item.get("good") if isinstance(item.get("good"), dict) else {}
    assert isinstance(inner, dict)
    name = _text(item, "goodname", "name") or _text(inner, "name")
    id_ = _text(item, "gooduid") or _text(inner, "uid") or _text(item, "barcode") or _text(inner, "barcode") or name
    if not id_:
        raise Unfit("Items", "", "a line names no good")
    line: Event = {
        "good_id": id_[:128],
        "name": name or id_,
        "quantity": _plain(_quantity(item)),
        "price": _plain(_number(item, "saleprice")),
        "discount": _plain(_off(item, kind)),
        "sum": _plain(_sum(item, kind)),
    }
    if item.get("buyprice") is not None:
        line["cost"] = _plain(_number(item, "buyprice"))
    return line


def _payments(record: Record, total: Decimal) -> list[Event]:
    """Payments where they can be read and come to the total; else one `other` of the total."""
    found: list[Event] = []
    for payment in record.get("payments") or []:
        if not isinstance(payment, dict):
            continue
        amount = next((payment[name] for name in ("sum", "amount", "total") if payment.get(name) is not None), None)
        method = next((payment[name] for name in ("method", "type", "name") if payment.get(name) is not None), "")
        label = _text(method, "name", "type") if isinstance(method, dict) else str(method)
        if amount is not None:
            value = _number({"sum": amount}, "sum")
            found.append({"method": _METHODS.get(label.lower(), "other"), "amount": _plain(value)})
    if not found or sum((Decimal(each["amount"]) for each in found), Decimal(0)) != total:
        return [{"method": "other", "amount": _plain(total)}]
    return found


def _quantity(item: Record) -> Decimal:
    value = _number(item, "quantity")
    if value <= 0:
        raise Unfit("Quantity", value, "it has to be over zero")
    return value


def _warehouse(stock: Record) -> str:
    storage = stock.get("storage")
    return (_text(storage, "uid", "name") if isinstance(storage, dict) else str(storage or ""))[:128] or MAIN_WAREHOUSE


def _category(record: Record) -> str:
    group = record.get("group")
    return (_text(group, "name") if isinstance(group, dict) else str(group or _text(record, "groupname")))[:200]


def _id(record: Record, *names: str) -> str:
    id_ = _text(record, *names)
    if not id_ or len(id_) > 128:
        raise Unfit("Uid", id_, "an id of 1 to 128 characters is expected")
    return id_


def _moment(record: Record, zone: tzinfo | None) -> str:
    """The document's time with its offset: by `zone`, or the clock of this machine, where it has none."""
    value = record.get("datetime") or record.get("date")
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as exc:
        raise Unfit("DateTime", value, "a date is expected") from exc
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone) if zone else moment.astimezone()
    if not EARLIEST <= moment < LATEST:
        raise Unfit("DateTime", value, "the date is out of range")
    return moment.isoformat()


def _number(record: Record, name: str) -> Decimal:
    value = record.get(name)
    try:
        if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
            raise Unfit(name, value, "a number is expected")
        number = Decimal(value)
    except InvalidOperation as exc:
        raise Unfit(name, value, "a number is expected") from exc
    if not number.is_finite() or abs(number) >= 10**12:
        raise Unfit(name, value, "a number is expected")
    return number


def _plain(value: Decimal) -> str:
    return format(value.quantize(Decimal("0.0001"), ROUND_HALF_UP).normalize() + 0, "f")


def _text(record: Any, *names: str) -> str:
    if not isinstance(record, dict):
        return ""
    return next((" ".join(str(record[name]).split()) for name in names if record.get(name) not in (None, "")), "")


def _true(value: Any) -> bool:
    return value is True or str(value).lower() in ("true", "1")
