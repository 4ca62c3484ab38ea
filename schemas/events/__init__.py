"""What happens in a shop: the events of the contract, one closed union.

Each event is one module: its struct, and beside it `TYPE` with its name for people and an example. Fields and their
meaning are those of the contract ('Events'); the type of a text says what of it may be kept (`schemas.texts`). The
published schemas, golden bytes, strategies of the tests and documents are made from the union.
"""

from __future__ import annotations

from typing import get_args

from schemas.events.cash_moved import CashMoved as CashMoved
from schemas.events.cash_moved import CashReason as CashReason
from schemas.events.contact_removed import ContactRemoved as ContactRemoved
from schemas.events.contact_saved import ContactSaved as ContactSaved
from schemas.events.event_type import EventType, event_type
from schemas.events.event_withdrawn import EventWithdrawn as EventWithdrawn
from schemas.events.good_removed import GoodRemoved as GoodRemoved
from schemas.events.good_saved import ExtraField as ExtraField
from schemas.events.good_saved import GoodSaved as GoodSaved
from schemas.events.payments import Method as Method
from schemas.events.payments import Payment as Payment
from schemas.events.payments import Refund as Refund
from schemas.events.receipts import Fiscal as Fiscal
from schemas.events.receipts import LineKind as LineKind
from schemas.events.receipts import Tax as Tax
from schemas.events.return_voided import ReturnVoided as ReturnVoided
from schemas.events.sale_registered import Line as Line
from schemas.events.sale_registered import SaleRegistered as SaleRegistered
from schemas.events.sale_registered import line_goods as line_goods
from schemas.events.sale_registered import sale_sums as sale_sums
from schemas.events.sale_returned import ReturnLine as ReturnLine
from schemas.events.sale_returned import SaleReturned as SaleReturned
from schemas.events.sale_voided import SaleVoided as SaleVoided
from schemas.events.shift_closed import MethodTotal as MethodTotal
from schemas.events.shift_closed import ShiftClosed as ShiftClosed
from schemas.events.shift_closed import ShiftTotals as ShiftTotals
from schemas.events.shift_opened import ShiftOpened as ShiftOpened
from schemas.events.stock_counted import StockCounted as StockCounted
from schemas.events.stock_moved import MoveReason as MoveReason
from schemas.events.stock_moved import StockMoved as StockMoved
from schemas.events.warehouse_saved import MAIN_WAREHOUSE as MAIN_WAREHOUSE
from schemas.events.warehouse_saved import WarehouseSaved as WarehouseSaved

Event = (
    SaleRegistered
    | SaleReturned
    | SaleVoided
    | ReturnVoided
    | ShiftOpened
    | ShiftClosed
    | CashMoved
    | GoodSaved
    | GoodRemoved
    | StockCounted
    | StockMoved
    | WarehouseSaved
    | ContactSaved
    | ContactRemoved
    | EventWithdrawn
)

EVENT_TYPES: tuple[EventType, ...] = tuple(map(event_type, get_args(Event)))
"""What stands beside each event, in the union's order."""
