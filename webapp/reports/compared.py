"""What figures are compared with: as many days before a period, and the other outlets beside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from webapp.reports import periods
from webapp.reports.periods import FIRST_DAY, LAST_DAY, Window
from webapp.reports.view import View


def begin(window: Window) -> date:
    """The first of as many days before the window; its own first day where it is open at an end."""
    if window.first == FIRST_DAY or window.last == LAST_DAY:
        return window.first
    return window.first - (window.last - window.first) - timedelta(days=1)


def is_compared(windows: Sequence[Window]) -> bool:
    """Whether there are days before, to compare with."""
    return any(begin(window) < window.first for window in windows)


def parameters(windows: Sequence[Window]) -> dict[str, Any]:
    """The windows as parallel arrays for SQL, with the first days of the stretches before them."""
    begins = list(map(begin, windows))
    return {**periods.parameters(windows), "begins": begins, "earliest": min(begins, default=FIRST_DAY)}


def apart(view: View) -> bool:
    """Whether the figures of several outlets stand side by side rather than together, as the address asks."""
    return len(view.seen) > 1 and view.filters.whole("apart", 1, 1) is not None
