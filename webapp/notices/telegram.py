"""Telegram: a single-use code for a private chat with the bot, which its reader confirms here, and may take back."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct
from psycopg.rows import class_row
from starlette.requests import Request
from starlette.responses import Response

from schemas.statements import load
from schemas.tokens import digest, new_secret
from webapp import forms, shown_once
from webapp.database import Connection
from webapp.redirects import redirect
from webapp.session import Session, required
from webapp.site import site_of

LIFETIME = timedelta(minutes=10)
"""Of a code, as long as the browser that made it shows it (`webapp/shown_once.py`)."""

_sql = load("webapp.notices", "telegram.sql")


class Chat(Struct, frozen=True):
    """A chat that hears of the account since `linked_at`."""

    chat_name: str
    linked_at: datetime


class Asked(Struct, frozen=True):
    """A code that was made and is not over; `chat_id` is the chat that spent it and waits to be confirmed."""

    code_hash: bytes
    chat_id: int | None
    chat_name: str


class Telegram(Struct, frozen=True):
    """How it stands for a reader. `code` is what to send to the bot, "" where none is to be shown."""

    bot: str
    chat: Chat | None
    asked: Asked | None
    code: str


def _key(session: Session) -> dict[str, object]:
    return {"account": session.account_id, "person": session.account.reader_id}


async def standing(connection: Connection, request: Request) -> Telegram | None:
    """None where this service has no bot."""
    bot = site_of(request).telegram_bot
    if not bot:
        return None
    key = _key(required(request))
    async with connection.cursor(row_factory=class_row(Chat)) as cursor:
        chat = await (await cursor.execute(_sql["chat"], key)).fetchone()
    async with connection.cursor(row_factory=class_row(Asked)) as cursor:
        asked = await (await cursor.execute(_sql["asked"], key)).fetchone()
    code = shown_once.token(request) if asked and asked.chat_id is None else ""
    return Telegram(bot, chat, asked, code if code and asked and digest(code) == bytes(asked.code_hash) else "")


async def make_code(request: Request) -> Response:
    """Makes a code, in place of one made before, and shows it."""
    code = new_secret()
    made = {**_key(required(request)), "code_hash": digest(code), "lifetime": LIFETIME}
    async with site_of(request).database.writing() as connection:
        await connection.execute(_sql["make_code"], made)
    return shown_once.redirect_to("/notices#telegram", code, request)


async def confirm(request: Request) -> Response:
    """The chat that the page showed hears of the account from now on; another one that came meanwhile does not."""
    chat = (await forms.read(request)).text("chat", 20)
    chat_id = int(chat) if chat.lstrip("-").isdigit() and chat.isascii() else 0
    async with site_of(request).database.writing() as connection:
        row = await connection.execute(_sql["confirm"], {**_key(required(request)), "chat": chat_id})
        confirmed = row.rowcount == 1
    return redirect(f"/notices?notice={'linked' if confirmed else 'code_over'}")


async def unlink(request: Request) -> Response:
    """Neither the chat nor a code of the reader's is good for anything any more."""
    async with site_of(request).database.writing() as connection:
        for statement in ("forget_code", "unlink"):
            await connection.execute(_sql[statement], _key(required(request)))
    return redirect("/notices?notice=unlinked")
