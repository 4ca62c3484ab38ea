"""The screen of `weboffice demo`: address, sign-in link with its code, figures that move, letters, what went wrong."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from babel.numbers import format_decimal
from msgspec import Struct, field
from rich.text import Text

from ops.terminal import qr
from ops.terminal.parts import beside, ends, lasting, place, row, trouble_lines, wrapped
from ops.terminal.trouble import Trouble
from ops.terminal.words import Say
from webapp import formats

_NARROWEST = 34
"""Columns that figures beside the code take at least."""
_LETTERS = 3


class Figures(Struct, frozen=True):
    """What the read API tells of an outlet: receipts in all, today's revenue, how far its data goes."""

    name: str
    receipts: int
    today: Decimal
    through: datetime | None


class Link(Struct, frozen=True):
    """The sign-in link; `until` is when it ends, `used` whether somebody has followed it."""

    address: str
    until: datetime
    used: bool = False


class Demo(Struct):
    """What the screen shows; written by the command, read by the thread that draws."""

    home: Path
    started_at: float
    step: str = "servers"
    url: str = ""
    link: Link | None = None
    outlets: Sequence[Figures] = ()
    silent: bool = False
    keys: bool = False
    on_network: bool = False
    letters: deque[str] = field(default_factory=lambda: deque(maxlen=_LETTERS))
    trouble: Trouble = field(default_factory=Trouble)


def view(demo: Demo, say: Say, width: int, height: int) -> list[Text]:
    """The lines of a screen of this size. The code goes where there is no room for it."""
    head = _head(demo, say, width)
    if demo.link is None:
        head += [*_table(demo, say, width), Text()] if demo.outlets else []
        return [*head, *trouble_lines(demo.trouble, say, width, height - len(head))]
    code = [] if demo.link.used else qr.lines(demo.link.address)
    across = code[0].cell_len if code else 0
    fits = len(head) + len(code) <= height and across + 2 + _NARROWEST <= width
    if code and fits:
        head += [Text()] if len(head) + len(code) < height else []
        return head + beside(code, _side(demo, say, width - across - 2, height - len(head), True), across)
    side = _side(demo, say, width, height - len(head) - 1, False)
    if code:
        side += wrapped(say("low").format(lines=len(head) + len(code)), width, "dim")
    return [*head, Text(), *side][:height]


def _head(demo: Demo, say: Say, width: int) -> list[Text]:
    time_text = lasting(time.monotonic() - demo.started_at)
    if demo.link is None:
        doing = demo.trouble.progress if demo.step == "servers" and demo.trouble.progress else say(demo.step)
        title = ends(say("product"), say("starting").format(time=time_text), width, "bold")
        return [title, Text(), *wrapped(doing, width), Text()]
    state = say("stopping") if demo.step == "stopping" else say("runs").format(time=time_text)
    lines = [ends(f"{say('product')}: {demo.url}", state, width, "bold")]
    gone = "used" if demo.link.used else "expired" if demo.link.until < datetime.now(UTC) else ""
    if gone:
        more = f". {say('new_link')}" if demo.keys else ""
        return [*lines, Text(say(gone) + more, "yellow"), Text()]
    return [*lines, Text(say("link")), *wrapped(demo.link.address, width)]


def _side(demo: Demo, say: Say, width: int, room: int, with_code: bool) -> list[Text]:
    lines = [*_table(demo, say, width), Text()]
    through = max((figures.through for figures in demo.outlets if figures.through), default=None)
    if demo.silent:
        lines += wrapped(say("silent"), width, "yellow")
    elif through is not None:
        lines.append(Text(say("through").format(time=through.strftime("%H:%M:%S"))))
    lines.append(Text())
    if demo.keys:
        lines.append(Text(say("new_link")))
    lines.append(Text(say("stop")))
    lines += wrapped(say("logs").format(logs=place(demo.home / "logs")), width)
    if with_code:
        lines += wrapped(say("phone" if demo.on_network else "loopback"), width, "dim")
    for letter in demo.letters:
        lines += wrapped(letter, width)
    return lines + trouble_lines(demo.trouble, say, width, max(0, room - len(lines)))


def _table(demo: Demo, say: Say, width: int) -> list[Text]:
    locale = say("locale")
    rows = [
        (figures.name, formats.number(figures.receipts, locale), _money(figures.today, locale))
        for figures in demo.outlets
    ]
    total = (
        say("all"),
        formats.number(sum(figures.receipts for figures in demo.outlets), locale),
        _money(sum((figures.today for figures in demo.outlets), Decimal()), locale),
    )
    heading = (say("outlet"), say("receipts"), say("today"))
    numbers = [max(len(cells[column]) for cells in (heading, *rows, total)) for column in (1, 2)]
    names = max(len(cells[0]) for cells in (heading, *rows, total))
    widths = [min(names + 2, max(6, width - sum(numbers) - 2)), *numbers]
    styled = [(heading, "dim"), *((cells, "") for cells in rows), (total, "bold")]
    return [row(cells, widths, style) for cells, style in styled]


def _money(amount: Decimal, locale: str) -> str:
    return str(format_decimal(amount, "#,##0.00", locale=locale))
