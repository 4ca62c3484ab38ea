"""The screen of `weboffice up`: the address, which parts run and for how long, and what went wrong."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from rich.text import Text

from ops.supervisor import State
from ops.terminal.parts import ends, lasting, place, row, trouble_lines, wrapped
from ops.terminal.trouble import Trouble
from ops.terminal.words import Say


def view(
    url: str, home: Path, states: Sequence[State], trouble: Trouble, say: Say, width: int, height: int
) -> list[Text]:
    """The lines of a screen of this size."""
    now = time.monotonic()
    oldest = min((state.since for state in states), default=now)
    doing = say("runs").format(time=lasting(now - oldest))
    lines = [ends(f"{say('product')}: {url}", doing, width, "bold"), Text()]
    rows = [(f"{state.name}: {say(state.name)}", _doing(state, say, now), str(state.restarts)) for state in states]
    heading = (say("part"), say("state"), say("restarts"))
    numbers = [max(len(cells[column]) for cells in (heading, *rows)) + 2 for column in (1, 2)]
    names = max(len(cells[0]) for cells in (heading, *rows))
    widths = [min(names, max(8, width - sum(numbers) - 2)), *numbers]
    lines.append(row(heading, widths, "dim"))
    lines += [row(cells, widths, "" if state.runs else "yellow") for cells, state in zip(rows, states, strict=True)]
    lines.append(Text())
    for text in (say("stop"), say("logs").format(logs=place(home / "logs")), say("verbose"), say("next")):
        lines += wrapped(text, width)
    lines.append(Text())
    return lines + trouble_lines(trouble, say, width, max(0, height - len(lines)))


def _doing(state: State, say: Say, now: float) -> str:
    if state.done:
        return say("is_done")
    return say("is_up").format(time=lasting(now - state.since)) if state.runs else say("is_down")
