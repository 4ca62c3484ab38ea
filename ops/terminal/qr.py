"""An address as a QR code of half blocks, two rows of it in a line of text."""

from __future__ import annotations

import segno
from rich.text import Text

_QUIET = 2
"""Modules of the quiet zone. The standard says 4, phones read 2, and each takes a line of the screen."""
_BLOCKS = {(True, True): " ", (True, False): "▄", (False, True): "▀", (False, False): "█"}
"""By whether the upper and the lower module are dark: what is light is drawn, on the dark ground of a terminal."""


def lines(address: str) -> list[Text]:
    """The lines of the code, all of the same width; black and white, whatever colours the terminal has."""
    code = segno.make(address, error="l", micro=False)
    modules = [[bool(module) for module in row] for row in code.matrix_iter(border=_QUIET)]
    if len(modules) % 2:
        modules.append([False] * len(modules[0]))
    pairs = (zip(upper, lower, strict=True) for upper, lower in zip(modules[::2], modules[1::2], strict=True))
    return [Text("".join(_BLOCKS[pair] for pair in row), style="#ffffff on #000000", no_wrap=True) for row in pairs]
