"""Reads what the rules of alarms look at: an account's outlets in one snapshot of the live generation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from notices.figures import Day, Drawer, Figures, Held, Hours, OffDay, Refused, Short, Till, WrongClock
from schemas.amounts import ZERO
from schemas.statements import load
from webapp.account import Account
from webapp.account_outlets import Outlet
from webapp.completeness.logends import AskLog, Snapshot, caught_up
from webapp.completeness.state import completeness
from webapp.database import Connection, Database
from webapp.notices.kinds import Kind, Tuned
from webapp.reports.off_days import off_days
from webapp.reports.periods import Window

_sql = load("notices", "reading.sql")
_NEEDS: Mapping[Kind, frozenset[str]] = {
    "refused": frozenset({"refusals"}),
    "clock": frozenset({"wrong_clocks"}),
    "drawer": frozenset({"shift_openings", "shift_closings", "shift_sums", "shift_payments"}),
    "stock": frozenset({"sold"}),
    "cover": frozenset({"sold"}),
}
"""What a kind is read from that an earlier version's generation may lack."""
DATED_DAYS = 7
"""So many days back, days and drawers are looked at."""
_CLOCK_HOURS = 24
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

Rules = Mapping[UUID, Mapping[Kind, Tuned]]
"""By outlet."""


class Reading:
    """Remembers in which hours a till usually sells, which holds for a day."""

    def __init__(self, database: Database, log_ends: AskLog | None = None) -> None:
        self._database, self._log_ends = database, log_ends
        self._usual: dict[UUID, tuple[date, Hours]] = {}

    async def figures(
        self, account: Account, outlets: Sequence[Outlet], rules: Rules, now: datetime, *, slow: bool
    ) -> list[Figures]:
        """Of each outlet. `slow`: also what takes longer to read. Nothing is read of those whose licence is over.

        Raises `NotReady` before the first generation, `InfrastructureUnreachable`, `TookTooLong`.
        """
        seen = [outlet for outlet in outlets if outlet.licensed]
        found = {outlet.outlet_id: _empty(outlet, now) for outlet in outlets}
        if seen:
            lacking = await self._database.lacking()
            unknown = frozenset(kind for kind, needs in _NEEDS.items() if needs & lacking)
            ids = [outlet.outlet_id for outlet in seen]
            async with caught_up(self._log_ends, lambda: self._database.reading(account), ids) as snapshot:
                parts = await self._soon(snapshot, seen, unknown, now)
                if slow:
                    parts |= await _slow(snapshot.connection, seen, rules, unknown, now)
                behind = snapshot.behind
            for outlet in seen:
                key = outlet.outlet_id
                fields = {name: tuple(by_outlet.get(key, ())) for name, by_outlet in parts.items()}
                found[key] = _empty(outlet, now, **fields, behind=key in behind, slow=slow, unknown=unknown)
        return list(found.values())

    async def _soon(
        self, snapshot: Snapshot, outlets: Sequence[Outlet], unknown: frozenset[Kind], now: datetime
    ) -> dict[str, dict[UUID, list[Any]]]:
        connection = snapshot.connection
        parameters: dict[str, Any] = {"outlets": [outlet.outlet_id for outlet in outlets]}
        parts: dict[str, dict[UUID, list[Any]]] = {"tills": await self._tills(connection, outlets)}
        parts["held"] = await _held(snapshot, parameters["outlets"])
        if "refused" not in unknown:
            parts["refused"] = await _rows(connection, "refused", parameters, Refused)
        if "clock" not in unknown:
            parameters["since"] = now - timedelta(hours=_CLOCK_HOURS)
            parts["clocks"] = await _rows(connection, "clocks", parameters, WrongClock)
        return parts

    async def _tills(self, connection: Connection, outlets: Sequence[Outlet]) -> dict[UUID, list[Till]]:
        of_id = {outlet.outlet_id: outlet for outlet in outlets}
        rows = await (await connection.execute(_sql["heard"], {"outlets": list(of_id)})).fetchall()
        days = {till: of_id[outlet].local(heard).date() for outlet, till, _, heard in rows}
        new = [row for row in rows if self._usual.get(row[1], (None,))[0] != days[row[1]]]
        if new:
            hours: dict[UUID, set[tuple[int, int]]] = {row[1]: set() for row in new}
            parameters = {
                "outlets": [outlet for outlet, *_ in new],
                "tills": [till for _, till, *_ in new],
                "zones": [of_id[outlet].zone for outlet, *_ in new],
                "befores": [days[till] for _, till, *_ in new],
            }
            async for till, weekday, hour in await connection.execute(_sql["usual"], parameters):
                hours[till].add((weekday, hour))
            self._usual |= {till: (days[till], frozenset(each)) for till, each in hours.items()}
        found: dict[UUID, list[Till]] = {}
        for outlet, till, name, heard in rows:
            found.setdefault(outlet, []).append(Till(till, name, heard, self._usual[till][1]))
        return found


