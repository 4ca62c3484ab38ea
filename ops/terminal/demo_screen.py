"""Tells on a screen how the demo goes: what `weboffice demo` does on a terminal."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Protocol, Self

import click
from rich.text import Text

from ops import logs, processes
from ops.outputs import Output, RotatedLog
from ops.provisioning import LINK_LIFETIME, create_sign_in_link
from ops.settings import Settings
from ops.terminal import addresses, screen
from ops.terminal.demo_figures import Follower
from ops.terminal.demo_view import Demo, Link, view
from ops.terminal.keys import Keys
from ops.terminal.letters import Letters
from ops.terminal.parts import place
from ops.terminal.words import words
from schemas.errors import InfrastructureUnreachable

_NEW_LINK = "nNтТ"
"""The key, whatever the keyboard's layout."""


class Teller(Protocol):
    """Tells how the demo goes, in this order. It starts the processes, since what they write is part of it."""

    def spawn_service(self, argv: Sequence[str]) -> subprocess.Popen[bytes]:
        """Its stdout is a pipe."""

    def serving(self, url: str, postgres: str, owner_token: str) -> None: ...
    def spawn_tills(self, argv: Sequence[str]) -> subprocess.Popen[bytes]: ...
    def ready(self, owner: str) -> None: ...

    def go_on(self) -> None:
        """Called several times a second."""

    def stopping(self) -> None: ...


class DemoScreen:
    """A teller with a screen, which is there between entry and exit."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._say = words(os.environ)
        self._demo = Demo(settings.home, time.monotonic())
        self._letters = Letters(settings.home / "mail")
        self._letters.new()  # those of an earlier demo
        self._stack = ExitStack()
        self._keys = Keys()
        self._follower: Follower | None = None
        self._postgres = self._owner = ""

    def __enter__(self) -> Self:
        logs.configure(self._settings, "demo", trouble=self._demo.trouble)
        self._stack.enter_context(screen.shown(self._draw))
        self._demo.keys = self._stack.enter_context(self._keys).there
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
        if exc is not None:
            for message in self._demo.trouble.messages:
                click.echo(f"{message.level}: {message.text}", err=True)
            return
        if link := self._demo.link:
            click.echo(f"{self._say('product')}: {self._demo.url}\n{self._say('link')} {link.address}")
        click.echo(self._say("stopped").format(home=place(self._settings.home)))

    def spawn_service(self, argv: Sequence[str]) -> subprocess.Popen[bytes]:
        # `up` keeps the logs of all its processes itself.
        with Output(None, echo=self._demo.trouble).end() as end:
            return processes.spawn(argv, output=end, pipe=True)

    def serving(self, url: str, postgres: str, owner_token: str) -> None:
        self._demo.url, self._demo.step = addresses.reachable(url), "sales"
        self._demo.on_network = addresses.on_network(self._settings.public_url or url)
        self._postgres = postgres
        self._follower = Follower(self._demo, postgres, owner_token)
        self._follower.start()

    def spawn_tills(self, argv: Sequence[str]) -> subprocess.Popen[bytes]:
        log = RotatedLog(self._settings.home / "logs" / "tills.log")
        with Output(log, echo=self._demo.trouble).end() as end:
            return processes.spawn(argv, output=end)

    def ready(self, owner: str) -> None:
        self._owner = owner
        self._make_link()
        self._demo.step = "running"

    def go_on(self) -> None:
        self._demo.letters.extend(self._letters.new())
        if any(key in _NEW_LINK for key in self._keys.pressed()):
            with suppress(InfrastructureUnreachable):  # the screen says that the service does not answer
                self._make_link()

    def stopping(self) -> None:
        self._demo.step = "stopping"
        if self._follower is not None:
            self._follower.stop()

    def _make_link(self) -> None:
        until = datetime.now(UTC) + LINK_LIFETIME
        address = create_sign_in_link(self._postgres, self._owner, self._settings.public_url or self._demo.url)
        self._demo.link = Link(address, until)

    def _draw(self, width: int, height: int) -> list[Text]:
        return view(self._demo, self._say, width, height)
