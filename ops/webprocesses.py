"""The HTTP processes of `weboffice up`: what takes uploads and what draws pages, on one port."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

from ops import web
from ops.http import handover
from ops.supervisor import Service

Command = Callable[..., Callable[[], subprocess.Popen[bytes]]]
"""Makes what starts a process: its name, its arguments, `parts` whose logins it knows, `fds` that it inherits."""


def services(command: Command, fd: int, url: str) -> list[Service]:
    """Uploads and pages, each in a process of its own, on one port; one process where the system can't share it so."""
    ends = handover.pair()
    if ends is None:
        return [Service("web", command("web", "serve", "all", "--fd", str(fd), parts=web.LOGINS["all"], fds=(fd,)))]
    gateway, portal = (end.detach() for end in ends)
    accepts = ("serve", "gateway", "--fd", str(fd), "--shared", str(gateway))
    draws = ("serve", "portal", "--url", url, "--shared", str(portal))
    return [
        Service("gateway", command("gateway", *accepts, parts=web.LOGINS["gateway"], fds=(fd, gateway))),
        Service("web", command("web", *draws, parts=web.LOGINS["portal"], fds=(portal,))),
    ]
