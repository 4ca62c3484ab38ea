"""What all pages share: the database, the mail, the live updates, the clock, the addresses. Imports no page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import UUID

from starlette.requests import Request

from webapp import pushkey, sealing, signing
from webapp.completeness.logends import AskLog
from webapp.computed import Stale
from webapp.database import Database
from webapp.demonstration.upstream import Upstream
from webapp.exports.jobs import Jobs
from webapp.live import Live
from webapp.mail import Mail
from webapp.menu import Link
from webapp.standstill import StandstillOf, nobody


def utc_now() -> datetime:
    return datetime.now(UTC)


class Site:
    """What a page needs beside its request; open between entry and exit.

    `postgres` is what accounts are worked on with, `figures` what figures are read with (None: the same), `standby`
    what they are read with where it has what the primary has ("": there is none).
    `home` is where letters are written while no SMTP server is configured, `public_url` what links in them begin with.
    `payment_secret` signs a payment provider's notices (None: there is no provider). `support_email` is
    where owners' questions go ("": nowhere). `factor_keys` seal the secrets of second
    factors ("": those of the home's file), the first of `closing_keys` signs closed months, `push_key` messages to
    browsers ("": likewise), whose push services may be in `push_networks` though these are private. `clock` tells what
    'today' is.
    `demo`: a demonstration is shown at `/demo`, while `home` says that there is one.
    `telegram_bot` is the name of the bot by which owners may hear of their account ("": there is none).
    `stale` tells which figures stand still since an upgrade (`webapp/computed.py`).
    `log_ends` tells how far the log goes (None: there is none beside the rows).
    `sold` are outlets that are known to have sold something.
    `menu` is what leads to the sections from every page. `standstill_of` tells of outlets whose data stands still.
    """

    menu: Sequence[Link] = ()

    def __init__(
        self,
        postgres: str,
        *,
        figures: str | None = None,
        standby: str = "",
        home: Path,
        public_url: str,
        smtp_url: str | None,
        payment_secret: str | None = None,
        support_email: str = "",
        telegram_bot: str = "",
        factor_keys: str = "",
        push_key: str = "",
        push_networks: Sequence[str] = (),
        closing_keys: str = "",
        demo: bool = False,
        clock: Callable[[], datetime] = utc_now,
        stale: Stale = lambda made_with: (),
        standstill_of: StandstillOf = nobody,
        log_ends: AskLog | None = None,
    ) -> None:
        self.database = Database(postgres, stale=stale, figures=figures, standby=standby)
        self.home = home
        self._factor_keys, self._closing_keys = factor_keys, closing_keys
        self._push_key = push_key
        self.push_networks = push_networks
        self.public_url = public_url.rstrip("/")
        self.smtp_url = smtp_url
        self.clock = clock
        self.standstill_of = standstill_of
        self.log_ends = log_ends
        self.exports = Jobs(self.database, home / "exports")
        self.live = Live(postgres)
        self.mail = Mail(self.database, smtp_url=smtp_url, folder=home / "mail", public_url=self.public_url)
        self.payment_secret = payment_secret
        self.support_email = support_email
        self.telegram_bot = telegram_bot
        self.demo = Upstream(home) if demo else None
        self.sold: set[UUID] = set()
        self._resources = AsyncExitStack()

    @cached_property
    def keys(self) -> sealing.Keys:
        """Raises `UsageError` where they are none."""
        return sealing.of_home(self.home, self._factor_keys)

    @cached_property
    def push_key(self) -> pushkey.PushKey:
        """Raises `UsageError` where it is none."""
        return pushkey.of_home(self.home, self._push_key)

    @cached_property
    def signing_keys(self) -> signing.SigningKeys:
        """Raises `UsageError` where they are none."""
        return signing.of_home(self.home, self._closing_keys)

    async def __aenter__(self) -> Self:
        for resource in (self.database, self.exports, self.live, self.mail):
            await self._resources.enter_async_context(resource)
        if self.demo is not None:
            await self._resources.enter_async_context(self.demo)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._resources.aclose()


def site_of(request: Request) -> Site:
    """The site that answers the request."""
    site: Site = request.app.state.site
    return site
