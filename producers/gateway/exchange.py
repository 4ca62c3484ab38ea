"""The exchange that 1С speaks itself (CommerceML over HTTP): in 1С one types in this address and a till's token.

    GET  …?type=catalog&mode=checkauth                     success, and a cookie for what follows
    GET  …?type=catalog&mode=init                          how files are taken
    POST …?type=catalog&mode=file&filename=import.xml      a piece of a file
    GET  …?type=catalog&mode=import&filename=import.xml    progress, until it is success or failure

The login is any, the password a till's token. Files lie in PostgreSQL until `weboffice work import` has brought them
in. Answers are lines of plain text. Pictures are taken and thrown away.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb
from starlette.responses import PlainTextResponse

from producers.gateway import body
from producers.gateway.database import Connection, Database
from producers.gateway.endpoint import Exchange
from producers.gateway.limits import Room
from producers.gateway.tills import Till, basic_token, check_licensed
from producers.gateway.uploads import Doorkeeper
from schemas.errors import UploadRefused
from schemas.imports import BYTES_MAX, BYTES_OF_OUTLET_MAX, PIECE_BYTES, STATEMENTS
from schemas.tokens import digest, new_secret

COOKIE = "weboffice_exchange"
_TAKEN = (".xml", ".zip")
_WAIT_S, _LOOK_EVERY_S = 8.0, 0.5
_BODY_SECONDS = 120.0
_NAME_MAX = 200


class Answer(PlainTextResponse):
    """Lines for 1С; no cache may keep them."""

    def __init__(self, *lines: str, status: int = 200) -> None:
        super().__init__("\n".join(lines) + "\n", status, {"Cache-Control": "no-store"})


class _Session(NamedTuple):
    import_id: UUID
    outlet_id: UUID
    till_id: UUID


class CommerceExchange:
    """Answers 1С. `path` may end in the name of the kind of price that is the price of sale."""

    def __init__(self, doorkeeper: Doorkeeper, room: Room, database: Database) -> None:
        self._doorkeeper, self._room, self._database = doorkeeper, room, database
        self._modes: dict[str, Callable[[Exchange, Till], Awaitable[Answer]]] = {
            "checkauth": self._checkauth,
            "init": self._init,
            "file": self._file,
            "import": self._import,
            "deactivate": self._nothing_to_do,
            "complete": self._nothing_to_do,
        }

    async def answer(self, exchange: Exchange) -> Answer:
        """One request. What is refused is `failure` and a sentence, so that 1С shows it."""
        try:
            till = await self._doorkeeper.admit(exchange, basic_token(exchange.request.headers.get("authorization")))
            check_licensed(till, datetime.now(UTC))
            kind, mode = (exchange.request.query_params.get(name, "") for name in ("type", "mode"))
            exchange.facts |= {"mode": mode}
            if kind != "catalog":
                return Answer("failure", "Здесь принимают только каталог: выгрузку товаров (type=catalog)")
            handler = self._modes.get(mode)
            if handler is None:
                return Answer("failure", f"Неизвестный режим обмена: {mode[:50]}")
            return await handler(exchange, till)
        except UploadRefused as exc:
            exchange.facts |= {"error": exc.code}
            return Answer("failure", exc.detail, status=exc.status if exc.status in (401, 403, 429, 503) else 200)

    async def _checkauth(self, exchange: Exchange, till: Till) -> Answer:
        secret = new_secret()
        price_type = str(exchange.request.path_params.get("price_type", "")).strip("/")
        parameters = {
            "import_id": uuid4(),
            "outlet_id": till.outlet_id,
            "till_id": till.till_id,
            "format": "commerceml",
            "answers": Jsonb({"price_type": price_type} if price_type else {}),
            "session_hash": digest(secret),
        }
        await self._ask("open", parameters)
        return Answer("success", COOKIE, secret)

    async def _init(self, exchange: Exchange, till: Till) -> Answer:
        await self._session(exchange, till)
        return Answer("zip=no", f"file_limit={PIECE_BYTES}")

    async def _file(self, exchange: Exchange, till: Till) -> Answer:
        session, name = await self._session(exchange, till), _name(exchange)
        body.check_length(exchange.request.headers)
        with self._room.request(till.till_id):
            held = self._room.hold(till.till_id)
            try:
                content = await body.read(exchange.request.receive, seconds=_BODY_SECONDS, grown=held.resize)
                exchange.unread = False
                if not name.lower().endswith(_TAKEN):
                    return Answer("success")  # a picture
                of = {"import_id": session.import_id, "outlet_id": session.outlet_id}
                size, of_outlet = await self._ask("size", of) or (0, 0)
                if size + len(content) > BYTES_MAX:
                    return Answer("failure", f"Выгрузка больше {BYTES_MAX // 1024 // 1024} МБ: разделите её")
                if of_outlet + len(content) > BYTES_OF_OUTLET_MAX:
                    return Answer("failure", "Прежние выгрузки ещё не загружены: повторите обмен позже")
                for start in range(0, len(content), PIECE_BYTES):
                    piece = {"name": name, "content": content[start : start + PIECE_BYTES]}
                    await self._ask("add_piece", {"import_id": session.import_id, **piece})
            finally:
                held.release()
        return Answer("success")

    async def _import(self, exchange: Exchange, till: Till) -> Answer:
        """Hands a file to the worker, once, and tells what became of it."""
        session, name = await self._session(exchange, till), _name(exchange)
        if not name.lower().endswith(_TAKEN):
            return Answer("success")
        key = {"import_id": session.import_id, "name": name}
        if await self._ask("has_file", key):
            await self._database.ask(lambda connection: _make_part(connection, key))
        until = time.monotonic() + _WAIT_S
        while True:
            row = await self._ask("part", key)
            if row is None:
                return Answer("failure", f"Файла {name} здесь нет: он не был передан")
            state, error, result = row
            if state == "done":
                return Answer("success", *_told(result))
            if state == "failed":
                return Answer("failure", error or "")
            if time.monotonic() > until:
                return Answer("progress", "Загружается")
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _nothing_to_do(self, exchange: Exchange, till: Till) -> Answer:
        return Answer("success")

    async def _session(self, exchange: Exchange, till: Till) -> _Session:
        cookie = exchange.request.cookies.get(COOKIE, "")
        row = await self._ask("of_session", {"session_hash": digest(cookie), "till_id": till.till_id})
        if row is None:
            raise UploadRefused(200, "no_session", "Сеанс обмена неизвестен или закончился: начните обмен заново")
        return _Session(*row)

    async def _ask(self, statement: str, parameters: dict[str, Any]) -> tuple[Any, ...] | None:
        async def ask(connection: Connection) -> tuple[Any, ...] | None:
            cursor = await connection.execute(STATEMENTS[statement], parameters)
            return await cursor.fetchone() if cursor.description else None

        return await self._database.ask(ask)


async def _make_part(connection: Connection, key: dict[str, Any]) -> None:
    part = {**key, "part_id": uuid4()}
    async with connection.transaction():
        await connection.execute(STATEMENTS["make_part"], part)
        await connection.execute(STATEMENTS["move_file"], part)


def _name(exchange: Exchange) -> str:
    """The name of a file, without folders. Raises `UploadRefused`."""
    name = PurePosixPath(exchange.request.query_params.get("filename", "").replace("\\", "/")).name
    if not name or len(name) > _NAME_MAX or not name.isprintable():
        raise UploadRefused(200, "no_file_name", "Не указано имя файла")
    return name


def _told(result: dict[str, Any] | None) -> list[str]:
    if not result:
        return []
    lines = [f"Событий: {result['events']}, новых: {result['new']}"]
    if result.get("error_count"):
        lines.append(f"Строк с ошибками: {result['error_count']}; первая: {result['errors'][0]['reason']}")
    return lines
