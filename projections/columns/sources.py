"""The rows that sums take of plain sales, as frames; see the flattenings of the same names beside the read models."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from projections.columns.derived import amount, rates
from projections.columns.frames import INDEX, Frames
from projections.models import moved, sales, shift_payments, shift_sums

_OF_SALE = ("outlet_id", "day", "hour")
_ONE, _NOUGHT = pl.lit(1, pl.Int64), pl.lit(0, pl.Int64)


def _receipts(frames: Frames) -> pl.DataFrame:
    named = [pl.col(name).fill_null("") for name in ("shift_id", "cashier_id", "cashier")]
    return frames.sales.with_columns(
        *named,
        sales=_ONE,
        positions=pl.col("positions").cast(pl.Int64),
        unreconciled=(pl.col("difference") != 0).cast(pl.Int64),
        discounted=(pl.col("discount_sum") != 0).cast(pl.Int64),
    )


def _lines(frames: Frames) -> pl.DataFrame:
    return _with_sale(frames.lines, frames, *_OF_SALE).with_columns(lines=_ONE, warehouse_id=pl.col("place"))


def _taxes(frames: Frames) -> pl.DataFrame:
    taxed = frames.lines.filter("taxed")
    taxed = taxed.with_columns(
        rate=rates(taxed["tax_rate"]), base_sum=pl.col("amount") - pl.col("tax"), tax_sum=pl.col("tax")
    )
    return _with_sale(taxed, frames, *_OF_SALE)


def _paid(frames: Frames) -> pl.DataFrame:
    columns = [*_OF_SALE, "method", "amount", "count"]
    payments = _with_sale(frames.payments, frames, *_OF_SALE).with_columns(amount=amount("amount"), count=_ONE)
    return pl.concat([payments.select(columns), _change(frames).with_columns(count=_NOUGHT).select(columns)])


def _change(frames: Frames) -> pl.DataFrame:
    """Change comes off the cash."""
    changed = frames.sales.filter(pl.col("change") != 0)
    return changed.with_columns(method=pl.lit("cash"), amount=-pl.col("change"))


def _shift_sales(frames: Frames) -> pl.DataFrame:
    return frames.sales.filter(pl.col("shift_id").is_not_null()).with_columns(sales=_ONE, sales_sum=pl.col("total"))


def _shift_money(frames: Frames) -> pl.DataFrame:
    columns = ["outlet_id", "shift_id", "till_id", "method", "amount"]
    payments = _with_sale(frames.payments, frames, "outlet_id", "shift_id", "till_id")
    money = pl.concat([payments.with_columns(amount=amount("amount")).select(columns), _change(frames).select(columns)])
    return money.filter(pl.col("shift_id").is_not_null())


def _moved(frames: Frames) -> pl.DataFrame:
    goods = _with_sale(frames.lines.filter(pl.col("kind") == "good"), frames, "outlet_id", "moment", "applied_no")
    return goods.with_columns(
        warehouse_id=pl.col("place"),
        effective_day=pl.col("moment").dt.date(),
        effective_at=pl.col("moment"),
        quantity=-pl.col("quantity"),
    )


def _with_sale(rows: pl.DataFrame, frames: Frames, *names: str) -> pl.DataFrame:
    return rows.join(frames.sales.select(INDEX, *names), on=INDEX, how="left", maintain_order="left")


FRAMES: dict[Callable[..., Any], Callable[[Frames], pl.DataFrame]] = {
    sales.receipt: _receipts,
    sales.sold_lines: _lines,
    sales.taxes_taken: _taxes,
    sales.paid: _paid,
    shift_sums.sold: _shift_sales,
    shift_payments.taken: _shift_money,
    moved.sold: _moved,
}
"""The flattening of a source → its rows of plain sales, beside other columns."""
