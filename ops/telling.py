"""`weboffice work tell`: tells owners what changed, and hands the messages over; several may run."""

from __future__ import annotations

import asyncio
import contextlib
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from prometheus_client import Gauge

from notices.delivery import Carrier, Channel, Delivery, Letters
from notices.digests import Digests
from notices.push import Pushes
from notices.reading import Reading
from notices.telegram import BotApi, Linking, Messages
from notices.teller import Teller
from ops.logends import LogEndsOf
from ops.running import Services
from ops.settings import Settings
from projections.models import versions
from schemas.errors import InfrastructureUnreachable
from webapp import pushkey
from webapp.database import Database, Limits, NotReady, TookTooLong
from webapp.mail import Post
from webapp.shares import Busy

log = structlog.get_logger(__name__)

_LOOK_EVERY_S, _SEND_EVERY_S = 60.0, 5.0
_EXPIRE_EVERY = timedelta(hours=6)
_PASSED_AT = Gauge(
    "weboffice_told_timestamp_seconds", "When all accounts were looked at last, for what to tell owners."
)


async def run(settings: Settings, services: Services, url: str, stopping: asyncio.Event) -> None:
    """Until `stopping` is set: looks at every account once a minute, hands over every few seconds."""
    log_ends = LogEndsOf(services.kafka, settings.topics)
    limits = Limits(connections=2, account_connections=4, each=2, export_connections=1)
    database = Database(services.logins["accounts"], limits, versions.lacking, services.logins["portal"])
    async with log_ends.open(), database:
        teller = Teller(database, Reading(database, log_ends), settings.public_url or url)
        digests = Digests(database, log_ends, settings.public_url or url)
        post = Post(settings.smtp_url or None, settings.home / "mail", settings.public_url or url)
        carriers: dict[Channel, Carrier] = {"letter": Letters(post)}
        api = BotApi(settings.telegram_api, settings.telegram_token) if settings.telegram_token else None
        if api is not None:
            carriers["telegram"] = Messages(api)
        key = pushkey.of_home(settings.home, settings.push_key)
        pushes = Pushes(key, _contact(settings), settings.push_networks)
        carriers["push"] = pushes
        delivery = Delivery(database, carriers)
        log.info("tell_ready", channels=list(carriers))
        due = asyncio.Event()
        linking = asyncio.create_task(Linking(database, api).run(), name="linking") if api is not None else None
        sending = asyncio.create_task(_send(delivery, due), name="delivery")
        try:
            await _look(teller, digests, stopping, due)
        finally:
            delivery.closing = True
            due.set()
            await sending
            if linking is not None and api is not None:
                linking.cancel()
                await asyncio.gather(linking, return_exceptions=True)
                await api.close()
            await pushes.close()


def _contact(settings: Settings) -> str:
    """Whom a push service may write to; the library takes a host alone."""
    if settings.support_email:
        return f"mailto:{settings.support_email}"
    address = urlsplit(settings.public_url)
    return f"https://{address.hostname}" if address.scheme == "https" else "mailto:webmaster@localhost"


async def _look(teller: Teller, digests: Digests, stopping: asyncio.Event, due: asyncio.Event) -> None:
    expired_at = datetime.now(UTC)
    while not stopping.is_set():
        began = time.monotonic()
        try:
            for account in await teller.accounts():
                if stopping.is_set():
                    return
                if await _tell(teller, digests, account):
                    due.set()
            _PASSED_AT.set_to_current_time()
            if datetime.now(UTC) - expired_at > _EXPIRE_EVERY:
                expired_at = datetime.now(UTC)
                await teller.expire(expired_at)
        except NotReady:
            log.info("tell_waits", why="there are no figures yet")
        except InfrastructureUnreachable:
            log.warning("tell_waits", why="PostgreSQL does not answer")
        await _pause(stopping, _LOOK_EVERY_S - (time.monotonic() - began))


async def _tell(teller: Teller, digests: Digests, account: UUID) -> bool:
    """Whether there was something to tell. One account whose figures take too long keeps nobody else from hearing."""
    try:
        changed = await teller.tell(account, datetime.now(UTC)) + await digests.tell(account, datetime.now(UTC))
    except (TookTooLong, Busy) as exc:
        log.warning("account_not_looked_at", account=str(account), why=type(exc).__name__)
        return False
    if changed:
        log.info("told", account=str(account), alarms=changed)
    return changed > 0


async def _send(delivery: Delivery, due: asyncio.Event) -> None:
    while not delivery.closing:
        due.clear()
        try:
            await delivery.send_due(datetime.now(UTC))
        except (InfrastructureUnreachable, TookTooLong):
            log.warning("messages_wait", why="PostgreSQL does not answer")
        if not delivery.closing:
            await _pause(due, _SEND_EVERY_S)


async def _pause(event: asyncio.Event, seconds: float) -> None:
    """Until the event, at most so long."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), max(0.0, seconds))
