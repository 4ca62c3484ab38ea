"""Who hears of an account and how, and the messages queued for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from psycopg.rows import class_row

from notices.delivery import Channel
from notices.words import Message
from schemas.statements import load
from webapp.account_outlets import Outlet
from webapp.actions import Member, Role, allowed
from webapp.database import Connection

_sql = load("notices", "hearers.sql")


class Way(Struct, frozen=True):
    """A way on which a message goes; each of a reader's browsers is one of its own."""

    channel: Channel
    device_id: int | None = None


class Hearer(Struct, frozen=True):
    """Who is told of an account's outlets, and how."""

    person_id: UUID
    email: str
    locale: str
    role: Role
    outlets: list[UUID] | None
    letters: bool
    telegram: bool
    devices: list[int]
    quiet_from: int | None
    quiet_until: int | None
    digest_hour: int
    digests: list[str]
    own_zone: str | None = None

    @property
    def ways(self) -> list[Way]:
        chosen: dict[Channel, bool] = {"letter": self.letters, "telegram": self.telegram}
        return [*(Way(channel) for channel, on in chosen.items() if on), *(Way("push", each) for each in self.devices)]

    def hears_of(self, outlet: Outlet) -> bool:
        member = Member(self.role, None if self.outlets is None else frozenset(self.outlets))
        return allowed(member, "figures", outlet.outlet_id)

    def zone(self, outlets: Sequence[Outlet]) -> str:
        """Whose clock his hours are of: the one that he chose, else that of the first outlet that he hears of, which
        his page says too. `outlets` are the account's, not none."""
        return self.own_zone or next((outlet.zone for outlet in outlets if self.hears_of(outlet)), outlets[0].zone)


async def hearers(connection: Connection, account_id: UUID) -> list[Hearer]:
    """The owner first."""
    async with connection.cursor(row_factory=class_row(Hearer)) as cursor:
        return await (await cursor.execute(_sql["hearers"], {"account": account_id})).fetchall()


async def put(
    connection: Connection,
    account_id: UUID,
    hearer: Hearer,
    way: Way,
    about: str,
    message: Message,
    now: datetime,
    not_before: datetime,
) -> None:
    """Queues a message in the caller's transaction."""
    parameters = {
        "account": account_id,
        "person": hearer.person_id,
        "channel": way.channel,
        "device": way.device_id,
        "about": about,
        "subject": message.subject,
        "body": message.body,
        "html": message.html,
        "picture": message.picture or None,
        "now": now,
        "not_before": not_before,
    }
    await connection.execute(_sql["queue"], parameters)
