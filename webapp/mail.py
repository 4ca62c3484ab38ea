"""Letters: queued in the transaction of what they tell, handed over afterwards, by SMTP or as files.

The queue is a table, so a letter is neither lost with the process nor sent for something that was rolled back; it may,
after a crash at the wrong moment, go out twice. Several processes share the queue. Handing over happens in a thread.
"""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from contextlib import suppress
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import formatdate, make_msgid
from pathlib import Path
from types import TracebackType
from urllib.parse import unquote, urlsplit

import structlog
from msgspec import Struct

from schemas.errors import InfrastructureUnreachable
from schemas.statements import load
from webapp.database import Connection, Database

log = structlog.get_logger(__name__)

_sql = load("webapp", "mail.sql")
_POLL_S = 15.0
_SMTP_TIMEOUT_S = 20.0
_CLOSING_S = 5.0
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)


class Letter(Struct, frozen=True):
    """A letter in the language of its reader."""

    subject: str
    body: str


async def queue(connection: Connection, recipient: str, letter: Letter) -> None:
    """Puts a letter in the queue, in the caller's transaction; `Mail.wake` after the commit sends it at once."""
    parameters = {"recipient": recipient, "subject": letter.subject, "body": letter.body}
    await connection.execute(_sql["queue"], parameters)


class Mail:
    """Hands queued letters over while it is open: to `smtp_url`, or into `folder` as `.eml` files without one."""

    def __init__(self, database: Database, *, smtp_url: str | None, folder: Path, public_url: str) -> None:
        self._database = database
        self._smtp_url = smtp_url
        self._folder = folder
        self._sender = _sender(smtp_url, public_url)
        self._due = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    async def __aenter__(self) -> Mail:
        self._task = asyncio.create_task(self._run(), name="mail")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._task is not None
        self._closing = True
        self._due.set()
        # The letter in hand is finished; a cancellation amid it could be lost in the driver, the flag can't.
        await asyncio.wait({self._task}, timeout=_CLOSING_S)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def wake(self) -> None:
        """Letters were queued and committed: don't wait for the next look."""
        self._due.set()

    async def send_due(self) -> int:
        """Hands over everything due and gives the number of letters; those that fail are put off."""
        sent = 0
        while not self._closing and (handed := await self._send_one()) is not None:
            sent += handed
        return sent

    async def _run(self) -> None:
        while not self._closing:
            self._due.clear()
            try:
                await self.send_due()
            except InfrastructureUnreachable:
                log.warning("mail waits: PostgreSQL does not answer")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._due.wait(), _POLL_S)

    async def _send_one(self) -> bool | None:
        """Whether the next due letter was handed over; None where there is none."""
        async with self._database.writing() as connection:
            row = await (await connection.execute(_sql["hold_next"])).fetchone()
            if row is None:
                return None
            mail_id, recipient, subject, body, attempts, hopeless = row
            try:
                message = self._message(mail_id, recipient, Letter(subject, body))
                await asyncio.to_thread(self._hand_over, mail_id, message)
            except (OSError, ValueError, smtplib.SMTPException) as exc:
                log.error("letter not handed over", mail_id=mail_id, attempts=attempts + 1, error=type(exc).__name__)
                if not hopeless:  # its links are dead by then
                    wait = min(_FIRST_WAIT * 2 ** min(attempts, 16), _LONGEST_WAIT)
                    await connection.execute(_sql["put_off"], {"mail_id": mail_id, "wait": wait})
                    return False
                log.error("letter given up", mail_id=mail_id)
            await connection.execute(_sql["delete"], {"mail_id": mail_id})
            return True

    def _message(self, mail_id: int, recipient: str, letter: Letter) -> EmailMessage:
        message = EmailMessage(policy=SMTP if self._smtp_url else SMTPUTF8)
        message["From"] = self._sender
        message["To"] = recipient
        message["Subject"] = letter.subject
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(str(mail_id), domain=self._sender.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"
        # In a file a person reads it as it stands.
        message.set_content(letter.body, cte="quoted-printable" if self._smtp_url else "8bit")
        return message

    def _hand_over(self, mail_id: int, message: EmailMessage) -> None:
        if self._smtp_url:
            _send(self._smtp_url, message)
        else:
            _write(self._folder, mail_id, message)


def _send(smtp_url: str, message: EmailMessage) -> None:
    url = urlsplit(smtp_url)
    host = url.hostname or "localhost"
    tls = ssl.create_default_context()
    with (
        smtplib.SMTP_SSL(host, url.port or 465, timeout=_SMTP_TIMEOUT_S, context=tls)
        if url.scheme == "smtps"
        else smtplib.SMTP(host, url.port or 587, timeout=_SMTP_TIMEOUT_S)
    ) as server:
        server.ehlo()
        if url.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=tls)
        if url.username:
            if not isinstance(server.sock, ssl.SSLSocket):
                raise smtplib.SMTPException("the server offers no encryption: the password is not sent")
            server.login(unquote(url.username), unquote(url.password or ""))
        server.send_message(message)


def _write(folder: Path, mail_id: int, message: EmailMessage) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    whole = folder / f"{mail_id:06}.eml"
    part = whole.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_bytes(message.as_bytes())
    part.replace(whole)


def _sender(smtp_url: str | None, public_url: str) -> str:
    user = unquote(urlsplit(smtp_url or "").username or "")
    return user if "@" in user else f"noreply@{urlsplit(public_url).hostname or 'localhost'}"
