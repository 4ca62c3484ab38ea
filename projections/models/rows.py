"""The rows of the read models, field for field as the tables in `sql/generation.sql`.

Rows travel to and from PostgreSQL as JSON: money and quantities are `Decimal`, ids are text, documents are structs.
The first fields of a row, as many as the table's primary key has, are its key. Running figures (totals, daily, hourly,
payments, stock) are altered in place by the folds, several times for each event; all other rows are frozen.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from msgspec import Struct

from schemas.amounts import ZERO
from schemas.events import ExtraField, Line, Payment, Refund, ReturnLine


class OutletTotalsRow(Struct, gc=False):
    outlet_id: str
    goods: int
    sales: int
    data_through: datetime
    applied_no: int


class DailyRow(Struct, gc=False):
    outlet_id: str
    day: date
    sales: int = 0
    returns: int = 0
    goods_sum: Decimal = ZERO
    discount_sum: Decimal = ZERO
    returns_sum: Decimal = ZERO
    unreconciled: int = 0


class HourlyRow(Struct, gc=False):
    outlet_id: str
    day: date
    hour: int
    sales: int = 0
    revenue: Decimal = ZERO


class PaymentsRow(Struct, gc=False):
    outlet_id: str
    day: date
    method: str
    amount: Decimal = ZERO
    count: int = 0
    refunds: int = 0


class SaleRow(Struct, frozen=True):
    """A receipt. `difference` = payments − change − total; `applied_no` is that of its first appearance."""

    outlet_id: str
    sale_id: str
    till_id: str
    number: str
    at: datetime
    day: date
    hour: int
    positions: int
    goods_sum: Decimal
    discount_sum: Decimal
    total: Decimal
    change: Decimal
    difference: Decimal
    contact_id: str | None
    cashier: str | None
    lines: list[Line]
    payments: list[Payment]
    run: str
    seq: int
    log_offset: int
    log_time: datetime | None
    applied_no: int


class ReturnRow(Struct, frozen=True):
    """A return. `difference` = refunds − amount; `applied_no` is that of its first appearance."""

    outlet_id: str
    return_id: str
    till_id: str
    sale_id: str
    at: datetime
    day: date
    hour: int
    amount: Decimal
    difference: Decimal
    lines: list[ReturnLine]
    refunds: list[Refund]
    run: str
    seq: int
    log_offset: int
    log_time: datetime | None
    applied_no: int


class MoveRow(Struct, frozen=True, gc=False):
    """A stock movement other than a sale; `quantity` is signed."""

    outlet_id: str
    move_id: str
    till_id: str
    good_id: str
    warehouse_id: str
    quantity: Decimal
    reason: str
    at: datetime
    day: date
    run: str
    seq: int
    log_offset: int
    applied_no: int


class GoodRow(Struct, frozen=True):
    outlet_id: str
    good_id: str
    name: str
    category: str
    max_price: Decimal
    barcode: str | None
    barcodes: list[str]
    extra: list[ExtraField]
    removed: bool


class WarehouseRow(Struct, frozen=True, gc=False):
    outlet_id: str
    warehouse_id: str
    name: str


class StockRow(Struct, gc=False):
    """Stock of a good in a warehouse; `counted_no` is the `applied_no` of its last count, 0 before the first."""

    outlet_id: str
    good_id: str
    warehouse_id: str
    quantity: Decimal = ZERO
    counted_no: int = 0


class ContactRow(Struct, frozen=True, gc=False):
    outlet_id: str
    contact_id: str
    name: str
    purchases_total: Decimal
    debt: Decimal
    points: Decimal
    removed: bool


class ForgottenRow(Struct, frozen=True, gc=False):
    """A contact that asked to be forgotten; kept outside the generations."""

    outlet_id: str
    contact_id: str
