"""Letters: queued with what they tell, written as files or sent by SMTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.logins import owner_of
from tests.webapp.visitor import Visitor
from webapp import mail
from webapp.database import Database
from webapp.mail import Letter, Mail

LETTER = Letter("Проверка", "Добрый день!\n\nhttps://office.test/a\n")


@pytest.fixture
async def database(postgres: str) -> AsyncIterator[Database]:
    """The database without a portal, whose own sender would be first with the letters."""
    async with Database(postgres) as opened:
        yield opened


async def test_without_smtp_letters_are_files_that_a_person_can_read(visitor: Visitor) -> None:
    """One `.eml` per letter, readable as it stands, for its owner's eyes only; the queue is empty afterwards."""
    async with visitor.portal.database.writing() as connection:
        await mail.queue(connection, "owner@shop.example", LETTER)
    visitor.portal.mail.wake()
    letter = await visitor.letter("owner@shop.example")
    assert letter["Subject"] == "Проверка"
    assert letter["Date"]
    [file] = (visitor.portal.home / "mail").glob("*")
    assert "Добрый день!" in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    async with asyncio.timeout(10):
        while visitor.sql("SELECT 1 FROM app.mail"):  # noqa: ASYNC110 (the table tells nobody)
            await asyncio.sleep(0.01)


async def test_what_is_rolled_back_is_not_told(visitor: Visitor) -> None:
    """A letter belongs to its transaction."""
    with suppress(LookupError):
        async with visitor.portal.database.writing() as connection:
            await mail.queue(connection, "owner@shop.example", LETTER)
            raise LookupError
    assert not visitor.sql("SELECT 1 FROM app.mail")


async def test_letters_go_out_by_smtp(database: Database, tmp_path: Path) -> None:
    """The server gets sender, recipient and the text."""
    received: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 test\r\n")
        in_data = False
        while line := await reader.readline():
            received.append(line.decode().rstrip())
            if in_data:
                in_data = line != b".\r\n"
                answer = b"" if in_data else b"250 ok\r\n"
            elif line.upper().startswith(b"DATA"):
                in_data, answer = True, b"354 go on\r\n"
            else:
                answer = b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 ok\r\n"
            writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        post = _post(database, f"smtp://127.0.0.1:{port}", tmp_path)
        await _queue(database)
        assert await post.send_due() == 1
    text = "\n".join(received)
    assert "mail FROM:<noreply@office.test>" in text
    assert "rcpt TO:<owner@shop.example>" in text
    assert "https://office.test/a" in text


async def test_a_letter_that_cannot_be_handed_over_is_tried_again(database: Database, tmp_path: Path) -> None:
    """It stays in the queue for later, ever later; after three days it is given up, its links being dead."""
    post = _post(database, "smtp://127.0.0.1:1", tmp_path)
    await _queue(database)
    assert await post.send_due() == 0
    assert sql(database, "SELECT attempts, next_attempt_at > now() FROM app.mail") == [(1, True)]
    assert await post.send_due() == 0
    sql(database, "UPDATE app.mail SET next_attempt_at = now(), created_at = now() - interval '4 days'")
    await post.send_due()
    assert not sql(database, "SELECT 1 FROM app.mail")


async def test_a_password_is_not_sent_in_the_clear(database: Database, tmp_path: Path) -> None:
    """A server without encryption gets no login; the letter waits."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 test\r\n")
        while line := await reader.readline():
            assert b"AUTH" not in line.upper()
            writer.write(b"250 ok\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        post = _post(database, f"smtp://user:secret@127.0.0.1:{port}", tmp_path)
        await _queue(database)
        assert await post.send_due() == 0
    assert sql(database, "SELECT attempts FROM app.mail") == [(1,)]


def sql(database: Database, statement: str) -> list[Any]:
    with psycopg.connect(owner_of(database.url)) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def _post(database: Database, smtp_url: str, home: Path) -> Mail:
    return Mail(database, smtp_url=smtp_url, folder=home / "mail", public_url="http://office.test")


async def _queue(database: Database) -> None:
    async with database.writing() as connection:
        await mail.queue(connection, "owner@shop.example", LETTER)
