"""Payment methods: per outlet and local day, payments − change − refunds; change comes off the cash.

So the figures of a day add up to its revenue wherever the till's own numbers do.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from projections.models.changes import ReturnChange, SaleChange
from projections.models.rows import PaymentsRow, ReturnRow, SaleRow
from projections.models.table import Table


def fold_sale(payments: Table[PaymentsRow], change: SaleChange) -> None:
    if change.old:
        _add_sale(payments, change.old, -1)
    sale = change.new
    for payment in sale.payments:
        row = payments.open((sale.outlet_id, sale.day, payment.method), PaymentsRow)
        row.amount += payment.amount
        row.count += 1
    if sale.change:
        payments.open((sale.outlet_id, sale.day, "cash"), PaymentsRow).amount -= sale.change


def fold_return(payments: Table[PaymentsRow], change: ReturnChange) -> None:
    if change.old:
        _add_return(payments, change.old, -1)
    _add_return(payments, change.new, 1)


def _add_sale(payments: Table[PaymentsRow], sale: SaleRow, sign: int) -> None:
    for payment in sale.payments:
        _add(payments, sale.outlet_id, sale.day, payment.method, sign * payment.amount, sign, 0)
    if sale.change:
        _add(payments, sale.outlet_id, sale.day, "cash", -sign * sale.change, 0, 0)


def _add_return(payments: Table[PaymentsRow], row: ReturnRow, sign: int) -> None:
    for refund in row.refunds:
        _add(payments, row.outlet_id, row.day, refund.method, -sign * refund.amount, 0, sign)


def _add(
    payments: Table[PaymentsRow], outlet: str, day: date, method: str, amount: Decimal, count: int, refunds: int
) -> None:
    row = payments.open((outlet, day, method), PaymentsRow)
    row.amount += amount
    row.count += count
    row.refunds += refunds
