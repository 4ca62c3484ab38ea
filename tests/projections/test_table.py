"""Rows in memory: what is known of them and what is not."""

from __future__ import annotations

import pytest

from projections.kinds.table import RowNotAsked, Table
from projections.models.stock import StockRow
from projections.models.warehouses import WarehouseRow

MAIN = WarehouseRow("o", "main", "Зал")


def test_a_row_that_nobody_asked_for_raises() -> None:
    """A fold that reads more than its projection names is stopped: None would mean that there is no such row."""
    table = Table[WarehouseRow](2)
    table.ask({("o", "main")})
    table.load([MAIN])
    assert table.get(("o", "main")) is MAIN
    with pytest.raises(RowNotAsked, match="cellar"):
        table.get(("o", "cellar"))
    table.ask({("o", "cellar")})
    assert table.get(("o", "cellar")) is None


def test_a_running_figure_that_nobody_asked_for_raises() -> None:
    """Begun at 0 in place of the stored one, it would overwrite it."""
    table = Table[StockRow](3)
    with pytest.raises(RowNotAsked):
        table.open(("o", "g", "main"), StockRow)
    table.ask({("o", "g", "main")})
    assert table.open(("o", "g", "main"), StockRow).quantity == 0


def test_a_figure_that_is_only_added_to_is_not_asked_for() -> None:
    """It begins at 0, and what a batch makes of it is added to whatever is stored."""
    table = Table[StockRow](3)
    table.adds = True
    assert table.open(("o", "g", "main"), StockRow).quantity == 0


def test_a_table_that_holds_all_rows_knows_which_are_not_there() -> None:
    """A store that folds a partition from its beginning need not ask."""
    table = Table[WarehouseRow](2)
    table.complete = True
    assert table.get(("o", "cellar")) is None
