"""A person with a browser: keeps cookies, sends forms as a browser does, reads the letters that come."""

from __future__ import annotations

import asyncio
import email
import re
from email.message import EmailMessage
from email.policy import default
from typing import Any
from urllib.parse import urlencode

import httpx
import psycopg
from starlette.applications import Starlette

from tests.logins import owner_of
from webapp.app import Portal

PASSWORD = "correct horse battery"


class Visitor:
    """One browser. `sql` looks into the database behind the portal's back."""

    def __init__(self, portal: Portal, address: str = "192.0.2.1") -> None:
        self.portal = portal
        transport = httpx.ASGITransport(
            app=Starlette(routes=portal.routes()), raise_app_exceptions=False, client=(address, 1234)
        )
        self.http = httpx.AsyncClient(transport=transport, base_url=portal.public_url)

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.http.get(path, headers=headers)

    async def post(self, path: str, headers: dict[str, str] | None = None, **form: Any) -> httpx.Response:
        """Sends a form of a page of ours."""
        return await self.http.post(
            path,
            content=urlencode(form, doseq=True),
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "Sec-Fetch-Site": "same-origin",
                **(headers or {}),
            },
        )

    async def post_and_look(self, path: str, headers: dict[str, str] | None = None, **form: Any) -> httpx.Response:
        """Sends a form and opens the page that it leads to, as a browser does."""
        answer = await self.post(path, headers, **form)
        return await self.get(answer.headers["location"], **(headers or {})) if answer.status_code == 303 else answer

    async def register(self, address: str, password: str = PASSWORD) -> str:
        """Registers and gives the path of the link in the letter."""
        answer = await self.post("/sign-up", email=address, password=password)
        assert answer.status_code == 303, answer.text
        return link(await self.letter(address))

    async def join(self, address: str = "owner@shop.example", password: str = PASSWORD) -> Visitor:
        """Registers, confirms and is signed in."""
        answer = await self.post(await self.register(address, password))
        assert (answer.status_code, answer.headers["location"]) == (303, "/first-steps")
        return self

    async def sign_in(self, address: str, password: str = PASSWORD) -> httpx.Response:
        return await self.post("/sign-in", email=address, password=password)

    async def is_signed_in(self) -> bool:
        return (await self.get("/account")).status_code == 200

    def letters(self, address: str) -> list[EmailMessage]:
        """The letters that have come to an address, the oldest first."""
        files = sorted((self.portal.home / "mail").glob("*.eml"))
        messages = [email.message_from_bytes(file.read_bytes(), policy=default) for file in files]
        return [message for message in messages if isinstance(message, EmailMessage) and message["To"] == address]

    async def letter(self, address: str, number: int = 1) -> EmailMessage:
        """The letter of that number to an address, waited for."""
        async with asyncio.timeout(10):
            while len(found := self.letters(address)) < number:  # noqa: ASYNC110 (a folder tells nobody)
                await asyncio.sleep(0.01)
        return found[number - 1]

    def sql(self, statement: str, *parameters: Any) -> list[Any]:
        with psycopg.connect(owner_of(self.portal.database.url)) as connection:
            cursor = connection.execute(statement.encode(), parameters)
            return cursor.fetchall() if cursor.description else []


def link(letter: EmailMessage) -> str:
    """The path of the first address in a letter."""
    found = re.search(r"https?://[^/\s]+(/\S+)", letter.get_content())
    assert found, letter.get_content()
    return found[1]
