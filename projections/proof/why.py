"""What is a figure of a day made of? Each event with its place in the log, and their sum."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import get_args

import psycopg
from msgspec import Struct
from psycopg.rows import DictRow, dict_row

from projections.generations import register
from projections.replay.catchup import snapshot
from projections.replay.reader import LogReader
from projections.replay.replay import Source
from schemas.amounts import ZERO
from schemas.errors import InfrastructureUnreachable, UsageError
from schemas.events import Method
from schemas.log import partition_of
from schemas.statements import load

_sql = load("projections.proof", "why.sql")

FIGURES = ("revenue", "sales", "returns", "goods_sum", "discount_sum", "returns_sum", *get_args(Method))
"""Columns of the daily report, and payment methods."""


class Part(Struct, frozen=True):
    """An event's share of a figure: what it is, where it stands in the log, and by how much it counts."""

    type: str
    id: str
    at: datetime
    till_id: str
    run: str
    seq: int
    partition: int
    offset: int
    amount: Decimal


class Explanation(Struct, frozen=True):
    """`figure` is what the report shows (0 where it shows nothing), `total` the sum of the parts."""

    outlet_id: str
    day: date
    name: str
    figure: Decimal
    total: Decimal
    parts: list[Part]

    @property
    def holds(self) -> bool:
        return self.figure == self.total


async def explain(source: Source, outlet: str, day: date, figure: str) -> Explanation:
    """The events behind a figure of the live report. Raises `UsageError` for a figure there is not."""
    if figure not in FIGURES:
        raise UsageError(f"{figure!r} is not one of {', '.join(FIGURES)}")
    async with LogReader(source.kafka, source.topic) as log:
        partition = partition_of(outlet.encode(), len(log.partitions))
    try:
        with snapshot(source.postgres) as connection:
            register.use(connection, register.live(connection))
            with connection.cursor(row_factory=dict_row) as cursor:
                parameters = {"outlet": outlet, "day": day, "figure": figure}
                parts = [
                    part
                    for row in cursor.execute(_sql["documents"], parameters).fetchall()
                    if (part := _part(row, figure, partition)) is not None
                ]
                shown = cursor.execute(_sql["figure"], parameters).fetchone()
    except psycopg.OperationalError as exc:
        raise InfrastructureUnreachable(f"PostgreSQL: {exc}") from exc
    total = sum((part.amount for part in parts), ZERO)
    return Explanation(outlet, day, figure, shown["figure"] if shown and shown["figure"] else ZERO, total, parts)


def _part(row: DictRow, figure: str, partition: int) -> Part | None:
    """The document's share; None where it has none in the figure."""
    amounts = list(_shares(row, figure))
    if not amounts:
        return None
    return Part(
        type="sale.registered" if row["is_sale"] else "sale.returned",
        id=row["id"],
        at=row["at"],
        till_id=row["till_id"],
        run=row["run"],
        seq=row["seq"],
        partition=partition,
        offset=row["log_offset"],
        amount=sum(amounts, ZERO),
    )


def _shares(row: DictRow, figure: str) -> Iterator[Decimal]:
    sale: bool = row["is_sale"]
    match figure:
        case "revenue":
            yield row["revenue"]
        case "sales" | "returns":
            if sale == (figure == "sales"):
                yield Decimal(1)
        case "goods_sum" | "discount_sum":
            if sale:
                yield row[figure]
        case "returns_sum":
            if not sale:
                yield row["total"]
        case method:
            for payment in row["payments"]:
                if payment["method"] == method:
                    yield Decimal(payment["amount"]) if sale else -Decimal(payment["amount"])
            if sale and method == "cash" and row["change"]:
                yield -row["change"]
