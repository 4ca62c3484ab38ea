"""«Загрузить данные»: files are handed in, read, shown, and brought in once somebody says yes.

The portal keeps files and their import in PostgreSQL; `weboffice work import` does the rest, so that a restart of
either changes nothing. All of it is gone after a day.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID, uuid4

import msgspec
from msgspec import Struct
from psycopg.rows import class_row
from psycopg.types.json import Jsonb
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from schemas.imports import BYTES_MAX, STATEMENTS, UNFINISHED_MAX
from webapp import files, forms
from webapp.context import Context
from webapp.database import Connection
from webapp.outlets import outlet_lock
from webapp.outlets.outlet_lock import LockedOutlet
from webapp.page import OWNER, Page, Visit
from webapp.redirects import redirect
from webapp.site import site_of
from webapp.translation import N_

FORMATS: dict[str, str] = {
    "receipts": N_("Fiscal receipts: JSON of your ОФД or of «Проверка чека»"),
    "goods": N_("Goods, prices, stock: CSV or XLSX"),
    "commerceml": N_("1С: import.xml and offers.xml, or a zip"),
    "square": N_("Square: Items Detail CSV"),
    "loyverse": N_("Loyverse: receipts, CSV"),
    "events": N_("Веб-офис: events, JSON Lines"),
}
_FORM_BYTES = 64 * 1024
_NAME_MAX = 200
_DAYS_SHOWN, _ERRORS_SHOWN = 31, 20


class Question(Struct, frozen=True):
    """What must not be guessed: its `key`, of which `kind` is the part before a point, and what may be answered."""

    key: str
    text: str
    choices: list[str]
    about: str = ""

    @property
    def kind(self) -> str:
        return self.key.partition(".")[0]


class Day(Struct, frozen=True):
    """A day of the file."""

    day: date
    sales: int
    revenue: Decimal


class BadRow(Struct, frozen=True):
    row: int
    column: str
    value: str
    reason: str


class Note(Struct, frozen=True):
    text: str
    count: int | None


class Result(Struct, frozen=True):
    """What an import would do, or did. `equal` is None where nothing was compared."""

    events: int
    new: int
    known: int
    days: list[Day]
    more_days: int
    errors: list[BadRow]
    error_count: int
    notes: list[Note]
    equal: bool | None


class Import(Struct, frozen=True):
    """An import as its owner sees it. `state` is one of `schemas/imports.py`."""

    import_id: UUID
    format: str
    state: str
    question: Question | None
    result: Result | None
    error: str
    events_sent: int
    created_at: datetime

    @property
    def working(self) -> bool:
        return self.state in ("receiving", "to_read", "to_send")


class Imports(Context, frozen=True):
    """`latest` is shown whole, `earlier` in a line each. `error` says what a form could not do."""

    template = "outlets/imports.html"

    outlet: LockedOutlet
    formats: dict[str, str]
    latest: Import | None
    earlier: list[Import]
    error: str


class _Row(Struct, frozen=True):
    import_id: UUID
    format: str
    state: str
    question: dict[str, Any] | None
    result: dict[str, Any] | None
    error: str | None
    events_sent: int
    created_at: datetime
    changed_at: datetime


async def page(visit: Visit) -> Imports:
    """The form, the latest import, and those before it."""
    async with site_of(visit.request).database.writing() as connection:
        outlet = await outlet_lock.lock(connection, visit.request)
        async with connection.cursor(row_factory=class_row(_Row)) as cursor:
            await cursor.execute(STATEMENTS["of_outlet"], {"outlet_id": outlet.outlet_id})
            imports = [_shown(row) for row in await cursor.fetchall()]
    return Imports(
        outlet=outlet,
        formats=FORMATS,
        latest=imports[0] if imports else None,
        earlier=imports[1:],
        error=visit.request.query_params.get("error", ""),
    )


async def hand_in(request: Request) -> Response:
    """Takes files, and lets a worker read them."""
    database = site_of(request).database
    async with database.writing() as connection:
        outlet = await outlet_lock.lock(connection, request)
        unfinished = await _value(connection, "unfinished", outlet_id=outlet.outlet_id)
    if unfinished >= UNFINISHED_MAX:
        return _back(request, "too_many")
    import_id, names = uuid4(), set[str]()
    try:
        async for item in files.read(request, BYTES_MAX + _FORM_BYTES):
            match item:
                case files.Field("format", chosen) if chosen in FORMATS and not names:
                    async with database.writing() as connection:
                        await _open(connection, import_id, outlet, chosen)
                    names.add("")
                case files.Piece(file_name, content) if names and content:
                    name = PurePosixPath(file_name.replace("\\", "/")).name[-_NAME_MAX:] or "file"
                    names.add(name)
                    piece = {"import_id": import_id, "name": name, "content": content}
                    async with database.writing() as connection:
                        await connection.execute(STATEMENTS["add_piece"], piece)
                case _:
                    pass
    except HTTPException as exc:
        await _remove(request, outlet, import_id)
        if exc.status_code == 413:
            return _back(request, "too_large")
        raise
    if len(names) < 2:  # no format, or no file
        await _remove(request, outlet, import_id)
        return _back(request, "no_file")
    await _hand_over(request, import_id, "to_read", ["receiving"], {})
    return _back(request)


async def answer(request: Request) -> Response:
    """Answers the import's question; it is read again."""
    fields = await forms.read(request)
    key, value = fields.text("key", 400), fields.text("answer", 400)
    section, _, name = key.partition(".")
    if not section or not value:
        return _back(request, "no_answer")
    import_id = request.path_params["import_id"]
    async with site_of(request).database.writing() as connection:
        await outlet_lock.lock(connection, request)
        known: dict[str, Any] = await _value(connection, "answers", import_id=import_id) or {}
    before = known.get(section)
    answers = {section: {**(before if isinstance(before, dict) else {}), name: value} if name else value}
    await _hand_over(request, import_id, "to_read", ["asked"], answers)
    return _back(request)


