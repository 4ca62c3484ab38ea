"""Differences between two generations as text: totals first, then table, key, column, old, new."""

from __future__ import annotations

from typing import Any

import msgspec

from projections.generations.compare import Comparison, Difference

_LONGEST = 60


def as_text(comparison: Comparison) -> list[str]:
    lines = [f"{table}: {rows} rows differ" for table, rows in sorted(comparison.totals.items())]
    lines += [_line(difference) for difference in comparison.differences]
    shown = len({(d.table, _json(d.key)) for d in comparison.differences})
    if shown < sum(comparison.totals.values()):
        lines.append(f"({shown} of {sum(comparison.totals.values())} rows shown)")
    return lines


def _line(difference: Difference) -> str:
    key = " ".join(f"{name}={value}" for name, value in difference.key.items())
    if difference.column:
        return f"{difference.table} [{key}] {difference.column}: {_short(difference.old)} → {_short(difference.new)}"
    side = "only in the old one" if difference.new is None else "only in the new one"
    return f"{difference.table} [{key}] {side}"


def _short(value: Any) -> str:
    text = _json(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
