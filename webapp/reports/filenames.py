"""What a downloaded file is called: what it holds, of which outlets, and of which days."""

from __future__ import annotations

import re

from webapp.reports import periods
from webapp.reports.periods import Period
from webapp.reports.view import View

_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|«»]+')
_LONGEST = 120


def filename(view: View, title: str, period: Period | None = None) -> str:
    """«Продажи, Чайная, 2026-11-01 – 2026-11-24»; without a period the day it is made."""
    parts = [title, _outlets(view), _days(view, period)]
    if view.kept:
        parts.append(view.kept.name)
    return _FORBIDDEN.sub(" ", ", ".join(parts)).replace("  ", " ").strip(" .")[:_LONGEST]


def _outlets(view: View) -> str:
    if len(view.seen) == 1:
        return view.seen[0].name
    if len(view.seen) == len(view.outlets):
        return view.gettext("all outlets")
    return view.gettext("outlets: %(count)s") % {"count": len(view.seen)}


def _days(view: View, period: Period | None) -> str:
    if period is None:
        return view.seen[0].local(view.now).date().isoformat() if view.seen else view.now.date().isoformat()
    if period.key == "all":
        return view.gettext("all time")
    window = periods.window(period, view.seen[0], view.now)
    if window.first == window.last:
        return window.first.isoformat()
    first = "" if window.first == periods.FIRST_DAY else window.first.isoformat()
    last = "" if window.last == periods.LAST_DAY else window.last.isoformat()
    return f"{first} – {last}".strip()
