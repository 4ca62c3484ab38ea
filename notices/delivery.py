"""Hands messages over, one transaction each: tried again until the provider takes them, given up after three days.

A message is held while it is handed over, so several processes never hand over the same one. Killed between the
provider's answer and the commit, it goes out once more; killed anywhere else, once.
"""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal, Protocol
from uuid import UUID

import structlog
from msgspec import Struct
from prometheus_client import Counter, Gauge
from psycopg.rows import class_row

from schemas.failpoints import fail_point
from schemas.statements import load
from webapp.database import Database
from webapp.mail import Letter, Post

log = structlog.get_logger(__name__)

_sql = load("notices", "delivery.sql")
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)
_MESSAGES = Counter("weboffice_messages", "Messages to owners, by what became of a try.", ["channel", "outcome"])
_WAITING = Gauge("weboffice_messages_waiting", "Messages to owners that are due and not handed over.")

Channel = Literal["letter", "telegram", "push"]


class Due(Struct, frozen=True):
    """A message to hand over; `recipient` is its reader's e-mail address, `chat_id` the chat he linked, `endpoint` with
    its two keys the browser that the message is for."""

    message_id: int
    channel: Channel
    person_id: UUID
    about: str
    recipient: str
    chat_id: int | None
    device_id: int | None
    endpoint: str | None
    p256dh: bytes | None
    auth: bytes | None
    subject: str
    body: str
    html: str
    picture: bytes | None
    attempts: int
    hopeless: bool
    attachment: bytes | None = None
    attachment_name: str = ""


class NotTaken(Exception):
    """The provider did not take a message: for ever, or to be tried again, after `wait` where it says so. `gone`: the
    browser that it was for takes none any more."""

    def __init__(self, why: str, *, for_ever: bool = False, wait: timedelta | None = None, gone: bool = False) -> None:
        super().__init__(why)
        self.for_ever, self.wait, self.gone = for_ever or gone, wait, gone


class Carrier(Protocol):
    """A way to readers, with the most that go over it in a minute, and to one reader, or browser, in an hour."""

    minute_most: int
    hour_most: int

    async def hand_over(self, message: Due) -> None:
        """Returns when the provider has taken it. Raises `NotTaken`."""
        ...


class Letters:
    """By the mail room's post."""

    minute_most, hour_most = 120, 12

    def __init__(self, post: Post) -> None:
        self._post = post

    async def hand_over(self, message: Due) -> None:
        letter = Letter(
            message.subject,
            message.body,
            message.html,
            message.picture or b"",
            message.attachment or b"",
            message.attachment_name,
        )
        try:
            await asyncio.to_thread(self._post.hand_over, f"notice-{message.message_id:06}", message.recipient, letter)
        except (OSError, ValueError, smtplib.SMTPException) as exc:
            raise NotTaken(type(exc).__name__) from exc


class Delivery:
    """Hands over what is due, by channel."""

    def __init__(self, database: Database, carriers: Mapping[Channel, Carrier]) -> None:
        self._database, self._carriers = database, carriers
        self.closing = False

    async def send_due(self, now: datetime) -> int:
        """Gives how many messages were taken; those that were not are put off or given up.

        Raises `InfrastructureUnreachable`.
        """
        sent = await asyncio.gather(*(self._send_all(*each, now) for each in self._carriers.items()))
        async with self._database.asking() as connection:
            row = await (await connection.execute(_sql["waiting"], {"now": now})).fetchone()
        _WAITING.set(row[0] if row else 0)
        return sum(sent)

    async def _send_all(self, channel: Channel, carrier: Carrier, now: datetime) -> int:
        sent = 0
        while not self.closing and (taken := await self._send_one(channel, carrier, now)) is not None:
            sent += taken
        return sent

    async def _send_one(self, channel: Channel, carrier: Carrier, now: datetime) -> bool | None:
        """Whether the next due message was taken; None where there is none."""
        async with self._database.writing() as connection:
            parameters = {
                "now": now,
                "channel": channel,
                "minute_most": carrier.minute_most,
                "hour_most": carrier.hour_most,
            }
            async with connection.cursor(row_factory=class_row(Due)) as cursor:
                due = await (await cursor.execute(_sql["hold_next"], parameters)).fetchone()
            if due is None:
                return None
            outcome: dict[str, object] = {"message": due.message_id, "now": now}
            fail_point("tell.before_send")
            try:
                await carrier.hand_over(due)
            except NotTaken as exc:
                given_up = exc.for_ever or due.hopeless
                wait = exc.wait or min(_FIRST_WAIT * 2 ** min(due.attempts, 16), _LONGEST_WAIT)
                outcome |= {"error": str(exc)[:200]} | ({} if given_up else {"wait": wait})
                await connection.execute(_sql["failed" if given_up else "put_off"], outcome)
                if exc.gone:
                    await connection.execute(_sql["end_device"], {"device": due.device_id})
                _MESSAGES.labels(channel, "failed" if given_up else "put_off").inc()
                log.warning("message_not_taken", message=due.message_id, channel=channel, error=str(exc))
                return False
            fail_point("tell.before_sent")
            await connection.execute(_sql["sent"], outcome)
        fail_point("tell.after_sent")
        _MESSAGES.labels(channel, "sent").inc()
        return True