async def confirm(request: Request) -> Response:
    """What was shown is brought in."""
    await _hand_over(request, request.path_params["import_id"], "to_send", ["read"], {})
    return _back(request)


async def remove(request: Request) -> Response:
    """Files and import are gone; what was brought in stays."""
    async with site_of(request).database.writing() as connection:
        outlet = await outlet_lock.lock(connection, request)
    await _remove(request, outlet, request.path_params["import_id"])
    return _back(request)


async def errors(request: Request) -> Response:
    """The rows that could not be read, as a file to mend by."""
    async with site_of(request).database.writing() as connection:
        outlet = await outlet_lock.lock(connection, request)
        key = {"outlet_id": outlet.outlet_id, "import_id": request.path_params["import_id"]}
        async with connection.cursor(row_factory=class_row(_Row)) as cursor:
            await cursor.execute(STATEMENTS["one_of_outlet"], key)
            row = await cursor.fetchone()
    if row is None or not row.result:
        raise HTTPException(404)
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";")
    writer.writerow(["row", "column", "value", "reason"])
    for bad in row.result["errors"]:
        cells = [str(bad[name]) for name in ("row", "column", "value", "reason")]
        writer.writerow(["'" + cell if cell[:1] in "=+-@\t\r" else cell for cell in cells])  # no formula
    headers = {"Content-Disposition": 'attachment; filename="errors.csv"', "Cache-Control": "no-store"}
    return Response("\ufeff" + text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _shown(row: _Row) -> Import:
    return Import(
        import_id=row.import_id,
        format=row.format,
        state=row.state,
        question=msgspec.convert(row.question, Question) if row.question else None,
        result=_result(row.result) if row.result else None,
        error=row.error or "",
        events_sent=row.events_sent,
        created_at=row.created_at,
    )


def _result(document: Mapping[str, Any]) -> Result:
    days: Mapping[str, Mapping[str, Any]] = document["totals"]["file"]
    latest: Sequence[str] = sorted(days)[-_DAYS_SHOWN:]
    return Result(
        events=document["events"],
        new=document["new"],
        known=document["known"],
        days=[Day(date.fromisoformat(day), days[day]["sales"], Decimal(days[day]["revenue"])) for day in latest],
        more_days=len(days) - len(latest),
        errors=msgspec.convert(document["errors"][:_ERRORS_SHOWN], list[BadRow]),
        error_count=document["error_count"],
        notes=msgspec.convert(document["notes"], list[Note]),
        equal=document["equal"],
    )


async def _open(connection: Connection, import_id: UUID, outlet: LockedOutlet, format_name: str) -> None:
    parameters = {
        "import_id": import_id,
        "outlet_id": outlet.outlet_id,
        "till_id": None,
        "format": format_name,
        "answers": Jsonb({}),
        "session_hash": None,
    }
    await connection.execute(STATEMENTS["open"], parameters)


async def _hand_over(
    request: Request, import_id: UUID, state: str, before: list[str], answers: Mapping[str, Any]
) -> None:
    """Gives an import of the owner's to a worker. Raises `HTTPException` 404 where it is not there, or not so far."""
    async with site_of(request).database.writing() as connection:
        outlet = await outlet_lock.lock(connection, request)
        key = {"outlet_id": outlet.outlet_id, "import_id": import_id}
        if await (await connection.execute(STATEMENTS["one_of_outlet"], key)).fetchone() is None:
            raise HTTPException(404)
        parameters = {"import_id": import_id, "state": state, "before": before, "answers": Jsonb(dict(answers))}
        await connection.execute(STATEMENTS["hand_over"], parameters)


async def _remove(request: Request, outlet: LockedOutlet, import_id: UUID) -> None:
    async with site_of(request).database.writing() as connection:
        await connection.execute(STATEMENTS["remove"], {"outlet_id": outlet.outlet_id, "import_id": import_id})


async def _value(connection: Connection, statement: str, **parameters: Any) -> Any:
    row = await (await connection.execute(STATEMENTS[statement], parameters)).fetchone()
    return row[0] if row else None


def _back(request: Request, error: str = "") -> Response:
    return redirect(f"/outlets/{request.path_params['outlet_id']}/import{f'?error={error}' if error else ''}")


PAGE = Page(path="/outlets/{outlet_id:uuid}/import", action="outlets", gate=OWNER, load=page)