def _empty(outlet: Outlet, now: datetime, **fields: Any) -> Figures:
    today = outlet.day(now)
    return Figures(outlet, today, today - timedelta(days=DATED_DAYS), **fields)


async def _held(snapshot: Snapshot, outlets: list[UUID]) -> dict[UUID, list[Held]]:
    """By run: events that are missing or set aside, since when; what was lost with a log counts from long ago."""
    runs: dict[tuple[UUID, UUID, UUID], Held] = {}
    async for outlet, till, name, run, since, aside in await snapshot.connection.execute(
        _sql["held"], {"outlets": outlets}
    ):
        runs[outlet, till, run] = Held(till, name, run, aside, since)
    for outlet, state in (await completeness(snapshot, outlets)).items():
        for hole in state.missing:
            key = (outlet, hole.till_id, hole.run)
            known = runs.get(key) or Held(hole.till_id, hole.till, hole.run, 0, _LONG_AGO)
            runs[key] = Held(
                known.till_id, known.till, known.run, known.events + hole.last - hole.first + 1, known.since
            )
    found: dict[UUID, list[Held]] = {}
    for (outlet, *_), held in runs.items():
        if held.events:
            found.setdefault(outlet, []).append(held)
    return found


async def _slow(
    connection: Connection, outlets: Sequence[Outlet], rules: Rules, unknown: frozenset[Kind], now: datetime
) -> dict[str, dict[UUID, list[Any]]]:
    empty = [_empty(outlet, now) for outlet in outlets]
    windows = [Window(each.outlet.outlet_id, each.first_day, each.today) for each in empty]
    covers = [rules[each.outlet.outlet_id]["cover"] for each in empty]
    parameters: dict[str, list[Any]] = {
        "outlets": [window.outlet_id for window in windows],
        "firsts": [window.first for window in windows],
        "todays": [window.last for window in windows],
        "covers": [rule.threshold if rule.active else 0 for rule in covers],
    }
    by_outlet = await off_days(connection, windows, ZERO)
    parts: dict[str, dict[UUID, list[Any]]] = {
        "off_days": {
            outlet: [OffDay(day.day, day.receipts, day.over + day.under) for day in days]
            for outlet, days in by_outlet.items()
        },
        "days": await _rows(connection, "days", parameters, Day),
    }
    if "drawer" not in unknown:
        parts["drawers"] = await _rows(connection, "drawers", parameters, Drawer)
    if "stock" not in unknown:
        parts["short"] = await short_goods(
            connection, parameters["outlets"], parameters["todays"], parameters["covers"]
        )
    return parts


async def short_goods(
    connection: Connection, outlets: Sequence[UUID], todays: Sequence[date], covers: Sequence[int]
) -> dict[UUID, list[Any]]:
    """By outlet: goods below their least stock, and (`Short`) those that will do for less than so many days."""
    parameters = {"outlets": list(outlets), "todays": list(todays), "covers": list(covers)}
    return await _rows(connection, "short", parameters, Short)


async def _rows(
    connection: Connection, statement: str, parameters: dict[str, Any], kind: type[Any]
) -> dict[UUID, list[Any]]:
    """The rows of a statement by the outlet that stands first in each."""
    found: dict[UUID, list[Any]] = {}
    async for outlet, *row in await connection.execute(_sql[statement], parameters):
        found.setdefault(outlet, []).append(kind(*row))
    return found
