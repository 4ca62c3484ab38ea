"""What the screens have in common: times, numbers, lines in two columns, messages."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from ops.terminal.trouble import Message, Trouble
from ops.terminal.words import Say

_measure = Console(width=80)
_STYLES = {"warning": "yellow", "error": "bold red", "critical": "bold red"}


def lasting(seconds: float) -> str:
    """A span of time: 0:07, 12:03, 3:05:00."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def place(folder: Path) -> str:
    """A folder as one would type it from here."""
    relative = os.path.relpath(folder)
    return relative if not relative.startswith("..") else str(folder)


def ends(left: str, right: str, width: int, style: str = "") -> Text:
    """One text at each end of a line."""
    room = max(0, width - cell_len(left) - cell_len(right))
    return Text.assemble((left, style), " " * room, (right, "dim"))


def wrapped(text: str | Text, width: int, style: str = "") -> list[Text]:
    """A text in lines of at most `width` cells; words longer than that, such as addresses, are folded."""
    return list((text if isinstance(text, Text) else Text(text, style)).wrap(_measure, max(1, width)))


def beside(left: Sequence[Text], right: Sequence[Text], width: int) -> list[Text]:
    """Lines side by side; the left ones are `width` cells wide."""
    lines = []
    for number in range(max(len(left), len(right))):
        line = left[number].copy() if number < len(left) else Text(" " * width)
        if number < len(right):
            line = Text.assemble(line, "  ", right[number])
        line.no_wrap = True
        lines.append(line)
    return lines


def row(cells: Iterable[str], widths: Sequence[int], style: str = "") -> Text:
    """A row of a table: the first cell to the left, the others to the right."""
    texts = []
    for number, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        room = width - cell_len(cell)
        shortened = cell if room >= 0 else set_cell_size(cell, max(0, width - 1)).rstrip() + "…"
        texts.append(shortened + " " * room if number == 0 else " " * room + shortened)
    return Text(" ".join(texts), style, no_wrap=True)


def trouble_lines(trouble: Trouble, say: Say, width: int, room: int) -> list[Text]:
    """How many warnings and errors there were, and the last ones as far as there is room for them."""
    if not trouble.count:
        return [Text(say("calm"), "dim")][:room]
    lines = [Text(say("trouble").format(count=trouble.count), "bold")]
    latest: list[Text] = []
    for message in reversed([*trouble.messages]):
        own = message_lines(message, width)
        if len(lines) + len(latest) + len(own) > room:
            break
        latest = own + latest
    return (lines + latest)[:room]


def message_lines(message: Message, width: int) -> list[Text]:
    """A message with the hour, minute and second of here in front."""
    at = datetime.fromisoformat(message.at).astimezone().strftime("%H:%M:%S ") if message.at else ""
    return wrapped(Text.assemble((at, "dim"), (message.text, _STYLES[message.level])), width)
