"""Keys that are pressed on the terminal, read one by one and without Enter."""

from __future__ import annotations

import contextlib
import os
import select
import sys
import termios
import tty
from types import TracebackType
from typing import Any


class Keys:
    """A context manager. Where stdin is no terminal, or another process has it, no key is ever pressed.

    Ctrl-C and Ctrl-Z stay signals. The terminal's settings are put back at the end.
    """

    def __init__(self) -> None:
        self._before: list[Any] | None = None

    def __enter__(self) -> Keys:
        with contextlib.suppress(OSError, ValueError, termios.error):
            descriptor = sys.stdin.fileno()
            # Whoever changes the settings of a terminal from the background is stopped for it.
            if os.isatty(descriptor) and os.tcgetpgrp(descriptor) == os.getpgrp():
                before = termios.tcgetattr(descriptor)
                tty.setcbreak(descriptor)
                self._before = before
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._before is not None:
            with contextlib.suppress(OSError, termios.error):
                termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, self._before)

    @property
    def there(self) -> bool:
        """Whether keys can be pressed."""
        return self._before is not None

    def pressed(self) -> str:
        """What was pressed since the last call; "" for nothing."""
        if self._before is None:
            return ""
        descriptor = sys.stdin.fileno()
        with contextlib.suppress(OSError):
            if select.select([descriptor], [], [], 0)[0]:
                return os.read(descriptor, 64).decode("utf-8", "replace")
        return ""
