"""Rows in memory: what is known of them and what is not."""

from __future__ import annotations

from datetime import date

import pytest

from projections.models.rows import DailyRow, StockRow, WarehouseRow
from projections.models.table import RowNotAsked, Table

MAIN = WarehouseRow("o", "main", "Зал")
DAY = date(2026, 3, 2)


def test_a_row_that_nobody_asked_for_raises() -> None:
    """A fold that reads more than its projection names is stopped: None would mean that there is no such row."""
    table = Table[WarehouseRow](2)
    table.ask({("o", "main")})
    table.load([MAIN])
    assert table.get("o", "main") is MAIN
    with pytest.raises(RowNotAsked, match="cellar"):
        table.get("o", "cellar")
    table.ask({("o", "cellar")})
    assert table.get("o", "cellar") is None


def test_a_running_figure_that_nobody_asked_for_raises() -> None:
    """Begun at 0 in place of the stored one, it would overwrite it."""
    table = Table[StockRow](3)
    with pytest.raises(RowNotAsked):
        table.open(("o", "g", "main"), StockRow)
    table.ask({("o", "g", "main")})
    assert table.open(("o", "g", "main"), StockRow).quantity == 0


def test_a_sum_is_never_asked_for() -> None:
    """It is added to whatever is stored."""
    table = Table[DailyRow](2)
    table.adds = True
    assert table.open(("o", DAY), DailyRow).sales == 0


def test_a_table_that_holds_all_rows_knows_which_are_not_there() -> None:
    """A store that folds a partition from its beginning need not ask."""
    table = Table[WarehouseRow](2)
    table.complete = True
    assert table.get("o", "cellar") is None
