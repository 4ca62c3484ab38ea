"""Letters: queued in the transaction of what they tell, handed over afterwards, by SMTP or as files.

The queue is a table, so a letter is neither lost with the process nor sent for something that was rolled back; it may,
after a crash at the wrong moment, go out twice. Several processes share the queue. Handing over happens in a thread.
"""

from __future__ import annotations

import asyncio
import smtplib
import ssl
import time
from contextlib import suppress
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import formatdate, make_msgid
from pathlib import Path
from types import TracebackType
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

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
_CLEAR_EVERY_S = 3600.0
_KEPT = timedelta(days=30)
"""For so long letters stay in the folder."""
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)


class Letter(Struct, frozen=True):
    """A letter in the language of its reader; `html` says the same as `body`, "" where that is enough. `picture` is a
    PNG that stands in it as `cid:picture`, `attachment` a zip of the name `attachment_name`."""

    subject: str
    body: str
    html: str = ""
    picture: bytes = b""
    attachment: bytes = b""
    attachment_name: str = ""


async def queue(connection: Connection, recipient: str, letter: Letter, *, reply_to: str = "") -> None:
    """Puts a letter in the queue, in the caller's transaction; `Mail.wake` after the commit sends it at once. An answer
    goes to `reply_to`, where it is given."""
    parameters = {"recipient": recipient, "subject": letter.subject, "body": letter.body, "reply_to": reply_to}
    await connection.execute(_sql["queue"], parameters)


class Post:
    """Where letters go: to `smtp_url`, or into `folder` as `.eml` files without one. Blocks, so from a thread."""

    def __init__(self, smtp_url: str | None, folder: Path, public_url: str) -> None:
        self._smtp_url = smtp_url
        self._folder = folder
        self._sender = _sender(smtp_url, public_url)

    def hand_over(self, name: str, recipient: str, letter: Letter, reply_to: str = "") -> None:
        """Returns when the server has taken the letter, or the file is there; `name` is its own among all letters.

        Raises `OSError`, `ValueError`, `SMTPException`.
        """
        message = self._message(name, recipient, letter, reply_to)
        if self._smtp_url:
            _send(self._smtp_url, message)
        else:
            _write(self._folder, name, message)

    def _message(self, name: str, recipient: str, letter: Letter, reply_to: str) -> EmailMessage:
        message = EmailMessage(policy=SMTP if self._smtp_url else SMTPUTF8)
        message["From"] = self._sender
        message["To"] = recipient
        message["Subject"] = letter.subject
        if reply_to:
            message["Reply-To"] = reply_to
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(name, domain=self._sender.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"
        # In a file a person reads it as it stands.
        encoding = "quoted-printable" if self._smtp_url else "8bit"
        message.set_content(letter.body, cte=encoding)
        if letter.html:
            message.add_alternative(letter.html, subtype="html", cte=encoding)
        if letter.picture:
            html = message.get_payload(1)
            assert isinstance(html, EmailMessage)
            html.add_related(letter.picture, "image", "png", cid="<picture>", filename="picture.png")
        if letter.attachment:
            message.add_attachment(letter.attachment, "application", "zip", filename=letter.attachment_name)
        return message


class Mail:
    """Hands queued letters over while it is open: to `smtp_url`, or into `folder` as `.eml` files without one."""

    def __init__(self, database: Database, *, smtp_url: str | None, folder: Path, public_url: str) -> None:
        self._database = database
        self._smtp_url = smtp_url
        self._folder = folder
        self._post = Post(smtp_url, folder, public_url)
        self._due = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self._cleared_at = float("-inf")

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
            if not self._smtp_url and time.monotonic() - self._cleared_at > _CLEAR_EVERY_S:
                self._cleared_at = time.monotonic()
                await asyncio.to_thread(clear_old, self._folder, time.time() - _KEPT.total_seconds())
            with suppress(TimeoutError):
                await asyncio.wait_for(self._due.wait(), _POLL_S)

    async def _send_one(self) -> bool | None:
        """Whether the next due letter was handed over; None where there is none."""
        async with self._database.writing() as connection:
            row = await (await connection.execute(_sql["hold_next"])).fetchone()
            if row is None:
                return None
            mail_id, recipient, subject, body, reply_to, attempts, hopeless = row
            try:
                name, letter = f"{mail_id:06}", Letter(subject, body)
                await asyncio.to_thread(self._post.hand_over, name, recipient, letter, reply_to)
            except (OSError, ValueError, smtplib.SMTPException) as exc:
                log.error("letter not handed over", mail_id=mail_id, attempts=attempts + 1, error=type(exc).__name__)
                if not hopeless:  # its links are dead by then
                    wait = min(_FIRST_WAIT * 2 ** min(attempts, 16), _LONGEST_WAIT)
                    await connection.execute(_sql["put_off"], {"mail_id": mail_id, "wait": wait})
                    return False
                log.error("letter given up", mail_id=mail_id)
            await connection.execute(_sql["delete"], {"mail_id": mail_id})
            return True


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
        elif url.scheme == "smtp" and not _clear_is_allowed(url):
            raise smtplib.SMTPException("the server offers no encryption: letters hold links that sign in")
        if url.username:
            if not isinstance(server.sock, ssl.SSLSocket):
                raise smtplib.SMTPException("the server offers no encryption: the password is not sent")
            server.login(unquote(url.username), unquote(url.password or ""))
        server.send_message(message)


def _clear_is_allowed(url: SplitResult) -> bool:
    """To a server on this machine, or where the settings say `smtp://host?clear=yes`."""
    return url.hostname in ("localhost", "127.0.0.1", "::1") or parse_qs(url.query).get("clear") == ["yes"]


def _write(folder: Path, name: str, message: EmailMessage) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    whole = folder / f"{name}.eml"
    part = whole.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_bytes(message.as_bytes())
    part.replace(whole)


def clear_old(folder: Path, before: float) -> None:
    """Deletes letters written before a moment (seconds of the epoch): what is in them is nobody's any more."""
    for path in folder.glob("*.eml") if folder.is_dir() else ():
        with suppress(OSError):
            if path.stat().st_mtime < before:
                path.unlink()


def _sender(smtp_url: str | None, public_url: str) -> str:
    user = unquote(urlsplit(smtp_url or "").username or "")
    return user if "@" in user else f"noreply@{urlsplit(public_url).hostname or 'localhost'}"
