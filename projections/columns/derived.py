"""What `projections.models.sales` derives of a receipt and of its lines, in columns; a test holds both equal.

Amounts are decimals with six places here, which none that is plain exceeds.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import polars as pl

from projections.columns.frames import INDEX, Frames
from projections.models.positions import ADVANCES, REVENUE, rate_value
from schemas.events import MAIN_WAREHOUSE

DECIMAL = pl.Decimal(38, 6)
_MILLION = 1_000_000
_ZERO = pl.lit(0).cast(DECIMAL)
_NO_TEXT = pl.lit(None, pl.String)


def with_all(frames: Frames, turns: pl.Series, costs: pl.Series | None) -> Frames:
    """Plain sales with all that is derived of them, and with their turns, a column `applied_no`."""
    lines = with_line_sums(frames.lines, costs)
    return Frames(with_sums(frames.sales.with_columns(turns), lines, frames.payments), lines, frames.payments)


def amount(name: str) -> pl.Expr:
    """A text as a number, 0 where there is none."""
    return pl.col(name).cast(DECIMAL).fill_null(_ZERO)


def line_sum(quantity: str, price: str) -> pl.Expr:
    """`schemas.amounts.line_sum` of two columns of numbers that are not negative: half up to kopecks."""
    whole = (pl.col(quantity) * _MILLION).cast(pl.Int128) * (pl.col(price) * _MILLION).cast(pl.Int128)
    return ((whole + 5_000_000_000) // 10_000_000_000).cast(DECIMAL) / 100


def with_line_sums(lines: pl.DataFrame, costs: pl.Series | None) -> pl.DataFrame:
    """The lines with numbers in place of texts and with all that is derived of each; `costs` are those of their goods.

    `said` is the sum where the line says it, `taken_cost` the good's cost where the line says none, `place` the
    warehouse that it is taken from.
    """
    numbers = lines.with_columns(
        undiscounted=pl.col("discount").is_null(),
        taken_cost=_NO_TEXT if costs is None else pl.when(pl.col("cost").is_null()).then(costs),
        quantity=amount("quantity"),
        price=amount("price"),
        discount=amount("discount"),
        tax=amount("tax_amount"),
        said=pl.col("sum").cast(DECIMAL),
        kind=pl.col("kind").fill_null("good"),
    ).with_columns(
        sum=pl.coalesce(pl.col("said"), line_sum("quantity", "price") - pl.col("discount")),
        unit_cost=pl.coalesce("cost", "taken_cost").cast(DECIMAL),
    )
    known = pl.col("unit_cost").is_not_null() & pl.col("kind").is_in(sorted(REVENUE))
    numbers = numbers.with_columns(
        amount=pl.col("sum") + pl.when("tax_on_top").then(pl.col("tax")).otherwise(_ZERO),
    )
    return numbers.with_columns(
        revenue=_of_kinds(sorted(REVENUE)),
        advances=_of_kinds(sorted(ADVANCES)),
        tips=_of_kinds(["tip"]),
        debts=_of_kinds(["debt"]),
        cost_sum=pl.when(known).then(line_sum("quantity", "unit_cost")).otherwise(_ZERO),
        cost_known_sum=pl.when(known).then(pl.col("amount")).otherwise(_ZERO),
        place=pl.col("warehouse_id").fill_null(MAIN_WAREHOUSE),
    )


def _of_kinds(kinds: list[str]) -> pl.Expr:
    return pl.when(pl.col("kind").is_in(kinds)).then(pl.col("amount")).otherwise(_ZERO)


def with_sums(sales: pl.DataFrame, lines: pl.DataFrame, payments: pl.DataFrame) -> pl.DataFrame:
    """The sales with the sums of their lines and payments."""
    of_lines = lines.group_by(INDEX).agg(
        positions=pl.len(),
        discount_sum=pl.col("discount").sum(),
        sums=pl.col("sum").sum(),
        sold=pl.col("revenue").sum(),
        advances_sum=pl.col("advances").sum(),
        tips_sum=pl.col("tips").sum(),
        debts_sum=pl.col("debts").sum(),
        tax_sum=pl.col("tax").sum(),
        cost_sum=pl.col("cost_sum").sum(),
        cost_known_sum=pl.col("cost_known_sum").sum(),
    )
    of_payments = payments.group_by(INDEX).agg(paid=amount("amount").sum())
    sales = sales.join(of_lines, on=INDEX, how="left", maintain_order="left")
    sales = sales.join(of_payments, on=INDEX, how="left", maintain_order="left")
    return (
        sales.with_columns(
            rounding=amount("rounding"),
            change=amount("change"),
            paid=pl.col("paid").fill_null(_ZERO),
            goods_sum=pl.col("sums") + pl.col("discount_sum"),
        )
        .with_columns(revenue=pl.col("sold") + pl.col("rounding"))
        .with_columns(total=pl.col("revenue") + pl.col("advances_sum") + pl.col("tips_sum") + pl.col("debts_sum"))
        .with_columns(difference=pl.col("paid") - pl.col("change") - pl.col("total"))
    )


def moments(at: pl.Series) -> pl.Series:
    """Moments in UTC; null for what is none."""
    return at.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%#z", time_zone="UTC", time_unit="us", strict=False)


def with_local_times(sales: pl.DataFrame) -> pl.DataFrame:
    """The sales, which have `moment` in UTC, `zone` and `day_begins`, with local `day` and `hour`.

    Both are null on a day on which the zone's clocks are changed. By Python's zones, which are pinned.
    """
    days = sales.select("zone", date=pl.col("moment").dt.date()).unique()
    offsets = pl.Series("offset", [_offset(zone, day) for zone, day in days.iter_rows()], dtype=pl.Duration("us"))
    days = days.with_columns(offsets)
    sales = sales.with_columns(date=pl.col("moment").dt.date())
    sales = sales.join(days, on=["zone", "date"], how="left", maintain_order="left")
    local = (pl.col("moment") + pl.col("offset")).dt.replace_time_zone(None)
    return sales.with_columns(hour=local.dt.hour().cast(pl.Int64), day=local.dt.date()).with_columns(
        day=pl.when(pl.col("hour") >= pl.col("day_begins"))
        .then(pl.col("day"))
        .otherwise(pl.col("day").dt.offset_by("-1d"))
    )


@lru_cache(maxsize=65_536)
def _offset(zone: str, day: date) -> timedelta | None:
    """What a zone is ahead of UTC on all of a day of UTC; None where that changes on it."""
    begins = datetime.combine(day, time(0), UTC)
    known = ZoneInfo(zone)
    offsets = {(begins + timedelta(hours=hours)).astimezone(known).utcoffset() for hours in (0, 6, 12, 18, 24)}
    return offsets.pop() if len(offsets) == 1 else None


def rates(values: pl.Series) -> pl.Series:
    """Each rate of tax by its value."""
    known: Mapping[str, str] = {rate: rate_value(rate) for rate in values.unique().to_list() if rate is not None}
    return values.replace_strict(known, default=None, return_dtype=pl.String)
