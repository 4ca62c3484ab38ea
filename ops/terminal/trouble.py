"""Of the log lines of all processes those that somebody has to see: warnings, errors, and why a command ended."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import msgspec
from msgspec import Struct

_LEVELS = {"warning", "error", "critical"}
_COMPLAINT = "weboffice: "
_PROGRESS = "Downloading "
_BESIDE = {"event", "level", "timestamp", "process", "logger", "exception", "pid"}
_MESSAGES = 20
_LETTERS_OF_A_VALUE = 80


class Message(Struct, frozen=True):
    """A warning or an error: when (RFC 3339, "" where the line does not say), how grave, and of what."""

    at: str
    level: str
    text: str


class Trouble:
    """A stream of log lines in JSON that keeps the last warnings and errors; all others are in the log files.

    Written to from several threads. While nobody shows them, `tell` gets each.
    """

    def __init__(self) -> None:
        self.messages: deque[Message] = deque(maxlen=_MESSAGES)
        self.count = 0
        self.progress = ""
        self.tell: Callable[[Message], None] | None = None

    def write(self, line: str | bytes) -> int:
        text = (line.decode("utf-8", "replace") if isinstance(line, bytes) else line).strip()
        if message := _of_line(text):
            self.count += 1
            self.messages.append(message)
            if self.tell is not None:
                self.tell(message)
        elif text.startswith(_PROGRESS):
            self.progress = text
        return len(line)

    def flush(self) -> None:
        """Nothing waits."""


def _of_line(text: str) -> Message | None:
    if text.startswith(_COMPLAINT):
        return Message("", "error", text.removeprefix(_COMPLAINT))
    if not text.startswith("{"):
        return None
    try:
        line = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None
    if line.get("level") not in _LEVELS:
        return None
    details = (f"{name}={str(value)[:_LETTERS_OF_A_VALUE]}" for name, value in line.items() if name not in _BESIDE)
    return Message(
        str(line.get("timestamp", "")), line["level"], " ".join([f"{line.get('process')}: {line['event']}", *details])
    )
