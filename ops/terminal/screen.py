"""A screen of its own on the terminal, drawn anew twice a second; the one before is back at the end."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from ops.settings import Settings

PER_SECOND = 2

View = Callable[[int, int], list[Text]]
"""Draws the lines of a screen of so many columns and lines. Called from a thread of its own."""


def wanted(settings: Settings, verbose: bool) -> bool:
    """Whether whoever looks has a terminal, and has not asked for the log lines."""
    terminal = sys.stdout.isatty() and sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb"
    return terminal and not verbose and not settings.log


@contextmanager
def shown(view: View) -> Iterator[None]:
    """Shows the view while the block runs."""
    console = Console(highlight=False, soft_wrap=False)

    def draw() -> RenderableType:
        width, height = console.size
        return Group(*view(width, height)[:height])

    with Live(get_renderable=draw, console=console, screen=True, refresh_per_second=PER_SECOND):
        yield
