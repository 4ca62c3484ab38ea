"""Web push: the devices on which a reader hears of the account, each subscribed there and taken back from anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import ec
from msgspec import Struct
from psycopg.rows import class_row
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from schemas.statements import load
from webapp import forms
from webapp.browsers import device
from webapp.database import Connection
from webapp.notices import endpoints
from webapp.pushkey import decoded
from webapp.redirects import redirect
from webapp.session import Session, required
from webapp.site import site_of

DEVICES_MOST = 5
"""Of a person in an account."""

_sql = load("webapp.notices", "push.sql")
_AUTH_BYTES = 16


class Device(Struct, frozen=True):
    """A browser that shows messages; `this` is the one that asks."""

    device_id: int
    device: str
    subscribed_at: datetime
    this: bool


class Push(Struct, frozen=True):
    """How it stands for a reader. `key` is the public one that a browser subscribes with."""

    key: str
    devices: list[Device]


class Subscription(Struct, frozen=True):
    """What a browser gives: where its push service takes messages, and the keys that they are encrypted for."""

    endpoint: str
    p256dh: bytes
    auth: bytes


def subscription(endpoint: str, p256dh: str, auth: str, networks: Sequence[str]) -> Subscription | None:
    """None for what no browser gives, and for an address that must not be called."""
    if endpoints.parsed(endpoint, networks) is None:
        return None
    try:
        given = Subscription(endpoint, decoded(p256dh), decoded(auth))
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), given.p256dh)
    except ValueError:
        return None
    return given if len(given.auth) == _AUTH_BYTES and given.p256dh[0] == 4 else None


def _key(session: Session) -> dict[str, object]:
    return {
        "account": session.account_id,
        "person": session.account.reader_id,
        "session": session.session_hash,
    }


async def standing(connection: Connection, request: Request) -> Push:
    async with connection.cursor(row_factory=class_row(Device)) as cursor:
        devices = await (await cursor.execute(_sql["devices"], _key(required(request)))).fetchall()
    return Push(site_of(request).push_key.public, devices)


async def subscribe(request: Request) -> Response:
    """The browser that sends this shows messages from now on; whoever had it before hears there no more."""
    fields = await forms.read(request)
    names = fields.text("endpoint", endpoints.LONGEST + 1), fields.text("p256dh"), fields.text("auth")
    given = subscription(*names, site_of(request).push_networks)
    if given is None:
        raise HTTPException(400)
    parameters = {
        **_key(required(request)),
        "endpoint": given.endpoint,
        "p256dh": given.p256dh,
        "auth": given.auth,
        "device": device(request.headers.get("user-agent", "")),
        "most": DEVICES_MOST,
    }
    async with site_of(request).database.writing() as connection:
        await connection.execute(_sql["hold"], parameters)
        await connection.execute(_sql["not_of_others"], parameters)
        added = (await connection.execute(_sql["subscribe"], parameters)).rowcount == 1
    return redirect(f"/notices?notice={'push_on' if added else 'push_most'}#push")


async def unsubscribe(request: Request) -> Response:
    number = (await forms.read(request)).text("device", 18)
    device_id = int(number) if number.isascii() and number.isdigit() else 0
    parameters = {**_key(required(request)), "device": device_id}
    async with site_of(request).database.writing() as connection:
        await connection.execute(_sql["unsubscribe"], parameters)
    return redirect("/notices?notice=push_off#push")
