"""Telegram's Bot API: messages to private chats, and the codes by which those are linked, fetched by long polling."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import structlog
from msgspec import Struct

from notices.delivery import Due, NotTaken
from notices.fitting import CAPTION_MOST, fitted, units
from schemas.errors import InfrastructureUnreachable
from schemas.statements import load
from schemas.tokens import digest
from webapp.database import Database
from webapp.translation import N_, translations

log = structlog.get_logger(__name__)

_sql = load("notices", "telegram.sql")
_POLL_S = 25
_TIMEOUT_S = 20.0
_WAIT_S = 5.0
_WELCOME = N_("Now open the page “Notices” of Web office and confirm this chat there.")
_UNKNOWN = N_("This code is not good any more. Make a new one on the page “Notices” of Web office.")
_STOPPED = N_("You hear no more from here.")


class Chat(Struct, frozen=True):
    id: int
    type: str = ""
    first_name: str = ""
    last_name: str = ""
    username: str = ""

    @property
    def name(self) -> str:
        """As its owner knows it again."""
        person = " ".join(filter(None, (self.first_name, self.last_name)))
        return f"{person} (@{self.username})" if self.username else person or str(self.id)


class Sender(Struct, frozen=True):
    language_code: str = ""


class Incoming(Struct, frozen=True):
    chat: Chat
    text: str = ""
    sender: Sender = msgspec.field(default=Sender(), name="from")


class Update(Struct, frozen=True):
    update_id: int
    message: Incoming | None = None


class Refused(Exception):
    """The Bot API did not do what it was asked; `wait` is for how long it wants to be left alone."""

    def __init__(self, status: int, wait: int = 0) -> None:
        super().__init__(f"Telegram: {status}")
        self.status, self.wait = status, wait


class BotApi:
    """The calls that we make. `address` is that of the API, without the token."""

    def __init__(self, address: str, token: str) -> None:
        self._http = httpx.AsyncClient(base_url=f"{address}/bot{token}/", timeout=_TIMEOUT_S)

    async def close(self) -> None:
        await self._http.aclose()

    async def call(self, method: str, parameters: Mapping[str, Any], within: float = _TIMEOUT_S) -> Any:
        """The call's result. Raises `Refused`, `httpx.HTTPError`."""
        answer = await self._http.post(method, json=dict(parameters), timeout=within)
        return _result(answer)

    async def send(self, chat_id: int, text: str) -> None:
        """A plain text, without a preview of what it links to. Raises as `call` does."""
        said = {"chat_id": chat_id, "text": fitted(text), "link_preview_options": {"is_disabled": True}}
        await self.call("sendMessage", said)

    async def send_picture(self, chat_id: int, picture: bytes, text: str) -> None:
        """A PNG with a text below it. Raises as `call` does."""
        files = {"photo": ("picture.png", picture, "image/png")}
        answer = await self._http.post("sendPhoto", data={"chat_id": str(chat_id), "caption": text}, files=files)
        _result(answer)

    async def updates(self, after: int) -> list[Update]:
        """What came behind an update, waited for. Raises as `call` does."""
        asked = {"offset": after + 1, "timeout": _POLL_S, "allowed_updates": ["message"]}
        return msgspec.convert(await self.call("getUpdates", asked, _POLL_S + _TIMEOUT_S), list[Update])


def _result(answer: httpx.Response) -> Any:
    """What a call gave. Raises `Refused`."""
    try:
        document = msgspec.json.decode(answer.content)
    except msgspec.DecodeError:
        document = {}
    if answer.status_code == 200 and isinstance(document, dict) and document.get("ok"):
        return document.get("result")
    asked = document.get("parameters", {}) if isinstance(document, dict) else {}
    raise Refused(answer.status_code, int(asked.get("retry_after", 0)))


class Messages:
    """Carries messages to the chat that a reader linked."""

    minute_most, hour_most = 600, 30

    def __init__(self, api: BotApi) -> None:
        self._api = api

    async def hand_over(self, message: Due) -> None:
        if message.chat_id is None:
            raise NotTaken("unlinked", for_ever=True)
        text = message.body if message.body.startswith(message.subject) else f"{message.subject}\n\n{message.body}"
        try:
            if message.picture and units(text) <= CAPTION_MOST:  # what is longer goes without it
                await self._api.send_picture(message.chat_id, message.picture, text)
            else:
                await self._api.send(message.chat_id, text)
        except Refused as exc:
            gone = exc.status in (400, 403)  # there is no such chat, or it has blocked the bot
            raise NotTaken(str(exc), for_ever=gone, wait=timedelta(seconds=exc.wait) if exc.wait else None) from exc
        except httpx.HTTPError as exc:
            raise NotTaken(type(exc).__name__) from exc


class Linking:
    """Takes the codes that chats send. Several processes may: the API refuses all but one, and the same code from the
    same chat twice changes nothing."""

    def __init__(self, database: Database, api: BotApi) -> None:
        self._database, self._api = database, api
        self._after = -1

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            try:
                await self.poll()
            except (Refused, httpx.HTTPError, msgspec.ValidationError, InfrastructureUnreachable) as exc:
                log.warning("telegram_waits", why=type(exc).__name__, status=getattr(exc, "status", None))
                await asyncio.sleep(max(_WAIT_S, getattr(exc, "wait", 0)))

    async def poll(self) -> None:
        """Waits for what comes and answers it. Raises as `BotApi.call` does, and `InfrastructureUnreachable`."""
        for update in await self._api.updates(self._after):
            if update.message is not None and update.message.chat.type == "private":
                await self._take(update.message)
            self._after = update.update_id

    async def _take(self, message: Incoming) -> None:
        words = message.text.split()
        if not words:
            return
        chat = {"chat": message.chat.id}
        async with self._database.writing() as connection:
            if words[0] == "/stop":
                await connection.execute(_sql["stop"], chat)
                answer = _STOPPED
            else:
                spent = {**chat, "name": message.chat.name[:200], "code_hash": digest(words[-1])}
                row = await (await connection.execute(_sql["spend"], spent)).fetchone()
                answer = _WELCOME if row else _UNKNOWN
        locale = "en" if message.sender.language_code.startswith("en") else "ru"
        try:
            await self._api.send(message.chat.id, translations(locale).gettext(answer))
        except Refused as exc:
            log.info("telegram_not_answered", status=exc.status)
