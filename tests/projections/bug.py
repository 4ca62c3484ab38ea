"""A deliberate bug of the fold: in this process, and in those that it starts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from projections.models import daily
from projections.models.changes import SaleChange
from projections.models.rows import DailyRow
from projections.models.table import Table
from tests.projections.shops import Shop

BROKEN = Shop(1)
"""The shop whose seventh sale can't be folded."""
_fold_sale = daily.fold_sale


def fold_sale(daily: Table[DailyRow], change: SaleChange) -> None:
    if (change.new.outlet_id, change.new.sale_id) == (BROKEN.outlet, "s7"):
        raise ZeroDivisionError("a bug")
    _fold_sale(daily, change)


def with_a_bug(patched: pytest.MonkeyPatch) -> None:
    """Puts the bug in. Python's own start of a new process meets it, too: it finds `spawned/sitecustomize.py`."""
    patched.setattr(daily, "fold_sale", fold_sale)
    here = Path(__file__).parent
    path = [str(here / "spawned"), str(here.parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
    patched.setenv("PYTHONPATH", os.pathsep.join(path))
