"""What the service worker keeps beside figures: their frame, and what is said without one."""

from __future__ import annotations

from webapp.context import Context
from webapp.page import ANYBODY, OWNER, Page, Visit
from webapp.translation import N_


class Shell(Context, frozen=True):
    """The dashboard without figures, which come by themselves."""

    template = "shell.html"
    title = N_("Dashboard")


class Offline(Context, frozen=True):
    template = "offline.html"
    title = N_("No connection")


async def shell(visit: Visit) -> Shell:
    return Shell()


async def offline(visit: Visit) -> Offline:
    return Offline()


SHELL = Page(path="/shell", action="today", gate=OWNER, load=shell)
OFFLINE = Page(path="/offline", action="anybody", gate=ANYBODY, load=offline)
