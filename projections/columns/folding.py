"""What plain sales make of the read models: their rows, what sums take of them, and the states that follow them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC
from typing import Any

import polars as pl
from psycopg import Connection
from psycopg.rows import TupleRow

from projections.columns import derived, sources
from projections.columns.frames import INDEX, Frames
from projections.columns.levels import LevelColumns
from projections.columns.plain import Chunk
from projections.columns.sums import SumColumns
from projections.columns.text import copy
from projections.kinds.readmodels import ReadModels
from projections.kinds.table import Key
from projections.models import moved
from projections.models.costs import COSTS
from projections.models.good_names import GOOD_NAMES, GoodNameRow
from projections.models.outlet_totals import OUTLET_TOTALS, reach
from projections.models.sales import SALES
from projections.models.stock import STOCK
from schemas.events import SaleRegistered

_WRITTEN_ROWS = 2_000
"""Sales whose text is made at a time."""


class PlainSales:
    """Folds the plain sales of a chunk: `begin` before what is left of it is folded row by row, `end` after that."""

    def __init__(self, chunk: Chunk, plain: Frames) -> None:
        self._chunk = chunk
        self._frames = plain
        lines = plain.lines.select(INDEX, "good_id", "name").join(
            plain.sales.select(INDEX, "outlet_id", "piece", "position"), on=INDEX, how="left", maintain_order="left"
        )
        self._names = lines.group_by("outlet_id", "good_id", maintain_order=True).agg(
            pl.col("name", "piece", "position").last()
        )

    def keys(self, table: str) -> Collection[Key]:
        """The rows of a state that they read."""
        if table == OUTLET_TOTALS.name:
            return {(outlet,) for outlet in self._frames.sales["outlet_id"].unique()}
        if table not in (GOOD_NAMES.name, COSTS.name):
            return ()
        return set(self._names.select("outlet_id", "good_id").iter_rows())

    def begin(self, models: ReadModels) -> None:
        """Names the goods as the last of these sales do."""
        _name(models, self._names.select("outlet_id", "good_id", "name").iter_rows())

    def end(
        self,
        connection: Connection[TupleRow],
        models: ReadModels,
        sums: SumColumns,
        levels: Mapping[str, LevelColumns],
    ) -> None:
        """The rest, with the turns in which these sales were numbered meanwhile."""
        self._name_again(models)
        turns = pl.Series("applied_no", models.turns, dtype=pl.Int64)
        models.turns.clear()
        plain = derived.with_all(self._frames, turns, self._costs(models))
        _count(models, plain.sales)
        frames = {flatten: rows(plain) for flatten, rows in sources.FRAMES.items()}
        sums.add(SALES.name, lambda source: frames[source.flatten])
        levels[STOCK.name].add(frames[moved.sold])
        copy(connection, SALES.statements["copy"], kept_rows(plain), _WRITTEN_ROWS)

    def _name_again(self, models: ReadModels) -> None:
        """Where a sale that was folded meanwhile names a good that a later one of these names, too."""
        last: dict[tuple[str, str], tuple[int, int]] = {}
        for number, events in self._chunk.left.items():
            for position, event in events.items():
                if isinstance(event, SaleRegistered):
                    for line in event.lines:
                        last[self._chunk.pieces[number].upload.outlet, line.good_id] = number, position
        if not last:
            return
        named = pl.DataFrame(
            [(*key, *place) for key, place in last.items()],
            schema={"outlet_id": pl.String, "good_id": pl.String, "by": pl.Int64, "at": pl.Int64},
            orient="row",
        )
        later = self._names.join(named, on=["outlet_id", "good_id"]).filter(
            (pl.col("piece") > pl.col("by")) | ((pl.col("piece") == pl.col("by")) & (pl.col("position") > pl.col("at")))
        )
        _name(models, later.select("outlet_id", "good_id", "name").iter_rows())

    def _costs(self, models: ReadModels) -> pl.Series | None:
        """Of each line the cost that its good has; None where no good has any."""
        costs = models[COSTS]
        if not len(costs):
            return None
        goods = self._frames.lines.select(INDEX, "good_id").join(
            self._frames.sales.select(INDEX, "outlet_id"), on=INDEX, how="left", maintain_order="left"
        )
        rows = [costs.get(key) for key in goods.select("outlet_id", "good_id").iter_rows()]
        return pl.Series([None if row is None else str(row.cost) for row in rows], dtype=pl.String)


def _name(models: ReadModels, names: Iterable[tuple[Any, ...]]) -> None:
    table = models[GOOD_NAMES]
    get = table.get
    for outlet, good, name in names:
        key = (outlet, good)
        row = get(key)
        if row is None or row.name != name:
            table.put(key, GoodNameRow(outlet, good, name))


def _count(models: ReadModels, sales: pl.DataFrame) -> None:
    """The outlets' totals: how many sales, and the greatest effective time."""
    totals = models[OUTLET_TOTALS]
    by_outlet = sales.group_by("outlet_id").agg(pl.len(), pl.col("moment").max())
    for outlet, number, moment in by_outlet.iter_rows():
        row = totals.get((outlet,))
        assert row is not None  # the first event of an outlet is never folded here
        row.sales += number
        reach(row, moment.astimezone(UTC))


def kept_rows(plain: Frames) -> pl.DataFrame:
    """The receipts' own rows, in the order of their key, with the columns of `SALES`; documents and moments as text."""
    sales = plain.sales.join(_joined(plain.lines, _kept_line(), "lines"), on=INDEX, how="left")
    sales = sales.join(_joined(plain.payments, pl.col("document"), "payments"), on=INDEX, how="left")
    sales = sales.sort("outlet_id", "sale_id", "till_id").with_columns(
        pl.col("payments").fill_null("[]"),
        pl.col("correction").fill_null(False),
        fiscal_fn="fn",
        fiscal_fd="fd",
        fiscal_fp="fp",
        void=pl.lit(None, pl.String),
        fiscal_copy=pl.lit(False),
    )
    return sales.select(column.name for column in SALES.columns)


def _kept_line() -> pl.Expr:
    """A line as a receipt's row keeps it: with its sum, with what it does not name, and with the cost of its good."""
    return pl.concat_str(
        pl.col("document"),
        _where(pl.col("said").is_null(), ',"sum":"', pl.col("sum").cast(pl.Decimal(38, 2)).cast(pl.String)),
        pl.when(pl.col("warehouse_id").is_null()).then(pl.lit(',"warehouse_id":null')).otherwise(pl.lit("")),
        pl.when("undiscounted").then(pl.lit(',"discount":"0"')).otherwise(pl.lit("")),
        _where(pl.col("taken_cost").is_not_null(), ',"cost":"', pl.col("taken_cost")),
        pl.lit("}"),
    )


def _where(true: pl.Expr, before: str, text: pl.Expr) -> pl.Expr:
    return pl.when(true).then(pl.concat_str(pl.lit(before), text, pl.lit('"'))).otherwise(pl.lit(""))


def _joined(rows: pl.DataFrame, text: pl.Expr, name: str) -> pl.DataFrame:
    """The texts of each sale as one array of JSON."""
    joined = rows.select(INDEX, text.alias(name)).group_by(INDEX, maintain_order=True).agg(pl.col(name).str.join(","))
    return joined.with_columns(pl.concat_str(pl.lit("["), pl.col(name), pl.lit("]")).alias(name))
